// SPDX-License-Identifier: GPL-2.0-only
/* The text modes from end to end, on a source that says what the tests want. */
#include "src/modes.h"
#include "src/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h> /* after our own: it makes a macro of fail() */

#define SECOND 1000000000ULL
#define EPOCH_OFFSET (1700000000 * (int64_t)SECOND)

enum { MAX_FLOWS = 4, MAX_EVENTS = 8 };

/* Each tick takes a second, and all the flows are handed over as if they had changed. */
struct fake {
	struct source source; /* first: the ops get its address */
	struct flow_sample flows[MAX_FLOWS];
	size_t nflows;
	struct event_sample events[MAX_EVENTS];
	size_t nevents;
	uint64_t ticks, events_lost;
	int stop_at_tick; /* raises SIGINT then */
};

static int fake_tick(struct source *s, struct snapshot *snap)
{
	struct fake *f = (struct fake *)s;

	f->ticks++;
	*snap = (struct snapshot){
		.now_ns = f->source.info.start_ns + f->ticks * SECOND,
		.realtime_offset_ns = EPOCH_OFFSET,
		.flows = f->flows,
		.nflows = f->nflows,
		.tracked = f->nflows,
		.totals.events_lost = f->events_lost,
	};
	for (size_t i = 0; i < f->nflows; i++)
		for (int c = 0; c < CAUSES; c++)
			snap->totals.counts.segs[c] += f->flows[i].rec.counts.segs[c];
	snap->coverage.seen = snap->coverage.kernel = counts_shown(&snap->totals.counts, true);
	snap->coverage.netns = 1;
	if (f->stop_at_tick && f->ticks == (uint64_t)f->stop_at_tick)
		raise(SIGINT);
	return 0;
}

static int fake_drain(struct source *s, event_fn *fn, void *arg)
{
	struct fake *f = (struct fake *)s;
	int n = (int)f->nevents;

	for (int i = 0; i < n; i++)
		fn(arg, &f->events[i]);
	f->nevents = 0;
	return n;
}

static void fake_close(struct source *s)
{
	(void)s;
}

static const struct source_ops fake_ops = {.tick = fake_tick,
					   .drain = fake_drain,
					   .close = fake_close};

static void fake_init(struct fake *f)
{
	*f = (struct fake){
		.source =
			{
				.ops = &fake_ops,
				.info =
					{
						.host = "web-17",
						.release = "6.12.0",
						.start_ns = 100 * SECOND,
						.max_flows = 65536,
						.tlp_way = TLP_TIMER,
						.probes = 4,
						.probes_wanted = 4,
					},
			},
	};
}

static struct flow_key key(uint8_t family, uint16_t lport)
{
	struct flow_key k = {.netns = 1, .lport = lport, .rport = 34619, .family = family};
	static const uint8_t v4[] = {10, 153, 223, 157}, v6[] = {0x20, 0x01, 0x0d, 0xb8};

	memcpy(k.laddr, family == 4 ? v4 : v6, 4);
	memcpy(k.raddr, family == 4 ? v4 : v6, 4);
	k.raddr[family == 4 ? 3 : 15] = 9;
	return k;
}

static void add_flow(struct fake *f, uint8_t family, uint16_t lport, unsigned int cause,
		     uint64_t segs)
{
	struct flow_sample *s = &f->flows[f->nflows++];

	s->key = key(family, lport);
	s->rec.first_ns = s->rec.last_ns = f->source.info.start_ns;
	s->rec.counts.segs[cause] = segs;
	s->rec.last_cause = (uint8_t)cause;
	s->rec.sock.state = STATE_ESTABLISHED;
}

static void add_event(struct fake *f, uint8_t family, char kind, unsigned int cause, uint8_t state)
{
	f->events[f->nevents++] = (struct event_sample){
		.event =
			{
				.time_ns = (2 * 3600 + 3 * 60 + 4) * SECOND,
				.key = key(family, 22),
				.kind = (uint8_t)kind,
				.cause = (uint8_t)cause,
				.state = state,
				.seq = 3112041,
				.segs = 1,
			},
		.owner.pid = kind == 'R' ? 812 : 0,
	};
}

typedef int mode_fn(struct source *s, const struct options *o, struct out *out,
		    struct failure *why);

static struct options options(void)
{
	struct options o = {.delay = 0.1, .iterations = 1, .rows = 50};

	view_init(&o.view);
	return o;
}

/* Runs a mode into a file and returns what it wrote, to be freed. */
static char *output(mode_fn *mode, struct fake *f, const struct options *o)
{
	FILE *file = tmpfile();
	struct failure why = {0};
	char *text = calloc(1, 16384);
	struct out out;

	assert_non_null(file);
	assert_int_equal(out_open(&out, dup(fileno(file))), 0);
	assert_int_equal(mode(&f->source, o, &out, &why), EXIT_FINE);
	assert_string_equal(why.text, "");
	assert_int_equal(out_close(&out), 0);
	rewind(file);
	assert_true(fread(text, 1, 16383, file) > 0 || feof(file));
	fclose(file);
	return text;
}

static void expect(mode_fn *mode, struct fake *f, const struct options *o, const char *expected)
{
	char *text = output(mode, f, o);

	assert_string_equal(text, expected);
	free(text);
}

static void fill_events(struct fake *f)
{
	fake_init(f);
	add_event(f, 4, 'R', CAUSE_FAST, STATE_ESTABLISHED);
	add_event(f, 4, 'L', CAUSE_TLP, STATE_ESTABLISHED);
	add_event(f, 6, 'S', CAUSE_SYNACK, STATE_SYN_RECV);
	add_event(f, 4, 'R', CAUSE_OTHER, 77);
}

static void test_events(void **state)
{
	struct options o = options();
	struct fake f;

	(void)state;
	fill_events(&f);
	expect(mode_events, &f, &o,
	       "Tracing retransmits ... Hit Ctrl-C to end\n"
	       "TIME     PID     IP LADDR:LPORT          T> RADDR:RPORT          STATE\n"
	       "00:16:24 812     4  10.153.223.157:22    R> 10.153.223.9:34619   ESTABLISHED\n"
	       "00:16:24 0       6  2001:db8:::22        S> 2001:db8::9:34619    SYN_RECV\n"
	       "00:16:24 812     4  10.153.223.157:22    R> 10.153.223.9:34619   77\n");
	fill_events(&f);
	o.view.tlp = o.sequence = true;
	o.view.family = 4;
	expect(mode_events, &f, &o,
	       "Tracing retransmits ... Hit Ctrl-C to end\n"
	       "TIME     PID     IP LADDR:LPORT          T> RADDR:RPORT          STATE        SEQ\n"
	       "00:16:24 812     4  10.153.223.157:22    R> 10.153.223.9:34619   ESTABLISHED  3112041\n"
	       "00:16:24 0       4  10.153.223.157:22    L> 10.153.223.9:34619   ESTABLISHED  3112041\n"
	       "00:16:24 812     4  10.153.223.157:22    R> 10.153.223.9:34619   77           3112041\n");
}

static void test_events_machine(void **state)
{
	struct options o = options();
	struct fake f;
	char *text;

	(void)state;
	fill_events(&f);
	o.output = OUTPUT_JSON;
	o.view.family = 6;
	text = output(mode_events, &f, &o);
	assert_memory_equal(text, "{\"type\":\"event\",\"schema\":1,\"time\":1700007384.000000,",
			    52);
	assert_ptr_equal(strchr(text, '\n') + 1, text + strlen(text));
	free(text);
	fill_events(&f);
	o.output = OUTPUT_CSV;
	text = output(mode_events, &f, &o);
	assert_memory_equal(text, "time,kind,cause,netns,", 22);
	assert_non_null(strstr(text, "\n1700007384.000000,S,SYNACK,1,6,2001:db8::,22,"));
	free(text);
}

static void fill_flows(struct fake *f)
{
	fake_init(f);
	add_flow(f, 4, 443, CAUSE_FAST, 7);
	add_flow(f, 6, 22, CAUSE_RTO, 1234567);
	add_flow(f, 4, 80, CAUSE_TLP, 3);
	add_flow(f, 4, 22, CAUSE_SYNACK, 7);
}

static void test_count(void **state)
{
	struct options o = options();
	struct fake f;

	(void)state;
	fill_flows(&f);
	expect(mode_count, &f, &o,
	       "Tracing retransmits ... Hit Ctrl-C to end\n"
	       "\n"
	       "LADDR:LPORT               RADDR:RPORT               RETRANSMITS\n"
	       "[2001:db8::]:22      <-> [2001:db8::9]:34619     1234567\n"
	       "10.153.223.157:22    <-> 10.153.223.9:34619            7\n"
	       "10.153.223.157:443   <-> 10.153.223.9:34619            7\n");
	fill_flows(&f);
	o.view.tlp = true;
	o.view.family = 4;
	expect(mode_count, &f, &o,
	       "Tracing retransmits ... Hit Ctrl-C to end\n"
	       "\n"
	       "LADDR:LPORT               RADDR:RPORT               RETRANSMITS\n"
	       "10.153.223.157:22    <-> 10.153.223.9:34619            7\n"
	       "10.153.223.157:443   <-> 10.153.223.9:34619            7\n"
	       "10.153.223.157:80    <-> 10.153.223.9:34619            3\n");
}

static void test_count_groups(void **state)
{
	struct options o = options();
	struct fake f;

	(void)state;
	fill_flows(&f);
	o.view.group = GROUP_REMOTE;
	expect(mode_count, &f, &o,
	       "Tracing retransmits ... Hit Ctrl-C to end\n"
	       "\n"
	       "GROUP                     RETRANSMITS FLOWS\n"
	       "2001:db8::9                   1234567     1\n"
	       "10.153.223.9                       14     2\n");
	fill_flows(&f);
	o.view.group = GROUP_PROCESS; /* none is known */
	o.view.tlp = true;
	expect(mode_count, &f, &o,
	       "Tracing retransmits ... Hit Ctrl-C to end\n"
	       "\n"
	       "GROUP                     RETRANSMITS FLOWS\n"
	       "-                             1234584     4\n");
	fill_flows(&f);
	o.view.group = GROUP_CAUSE; /* what counts for nothing is no line */
	o.view.tlp = false;
	expect(mode_count, &f, &o,
	       "Tracing retransmits ... Hit Ctrl-C to end\n"
	       "\n"
	       "GROUP                     RETRANSMITS FLOWS\n"
	       "RTO                           1234567     1\n"
	       "FAST                                7     1\n"
	       "SYNACK                              7     1\n");
}

static void test_batch_groups(void **state)
{
	struct options o = options();
	struct fake f;
	char *text;

	(void)state;
	fill_flows(&f);
	o.view.group = GROUP_LPORT;
	o.rows = 1;
	text = output(mode_batch, &f, &o);
	assert_non_null(strstr(text, "  TLP: off  group: lport 1 of 2  flows 3 of 3\n"));
	assert_non_null(strstr(text, "\n FLOWS  GROUP     RETR  RETR/s   RATIO  RTO WAIT  CAUSE  "
				     "STATE        PROCESS\n"
				     "     2  22      1,235k  1,235k       -         0  -      "
				     "ESTABLISHED  -\n"));
	free(text);
	fill_flows(&f);
	o.output = OUTPUT_CSV;
	text = output(mode_batch, &f, &o);
	assert_memory_equal(text, "time,FLOWS,GROUP,RETR,RETR/s,TLP,", 33);
	assert_non_null(strstr(text, ",2,22,1234574,1234574,0,"));
	assert_null(strstr(text, "ADDR"));
	free(text);
}

/* Ctrl-C ends it, with all that was counted until then. */
static void test_count_until_signal(void **state)
{
	struct options o = options();
	struct fake f;
	char *text;

	(void)state;
	fill_flows(&f);
	f.stop_at_tick = 2;
	o.iterations = -1;
	text = output(mode_count, &f, &o);
	assert_non_null(strstr(text, "1234567\n"));
	free(text);
}

static void test_count_json(void **state)
{
	struct options o = options();
	struct fake f;
	char *text, *interval;
	int lines = 0;

	(void)state;
	fill_flows(&f);
	o.output = OUTPUT_JSON;
	text = output(mode_count, &f, &o);
	for (const char *c = text; (c = strchr(c, '\n')); c++)
		lines++;
	assert_int_equal(lines, 5);
	assert_memory_equal(text, "{\"type\":\"flow\",", 15);
	interval = strstr(text, "{\"type\":\"interval\",");
	assert_non_null(interval);
	assert_non_null(strstr(interval, "\"totals\":{\"retrans\":1234574,\"tlp\":3,"));
	free(text);
}

static void test_batch_text(void **state)
{
	static const enum field_id columns[] = {FIELD_RETR, FIELD_CAUSE, FIELD_LADDR, FIELD_RADDR};
	struct options o = options();
	struct fake f;

	(void)state;
	fill_flows(&f);
	o.rows = 2;
	o.iterations = 2;
	o.view.columns_given = true;
	memcpy(o.view.columns, columns, sizeof(columns));
	o.view.ncolumns = 4;
	expect(mode_batch, &f, &o,
	       "tcpretop  web-17  6.12.0  every 1.0 s  2023-11-14 22:15:01  up 00:00:01  sort: RETR  "
	       "TLP: off  flows 2 of 3\n"
	       "retransmits 1,234,581/s  RTO 1,234,567  FAST 7  RACK 0  SYN 0  SYNACK 7 | TLP 0/s | "
	       "RTO wait 0.0 s/s\n"
	       "coverage 100.0 % (kernel 1,234,584, seen 1,234,584)  tracked 4/65,536  evicted 0  "
	       "events lost 0  cost 0.0 % CPU\n"
	       "\n"
	       "   RETR  CAUSE   LADDR:LPORT        RADDR:RPORT\n"
	       " 1,235k  RTO     [2001:db8::]:22    [2001:db8::9]:34619\n"
	       "      7  SYNACK  10.153.223.157:22  10.153.223.9:34619\n"
	       "\n"
	       "tcpretop  web-17  6.12.0  every 1.0 s  2023-11-14 22:15:02  up 00:00:02  sort: RETR  "
	       "TLP: off  flows 2 of 3\n"
	       "retransmits 0/s  RTO 0  FAST 0  RACK 0  SYN 0  SYNACK 0 | TLP 0/s | RTO wait 0.0 s/s\n"
	       "coverage 100.0 % (kernel 1,234,584, seen 1,234,584)  tracked 4/65,536  evicted 0  events lost 0  "
	       "cost 0.0 % CPU\n"
	       "\n"
	       "   RETR  CAUSE   LADDR:LPORT        RADDR:RPORT\n"
	       " 1,235k  RTO     [2001:db8::]:22    [2001:db8::9]:34619\n"
	       "      7  SYNACK  10.153.223.157:22  10.153.223.9:34619\n");
}

static void test_batch_empty(void **state)
{
	struct options o = options();
	struct fake f;
	char *text;

	(void)state;
	fake_init(&f);
	text = output(mode_batch, &f, &o);
	assert_non_null(strstr(text, "\n\nno retransmits in 1 s; 4 of 4 probes attached\n"));
	free(text);
}

static void test_batch_json(void **state)
{
	struct options o = options();
	struct fake f;
	char *text;

	(void)state;
	fill_flows(&f);
	o.output = OUTPUT_JSON;
	text = output(mode_batch, &f, &o);
	/* Also the flow that only had tail loss probes. */
	assert_non_null(strstr(text, "\"lport\":80,"));
	assert_true(strstr(text, "\"type\":\"interval\"") > strstr(text, "\"lport\":80,"));
	free(text);
}

static int run_into(mode_fn *mode, int fd, struct failure *why)
{
	struct options o = options();
	struct fake f;
	struct out out;
	int status;

	fill_flows(&f);
	o.iterations = -1;
	assert_int_equal(out_open(&out, fd), 0);
	status = mode(&f.source, &o, &out, why);
	out_close(&out);
	return status;
}

static void test_full_disk(void **state)
{
	static mode_fn *const modes[] = {mode_events, mode_count, mode_batch};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct failure why = {0};

		assert_int_equal(run_into(modes[i], open("/dev/full", O_WRONLY), &why),
				 EXIT_RUNTIME);
		assert_non_null(strstr(why.text, "cannot write to standard output: No space left"));
	}
}

static void test_closed_pipe(void **state)
{
	static mode_fn *const modes[] = {mode_events, mode_count, mode_batch};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct failure why = {0};
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		close(fds[0]);
		assert_int_equal(run_into(modes[i], fds[1], &why), EXIT_FINE);
		assert_string_equal(why.text, "");
	}
}

/* A reader that does not read holds no one up who is told to stop. */
static void test_stuck_pipe(void **state)
{
	struct out out;
	struct loop loop;
	struct wake w;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(loop_open(&loop, 1, false), 0);
	assert_int_equal(out_open(&out, fds[1]), 0);
	out.stop_fd = loop.signal_fd;
	raise(SIGTERM);
	for (int i = 0; i < 100000; i++)
		fputs("a line that nobody takes\n", out.f);
	assert_int_equal(out_flush(&out), -EINTR);
	out_close(&out);
	assert_int_equal(loop_wait(&loop, -1, -1, &w), 0);
	assert_int_equal(w.stop, SIGTERM);
	close(fds[0]);
	loop_close(&loop);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Ticks that nobody waited for are one; on a slow machine others come due meanwhile. */
static void test_late_ticks(void **state)
{
	struct loop loop;
	struct wake w;
	double seen;
	int late = 0;

	(void)state;
	assert_int_equal(loop_open(&loop, 0.1, true), 0);
	nanosleep(&(struct timespec){.tv_nsec = 350000000}, NULL);
	assert_int_equal(loop_wait(&loop, -1, -1, &w), 0);
	assert_true(w.tick);
	seen = now();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(loop_wait(&loop, -1, 1, &w), 0);
		late += w.tick;
	}
	assert_true(late <= (now() - seen) / 0.1 + 1);
	loop_close(&loop);
}

static void test_loop(void **state)
{
	struct loop loop;
	struct wake w;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(loop_open(&loop, 3600, true), 0);
	raise(SIGTSTP);
	raise(SIGWINCH);
	assert_int_equal(loop_wait(&loop, fds[0], -1, &w), 0);
	assert_true(w.suspend && w.resized && !w.stop && !w.tick && !w.input && !w.drain);
	assert_int_equal(loop_wait(&loop, fds[0], 1, &w), 0);
	assert_true(w.drain && !w.tick);
	close(fds[1]);
	assert_int_equal(loop_wait(&loop, fds[0], -1, &w), 0);
	assert_true(w.input);
	raise(SIGTERM);
	assert_int_equal(loop_wait(&loop, -1, -1, &w), 0);
	assert_int_equal(w.stop, SIGTERM);
	close(fds[0]);
	loop_close(&loop);
}

static int use_utc(void **state)
{
	(void)state;
	setenv("TZ", "UTC0", 1);
	tzset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events),       cmocka_unit_test(test_events_machine),
		cmocka_unit_test(test_count),        cmocka_unit_test(test_count_until_signal),
		cmocka_unit_test(test_count_json),   cmocka_unit_test(test_batch_text),
		cmocka_unit_test(test_batch_empty),  cmocka_unit_test(test_batch_json),
		cmocka_unit_test(test_full_disk),    cmocka_unit_test(test_closed_pipe),
		cmocka_unit_test(test_stuck_pipe),   cmocka_unit_test(test_loop),
		cmocka_unit_test(test_late_ticks),   cmocka_unit_test(test_count_groups),
		cmocka_unit_test(test_batch_groups),
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
