// SPDX-License-Identifier: GPL-2.0-only
#include "src/replay.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/counts.h"
#include "src/frame.h"
#include "src/recording.h"
#include "src/replay_samples.h"
#include "src/sanitise.h"

/* Flows of one part of a snapshot; bytes held of one tick at most. */
enum { PART = 256, HELD_MOST = 1 << 30 };

/* A payload of samples that were checked. */
struct held {
	struct held *next;
	size_t len;
	uint8_t payload[];
};

/* Payloads in the order of their frames. */
struct queue {
	struct held *first, **last;
	struct wire_in in; /* of the first, what has not been handed over */
};

struct replay {
	struct source source;
	struct frames *frames;
	bool events_wanted;
	struct texts texts;
	struct queue events, flows; /* of the next tick */
	size_t held;                /* bytes of both */
	bool begun, headed;         /* the preamble, the header was read */
	bool due, ended;
	struct snapshot next, last; /* without their flows */
	struct flow_sample part[PART];
	struct failure trouble;
	char path[200]; /* fit to be shown */
};

/* ---- Queues of payloads */

static void queue_clear(struct queue *q)
{
	while (q->first) {
		struct held *h = q->first;

		q->first = h->next;
		free(h);
	}
	q->last = &q->first;
}

static void queue_begin(struct queue *q)
{
	if (q->first)
		q->in = (struct wire_in){q->first->payload, q->first->payload + q->first->len};
}

static int queue_add(struct replay *r, struct queue *q, const struct frame *frame)
{
	struct held *h;

	if (r->held + frame->len > HELD_MOST)
		return -E2BIG;
	h = malloc(sizeof(*h) + frame->len);
	if (!h)
		return -ENOMEM;
	h->next = NULL;
	h->len = frame->len;
	memcpy(h->payload, frame->payload, frame->len);
	*q->last = h;
	q->last = &h->next;
	r->held += frame->len;
	if (q->first == h)
		queue_begin(q);
	return 0;
}

/* The next sample of those held. False if there is none. */
static bool queue_next(struct replay *r, struct queue *q, struct wire_in *sample)
{
	struct wire_value v;

	while (q->first) {
		struct held *h = q->first;

		while (wire_next(&q->in, &v) > 0) {
			if (v.number == RECORDING_SAMPLE && v.is_bytes) {
				*sample = v.bytes;
				return true;
			}
		}
		q->first = h->next;
		if (!q->first)
			q->last = &q->first;
		r->held -= h->len;
		free(h);
		queue_begin(q);
	}
	return false;
}

/* ---- Frames */

static int take_samples(struct replay *r, struct queue *q, const struct frame *frame,
			struct wire_in in)
{
	int err = samples_check(&r->texts, q == &r->events, in);

	return err ? err : queue_add(r, q, frame);
}

static int take_rest(struct replay *r, struct wire_in in)
{
	struct snapshot *next = &r->next;
	bool any = false;
	struct wire_value v;
	int got;

	memset(next, 0, sizeof(*next));
	while ((got = wire_next(&in, &v)) > 0) {
		if (v.number != RECORDING_REST || !v.is_bytes)
			continue;
		any = true;
		if (wire_get(v.bytes, recording_rest, next))
			return -EBADMSG;
	}
	if (got < 0 || !any || !counts_are_possible(&next->totals.counts) ||
	    next->now_ns >= TIME_MOST || next->now_ns < r->last.now_ns ||
	    next->now_ns < r->source.info.start_ns ||
	    next->realtime_offset_ns > (int64_t)TIME_MOST ||
	    next->realtime_offset_ns < -(int64_t)TIME_MOST)
		return -EBADMSG;
	r->due = true;
	return 0;
}

static int take_frame(struct replay *r, const struct frame *frame)
{
	struct wire_in in = {frame->payload, frame->payload + frame->len};
	int err;

	switch (frame->type) {
	case RECORDING_HEADER:
		return -EBADMSG; /* there is one */
	case RECORDING_TEXTS:
		return texts_take(&r->texts, in);
	case RECORDING_EVENTS:
		return r->events_wanted ? take_samples(r, &r->events, frame, in) : 0;
	case RECORDING_FLOWS:
		return take_samples(r, &r->flows, frame, in);
	case RECORDING_TICK:
		err = take_samples(r, &r->flows, frame, in);
		return err ? err : take_rest(r, in);
	case RECORDING_END:
		r->ended = true;
		return frames_taken(r->frames) < frames_size(r->frames) ? -EEXIST : 0;
	default:
		return 0; /* of a later revision */
	}
}

/* What is before the trouble is shown by then, or will be: copied anew there may be more. */
static void break_off(struct replay *r, int err, bool in_frame)
{
	const char *todo = r->headed ? "copy it again" : "-r takes a file that tcpretop -w made";
	char how[200];

	if (in_frame && err == -EBADMSG)
		snprintf(how, sizeof(how),
			 "it is damaged: what is in the frame up to byte %" PRIu64
			 " makes no sense",
			 frames_taken(r->frames));
	else if (err == -EBADMSG || err == -EPROTONOSUPPORT)
		snprintf(how, sizeof(how), "%s", frames_fault(r->frames));
	else if (err == -ENODATA)
		snprintf(how, sizeof(how),
			 "it is cut at byte %" PRIu64 ", as if its writer had been killed",
			 frames_taken(r->frames));
	else if (err == -EEXIST)
		snprintf(how, sizeof(how), "it goes on after its end, at byte %" PRIu64,
			 frames_taken(r->frames));
	else if (err == -E2BIG)
		snprintf(how, sizeof(how), "more than %d MiB between two ticks", HELD_MOST >> 20);
	else
		snprintf(how, sizeof(how), "%s", strerror(-err));
	if (err == -EPROTONOSUPPORT)
		todo = "play it with the one that made it";
	else if (err == -EEXIST)
		todo = "play files that were joined by an -r for each";
	fail(&r->trouble, EXIT_BAD_RECORDING, "cannot read all of the recording %s: %s; %s",
	     r->path, how, todo);
	r->ended = true;
}

static int take_header(struct replay *r)
{
	struct source_info info = {.max_flows = 0};
	struct frame frame;
	int err = frames_next(r->frames, &frame);
	uint8_t undos_known, errors_unknown;

	if (err)
		return err;
	if (frame.type != RECORDING_HEADER ||
	    wire_get((struct wire_in){frame.payload, frame.payload + frame.len}, recording_info,
		     &info))
		return -EPROTO;
	memcpy(&undos_known, &info.undos_known, 1);
	memcpy(&errors_unknown, &info.errors_unknown, 1);
	if (undos_known > 1 || errors_unknown > 1 || info.tlp_way > TLP_FENTRY ||
	    info.start_ns >= TIME_MOST)
		return -EPROTO;
	r->source.info = info;
	sanitise(info.host, sizeof(info.host), r->source.info.host, sizeof(info.host));
	sanitise(info.release, sizeof(info.release), r->source.info.release, sizeof(info.release));
	return 0;
}

/* Before all else. 0, -EAGAIN, or another negative errno with the trouble told. */
static int begin(struct replay *r)
{
	int err = r->begun ? 0 : frames_begin(r->frames);

	if (!err) {
		r->begun = true;
		err = take_header(r);
	}
	if (err && err != -EAGAIN)
		break_off(r, err == -EPROTO ? -EBADMSG : err, err == -EPROTO);
	r->headed = !err;
	return err;
}

int replay_header(struct source *s)
{
	struct replay *r = (struct replay *)s;

	if (r->trouble.status)
		return -EBADMSG;
	return r->headed ? 0 : begin(r);
}

/* Reads on to the next tick. False if it has not come yet. */
static bool advance(struct replay *r)
{
	if (!r->headed && !r->ended && begin(r) == -EAGAIN)
		return false;
	while (!r->due && !r->ended) {
		struct frame frame;
		int err = frames_next(r->frames, &frame);

		if (err == -EAGAIN)
			return false;
		if (err) {
			break_off(r, err, false);
			break;
		}
		err = take_frame(r, &frame);
		if (err)
			break_off(r, err, true);
	}
	return true;
}

static void replay_due(struct source *s, struct due *due)
{
	struct replay *r = (struct replay *)s;
	uint64_t size = frames_size(r->frames);

	memset(due, 0, sizeof(*due));
	if (!advance(r))
		due->state = DUE_LATER;
	else
		due->state = r->due ? DUE_TICK : DUE_NEVER;
	due->fd = frames_fd(r->frames);
	if (r->due)
		due->now_ns = r->next.now_ns;
	if (r->due)
		due->realtime_offset_ns = r->next.realtime_offset_ns;
	if (r->due && r->last.now_ns)
		due->after_ns = r->next.now_ns - r->last.now_ns;
	due->share = size ? (double)frames_taken(r->frames) / (double)size : -1;
}

/* Before a tick is due, and after the last, it is as it was. */
static int replay_tick(struct source *s, struct snapshot *snap)
{
	struct replay *r = (struct replay *)s;
	struct wire_in sample;
	size_t n = 0;

	while (r->due && n < PART && queue_next(r, &r->flows, &sample))
		r->part[n++] = flow_take(&r->texts, sample);
	if (n == PART) {
		memset(snap, 0, sizeof(*snap));
		snap->more = true;
	} else {
		if (r->due)
			r->last = r->next;
		*snap = r->last;
		r->due = false;
	}
	snap->flows = r->part;
	snap->nflows = n;
	return 0;
}

static int replay_drain(struct source *s, event_fn *fn, void *arg)
{
	struct replay *r = (struct replay *)s;
	struct wire_in sample;
	int n = 0;

	while (queue_next(r, &r->events, &sample)) {
		struct event_sample e = event_take(&r->texts, sample);

		fn(arg, &e);
		n++;
	}
	return n;
}

static const struct failure *replay_trouble(struct source *s)
{
	const struct replay *r = (const struct replay *)s;

	return r->trouble.status ? &r->trouble : NULL;
}

/* Waits where there is nobody else to be heard yet: signals end the program. */
static int wait_for_header(struct replay *r)
{
	struct pollfd p = {.fd = frames_fd(r->frames), .events = POLLIN};
	int err;

	while ((err = replay_header(&r->source)) == -EAGAIN)
		poll(&p, 1, -1);
	return err;
}

static int replay_rewind(struct source *s)
{
	struct replay *r = (struct replay *)s;
	int err = frames_rewind(r->frames);

	if (err)
		return err;
	queue_clear(&r->events);
	queue_clear(&r->flows);
	memset(&r->last, 0, sizeof(r->last));
	memset(&r->trouble, 0, sizeof(r->trouble));
	r->held = 0;
	r->begun = r->headed = r->due = r->ended = false;
	wait_for_header(r);
	return 0;
}

static void replay_close(struct source *s)
{
	struct replay *r = (struct replay *)s;

	frames_free(r->frames);
	queue_clear(&r->events);
	queue_clear(&r->flows);
	texts_free(&r->texts);
	free(r);
}

struct source *replay_start_fd(int fd, const char *shown, bool events)
{
	static const struct source_ops ops = {
		.tick = replay_tick,
		.drain = replay_drain,
		.close = replay_close,
		.due = replay_due,
		.rewind = replay_rewind,
		.trouble = replay_trouble,
	};
	struct replay *r = calloc(1, sizeof(*r));
	struct frames *frames = frames_new(fd);

	if (!r || !frames) {
		frames_free(frames);
		free(r);
		return NULL;
	}
	r->source.ops = &ops;
	r->frames = frames;
	r->events_wanted = events;
	queue_clear(&r->events);
	queue_clear(&r->flows);
	sanitise(shown, strlen(shown), r->path, sizeof(r->path));
	return &r->source;
}

struct source *replay_open_fd(int fd, const char *shown, bool events, struct failure *why)
{
	struct source *s = replay_start_fd(fd, shown, events);
	struct replay *r = (struct replay *)s;

	if (!s) {
		fail(why, EXIT_RUNTIME, "out of memory");
		return NULL;
	}
	if (!wait_for_header(r))
		return s;
	*why = r->trouble;
	source_close(s);
	return NULL;
}

int replay_file(const char *path, int opened, const char **shown, struct failure *why)
{
	bool is_stdin = !strcmp(path, "-");
	char clean[200];
	int fd;

	*shown = is_stdin ? "on standard input" : path;
	/* Where the viewer takes the terminal for standard input, this stays. */
	if (opened || is_stdin)
		fd = fcntl(opened, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else
		fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	sanitise(*shown, strlen(*shown), clean, sizeof(clean));
	return fail(why, EXIT_BAD_RECORDING,
		    "cannot read the recording %s: %s; -r takes a file that tcpretop -w made",
		    clean, strerror(errno));
}

struct source *replay_open(const char *path, int opened, bool events, struct failure *why)
{
	const char *shown;
	int fd = replay_file(path, opened, &shown, why);

	return fd < 0 ? NULL : replay_open_fd(fd, shown, events, why);
}
