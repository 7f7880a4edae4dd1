// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as what the frames of a recording hold, through the replay and the model. What is below,
 * files, checksums and compression, is fuzz_frames' part: here frames are taken from the input, each
 * a type, a length in two bytes, and so many bytes.
 */
#include "src/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/frame.h"
#include "src/model.h"
#include "src/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In the place of src/frame.c */
struct frames {
	const uint8_t *data;
	size_t size, at;
	bool begun; /* the header, which is ours if the input begins with another frame, has been taken */
	struct wire_out header;
	uint8_t *payload; /* on the heap, exactly as long as it is: the sanitizers see one byte too much */
};

static struct {
	const uint8_t *data;
	size_t size;
} input;

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* ---- Frames */

struct frames *frames_new(int fd)
{
	static const struct source_info info = {.host = "h", .start_ns = 1, .max_flows = 256};
	struct frames *f = calloc(1, sizeof(*f));

	(void)fd;
	require(f);
	f->data = input.data;
	f->size = input.size;
	wire_put(&f->header, recording_info, &info);
	return f;
}

void frames_free(struct frames *f)
{
	free(f->header.data);
	free(f->payload);
	free(f);
}

int frames_begin(struct frames *f)
{
	(void)f;
	return 0;
}

static int hand_over(struct frames *f, struct frame *frame, const void *payload, size_t len)
{
	free(f->payload);
	f->payload = malloc(len);
	require(f->payload);
	memcpy(f->payload, payload, len);
	frame->payload = f->payload;
	frame->len = len;
	return 0;
}

int frames_next(struct frames *f, struct frame *frame)
{
	const uint8_t *at = f->data + f->at;
	size_t left = f->size - f->at, len;
	bool first = !f->begun;

	f->begun = true;
	frame->type = RECORDING_HEADER;
	if (first && (!left || *at != RECORDING_HEADER))
		return hand_over(f, frame, f->header.data, f->header.len);
	if (!left)
		return -ENODATA;
	if (left < 3)
		return -EBADMSG;
	len = at[1] | (size_t)at[2] << 8;
	len = len < left - 3 ? len : left - 3;
	frame->type = *at;
	f->at += 3 + len;
	return hand_over(f, frame, at + 3, len);
}

int frames_rewind(struct frames *f)
{
	f->at = 0;
	f->begun = false;
	return 0;
}

const char *frames_fault(const struct frames *f)
{
	(void)f;
	return "it is cut";
}

int frames_fd(const struct frames *f)
{
	(void)f;
	return -1;
}

uint64_t frames_taken(const struct frames *f)
{
	return f->at;
}

uint64_t frames_size(const struct frames *f)
{
	return f->size;
}

/* ---- The replay */

static void see_event(void *arg, const struct event_sample *e)
{
	const struct owner *o = &e->owner;
	size_t *seen = arg;

	require(e->event.cause < CAUSES && memchr(o->comm, '\0', sizeof(o->comm)));
	*seen += o->cgroup ? strlen(o->cgroup) : 0;
	*seen += o->user ? strlen(o->user) : 0;
}

static void check_flows(const struct model *m, size_t *seen)
{
	for (const struct flow *f = model_next(m, NULL); f; f = model_next(m, f)) {
		const struct counts last = flow_interval(m, f), sum = flow_sum(f);
		const char *unit = flow_owner(f).unit;

		require(f->last_cause < CAUSES && f->last_cause_tlp < CAUSES);
		require(counts_are_possible(&last) && counts_are_possible(&sum));
		require(f->key.family == 4 || f->key.family == 6);
		*seen += unit ? strlen(unit) : 0;
	}
}

/* Through the model, as every mode does. */
static void play(struct source *s)
{
	struct model m;
	struct due due = {.state = DUE_NEVER};
	size_t seen = 0;

	model_init(&m, &s->info);
	for (source_due(s, &due); due.state == DUE_TICK; source_due(s, &due)) {
		source_drain(s, see_event, &seen);
		require(!model_read(&m, s));
	}
	source_drain(s, see_event, &seen);
	check_flows(&m, &seen);
	require(due.state == DUE_NEVER);
	model_free(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct failure why = {0};
	struct source *s;

	input.data = data;
	input.size = size;
	s = replay_open_fd(-1, "input", true, &why);
	require(!s == (why.status == EXIT_BAD_RECORDING));
	if (!s)
		return 0;
	play(s);
	require(!source_rewind(s));
	play(s);
	source_close(s);
	return 0;
}
