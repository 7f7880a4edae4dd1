/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers of many connections: a wheel with a slot for each millisecond. All times are milliseconds. */
#ifndef TCPRETOP_TESTS_LAB_TRAFFIC_WHEEL_H
#define TCPRETOP_TESTS_LAB_TRAFFIC_WHEEL_H

#include <stdint.h>

#define NEVER INT64_MAX

enum { WHEEL_SLOTS = 8192 };

/* A member of what waits; all zero is not armed. */
struct timer {
	struct timer *next, **pprev;
	int64_t due;
};

struct wheel {
	struct timer *slots[WHEEL_SLOTS];
	int64_t at; /* the first slot that has not been looked at; to begin with now */
};

/* May arm it again, or free what it is a member of. */
typedef void timer_fn(void *arg, struct timer *t);

/* From then on it is due at that time and no other; NEVER disarms. */
void wheel_arm(struct wheel *w, struct timer *t, int64_t due);

void wheel_disarm(struct timer *t);

/* Disarms what is due, and calls for it. */
void wheel_run(struct wheel *w, int64_t now, timer_fn *fn, void *arg);

/* How long nothing will be due: 1 to 100. */
int wheel_idle(const struct wheel *w, int64_t now);

#endif
