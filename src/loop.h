/* SPDX-License-Identifier: GPL-2.0-only */
/* One poll over signals, the tick and one more descriptor. Handlers run never; signals are read. */
#ifndef TCPRETOP_SRC_LOOP_H
#define TCPRETOP_SRC_LOOP_H

#include <stdbool.h>

struct loop {
	int signal_fd, timer_fd;
};

/* What loop_wait() saw; several may be set. */
struct wake {
	bool tick;    /* the interval is over */
	bool input;   /* the other descriptor is readable, or gone */
	bool drain;   /* max_wait_ms passed, and nothing else */
	int stop;     /* INT, TERM, HUP, QUIT, or PIPE of another's, arrived: its number */
	bool resized; /* WINCH */
	bool suspend; /* TSTP */
	bool resumed; /* CONT */
	bool end;     /* set by pace_wait() only */
};

/*
 * Blocks the signals that are read here and starts ticking every `interval` seconds. SIGPIPE is
 * ignored from then on. `screen` also reads WINCH, TSTP, CONT, and a PIPE that another process
 * sent; without it they do what they always do, so that Ctrl-Z stops a text mode. An interval of 0 never ticks. 0 or a negative errno.
 */
int loop_open(struct loop *l, double interval, bool screen);

/* Starts a new interval of this length now. */
int loop_set_interval(struct loop *l, double interval);

/* Sleeps until something happens or max_wait_ms passed (-1: no limit). fd -1 is no descriptor.
 * 0 or a negative errno. */
int loop_wait(struct loop *l, int fd, int max_wait_ms, struct wake *w);

void loop_close(struct loop *l);

#endif
