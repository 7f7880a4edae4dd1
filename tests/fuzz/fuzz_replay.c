// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a recording. Checksums would keep nearly all of them out, so that the input is what
 * frames hold: a type, a length, as many bytes, and so on; and once as it is, a file.
 */
#include "src/replay.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/frame.h"
#include "src/model.h"
#include "src/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void put(int fd, const void *data, size_t len)
{
	require(write(fd, data, len) == (ssize_t)len);
}

static int file(void)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);

	require(fd >= 0);
	return fd;
}

static void see_event(void *arg, const struct event_sample *e)
{
	const struct owner *o = &e->owner;
	size_t *seen = arg;

	require(e->event.cause < CAUSES && memchr(o->comm, '\0', sizeof(o->comm)));
	*seen += o->cgroup ? strlen(o->cgroup) : 0;
	*seen += o->user ? strlen(o->user) : 0;
}

/* Through the model, as every mode does, twice. */
static void play(int fd)
{
	struct failure why = {0};
	struct source *s;
	struct model m;
	struct due due;
	size_t seen = 0;

	require(!lseek(fd, 0, SEEK_SET));
	s = replay_open_fd(fd, "input", true, &why);
	require(!s == (why.status == EXIT_BAD_RECORDING));
	if (!s)
		return;
	for (int round = 0; round < 2; round++) {
		model_init(&m, &s->info);
		for (source_due(s, &due); due.state == DUE_TICK; source_due(s, &due)) {
			source_drain(s, see_event, &seen);
			require(!model_read(&m, s));
		}
		source_drain(s, see_event, &seen);
		for (const struct flow *f = m.flows; f; f = f->hh.next) {
			require(f->last_cause < CAUSES && f->last_cause_tlp < CAUSES);
			require(f->key.family == 4 || f->key.family == 6);
			seen += f->owner.unit ? strlen(f->owner.unit) : 0;
		}
		require(due.state == DUE_NEVER);
		model_free(&m);
		require(!source_rewind(s));
	}
	source_close(s);
}

static void put_frame(int fd, struct framer *f, uint8_t type, const void *payload, size_t len)
{
	const uint8_t *frame;
	size_t n = framer_make(f, type, payload, len, &frame);

	put(fd, frame, n);
}

static void as_frames(const uint8_t *data, size_t size)
{
	static const struct source_info info = {.host = "h", .start_ns = 1, .max_flows = 256};
	struct wire_out header = {0};
	struct framer *f = framer_new();
	uint8_t preamble[FRAME_PREAMBLE];
	int fd = file();

	require(f);
	frame_preamble(preamble);
	put(fd, preamble, sizeof(preamble));
	wire_put(&header, recording_info, &info);
	if (!size || data[0] != RECORDING_HEADER)
		put_frame(fd, f, RECORDING_HEADER, header.data, header.len);
	while (size >= 3) {
		size_t len = data[1] | (size_t)data[2] << 8;
		uint8_t type = data[0];

		data += 3;
		size -= 3;
		len = len < size ? len : size;
		put_frame(fd, f, type, data, len);
		data += len;
		size -= len;
	}
	free(header.data);
	framer_free(f);
	play(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = file();

	put(fd, data, size);
	play(fd);
	as_frames(data, size);
	return 0;
}
