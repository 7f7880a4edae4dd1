// SPDX-License-Identifier: GPL-2.0-only
#include "src/record.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "src/frame.h"
#include "src/hash.h"
#include "src/out.h"
#include "src/record_file.h"
#include "src/recording.h"
#include "src/sanitise.h"

/* A payload that is longer than this goes into its frame before more is added. */
enum { FULL = FRAME_MOST - RECORDING_TEXT_MOST - 64 };

/* What owners refer to by its number. */
struct text {
	UT_hash_handle hh;
	uint32_t number;
	char text[];
};

struct record {
	struct source source;
	struct source *inner;
	struct out out;
	struct framer *framer;
	struct wire_out texts, events, flows; /* payloads that grow */
	struct text *known;
	bool to_stdout;
	bool ended; /* nothing more can be written */
	struct failure trouble;
	char path[200]; /* fit to be shown */
};

/* Who reads it from a pipe may leave when they like. */
static void break_off(struct record *r, int err)
{
	r->ended = true;
	if (err == -EPIPE && r->to_stdout)
		return;
	fail(&r->trouble, EXIT_RUNTIME, "the recording %s ends early: %s%s", r->path,
	     err == -EINTR ? "its reader did not read" : strerror(-err),
	     err == -EINTR ? "" : out_advice(-err));
}

/* Each frame is handed on at once: whoever is killed has lost no other. */
static void write_frame(struct record *r, enum recording_frame type, struct wire_out *payload)
{
	const uint8_t *data;
	size_t len;
	int err;

	if (payload->failed)
		break_off(r, -ENOMEM);
	if (r->ended)
		return;
	len = framer_make(r->framer, (uint8_t)type, payload->data, payload->len, &data);
	fwrite(data, 1, len, r->out.f);
	err = out_flush(&r->out);
	payload->len = 0;
	if (err)
		break_off(r, err);
}

static void write_texts(struct record *r)
{
	if (r->texts.len)
		write_frame(r, RECORDING_TEXTS, &r->texts);
}

static void write_samples(struct record *r, enum recording_frame type, struct wire_out *payload)
{
	write_texts(r);
	write_frame(r, type, payload);
}

static struct text *add_text(struct record *r, const char *from, size_t len)
{
	struct text *t = malloc(sizeof(*t) + len);

	if (!t)
		return NULL;
	memcpy(t->text, from, len);
	t->number = HASH_COUNT(r->known) + 1;
	HASH_ADD(hh, r->known, text, len, t);
	if (t->hh.tbl)
		return t;
	free(t);
	return NULL;
}

static uint32_t put_text(struct record *r, const char *from, size_t len)
{
	bool too_many = HASH_COUNT(r->known) >= RECORDING_TEXTS_MOST;
	const struct text *t = too_many ? NULL : add_text(r, from, len);

	if (!t) {
		break_off(r, too_many ? -E2BIG : -ENOMEM);
		return 0;
	}
	if (!r->texts.len)
		wire_put_number(&r->texts, RECORDING_FIRST, t->number);
	wire_put_bytes(&r->texts, RECORDING_TEXT, from, len);
	if (r->texts.len > FULL)
		write_texts(r);
	return t->number;
}

static uint32_t number_of(struct record *r, const char *text)
{
	struct text *t = NULL;
	size_t len;

	if (!text)
		return 0;
	len = strnlen(text, RECORDING_TEXT_MOST);
	HASH_FIND(hh, r->known, text, len, t);
	return t ? t->number : put_text(r, text, len);
}

static struct recorded_owner put_owner(struct record *r, const struct owner *from)
{
	struct recorded_owner to = {.pid = from->pid, .others = from->others};

	memcpy(to.comm, from->comm, sizeof(to.comm));
	to.cgroup = number_of(r, from->cgroup);
	to.unit = number_of(r, from->unit);
	to.netns = number_of(r, from->netns);
	to.user = number_of(r, from->user);
	return to;
}

static void put_flow(struct record *r, const struct flow_sample *from)
{
	struct recorded_flow flow = {from->key, from->rec, put_owner(r, &from->owner)};

	wire_put_message(&r->flows, RECORDING_SAMPLE, recording_flow, &flow);
	if (r->flows.len > FULL)
		write_samples(r, RECORDING_FLOWS, &r->flows);
}

static void put_event(struct record *r, const struct event_sample *from)
{
	struct recorded_event event = {from->event, put_owner(r, &from->owner)};

	wire_put_message(&r->events, RECORDING_SAMPLE, recording_event, &event);
	if (r->events.len > FULL)
		write_samples(r, RECORDING_EVENTS, &r->events);
}

static int record_tick(struct source *s, struct snapshot *snap)
{
	struct record *r = (struct record *)s;
	int err = source_tick(r->inner, snap);

	s->info = r->inner->info;
	if (err || r->ended)
		return err;
	for (size_t i = 0; i < snap->nflows; i++)
		put_flow(r, &snap->flows[i]);
	if (snap->more)
		return 0;
	wire_put_message(&r->flows, RECORDING_REST, recording_rest, snap);
	write_samples(r, RECORDING_TICK, &r->flows);
	return 0;
}

/* Whom the events are for. */
struct relay {
	struct record *record;
	event_fn *fn;
	void *arg;
};

static void relay_event(void *arg, const struct event_sample *e)
{
	const struct relay *relay = arg;

	if (!relay->record->ended)
		put_event(relay->record, e);
	relay->fn(relay->arg, e);
}

static int record_drain(struct source *s, event_fn *fn, void *arg)
{
	struct record *r = (struct record *)s;
	struct relay relay = {r, fn, arg};
	int n = source_drain(r->inner, relay_event, &relay);

	if (r->events.len)
		write_samples(r, RECORDING_EVENTS, &r->events);
	return n;
}

static int record_look(struct source *s, const struct flow_key *key, struct socket_look *look)
{
	return source_look(((struct record *)s)->inner, key, look);
}

static int record_command(struct source *s, int32_t pid, struct command *c)
{
	return source_command(((struct record *)s)->inner, pid, c);
}

static void record_due(struct source *s, struct due *due)
{
	source_due(((struct record *)s)->inner, due);
}

static size_t record_links(struct source *s, struct link_look *looks, size_t most)
{
	return source_links(((struct record *)s)->inner, looks, most);
}

static const struct failure *record_trouble(struct source *s)
{
	struct record *r = (struct record *)s;

	return r->ended ? &r->trouble : source_trouble(r->inner);
}

void record_finish(struct source *s)
{
	struct record *r = (struct record *)s;
	struct wire_out nothing = {0};
	int err;

	write_frame(r, RECORDING_END, &nothing);
	err = out_close(&r->out);
	if (err)
		break_off(r, err);
}

static void free_all(struct record *r)
{
	struct text *t, *next;

	if (r->out.f)
		out_close(&r->out);
	if (r->out.stop_fd >= 0)
		close(r->out.stop_fd);
	HASH_ITER(hh, r->known, t, next) {
		HASH_DEL(r->known, t);
		free(t);
	}
	framer_free(r->framer);
	free(r->texts.data);
	free(r->events.data);
	free(r->flows.data);
	free(r);
}

static void record_close(struct source *s)
{
	struct record *r = (struct record *)s;

	source_close(r->inner);
	free_all(r);
}

/* Readable while a signal waits to be read by the loop: a write that blocks is given up then. */
static int open_stop_fd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static struct record *record_new(struct source *inner, const char *path)
{
	static const struct source_ops ops =
					       {
						       .tick = record_tick,
						       .drain = record_drain,
						       .close = record_close,
						       .look = record_look,
						       .command = record_command,
						       .trouble = record_trouble,
					       },
				       ops_of_copy = {
					       .tick = record_tick,
					       .drain = record_drain,
					       .close = record_close,
					       .due = record_due,
					       .links = record_links,
					       .trouble = record_trouble,
				       };
	struct record *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->source.ops = inner->ops->due ? &ops_of_copy : &ops;
	r->source.info = inner->info;
	r->inner = inner;
	r->out.stop_fd = -1;
	r->framer = framer_new();
	r->to_stdout = !strcmp(path, "-");
	if (!r->to_stdout)
		sanitise(path, strlen(path), r->path, sizeof(r->path));
	else
		strcpy(r->path, "on standard output");
	if (!r->framer) {
		free_all(r);
		return NULL;
	}
	return r;
}

static void write_header(struct record *r)
{
	uint8_t preamble[FRAME_PREAMBLE];

	frame_preamble(preamble);
	fwrite(preamble, 1, sizeof(preamble), r->out.f);
	wire_put(&r->events, recording_info, &r->source.info);
	write_frame(r, RECORDING_HEADER, &r->events);
}

static int start(struct record *r, struct failure *why)
{
	r->out.stop_fd = open_stop_fd();
	write_header(r);
	if (r->ended)
		*why = r->trouble;
	return r->ended ? -1 : 0;
}

struct source *record_start(struct source *inner, int fd, const char *path, struct failure *why)
{
	struct record *r = record_new(inner, path);

	if (!r || out_open(&r->out, fd)) {
		close(fd);
		fail(why, EXIT_RUNTIME, "out of memory");
	} else if (!record_file_empty(fd, path, why) && !start(r, why)) {
		return &r->source;
	}
	if (r)
		free_all(r);
	return NULL;
}

struct source *record_open(struct source *inner, const char *path, struct failure *why)
{
	int fd = record_file_open(path, why);

	return fd < 0 ? NULL : record_start(inner, fd, path, why);
}
