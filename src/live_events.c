// SPDX-License-Identifier: GPL-2.0-only
/* The events of the kernel programs: taken from their ring, and handed over with whose they are. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/live_owner.h"
#include "src/live_parts.h"

/* Events of one drain: more than the ring of -e holds, so that the last one leaves nothing. What
 * comes meanwhile waits: a reader slower than the kernel still comes back to its signals. */
#define MAX_DRAIN 131072
/* Room for so many is kept. */
#define FEW_EVENTS 256

int live_take_event(void *arg, void *data, size_t size)
{
	struct live *l = arg;
	struct event_sample *e;

	if (size < sizeof(e->event))
		return -EINVAL;
	if (l->nevents == l->event_capacity) {
		size_t capacity = l->event_capacity ? 2 * l->event_capacity : FEW_EVENTS;

		e = realloc(l->events, capacity * sizeof(*e));
		if (!e)
			return -ENOMEM;
		l->events = e;
		l->event_capacity = capacity;
	}
	e = &l->events[l->nevents++];
	memset(e, 0, sizeof(*e));
	memcpy(&e->event, data, sizeof(e->event));
	live_find_event_process(l, e);
	return l->nevents < MAX_DRAIN ? 0 : -EAGAIN;
}

/* After a burst of them. */
static void give_back_events(struct live *l)
{
	struct event_sample *e;

	if (l->event_capacity <= FEW_EVENTS || l->nevents > l->event_capacity / 4)
		return;
	e = realloc(l->events, l->event_capacity / 2 * sizeof(*e));
	if (!e)
		return;
	l->events = e;
	l->event_capacity /= 2;
}

/* Owners not known yet are looked for before the events are handed over. */
int live_drain(struct source *s, event_fn *fn, void *arg)
{
	struct live *l = (struct live *)s;
	uint64_t now = live_host_ns(l);
	int err;

	l->nevents = 0;
	err = ring_buffer__consume(l->ring);
	if (err < 0 && err != -EAGAIN)
		return err;
	owners_search(l->owners, live_clock_ns(CLOCK_MONOTONIC));
	for (size_t i = 0; i < l->nevents; i++) {
		struct event_sample *e = &l->events[i];

		live_find_event_process(l, e);
		live_find_event_place(l, e, now);
		fn(arg, e);
	}
	give_back_events(l);
	return (int)l->nevents;
}
