// SPDX-License-Identifier: GPL-2.0-only
#include "src/link.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "src/counts.h"
#include "src/replay.h"
#include "src/sanitise.h"

#define SECOND UINT64_C(1000000000)

/* Silence is a stall after so many intervals, but not within a moment; before the first two ticks
 * an interval is as long as it was wished to be, which of a pipe nobody knows. */
enum { STALL_INTERVALS = 3, LEAST_STALL = 2, FIRST_STALL = 10 };

enum { LEAST_BACKOFF = 1, MOST_BACKOFF = 30 };

/* ---- Beginning and end */

static int attach(struct link *l, int fd, const char *shown)
{
	struct source *replay = replay_start_fd(fd, shown, l->events);

	if (!replay)
		return -ENOMEM;
	source_close(l->replay);
	l->replay = replay;
	l->headed = l->due = l->timed = false;
	l->state = LINK_CONNECTING;
	memset(&l->trouble, 0, sizeof(l->trouble));
	return 0;
}

int link_open_fd(struct link *l, int fd, const char *shown, bool events)
{
	struct stat st;

	memset(l, 0, sizeof(*l));
	l->ssh.err_fd = -1;
	l->events = events;
	l->is_file = !fstat(fd, &st) && S_ISREG(st.st_mode);
	return attach(l, fd, shown);
}

static void wait_to_retry(struct link *l, uint64_t now_ns)
{
	uint64_t longer = 2 * l->backoff_ns, most = MOST_BACKOFF * SECOND;

	l->state = LINK_WAITING;
	l->retry_ns = now_ns + l->backoff_ns;
	l->backoff_ns = longer < most ? longer : most;
}

/* Whatever was counted stays counted: the next connection counts from zero. */
static void add_to_past(struct link *l)
{
	l->past = link_sums(l);
	memset(&l->last, 0, sizeof(l->last));
}

static void lose(struct link *l, uint64_t now_ns)
{
	const struct failure *trouble = l->replay ? source_trouble(l->replay) : NULL;

	ssh_end(&l->ssh, true);
	if (!l->wish.host) {
		l->state = LINK_ENDED;
		if (trouble)
			l->trouble = *trouble;
		return;
	}
	memset(&l->trouble, 0, sizeof(l->trouble));
	fail(&l->trouble, EXIT_RUNTIME, "%s %s: %s",
	     l->headed ? "the link ended to" : "cannot watch", l->host,
	     *l->ssh.said ? l->ssh.said : "ssh ended without a word");
	l->state = LINK_ENDED;
	if (l->returns)
		wait_to_retry(l, now_ns);
}

void link_let_return(struct link *l, uint64_t now_ns)
{
	l->returns = l->wish.host;
	if (l->returns && l->state == LINK_ENDED)
		wait_to_retry(l, now_ns);
}

static void connect_ssh(struct link *l, uint64_t now_ns)
{
	int fd = ssh_start(&l->ssh, &l->wish), err = fd < 0 ? fd : 0;

	add_to_past(l);
	l->headed = false;
	l->heard_ns = now_ns;
	if (!err)
		err = attach(l, fd, l->host);
	if (!err)
		return;
	lose(l, now_ns);
	memset(&l->trouble, 0, sizeof(l->trouble));
	fail(&l->trouble, EXIT_RUNTIME, "cannot start ssh: %s", strerror(-err));
}

void link_open_ssh(struct link *l, const struct ssh_wish *wish, bool events)
{
	const char *name = strrchr(wish->host, '@');

	memset(l, 0, sizeof(*l));
	l->ssh.err_fd = -1;
	l->wish = *wish;
	l->events = events;
	l->backoff_ns = LEAST_BACKOFF * SECOND;
	name = name ? name + 1 : wish->host;
	sanitise(name, strlen(name), l->host, sizeof(l->host));
	connect_ssh(l, 0);
}

void link_close(struct link *l)
{
	ssh_end(&l->ssh, false);
	source_close(l->replay);
	l->replay = NULL;
}

/* ---- Going on */

static bool take_header(struct link *l, uint64_t now_ns)
{
	int err = l->headed ? 0 : replay_header(l->replay);

	if (err && err != -EAGAIN)
		lose(l, now_ns);
	if (err)
		return false;
	if (l->headed)
		return true;
	l->headed = true;
	l->state = LINK_LIVE;
	l->heard_ns = now_ns;
	if (!*l->host)
		strcpy(l->host, l->replay->info.host);
	/* A new question at every start would be too much. */
	l->wish.asks = false;
	return true;
}

static uint64_t patience(const struct link *l)
{
	uint64_t wished_ns = (uint64_t)(l->wish.delay * (double)SECOND);
	uint64_t ns = STALL_INTERVALS * (l->interval_ns ? l->interval_ns : wished_ns);
	uint64_t least = (l->interval_ns ? LEAST_STALL : FIRST_STALL) * SECOND;

	return ns > least ? ns : least;
}

static void take_due(struct link *l, uint64_t now_ns)
{
	struct due due = {.state = DUE_NEVER};

	source_due(l->replay, &due);
	l->share = due.share;
	switch (due.state) {
	case DUE_TICK:
		l->due = true;
		l->due_ns = due.now_ns;
		l->offset_ns = due.realtime_offset_ns;
		l->state = LINK_LIVE;
		l->heard_ns = now_ns;
		l->backoff_ns = LEAST_BACKOFF * SECOND;
		if (due.after_ns)
			l->interval_ns = due.after_ns;
		break;
	case DUE_LATER:
		if (now_ns - l->heard_ns > patience(l))
			l->state = LINK_STALLED;
		break;
	case DUE_NEVER:
		lose(l, now_ns);
	}
}

void link_work(struct link *l, uint64_t now_ns)
{
	ssh_listen(&l->ssh);
	if (l->state == LINK_WAITING && now_ns >= l->retry_ns)
		connect_ssh(l, now_ns);
	if (l->state == LINK_WAITING || l->state == LINK_ENDED || l->due)
		return;
	if (take_header(l, now_ns))
		take_due(l, now_ns);
}

/* ---- What is handed over */

/* A stranger's time may be anything; 0 is none. */
uint64_t link_time(const struct link *l, uint64_t ns)
{
	int64_t shifted = (int64_t)ns + l->shift_ns;

	return !ns ? 0 : shifted > 0 ? (uint64_t)shifted : 1;
}

void link_set_time(struct link *l, uint64_t at_ns)
{
	l->shift_ns = at_ns ? (int64_t)at_ns - (int64_t)l->due_ns : 0;
	l->timed = true;
}

uint64_t link_wall_time(const struct link *l)
{
	int64_t ns = (int64_t)l->due_ns + l->offset_ns;

	return l->timed ? link_time(l, l->due_ns) : ns > 0 ? (uint64_t)ns : 1;
}

int link_rewind(struct link *l)
{
	int err = source_rewind(l->replay);

	if (err)
		return err;
	l->headed = l->due = l->timed = false;
	l->state = LINK_CONNECTING;
	memset(&l->last, 0, sizeof(l->last));
	memset(&l->trouble, 0, sizeof(l->trouble));
	return 0;
}

int link_tick(struct link *l, struct snapshot *part)
{
	int err = source_tick(l->replay, part);

	if (err || part->more)
		return err;
	l->due = false;
	l->last = *part;
	l->last.flows = NULL;
	l->last.nflows = 0;
	return 0;
}

/* What is there now is of this connection alone, and of none that has ended. */
struct snapshot link_sums(const struct link *l)
{
	bool is_there = l->state == LINK_LIVE || l->state == LINK_STALLED || !l->wish.host;
	struct snapshot sums = l->last;
	const struct snapshot *past = &l->past;

	counts_add(&sums.totals.counts, &past->totals.counts);
	sums.totals.inserts += past->totals.inserts;
	sums.totals.insert_failed += past->totals.insert_failed;
	sums.totals.events_lost += past->totals.events_lost;
	sums.totals.events_left_out += past->totals.events_left_out;
	sums.totals.netns_failed += past->totals.netns_failed;
	sums.evicted += past->evicted;
	sums.cpu_ns += past->cpu_ns;
	sums.coverage.seen += past->coverage.seen;
	sums.coverage.kernel += past->coverage.kernel;
	if (!is_there)
		sums.tracked = sums.coverage.netns = sums.coverage.unread = 0;
	sums.now_ns = past->now_ns;
	sums.realtime_offset_ns = past->realtime_offset_ns;
	if (l->last.now_ns) {
		sums.now_ns = link_time(l, l->last.now_ns);
		sums.realtime_offset_ns = l->last.realtime_offset_ns - l->shift_ns;
	}
	return sums;
}
