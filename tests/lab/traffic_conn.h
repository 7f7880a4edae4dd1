/* SPDX-License-Identifier: GPL-2.0-only */
/* The connections of one process: each opens, writes its bursts, reads, ends, and comes back. */
#ifndef TCPRETOP_TESTS_LAB_TRAFFIC_CONN_H
#define TCPRETOP_TESTS_LAB_TRAFFIC_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/lab/traffic_options.h"
#include "tests/lab/traffic_wheel.h"

enum { CHUNK = 64 * 1024 }; /* written at once */

struct conn;

struct traffic {
	struct traffic_options options;
	struct wheel wheel;
	struct conn *conns;
	int64_t now;  /* CLOCK_MONOTONIC, milliseconds */
	int epfd;     /* data.ptr is the connection */
	bool reading; /* else the reader stalls */
	bool paused, ending;
	char plain[CHUNK + 4], marked[CHUNK + 4]; /* what is written */
};

/* With errno. */
_Noreturn void die(const char *what);

void set_int(int fd, int level, int name, int value);

/* What the options ask of every socket. */
void set_options(const struct traffic *t, int fd);

/* A client's: they connect when their time comes. */
void conns_create(struct traffic *t);

/* A server's: all that wait at the listener. */
void conns_accept(struct traffic *t, int listener);

void conn_event(struct traffic *t, struct conn *c, uint32_t events);

/* Its argument is the struct traffic. */
timer_fn conn_timer;

/* t->reading has changed. */
void conns_stall(struct traffic *t);

/* t->paused has become false. */
void conns_resume(struct traffic *t);

/* Closes what has nothing more to say, by reset where that is wanted; first begins that, last ends it.
 * False when all are gone. */
bool conns_drain(struct traffic *t, bool first, bool last);

#endif
