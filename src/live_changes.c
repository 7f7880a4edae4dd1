// SPDX-License-Identifier: GPL-2.0-only
#include "src/live_changes.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of one announcement: its key and the ring's own header, in steps of 8 bytes. */
enum {
	ANNOUNCED_BYTES = (sizeof(struct flow_key) + 8 + 7) / 8 * 8,
	SMALLEST_RING = 1 << 16,
	FEW_KEYS = 1024
};

uint32_t changes_ring_bytes(uint32_t max_flows)
{
	uint32_t bytes = SMALLEST_RING;

	while (bytes < max_flows / 16 * ANNOUNCED_BYTES)
		bytes *= 2;
	return bytes;
}

static int take_key(void *arg, void *data, size_t size)
{
	struct changes *c = arg;

	if (size < sizeof(*c->keys))
		return -EINVAL;
	if (c->n == c->capacity) {
		size_t capacity = c->capacity ? 2 * c->capacity : 256;
		struct flow_key *keys = realloc(c->keys, capacity * sizeof(*keys));

		if (!keys)
			return -ENOMEM;
		c->keys = keys;
		c->capacity = capacity;
	}
	memcpy(&c->keys[c->n++], data, sizeof(*c->keys));
	return 0;
}

int changes_open(struct changes *c, int reader_fd, int ring_fd)
{
	void *reader =
		mmap(NULL, (size_t)getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, reader_fd, 0);

	if (reader == MAP_FAILED)
		return -errno;
	c->reader = reader;
	c->ring = ring_buffer__new(ring_fd, take_key, c, NULL);
	if (!c->ring)
		return -errno;
	c->reader->round = 1;
	return 0;
}

int changes_take(struct changes *c)
{
	int n;

	c->n = 0;
	c->reader->round += 1;
	/* What was announced in the round before is in the ring, and its record is changed. */
	__sync_synchronize();
	n = ring_buffer__consume(c->ring);
	return n < 0 ? n : 0;
}

void changes_end(struct changes *c)
{
	c->n = 0;
	if (c->capacity <= FEW_KEYS)
		return;
	free(c->keys);
	c->keys = NULL;
	c->capacity = 0;
}

void changes_close(struct changes *c)
{
	ring_buffer__free(c->ring);
	if (c->reader)
		munmap((void *)c->reader, (size_t)getpagesize());
	free(c->keys);
}
