// SPDX-License-Identifier: GPL-2.0-only
#include "src/live_changes.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of one announcement: its id and the ring's own header. */
enum { ANNOUNCED_BYTES = 2 * sizeof(uint64_t), SMALLEST_RING = 1 << 16, FEW_IDS = 1024 };

uint32_t changes_ring_bytes(uint32_t max_flows)
{
	uint32_t bytes = SMALLEST_RING;

	while (bytes < max_flows / 16 * ANNOUNCED_BYTES)
		bytes *= 2;
	return bytes;
}

static int add(struct id_list *l, uint64_t id)
{
	if (l->n == l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 256;
		uint64_t *ids = realloc(l->ids, capacity * sizeof(*ids));

		if (!ids)
			return -ENOMEM;
		l->ids = ids;
		l->capacity = capacity;
	}
	l->ids[l->n++] = id;
	return 0;
}

static int take_id(void *arg, void *data, size_t size)
{
	struct changes *c = arg;

	return size < sizeof(uint64_t) ? -EINVAL : add(&c->last, *(const uint64_t *)data);
}

int changes_open(struct changes *c, int reader_fd, int ring_fd)
{
	void *reader =
		mmap(NULL, (size_t)getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, reader_fd, 0);

	if (reader == MAP_FAILED)
		return -errno;
	c->reader = reader;
	c->ring = ring_buffer__new(ring_fd, take_id, c, NULL);
	if (!c->ring)
		return -errno;
	c->reader->round = 1;
	return 0;
}

int changes_take(struct changes *c)
{
	struct id_list last = c->last;
	bool lost = c->lost;
	int n;

	c->last = c->next;
	c->next = last;
	c->next.n = 0;
	c->lost = false;
	c->reader->round += 1;
	/* What was announced in the round before is in the ring, and its record is changed. */
	__sync_synchronize();
	n = ring_buffer__consume(c->ring);
	return n < 0 ? n : lost ? -ENOMEM : 0;
}

void changes_seen(struct changes *c, uint64_t id, uint32_t announced)
{
	if (announced == (uint32_t)c->reader->round && add(&c->next, id))
		c->lost = true;
}

void changes_end(struct changes *c)
{
	c->last.n = 0;
	if (c->last.capacity <= FEW_IDS)
		return;
	free(c->last.ids);
	c->last = (struct id_list){0};
}

void changes_close(struct changes *c)
{
	ring_buffer__free(c->ring);
	if (c->reader)
		munmap((void *)c->reader, (size_t)getpagesize());
	free(c->last.ids);
	free(c->next.ids);
}
