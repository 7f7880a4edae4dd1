// SPDX-License-Identifier: GPL-2.0-only
#include "tests/lab/traffic_wheel.h"

#include <stddef.h>

void wheel_disarm(struct timer *t)
{
	if (!t->pprev)
		return;
	*t->pprev = t->next;
	if (t->next)
		t->next->pprev = t->pprev;
	t->pprev = NULL;
}

void wheel_arm(struct wheel *w, struct timer *t, int64_t due)
{
	struct timer **slot;

	wheel_disarm(t);
	t->due = due;
	if (due == NEVER)
		return;
	if (t->due < w->at)
		t->due = w->at;
	slot = &w->slots[t->due % WHEEL_SLOTS];
	t->next = *slot;
	if (t->next)
		t->next->pprev = &t->next;
	t->pprev = slot;
	*slot = t;
}

void wheel_run(struct wheel *w, int64_t now, timer_fn *fn, void *arg)
{
	if (now - w->at >= WHEEL_SLOTS) /* slept long: each slot once is enough */
		w->at = now - WHEEL_SLOTS + 1;
	while (w->at <= now) {
		struct timer *t = w->slots[w->at++ % WHEEL_SLOTS], *next;

		for (; t; t = next) {
			next = t->next;
			if (t->due > now)
				continue;
			wheel_disarm(t);
			fn(arg, t);
		}
	}
}

int wheel_idle(const struct wheel *w, int64_t now)
{
	for (int ms = 0; ms < 100; ms++) {
		if (w->slots[(now + 1 + ms) % WHEEL_SLOTS])
			return ms + 1;
	}
	return 100;
}
