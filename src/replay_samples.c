// SPDX-License-Identifier: GPL-2.0-only
#include "src/replay_samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/counts.h"
#include "src/recording.h"

static bool is_key(const struct flow_key *k)
{
	return k->family == 4 || k->family == 6;
}

static bool is_owner(const struct texts *t, const struct recorded_owner *o)
{
	return o->pid >= 0 && o->cgroup <= t->n && o->unit <= t->n && o->netns <= t->n &&
	       o->user <= t->n;
}

static bool is_error(int32_t err)
{
	return err > -4096 && err < 4096;
}

static bool get_flow(const struct texts *t, struct wire_in in, struct recorded_flow *f)
{
	const struct flow_rec *rec = &f->rec;

	memset(f, 0, sizeof(*f));
	return !wire_get(in, recording_flow, f) && is_key(&f->key) && is_owner(t, &f->owner) &&
	       rec->first_ns < TIME_MOST && rec->last_ns < TIME_MOST &&
	       rec->change_ns < TIME_MOST && rec->sample_ns < TIME_MOST &&
	       counts_are_possible(&rec->counts) && rec->last_cause < CAUSES &&
	       rec->last_cause_tlp < CAUSES && is_error(rec->last_err);
}

static bool get_event(const struct texts *t, struct wire_in in, struct recorded_event *e)
{
	memset(e, 0, sizeof(*e));
	return !wire_get(in, recording_event, e) && is_key(&e->event.key) &&
	       is_owner(t, &e->owner) && e->event.time_ns < TIME_MOST && e->event.kind &&
	       strchr("RLS", e->event.kind) && e->event.cause < CAUSES &&
	       e->event.sent <= SENT_NONE && is_error(e->event.err);
}

static const char *text_of(const struct texts *t, uint32_t number)
{
	return number ? t->text[number - 1] : NULL;
}

static struct owner take_owner(const struct texts *t, const struct recorded_owner *from)
{
	struct owner to = {
		.pid = from->pid,
		.others = from->others,
		.cgroup = text_of(t, from->cgroup),
		.unit = text_of(t, from->unit),
		.netns = text_of(t, from->netns),
		.user = text_of(t, from->user),
	};

	memcpy(to.comm, from->comm, sizeof(to.comm) - 1);
	return to;
}

static int take_text(struct texts *t, uint32_t number, const struct wire_in *text)
{
	size_t len = (size_t)(text->end - text->at);
	char *copy;

	/* Played again it says the same, and owners handed over have the text already. */
	if (number >= 1 && number <= t->n)
		return strlen(t->text[number - 1]) == len &&
				       !memcmp(t->text[number - 1], text->at, len)
			       ? 0
			       : -EBADMSG;
	if (number != t->n + 1 || number > RECORDING_TEXTS_MOST || len > RECORDING_TEXT_MOST ||
	    memchr(text->at, '\0', len))
		return -EBADMSG;
	if (t->n == t->capacity) {
		uint32_t capacity = t->capacity ? 2 * t->capacity : 64;
		char **texts = realloc(t->text, capacity * sizeof(*texts));

		if (!texts)
			return -ENOMEM;
		t->text = texts;
		t->capacity = capacity;
	}
	if (t->bytes + len > RECORDING_TEXTS_KEPT)
		return -EBADMSG;
	copy = malloc(len + 1);
	t->text[t->n] = copy;
	if (!copy)
		return -ENOMEM;
	t->bytes += len;
	memcpy(copy, text->at, len);
	copy[len] = '\0';
	t->n++;
	return 0;
}

int texts_take(struct texts *t, struct wire_in payload)
{
	uint64_t number = 0;
	struct wire_value v;
	int got;

	while ((got = wire_next(&payload, &v)) > 0) {
		if (v.number == RECORDING_FIRST && !v.is_bytes && v.value <= UINT32_MAX)
			number = v.value;
		else if (v.number == RECORDING_TEXT && v.is_bytes)
			got = take_text(t, (uint32_t)number++, &v.bytes);
		if (got < 0)
			break;
	}
	return got;
}

int samples_check(const struct texts *t, bool events, struct wire_in payload)
{
	struct recorded_event event;
	struct recorded_flow flow;
	struct wire_value v;
	int got;

	while ((got = wire_next(&payload, &v)) > 0) {
		if (v.number != RECORDING_SAMPLE)
			continue;
		if (!v.is_bytes ||
		    !(events ? get_event(t, v.bytes, &event) : get_flow(t, v.bytes, &flow)))
			return -EBADMSG;
	}
	return got;
}

struct flow_sample flow_take(const struct texts *t, struct wire_in sample)
{
	struct recorded_flow flow;

	get_flow(t, sample, &flow);
	flow.rec.sock.cong[sizeof(flow.rec.sock.cong) - 1] = '\0';
	return (struct flow_sample){flow.key, flow.rec, take_owner(t, &flow.owner)};
}

struct event_sample event_take(const struct texts *t, struct wire_in sample)
{
	struct recorded_event event;

	get_event(t, sample, &event);
	return (struct event_sample){event.event, take_owner(t, &event.owner)};
}

void texts_free(struct texts *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		free(t->text[i]);
	free(t->text);
}
