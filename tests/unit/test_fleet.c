// SPDX-License-Identifier: GPL-2.0-only
/* Several recordings as one picture: whose flow is whose, whose time it is, and what a stranger may say. */
#include "src/fleet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "src/frame.h"
#include "src/link.h"
#include "src/metrics.h"
#include "src/pending.h"
#include "src/replay_samples.h"
#include "tests/unit/folder.h"
#include "tests/unit/recorded.h"

#include <cmocka.h> /* after our own: it makes a macro of fail() */

enum { FLOWS = 300, TICKS = 3 };

static char folder[4000];

static const char *path_of(const char *name)
{
	static char path[2][4200];
	static unsigned int turn;
	char *to = path[turn++ % 2];

	snprintf(to, sizeof(path[0]), "%s/%s", folder, name);
	return to;
}

static void record_kernel(const char *name, size_t nflows, unsigned int ticks, bool old)
{
	struct failure why = {0};
	struct source *inner = pretended_open(nflows), *s;

	if (old) {
		inner->info.errors_unknown = true;
		inner->info.undos_known = false;
		inner->info.tlp_way = TLP_NONE;
	}
	s = record_open(inner, path_of(name), &why);
	assert_non_null(s);
	tell_all(s, ticks);
	record_finish(s);
	source_close(s);
}

static void record(const char *name, size_t nflows, unsigned int ticks)
{
	record_kernel(name, nflows, ticks, false);
}

/* A pipe, as from another host, and its other end. */
static const char *open_pipe(int *end)
{
	static char path[2][32];
	static unsigned int turn;
	char *to = path[turn++ % 2];
	int ends[2] = {-1, -1};

	assert_true(!pipe(ends) && fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) > 0);
	*end = ends[1];
	snprintf(to, sizeof(path[0]), "/proc/self/fd/%d", ends[0]);
	return to;
}

static void send_and_close(const char *name, int end)
{
	int from = open(path_of(name), O_RDONLY);
	char buf[4096];
	ssize_t n;

	assert_true(from >= 0);
	while ((n = read(from, buf, sizeof(buf))) > 0)
		assert_int_equal(write(end, buf, (size_t)n), n);
	close(from);
	close(end);
}

/* The same from a pipe. */
static const char *piped(const char *name)
{
	int end;
	const char *path = open_pipe(&end);

	send_and_close(name, end);
	return path;
}

/* Each by its path; the second may be NULL. */
static struct source *open_paths(const char *first, const char *second)
{
	struct fleet_host hosts[] = {{first, false, 0}, {second, false, 0}};
	struct fleet_options o = {.hosts = hosts,
				  .nhosts = second ? 2 : 1,
				  .delay = 1,
				  .events = true};
	struct failure why = {0};
	struct source *s = fleet_open(&o, &why);

	assert_non_null(s);
	return s;
}

static struct source *open_fleet(const char *first, const char *second)
{
	return open_paths(path_of(first), second ? path_of(second) : NULL);
}

static void count_event(void *arg, const struct event_sample *e)
{
	unsigned int *of = arg;

	assert_true(e->event.key.host <= 2 && e->event.time_ns > 0);
	of[e->event.key.host]++;
}

/* All of it into a model. Returns the number of ticks. */
static unsigned int play(struct source *s, struct model *m, unsigned int events[3])
{
	unsigned int ticks = 0;
	struct due due = {.state = DUE_NEVER};

	model_init(m, &s->info);
	while (source_due(s, &due) && due.state == DUE_TICK) {
		assert_true(!due.live || !due.after_ns);
		source_drain(s, count_event, events);
		assert_int_equal(model_read(m, s), 0);
		ticks++;
	}
	source_drain(s, count_event, events);
	assert_int_equal(due.state, DUE_NEVER);
	return ticks;
}

/* A single one is what it was: each tick, each time. */
static void alone_it_keeps_its_time(void **state)
{
	unsigned int events[3] = {0};
	struct source *s;
	struct model m;

	(void)state;
	record("a", FLOWS, TICKS);
	s = open_fleet("a", NULL);
	assert_string_equal(s->info.host, "web-17");
	assert_int_equal(play(s, &m, events), TICKS);
	assert_int_equal(m.interval.now_ns, START + TICKS * SECOND);
	assert_int_equal(model_flows(&m), FLOWS);
	assert_null(flow_owner(model_next(&m, NULL)).host);
	assert_true(events[0] > 0 && !events[1]);
	model_free(&m);
	source_close(s);
}

static void two_are_told_apart(void **state)
{
	struct source *s;
	struct counts twice = {0};
	struct model m, one;
	unsigned int events[3] = {0}, hosts[3] = {0}, none[3] = {0};

	(void)state;
	record("a", FLOWS, TICKS);
	s = open_fleet("a", NULL);
	play(s, &one, none);
	source_close(s);
	record("b", FLOWS, TICKS);
	s = open_fleet("a", "b");
	assert_int_equal(s->info.hosts, 2);
	assert_int_equal(play(s, &m, events), TICKS);
	assert_int_equal(model_flows(&m), 2 * FLOWS);
	for (const struct flow *f = model_next(&m, NULL); f; f = model_next(&m, f)) {
		hosts[f->key.host]++;
		/* Two of one name have different ones here. */
		assert_string_equal(flow_owner(f).host, f->key.host == 1 ? "web-17" : "web-17#2");
	}
	assert_int_equal(hosts[1], FLOWS);
	assert_int_equal(hosts[2], FLOWS);
	assert_true(!events[0] && events[1] == none[0] && events[2] == none[0]);
	counts_add(&twice, &one.interval.sum);
	counts_add(&twice, &one.interval.sum);
	assert_memory_equal(&m.interval.sum, &twice, sizeof(twice));
	assert_int_equal(m.interval.coverage.kernel, 2 * one.interval.coverage.kernel);
	assert_int_equal(m.interval.tracked, 2 * one.interval.tracked);
	model_free(&m);
	model_free(&one);
	source_close(s);
}

/* Their clocks began at any time: here both are ours, and now is now. */
static void times_are_ours(void **state)
{
	unsigned int events[3] = {0};
	struct source *s;
	struct timespec now;
	struct model m;

	(void)state;
	record("a", FLOWS, TICKS);
	record("b", FLOWS, 1);
	s = open_paths(piped("a"), piped("b"));
	play(s, &m, events);
	clock_gettime(CLOCK_REALTIME, &now);
	assert_true(now.tv_sec - model_unixtime(&m, m.interval.now_ns) < 60);
	for (const struct flow *f = model_next(&m, NULL); f; f = model_next(&m, f))
		assert_true(model_age(&m, f->last_ns) < 60);
	model_free(&m);
	source_close(s);
}

/* The wall clock of each host had 1 ns less than its other clock: see pretended_tick(). */
static void files_keep_their_times(void **state)
{
	unsigned int events[3] = {0}, again[3] = {0};
	struct source *s;
	struct due due;
	struct model m;

	(void)state;
	record("a", FLOWS, TICKS);
	record("b", FLOWS, 1);
	s = open_fleet("a", "b");
	assert_int_equal(s->info.start_ns, START - 1);
	assert_true(source_due(s, &due) && !due.live && !due.after_ns && due.share >= 0);
	assert_int_equal(play(s, &m, events), TICKS);
	assert_int_equal(m.interval.now_ns, START + TICKS * SECOND - 1);
	assert_true(m.interval.elapsed == 1 && model_unixtime(&m, START) * 1e9 == START);
	assert_int_equal(model_flows(&m), 2 * FLOWS);
	model_free(&m);
	assert_int_equal(source_rewind(s), 0);
	assert_true(source_due(s, &due) && due.state == DUE_TICK);
	model_init(&m, &s->info);
	assert_int_equal(model_read(&m, s), 0);
	assert_int_equal(m.interval.now_ns, START + SECOND - 1);
	assert_true(source_due(s, &due) && due.after_ns == SECOND);
	model_free(&m);
	assert_int_equal(source_rewind(s), 0);
	assert_int_equal(play(s, &m, again), TICKS);
	assert_memory_equal(again, events, sizeof(events));
	model_free(&m);
	source_close(s);
}

/* Who looks at what was and at what is would see neither. */
static void files_go_with_files(void **state)
{
	struct fleet_host hosts[] = {{path_of("a"), false, 0}, {NULL, false, 0}};
	struct fleet_options o = {.hosts = hosts, .nhosts = 2, .delay = 1};
	struct failure why = {0};

	(void)state;
	record("a", 1, 1);
	hosts[1].name = piped("a");
	assert_null(fleet_open(&o, &why));
	assert_int_equal(why.status, EXIT_USAGE);
}

/* A host that is late is none of those that were there at the start: what it cannot tell is unknown then. */
static void who_comes_late_is_known(void **state)
{
	struct source *metering, *s;
	struct metrics_file *file;
	unsigned int events[3] = {0};
	struct failure why = {0};
	struct model m;
	int end;

	(void)state;
	record("a", FLOWS, TICKS);
	record_kernel("b", FLOWS, TICKS, true);
	s = open_paths(piped("a"), open_pipe(&end));
	assert_true(!s->info.errors_unknown && s->info.undos_known &&
		    s->info.tlp_way == TLP_KPROBE);
	assert_int_equal(s->info.probes_wanted, 4);
	s = record_open(s, path_of("copy"), &why);
	assert_non_null(s);
	file = metrics_file_open(path_of("metrics"), false, &why);
	assert_non_null(file);
	metering = metrics_open(s, file, METRICS_DEFAULT, &why);
	assert_non_null(metering);
	send_and_close("b", end);
	play(metering, &m, events);
	assert_true(m.info.errors_unknown && !m.info.undos_known && m.info.tlp_way == TLP_NONE);
	assert_int_equal(m.info.probes_wanted, 8);
	assert_int_equal(m.info.hosts, 2);
	assert_int_equal(m.start_ns, m.info.start_ns);
	model_free(&m);
	source_close(metering);
}

/* Whatever it says, nothing wraps around, and 0 stays "not known". */
static void strangers_times(void **state)
{
	struct link l = {.shift_ns = 5};

	(void)state;
	assert_int_equal(link_time(&l, 0), 0);
	assert_int_equal(link_time(&l, 7), 12);
	assert_int_equal(link_time(&l, TIME_MOST - 1), TIME_MOST + 4);
	l.shift_ns = -(int64_t)TIME_MOST;
	assert_int_equal(link_time(&l, 7), 1);
	l.shift_ns = (int64_t)TIME_MOST;
	assert_int_equal(link_time(&l, TIME_MOST - 1), 2 * TIME_MOST - 1);
}

/* Of a flow the last sample, and behind it the owner that was found late. */
static void the_last_is_kept(void **state)
{
	struct flow_sample s = numbered_sample(1, 1), out[4];
	struct pending p;

	(void)state;
	pending_init(&p);
	for (uint64_t i = 1; i <= 3; i++) {
		s.rec.change_ns = i;
		assert_int_equal(pending_add(&p, &s), 0);
	}
	s.rec.first_ns = 0;
	s.owner.pid = 7;
	assert_int_equal(pending_add(&p, &s), 0);
	assert_int_equal(pending_take(&p, out, 4), 2);
	assert_true(out[0].rec.change_ns == 3 && !out[0].owner.pid);
	assert_true(!out[1].rec.first_ns && out[1].owner.pid == 7);
	assert_int_equal(pending_take(&p, out, 4), 0);
	pending_free(&p);
}

static void wrong_files(void **state)
{
	struct fleet_host hosts[] = {{path_of("a"), false, 0}, {path_of("none"), false, 0}};
	struct fleet_options o = {.hosts = hosts, .nhosts = 2, .delay = 1};
	struct failure why = {0};
	FILE *f;

	(void)state;
	record("a", 1, 1);
	assert_null(fleet_open(&o, &why));
	assert_int_equal(why.status, EXIT_BAD_RECORDING);
	f = fopen(hosts[1].name, "w");
	assert_non_null(f);
	fputs("no recording of anybody", f);
	fclose(f);
	memset(&why, 0, sizeof(why));
	assert_null(fleet_open(&o, &why));
	assert_int_equal(why.status, EXIT_BAD_RECORDING);
	assert_non_null(strstr(why.text, "no recording of tcpretop"));
}

/* All behind `sent` bytes but its end, as of a host that goes on. How many were sent then. */
static size_t send_begun(const char *name, int end, size_t sent)
{
	static uint8_t buf[1 << 20];
	int from = open(path_of(name), O_RDONLY);
	ssize_t size = read(from, buf, sizeof(buf));
	size_t at = FRAME_PREAMBLE, next = at;

	close(from);
	assert_true(size > FRAME_PREAMBLE + FRAME_HEAD && size < (ssize_t)sizeof(buf));
	while (next < (size_t)size) {
		at = next;
		next += FRAME_HEAD + buf[at] + 256u * buf[at + 1] + 65536u * buf[at + 2];
	}
	assert_int_equal(write(end, buf + sent, at - sent), at - sent);
	return at;
}

/* Before two ticks have come it is silent for as long as we have asked it to be. */
static void a_long_delay_is_no_stall(void **state)
{
	struct link l;
	int end, fd = open(open_pipe(&end), O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(link_open_fd(&l, fd, "a pipe", false), 0);
	l.wish.delay = 60;
	record("header", 0, 0);
	send_begun("header", end, 0);
	link_work(&l, START);
	assert_int_equal(l.state, LINK_LIVE);
	link_work(&l, START + 179 * SECOND);
	assert_int_equal(l.state, LINK_LIVE);
	link_work(&l, START + 181 * SECOND);
	assert_int_equal(l.state, LINK_STALLED);
	l.wish.delay = 0.1; /* it takes a moment to begin */
	l.state = LINK_LIVE;
	link_work(&l, START + 9 * SECOND);
	assert_int_equal(l.state, LINK_LIVE);
	link_work(&l, START + 11 * SECOND);
	assert_int_equal(l.state, LINK_STALLED);
	link_close(&l);
	close(end);
}

static void record_slow(const char *name, unsigned int ticks)
{
	struct failure why = {0};
	struct source *inner = pretended_open(FLOWS), *s;

	((struct pretended *)inner)->interval_ns = 60 * SECOND;
	s = record_open(inner, path_of(name), &why);
	assert_non_null(s);
	tell_all(s, ticks);
	record_finish(s);
	source_close(s);
}

/* What two hosts tell of one interval is one tick, of that length: else their rates would be too high. */
static void a_late_host_is_waited_for(void **state)
{
	const struct timespec wait = {.tv_sec = 1, .tv_nsec = 500000000};
	const char *paths[2];
	struct source *s;
	struct model m;
	struct due due;
	size_t sent = 0;
	int ends[2];

	(void)state;
	record_slow("a", 2);
	record_slow("b", 3); /* begins as that */
	for (int i = 0; i < 2; i++) {
		paths[i] = open_pipe(&ends[i]);
		sent = send_begun("a", ends[i], 0);
	}
	s = open_paths(paths[0], paths[1]);
	model_init(&m, &s->info);
	/* the second of both, with which it is known how long an interval is */
	while (source_due(s, &due) && due.state == DUE_TICK)
		assert_int_equal(model_read(&m, s), 0);
	send_begun("b", ends[0], sent);
	nanosleep(&wait, NULL);
	assert_true(source_due(s, &due) && due.state == DUE_LATER);
	send_begun("b", ends[1], sent);
	assert_true(source_due(s, &due) && due.state == DUE_TICK);
	model_free(&m);
	source_close(s);
	close(ends[0]);
	close(ends[1]);
}

static int make_folder(void **state)
{
	(void)state;
	return folder_make(folder, sizeof(folder));
}

static int remove_folder(void **state)
{
	(void)state;
	return folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		cmocka_unit_test(alone_it_keeps_its_time),
		cmocka_unit_test(two_are_told_apart),
		cmocka_unit_test(times_are_ours),
		cmocka_unit_test(files_keep_their_times),
		cmocka_unit_test(files_go_with_files),
		cmocka_unit_test(strangers_times),
		cmocka_unit_test(the_last_is_kept),
		cmocka_unit_test(wrong_files),
		cmocka_unit_test(who_comes_late_is_known),
		cmocka_unit_test(a_long_delay_is_no_stall),
		cmocka_unit_test(a_late_host_is_waited_for),
	};

	return cmocka_run_group_tests_name("fleet", cases, make_folder, remove_folder);
}
