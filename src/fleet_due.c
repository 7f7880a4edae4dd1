// SPDX-License-Identifier: GPL-2.0-only
/* When its next tick is: once all hosts have told, or when the next one of the files was. */
#include "src/fleet_parts.h"

#include <string.h>

/* Nothing is read of a host that waits for the others: its events are not to be older than this. */
enum { MOST_WAIT_SECONDS = 10 };

/* ---- Files that are played together */

static uint64_t longest_interval(const struct fleet *f)
{
	uint64_t longest = 0;

	for (size_t i = 0; i < f->nlinks; i++)
		if (f->links[i].interval_ns > longest)
			longest = f->links[i].interval_ns;
	return longest ? longest : SECOND;
}

/* When the next tick of any of them was; 0: there is none. */
uint64_t fleet_next_played(const struct fleet *f)
{
	uint64_t next = 0;

	for (size_t i = 0; i < f->nlinks; i++) {
		const struct link *l = &f->links[i];

		if (l->due && (!next || link_wall_time(l) < next))
			next = link_wall_time(l);
	}
	return next;
}

/* Of hosts that tick as often one tick each is shown at once, whatever lies between them. */
uint64_t fleet_played_until(const struct fleet *f)
{
	return fleet_next_played(f) + longest_interval(f) * 3 / 4;
}

/* Where none of them has anything for long, nothing is waited for. */
static void due_of_played(struct fleet *f, struct due *due)
{
	uint64_t next = fleet_next_played(f), after = 0;

	if (next && f->played_ns && next > f->played_ns)
		after = next - f->played_ns;
	due->state = next || pending_any(&f->pending) ? DUE_TICK : DUE_NEVER;
	due->now_ns = next;
	due->after_ns = after < 2 * longest_interval(f) ? after : longest_interval(f);
	due->fd = -1;
	for (size_t i = 0; i < f->nlinks; i++)
		due->share += f->links[i].share / (double)f->nlinks;
}

/* ---- Hosts */

/* The shortest interval of those that are there, and a little more. */
static uint64_t longest_wait(const struct fleet *f)
{
	uint64_t shortest = 0;

	for (size_t i = 0; i < f->nlinks; i++) {
		const struct link *l = &f->links[i];

		if (l->state == LINK_LIVE && l->interval_ns &&
		    (!shortest || l->interval_ns < shortest))
			shortest = l->interval_ns;
	}
	shortest = shortest ? shortest : SECOND;
	return shortest + shortest / 4;
}

/* One that is ready has waited for the others as long as may be. */
static bool waits_too_long(const struct fleet *f, uint64_t now_ns)
{
	for (size_t i = 0; i < f->nlinks; i++) {
		const struct link *l = &f->links[i];

		if (l->due && now_ns - l->heard_ns > MOST_WAIT_SECONDS * SECOND)
			return true;
	}
	return now_ns - f->ticked_ns > longest_wait(f);
}

/* All hosts have told, or one has not for too long. */
static enum due_state state_of(const struct fleet *f, uint64_t now_ns)
{
	size_t ready = 0, late = 0, ended = 0;

	for (size_t i = 0; i < f->nlinks; i++) {
		const struct link *l = &f->links[i];

		ready += l->due;
		late += !l->due && l->state == LINK_LIVE;
		ended += !l->due && l->state == LINK_ENDED;
	}
	if (ended == f->nlinks && !pending_any(&f->pending))
		return DUE_NEVER;
	if (pending_any(&f->pending))
		return DUE_TICK;
	return ready && (!late || waits_too_long(f, now_ns)) ? DUE_TICK : DUE_LATER;
}

void fleet_due(struct source *s, struct due *due)
{
	struct fleet *f = (struct fleet *)s;
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

	for (size_t i = 0; i < f->nlinks; i++)
		link_work(&f->links[i], now_ns);
	memset(due, 0, sizeof(*due));
	if (f->plays) {
		due_of_played(f, due);
		return;
	}
	due->state = state_of(f, now_ns);
	due->fd = -1;
	due->share = -1;
	due->live = true;
}
