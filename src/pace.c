// SPDX-License-Identifier: GPL-2.0-only
#include "src/pace.h"

#include <string.h>
#include <time.h>

/* So often events are taken that nobody looks at, and so often a recording is asked for more while
 * another descriptor is waited for. */
enum { DRAIN_MS = 200, ASK_MS = 50 };

/* A tick that comes so late moves the following ones. */
#define LATE_NS 200000000

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

int pace_open(struct pace *p, struct loop *l, struct source *s, double interval, bool screen)
{
	struct due due;

	memset(p, 0, sizeof(*p));
	p->loop = l;
	p->source = s;
	p->recorded = source_due(s, &due);
	p->live = p->recorded && due.live;
	return loop_open(l, p->recorded ? 0 : interval, screen);
}

static int shorter(int ms, int most)
{
	return ms < 0 || ms > most ? most : ms;
}

static void ignore_event(void *arg, const struct event_sample *e)
{
	(void)arg;
	(void)e;
}

static int drain(struct pace *p)
{
	int n = p->drains ? source_drain(p->source, ignore_event, NULL) : 0;

	return n < 0 ? n : 0;
}

/* In steps, between which the events are taken: their ring is not large. */
static int wait_draining(struct pace *p, int fd, int max_wait_ms, struct wake *w)
{
	int left = max_wait_ms, err;

	do {
		int step = shorter(left, DRAIN_MS);

		err = loop_wait(p->loop, fd, step, w);
		if (!err)
			err = drain(p);
		if (left > 0)
			left -= step;
	} while (!err && w->drain && left);
	return err;
}

static int wait_live(struct pace *p, int fd, int max_wait_ms, struct wake *w)
{
	if (!p->stays && source_trouble(p->source)) {
		memset(w, 0, sizeof(*w));
		w->end = true;
		return 0;
	}
	return p->drains ? wait_draining(p, fd, max_wait_ms, w)
			 : loop_wait(p->loop, fd, max_wait_ms, w);
}

/* When it is to be shown; 0 is at once. */
static uint64_t due_time(const struct pace *p, const struct due *due)
{
	if (p->step || p->live || !p->speed || !p->tick_ns)
		return 0;
	return p->tick_ns + (uint64_t)((double)due->after_ns / p->speed);
}

/* Milliseconds until then, rounded up. */
static int until(uint64_t at, uint64_t now)
{
	return at > now ? (int)((at - now) / 1000000 < 3600000 ? (at - now + 999999) / 1000000
							       : 3600000)
			: 0;
}

static int wait_tick(struct pace *p, const struct due *due, int fd, int max_wait_ms, struct wake *w)
{
	uint64_t at = due_time(p, due), now = clock_ns();
	int ms = until(at, now), err;

	err = loop_wait(p->loop, fd, max_wait_ms < 0 || ms < max_wait_ms ? ms : max_wait_ms, w);
	now = clock_ns();
	w->tick = !w->stop && now >= at;
	if (w->tick) {
		p->tick_ns = at && now - at < LATE_NS ? at : now;
		p->step = false;
	}
	return err;
}

void pace_restart(struct pace *p)
{
	p->tick_ns = clock_ns();
}

static int wait_recorded(struct pace *p, int fd, int max_wait_ms, struct wake *w)
{
	struct due due = {.state = DUE_NEVER};
	int err;

	source_due(p->source, &due);
	p->share = due.share;
	if (p->held && !p->step) {
		pace_restart(p);
		return loop_wait(p->loop, fd, max_wait_ms, w);
	}
	switch (due.state) {
	case DUE_TICK:
		return wait_tick(p, &due, fd, max_wait_ms, w);
	case DUE_LATER:
		return fd >= 0 || due.fd < 0
			       ? loop_wait(p->loop, fd, shorter(max_wait_ms, ASK_MS), w)
			       : loop_wait(p->loop, due.fd, max_wait_ms, w);
	default:
		err = loop_wait(p->loop, fd, p->stays ? max_wait_ms : 0, w);
		w->end = true;
		return err;
	}
}

int pace_wait(struct pace *p, int fd, int max_wait_ms, struct wake *w)
{
	int err;

	if (!p->recorded)
		return wait_live(p, fd, max_wait_ms, w);
	err = wait_recorded(p, fd, max_wait_ms, w);
	return err ? err : drain(p);
}
