// SPDX-License-Identifier: GPL-2.0-only
#include "src/fleet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/counts.h"
#include "src/fleet_parts.h"

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
void fleet_learn(struct fleet *f)
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

static int absorb_played(struct fleet *f)
{
	uint64_t until = fleet_played_until(f);
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
		fleet_learn(f);
	}
	n = pending_take(&f->pending, f->part, FLEET_PART);
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
			if (link_wall_time(l) > fleet_played_until(f))
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

size_t fleet_count(const struct fleet *f, enum link_state state)
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
	bool all_ended = fleet_count(f, LINK_ENDED) == f->nlinks;

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

struct fleet *fleet_new(const struct fleet_options *o)
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
