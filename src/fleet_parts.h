/* SPDX-License-Identifier: GPL-2.0-only */
/* A fleet as its parts share it: its start, when its ticks are due, and how they are handed over. */
#ifndef TCPRETOP_SRC_FLEET_PARTS_H
#define TCPRETOP_SRC_FLEET_PARTS_H

#include <time.h>

#include "src/fleet.h"
#include "src/intern.h"
#include "src/link.h"
#include "src/pending.h"

#define SECOND UINT64_C(1000000000)

/* Flows of one part of a snapshot. */
enum { FLEET_PART = 256 };

struct fleet {
	struct source source;
	struct link *links;
	size_t nlinks;
	uint64_t epoch_ns; /* what our CLOCK_MONOTONIC lacks to times that are handed over */
	uint64_t ticked_ns;
	bool plays;         /* all of several are files: their times are those of wall clocks, */
	uint64_t played_ns; /* and this is the last that was shown; 0: none was */
	bool handing;       /* a tick in parts */
	struct pending pending;
	struct interns texts;
	struct flow_sample part[FLEET_PART];
	struct link *link; /* whose samples are passed on */
	event_fn *fn;      /* to this one */
	void *arg;
};

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

/* After the start of any host's own clock. */
static inline uint64_t fleet_time(const struct fleet *f, uint64_t now_ns)
{
	return f->epoch_ns + now_ns;
}

static inline bool is_alone(const struct fleet *f)
{
	return f->nlinks == 1;
}

/* One without links yet, with room for those of the options. NULL: out of memory. source_close()
 * frees it. */
struct fleet *fleet_new(const struct fleet_options *o);

/* Takes into its info what each link can tell by now. */
void fleet_learn(struct fleet *f);

/* How many of its links are in this state. */
size_t fleet_count(const struct fleet *f, enum link_state state);

/* Its source_due(). */
void fleet_due(struct source *s, struct due *due);

/* Of files that are played together, by wall clocks: when the next tick of any of them was, 0: there
 * is none; and up to when ticks are shown at once with that one. */
uint64_t fleet_next_played(const struct fleet *f);
uint64_t fleet_played_until(const struct fleet *f);

#endif
