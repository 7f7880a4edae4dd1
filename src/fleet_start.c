// SPDX-License-Identifier: GPL-2.0-only
/* How it comes to be: who is connected, whether all is well so far, and what they are called. */
#include "src/fleet.h"

#include <stdio.h>
#include <string.h>

#include "src/fleet_parts.h"
#include "src/replay.h"

/* So long the first is waited for, so long the others once it is there. */
enum { STEP_MS = 20, PATIENCE_SECONDS = 5 };

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
		if (!fleet_count(f, LINK_CONNECTING) ||
		    (fleet_count(f, LINK_LIVE) && now_ns - started_ns > PATIENCE_SECONDS * SECOND))
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
	if (first && fleet_count(f, LINK_LIVE) + fleet_count(f, LINK_CONNECTING) == 0) {
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
	uint64_t first = fleet_next_played(f);

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
	fleet_learn(f);
	all->hosts = (unsigned int)f->nlinks;
	snprintf(all->host, sizeof(all->host), "%zu hosts", f->nlinks);
	all->start_ns = f->plays ? first_start(f) : fleet_time(f, clock_ns(CLOCK_MONOTONIC));
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
	source_close(&f->source);
	return NULL;
}
