// SPDX-License-Identifier: GPL-2.0-only
#include "src/fleet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/counts.h"
#include "src/intern.h"
#include "src/link.h"
#include "src/pending.h"
#include "src/replay.h"

#define SECOND UINT64_C(1000000000)

/* Flows of one part of a snapshot. */
enum { PART = 256 };

/* So long the first is waited for, so long the others once it is there. */
enum { STEP_MS = 20, PATIENCE_SECONDS = 5 };

/* Nothing is read of a host that waits for the others: its events are not to be older than this. */
enum { MOST_WAIT_SECONDS = 10 };

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
	struct flow_sample part[PART];
	struct link *link; /* whose samples are passed on */
	event_fn *fn;      /* to this one */
	void *arg;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

/* After the start of any host's own clock. */
static uint64_t fleet_time(const struct fleet *f, uint64_t now_ns)
{
	return f->epoch_ns + now_ns;
}

static bool is_alone(const struct fleet *f)
{
	return f->nlinks == 1;
}

/* ---- Times and texts of a link become ours */

static void take_owner(struct fleet *f, struct owner *o)
{
	o->cgroup = intern(&f->texts, o->cgroup);
	o->unit = intern(&f->texts, o->unit);
	o->netns = intern(&f->texts, o->netns);
	o->user = intern(&f->texts, o->user);
	o->host = is_alone(f) ? NULL : f->link->host;
}

static void take_key(const struct fleet *f, struct flow_key *k)
{
	k->host = is_alone(f) ? 0 : (uint16_t)(1 + (f->link - f->links));
}

static int take_flow(struct fleet *f, const struct flow_sample *from)
{
	struct flow_sample s = *from;

	s.rec.first_ns = link_time(f->link, s.rec.first_ns);
	s.rec.last_ns = link_time(f->link, s.rec.last_ns);
	s.rec.change_ns = link_time(f->link, s.rec.change_ns);
	s.rec.sample_ns = link_time(f->link, s.rec.sample_ns);
	take_key(f, &s.key);
	take_owner(f, &s.owner);
	return pending_add(&f->pending, &s);
}

static void pass_event(void *arg, const struct event_sample *from)
{
	struct fleet *f = arg;
	struct event_sample e = *from;

	e.event.time_ns = link_time(f->link, e.event.time_ns);
	take_key(f, &e.event.key);
	take_owner(f, &e.owner);
	f->fn(f->arg, &e);
}

/* ---- What each can tell */

/* Unknown of one is unknown of all, and stays so: a host may come late, or come back as another. */
static void learn(struct fleet *f)
{
	struct source_info *all = &f->source.info;

	all->probes = all->probes_wanted = all->max_flows = 0;
	for (size_t i = 0; i < f->nlinks; i++) {
		const struct source_info *info;

		if (!f->links[i].headed)
			continue;
		info = &f->links[i].replay->info;
		all->probes += info->probes;
		all->probes_wanted += info->probes_wanted;
		all->undos_known = all->undos_known && info->undos_known;
		all->errors_unknown = all->errors_unknown || info->errors_unknown;
		if (info->tlp_way < all->tlp_way)
			all->tlp_way = info->tlp_way;
		all->max_flows += info->max_flows < 1 << 24 ? info->max_flows : 1 << 24;
	}
}

/* ---- Ticks */

/* A single host keeps its own time; where it came again, that goes on from where it was. */
static uint64_t time_of_due(const struct fleet *f, const struct link *l, uint64_t now_ns)
{
	if (f->plays)
		return link_wall_time(l);
	if (!is_alone(f))
		return fleet_time(f, now_ns);
	return l->past.now_ns ? l->past.now_ns + now_ns - f->ticked_ns : 0;
}

static void settle_time(const struct fleet *f, struct link *l, uint64_t now_ns)
{
	if (!l->timed)
		link_set_time(l, time_of_due(f, l, now_ns));
}

static int absorb_link(struct fleet *f, struct link *l, uint64_t now_ns)
{
	struct snapshot part;
	int err;

	f->link = l;
	settle_time(f, l, now_ns);
	do {
		err = link_tick(l, &part);
		for (size_t i = 0; !err && i < part.nflows; i++)
			err = take_flow(f, &part.flows[i]);
	} while (!err && part.more);
	return err;
}

/* Each tick of a single host is one of ours. Of several, who is behind catches up. */
static int absorb_due(struct fleet *f)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	int err = 0;

	for (size_t i = 0; i < f->nlinks; i++) {
		struct link *l = &f->links[i];

		while (!err && l->due) {
			err = absorb_link(f, l, now_ns);
			if (is_alone(f))
				break;
			link_work(l, now_ns);
		}
	}
	return err;
}

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
static uint64_t next_played(const struct fleet *f)
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
static uint64_t played_until(const struct fleet *f)
{
	return next_played(f) + longest_interval(f) * 3 / 4;
}

static int absorb_played(struct fleet *f)
{
	uint64_t until = played_until(f);
	int err = 0;

	for (size_t i = 0; i < f->nlinks; i++) {
		struct link *l = &f->links[i];

		while (!err && l->due && link_wall_time(l) <= until) {
			if (link_wall_time(l) > f->played_ns)
				f->played_ns = link_wall_time(l);
			err = absorb_link(f, l, 0);
			link_work(l, 0);
		}
	}
	return err;
}

/* Where none of them has anything for long, nothing is waited for. */
static void due_of_played(struct fleet *f, struct due *due)
{
	uint64_t next = next_played(f), after = 0;

	if (next && f->played_ns && next > f->played_ns)
		after = next - f->played_ns;
	due->state = next || pending_any(&f->pending) ? DUE_TICK : DUE_NEVER;
	due->now_ns = next;
	due->after_ns = after < 2 * longest_interval(f) ? after : longest_interval(f);
	due->fd = -1;
	for (size_t i = 0; i < f->nlinks; i++)
		due->share += f->links[i].share / (double)f->nlinks;
}

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

static void fleet_due(struct source *s, struct due *due)
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

static void add_sums(struct snapshot *to, const struct snapshot *from)
{
	counts_add(&to->totals.counts, &from->totals.counts);
	to->totals.inserts += from->totals.inserts;
	to->totals.insert_failed += from->totals.insert_failed;
	to->totals.events_lost += from->totals.events_lost;
	to->totals.events_left_out += from->totals.events_left_out;
	to->totals.netns_failed += from->totals.netns_failed;
	to->tracked += from->tracked;
	to->evicted += from->evicted;
	to->cpu_ns += from->cpu_ns;
	to->coverage.seen += from->coverage.seen;
	to->coverage.kernel += from->coverage.kernel;
	to->coverage.netns += from->coverage.netns;
	to->coverage.unread += from->coverage.unread;
}

static struct snapshot sum_up(struct fleet *f)
{
	struct snapshot sum = {.now_ns = fleet_time(f, clock_ns(CLOCK_MONOTONIC))};

	if (is_alone(f))
		return link_sums(&f->links[0]);
	if (f->plays)
		sum.now_ns = f->played_ns;
	else
		sum.realtime_offset_ns = (int64_t)clock_ns(CLOCK_REALTIME) - (int64_t)sum.now_ns;
	for (size_t i = 0; i < f->nlinks; i++) {
		struct snapshot sums = link_sums(&f->links[i]);

		add_sums(&sum, &sums);
	}
	return sum;
}

static int fleet_tick(struct source *s, struct snapshot *snap)
{
	struct fleet *f = (struct fleet *)s;
	size_t n;
	int err;

	if (!f->handing) {
		err = f->plays ? absorb_played(f) : absorb_due(f);
		if (err)
			return err;
		f->ticked_ns = clock_ns(CLOCK_MONOTONIC);
		learn(f);
	}
	n = pending_take(&f->pending, f->part, PART);
	f->handing = pending_any(&f->pending);
	if (f->handing)
		memset(snap, 0, sizeof(*snap));
	else
		*snap = sum_up(f);
	snap->more = f->handing;
	snap->flows = f->part;
	snap->nflows = n;
	return 0;
}

/* Before the first tick of a connection nobody knows when its events were. */
static int fleet_drain(struct source *s, event_fn *fn, void *arg)
{
	struct fleet *f = (struct fleet *)s;
	int n = 0;

	f->fn = fn;
	f->arg = arg;
	for (size_t i = 0; i < f->nlinks && n >= 0; i++) {
		struct link *l = &f->links[i];
		int some;

		if (f->plays && l->due) {
			if (link_wall_time(l) > played_until(f))
				continue;
			settle_time(f, l, 0);
		}
		if (!l->timed || !l->replay)
			continue;
		f->link = l;
		some = source_drain(l->replay, pass_event, f);
		n = some < 0 ? some : n + some;
	}
	return n;
}

/* ---- How they are */

static size_t count(const struct fleet *f, enum link_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < f->nlinks; i++)
		n += f->links[i].state == state;
	return n;
}

static size_t fleet_links(struct source *s, struct link_look *looks, size_t most)
{
	struct fleet *f = (struct fleet *)s;
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	size_t n = f->nlinks < most ? f->nlinks : most;
	bool all_ended = count(f, LINK_ENDED) == f->nlinks;

	for (size_t i = 0; i < n; i++) {
		const struct link *l = &f->links[i];
		uint64_t silent_ns = now_ns > l->heard_ns ? now_ns - l->heard_ns : 0;

		looks[i].host = l->host;
		looks[i].why = l->trouble.text;
		looks[i].state = f->plays && all_ended ? LINK_LIVE : l->state;
		looks[i].seconds = l->heard_ns ? (unsigned int)(silent_ns / SECOND) : 0;
	}
	return n;
}

/* One that will be tried again is no trouble yet, and is shown as what it is. */
static const struct failure *fleet_trouble(struct source *s)
{
	struct fleet *f = (struct fleet *)s;

	for (size_t i = 0; i < f->nlinks; i++) {
		const struct link *l = &f->links[i];

		if (l->state == LINK_ENDED && l->trouble.status)
			return &l->trouble;
	}
	return NULL;
}

/* Only of files; what is pending is nothing, as no tick is under way. */
static int fleet_rewind(struct source *s)
{
	struct fleet *f = (struct fleet *)s;
	int err = f->plays ? 0 : -ESPIPE;

	for (size_t i = 0; i < f->nlinks && !err; i++) {
		err = link_rewind(&f->links[i]);
		if (!err)
			link_work(&f->links[i], 0);
	}
	f->played_ns = 0;
	return err;
}

static void fleet_close(struct source *s)
{
	struct fleet *f = (struct fleet *)s;

	for (size_t i = 0; i < f->nlinks; i++)
		link_close(&f->links[i]);
	free(f->links);
	pending_free(&f->pending);
	interns_free(&f->texts);
	free(f);
}

/* ---- The start */

static int open_link(struct link *l, const struct fleet_options *o, size_t i, struct failure *why)
{
	const struct fleet_host *h = &o->hosts[i];
	struct ssh_wish wish = {
		.host = h->name,
		.delay = o->delay,
		.max_flows = o->max_flows,
		.asks = o->nhosts == 1,
	};
	const char *shown;
	int fd;

	if (h->by_ssh) {
		link_open_ssh(l, &wish, o->events);
		return 0;
	}
	fd = replay_file(h->name, h->fd, &shown, why);
	if (fd < 0)
		return -1;
	return link_open_fd(l, fd, shown, o->events) ? fail(why, EXIT_RUNTIME, "out of memory") : 0;
}

/* Signals end the program: there is nobody else to be heard yet. */
static void wait_for_headers(struct fleet *f)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC), started_ns = now_ns;

	for (;;) {
		for (size_t i = 0; i < f->nlinks; i++)
			link_work(&f->links[i], now_ns);
		if (!count(f, LINK_CONNECTING) ||
		    (count(f, LINK_LIVE) && now_ns - started_ns > PATIENCE_SECONDS * SECOND))
			return;
		nanosleep(&step, NULL);
		now_ns = clock_ns(CLOCK_MONOTONIC);
	}
}

/* A file that is none is the user's mistake; a host that is down is not, while others are up. */
static int check_start(const struct fleet *f, struct failure *why)
{
	const struct link *first = NULL;
	size_t files = 0;

	for (size_t i = 0; i < f->nlinks; i++) {
		const struct link *l = &f->links[i];

		files += l->is_file;
		if (l->headed || !l->trouble.status)
			continue;
		first = first ? first : l;
		if (!l->wish.host) {
			*why = l->trouble;
			return -1;
		}
	}
	if (files && files < f->nlinks) {
		fail(why, EXIT_USAGE,
		     "-r of a file goes with other files, not with what comes "
		     "from a host or a pipe");
		return -1;
	}
	if (first && count(f, LINK_LIVE) + count(f, LINK_CONNECTING) == 0) {
		*why = first->trouble;
		return -1;
	}
	return 0;
}

/* Two of one name are told apart by their numbers. */
static void name_links(struct fleet *f)
{
	for (size_t i = 1; i < f->nlinks; i++) {
		char *name = f->links[i].host;

		for (size_t j = 0; j < i; j++) {
			if (strcmp(f->links[j].host, name) != 0)
				continue;
			snprintf(name + strnlen(name, LINK_NAME - 8), 8, "#%u",
				 (unsigned int)(i + 1) % 100);
			break;
		}
	}
}

/* By wall clocks. */
static uint64_t first_start(const struct fleet *f)
{
	uint64_t first = next_played(f);

	for (size_t i = 0; i < f->nlinks; i++) {
		const struct link *l = &f->links[i];
		uint64_t before = l->due ? l->due_ns - l->replay->info.start_ns : 0;

		if (l->due && link_wall_time(l) > before && link_wall_time(l) - before < first)
			first = link_wall_time(l) - before;
	}
	return first;
}

static void describe(struct fleet *f)
{
	struct source_info *all = &f->source.info;

	if (is_alone(f) && f->links[0].headed) {
		*all = f->links[0].replay->info;
		return;
	}
	*all = (struct source_info){.tlp_way = TLP_FENTRY, .undos_known = true};
	learn(f);
	all->hosts = (unsigned int)f->nlinks;
	snprintf(all->host, sizeof(all->host), "%zu hosts", f->nlinks);
	all->start_ns = f->plays ? first_start(f) : fleet_time(f, clock_ns(CLOCK_MONOTONIC));
}

static struct fleet *fleet_new(const struct fleet_options *o)
{
	static const struct source_ops ops = {
		.tick = fleet_tick,
		.drain = fleet_drain,
		.close = fleet_close,
		.due = fleet_due,
		.rewind = fleet_rewind,
		.links = fleet_links,
		.trouble = fleet_trouble,
	};
	struct fleet *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->source.ops = &ops;
	pending_init(&f->pending);
	f->epoch_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	f->links = calloc(o->nhosts, sizeof(*f->links));
	if (f->links)
		return f;
	free(f);
	return NULL;
}

struct source *fleet_open(const struct fleet_options *o, struct failure *why)
{
	struct fleet *f = fleet_new(o);

	if (!f) {
		fail(why, EXIT_RUNTIME, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < o->nhosts; i++) {
		if (open_link(&f->links[i], o, i, why))
			goto failed;
		f->plays = o->nhosts > 1 && f->links[i].is_file;
		f->nlinks++;
	}
	wait_for_headers(f);
	if (check_start(f, why))
		goto failed;
	for (size_t i = 0; i < f->nlinks && (o->returns || !is_alone(f)); i++)
		link_let_return(&f->links[i], clock_ns(CLOCK_MONOTONIC));
	name_links(f);
	describe(f);
	return (struct source *)f;
failed:
	fleet_close(&f->source);
	return NULL;
}
