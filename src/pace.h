/* SPDX-License-Identifier: GPL-2.0-only */
/* When the next tick is: of a live source when the loop's timer says so, of a recording when as
 * much time has passed as had when it was made. */
#ifndef TCPRETOP_SRC_PACE_H
#define TCPRETOP_SRC_PACE_H

#include "src/loop.h"
#include "src/source.h"

struct pace {
	struct loop *loop;
	struct source *source;
	bool recorded;    /* the source is a recording */
	bool live;        /* that comes while it is made */
	double speed;     /* of a recording: 2 is twice as fast, 0 as fast as can be */
	bool held;        /* a recording does not go on */
	bool step;        /* but for one tick, at once */
	bool stays;       /* no trouble with the source ends the waiting */
	bool drains;      /* nobody else takes the events, and they are wanted: by a recording */
	uint64_t tick_ns; /* when the last tick was due, by CLOCK_MONOTONIC */
	double share;     /* of a recording that was read, 0 to 1; negative: not known */
};

/*
 * Opens the loop for what the source is; `interval` is in seconds, and a recording has its own.
 * The rest of *p is 0 then. `screen` as in loop_open(). 0 or a negative errno.
 */
int pace_open(struct pace *p, struct loop *l, struct source *s, double interval, bool screen);

/*
 * Sleeps as loop_wait() does. w->tick: a snapshot is due, and may be taken at once. w->end: none
 * will ever be again, or, unless p->stays, there is trouble with the source.
 */
int pace_wait(struct pace *p, int fd, int max_wait_ms, struct wake *w);

/* The time to the next tick of a recording begins now. */
void pace_restart(struct pace *p);

#endif
