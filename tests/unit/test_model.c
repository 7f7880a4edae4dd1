// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "src/model.h"
#include "tests/unit/flows.h"
#include "tests/unit/random.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

/* What one cause adds to what is shown, without and with the tail loss probes. */
static const struct {
	enum cause cause;
	const char *name;
	unsigned int retrans, shown, shown_tlp;
} causes[] = {
	{CAUSE_RTO, "RTO", 1, 1, 1},       {CAUSE_FAST, "FAST", 1, 1, 1},
	{CAUSE_RACK, "RACK", 1, 1, 1},     {CAUSE_TLP, "TLP", 0, 0, 1},
	{CAUSE_SYN, "SYN", 1, 1, 1},       {CAUSE_SYNACK, "SYNACK", 0, 1, 1},
	{CAUSE_PROBE, "PROBE", 1, 1, 1},   {CAUSE_MTU, "MTU", 1, 1, 1},
	{CAUSE_FAILED, "FAILED", 1, 1, 1}, {CAUSE_OTHER, "OTHER", 1, 1, 1},
};

static void what_is_counted(void **state)
{
	(void)state;
	assert_int_equal(sizeof(causes) / sizeof(causes[0]), CAUSES);
	for (int i = 0; i < CAUSES; i++) {
		struct counts c = {0};

		c.segs[causes[i].cause] = 7;
		assert_int_equal(counts_retrans(&c), 7 * causes[i].retrans);
		assert_int_equal(counts_shown(&c, false), 7 * causes[i].shown);
		assert_int_equal(counts_shown(&c, true), 7 * causes[i].shown_tlp);
		assert_string_equal(cause_name(causes[i].cause), causes[i].name);
	}
}

static void names_of_the_kernel(void **state)
{
	(void)state;
	assert_string_equal(cause_name(CAUSES), "?");
	assert_string_equal(cause_name(UINT_MAX), "?");
	assert_string_equal(state_name(0), "?");
	assert_string_equal(state_name(STATE_ESTABLISHED), "ESTABLISHED");
	assert_string_equal(state_name(STATE_SYN_SENT), "SYN_SENT");
	assert_string_equal(state_name(STATE_SYN_RECV), "SYN_RECV");
	assert_string_equal(state_name(STATE_CLOSE), "CLOSE");
	assert_string_equal(state_name(11), "CLOSING");
	assert_string_equal(state_name(12), "SYN_RECV"); /* TCP_NEW_SYN_RECV */
	assert_string_equal(state_name(UINT_MAX), "?");
	assert_string_equal(ca_state_name(0), "Open");
	assert_string_equal(ca_state_name(4), "Loss");
	assert_string_equal(ca_state_name(5), "?");
	assert_string_equal(ca_state_name(UINT_MAX), "?");
}

/* What the source says of one flow, tick by tick, and what is made of it. */
static const struct {
	const char *what;
	bool present;
	uint64_t first_ns, change_ns, raw;
	uint64_t sum, last;
} steps[] = {
	{"first seen", true, 1, 1, 5, 5, 5},
	{"grows", true, 1, 2, 12, 12, 7},
	{"not mentioned", false, 0, 0, 0, 12, 0},
	{"mentioned again", true, 1, 2, 12, 12, 0},
	{"only its socket changed", true, 1, 3, 12, 12, 0},
	{"grows again", true, 1, 4, 13, 13, 1},
	{"grows while it is read", true, 1, 4, 14, 14, 1},
	{"an older record of it", true, 1, 2, 12, 14, 0},
	{"goes on from the newer", true, 1, 5, 16, 16, 2},
	{"made anew, fewer", true, 6, 6, 4, 20, 4},
	{"grows from there", true, 6, 7, 6, 22, 2},
	{"the record before", true, 1, 8, 17, 22, 0},
	{"made anew, as many", true, 9, 9, 6, 28, 6},
	{"made anew, more", true, 10, 10, 100, 128, 100},
	{"made anew, none yet", true, 11, 11, 0, 128, 0},
	{"and the first", true, 11, 12, 9, 137, 9},
	{"goes back, as none should", true, 11, 13, 3, 137, 0},
	{"and grows", true, 11, 14, 5, 139, 2},
	{"as far as it goes", true, 11, 15, COUNTS_MOST, COUNTS_MOST, COUNTS_MOST - 5},
};

static void growth_of_a_flow(void **state)
{
	struct model *m = *state;
	struct flow_sample s = numbered_sample(0, START);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct flow *f;

		s.rec.first_ns = steps[i].first_ns;
		s.rec.change_ns = steps[i].change_ns;
		s.rec.counts.segs[CAUSE_FAST] = steps[i].raw;
		s.rec.counts.rto_wait_us = steps[i].raw;
		assert_int_equal(tick_with(m, &s, steps[i].present), 0);
		f = find_flow(m, 0);
		assert_non_null(f);
		if (flow_sum(f).segs[CAUSE_FAST] != steps[i].sum ||
		    flow_interval(m, f).segs[CAUSE_FAST] != steps[i].last)
			print_error("%s\n", steps[i].what);
		assert_int_equal(flow_sum(f).segs[CAUSE_FAST], steps[i].sum);
		assert_int_equal(flow_sum(f).rto_wait_us, steps[i].sum);
		assert_int_equal(flow_interval(m, f).segs[CAUSE_FAST], steps[i].last);
		assert_int_equal(flow_interval(m, f).rto_wait_us, steps[i].last);
		assert_int_equal(flow_sum(f).segs[CAUSE_RTO], 0);
		assert_int_equal(model_flows(m), 1);
	}
}

/* A record that was only probed has a cause of zero, which is that of an RTO. */
static void a_cause_only_of_what_was_sent_again(void **state)
{
	struct model *m = *state;
	struct flow_sample s = numbered_sample(0, START);
	const struct flow *f;

	memset(&s.rec.counts, 0, sizeof(s.rec.counts));
	s.rec.last_cause = s.rec.last_cause_tlp = CAUSE_RTO;
	s.rec.counts.spurious = 1;
	tick_with(m, &s, 1);
	f = find_flow(m, 0);
	assert_int_equal(f->last_cause, CAUSES);
	assert_int_equal(f->last_cause_tlp, CAUSES);

	s.rec.last_cause_tlp = CAUSE_TLP;
	s.rec.counts.tlp_attempts = 1;
	s.rec.change_ns += SECOND;
	tick_with(m, &s, 1);
	assert_int_equal(f->last_cause, CAUSES);
	assert_int_equal(f->last_cause_tlp, CAUSE_TLP);
	tick_with(m, &s, 1); /* once more: that is no change */
	assert_null(model_next_changed(m, NULL));

	s.rec.last_cause = s.rec.last_cause_tlp = CAUSE_FAST;
	s.rec.counts.segs[CAUSE_FAST] = 1;
	s.rec.change_ns += SECOND;
	tick_with(m, &s, 1);
	assert_int_equal(f->last_cause, CAUSE_FAST);

	/* Made anew in the kernel's table, and only probed there. */
	memset(&s.rec.counts, 0, sizeof(s.rec.counts));
	s.rec.counts.segs[CAUSE_TLP] = s.rec.counts.tlp_attempts = 1;
	s.rec.last_cause = 0;
	s.rec.last_cause_tlp = CAUSE_TLP;
	s.rec.first_ns = s.rec.change_ns += SECOND;
	tick_with(m, &s, 1);
	assert_int_equal(f->last_cause, CAUSE_FAST);
	assert_int_equal(f->last_cause_tlp, CAUSE_TLP);
}

static void what_is_known_of_a_flow(void **state)
{
	struct model *m = *state;
	struct flow_sample s = numbered_sample(0, START);
	const struct flow *f;

	s.owner = (struct owner){.pid = 812, .comm = "nginx"};
	s.rec.flags = FLOW_SAMPLED;
	s.rec.sock.state = STATE_ESTABLISHED;
	s.rec.last_cause = CAUSE_RTO;
	s.rec.counts.segs[CAUSE_RTO] = 1;
	tick_with(m, &s, 1);
	f = find_flow(m, 0);
	assert_memory_equal(&f->key, &s.key, sizeof(s.key));
	assert_int_equal(f->first_ns, START);
	assert_int_equal(flow_owner(f).pid, 812);

	/* Closed: nobody owns it any more, and that is no news about who did. */
	s.owner = (struct owner){0};
	s.rec.flags = FLOW_SAMPLED | FLOW_CLOSED;
	s.rec.sock.state = STATE_CLOSE;
	s.rec.last_cause = CAUSE_FAST;
	s.rec.last_cause_tlp = CAUSE_TLP;
	s.rec.change_ns += SECOND;
	tick_with(m, &s, 1);
	assert_int_equal(flow_owner(f).pid, 812);
	assert_string_equal(flow_owner(f).comm, "nginx");
	assert_int_equal(f->flags, FLOW_SAMPLED | FLOW_CLOSED);
	assert_int_equal(f->sock.state, STATE_CLOSE);
	assert_int_equal(f->last_cause, CAUSE_FAST);
	assert_int_equal(f->last_cause_tlp, CAUSE_TLP);
	assert_int_equal(f->first_ns, START);
}

/* Who listens owns what he has not accepted, and what he has until it is known who holds it. */
static void owner_of_the_accepted(void **state)
{
	struct model *m = *state;
	struct flow_sample s = numbered_sample(0, START);
	struct snapshot snap = {.now_ns = START + SECOND, .flows = &s, .nflows = 1};

	s.rec.sock.inode = 100;
	s.rec.sock.state = STATE_SYN_RECV;
	s.owner =
		(struct owner){.pid = 80, .comm = "sshd", .unit = "ssh.service", .cgroup = "/ssh"};
	model_tick(m, &snap);
	assert_int_equal(flow_owner(find_flow(m, 0)).pid, 80);

	/* accepted, and closed before anybody found it */
	s.rec.sock.inode = 101;
	s.rec.sock.state = STATE_ESTABLISHED;
	s.owner = (struct owner){0};
	s.rec.change_ns++;
	model_tick(m, &snap);
	assert_int_equal(flow_owner(find_flow(m, 0)).pid, 80);
	assert_string_equal(flow_owner(find_flow(m, 0)).unit, "ssh.service");

	/* found after all */
	s.owner.pid = 81;
	memcpy(s.owner.comm, "sshd-child", 10);
	model_tick(m, &snap);
	assert_int_equal(flow_owner(find_flow(m, 0)).pid, 81);
	assert_string_equal(flow_owner(find_flow(m, 0)).unit, "ssh.service");

	/* another socket of the same addresses, connected or accepted by whomever */
	s.rec.sock.inode = 102;
	s.owner = (struct owner){0};
	s.rec.change_ns++;
	model_tick(m, &snap);
	assert_int_equal(flow_owner(find_flow(m, 0)).pid, 0);
	assert_null(flow_owner(find_flow(m, 0)).unit);
}

/* The record is the one that was, or an older one; the owner is news. */
static void owner_found_later(void **state)
{
	struct model *m = *state;
	struct flow_sample s = numbered_sample(0, START);
	struct flow_sample old;

	s.rec.counts.segs[CAUSE_RTO] = 1;
	tick_with(m, &s, 1);
	assert_int_equal(flow_owner(find_flow(m, 0)).pid, 0);
	old = s;
	s.rec.counts.segs[CAUSE_RTO] = 2;
	s.rec.change_ns++;
	tick_with(m, &s, 1);
	old.owner = (struct owner){.pid = 812, .comm = "nginx"};
	tick_with(m, &old, 1);
	assert_int_equal(flow_owner(find_flow(m, 0)).pid, 812);
	assert_int_equal(flow_sum(find_flow(m, 0)).segs[CAUSE_RTO], 2);
}

static void history_of_a_flow(void **state)
{
	static const struct {
		unsigned int tick, fast, tlp;
	} growth[] = {{1, 3, 0}, {2, 0, 2}, {5, 70000, 1}, {60, 1, 0}, {61, 4, 4}, {200, 9, 0}};
	struct model *m = *state;
	struct flow_sample s = numbered_sample(0, START);
	unsigned int tick = 0, next = 0;

	while (tick < 270) {
		bool grows = next < 6 && growth[next].tick == tick + 1;
		const struct flow *f;

		tick++;
		if (grows) {
			s.rec.change_ns++;
			s.rec.counts.segs[CAUSE_FAST] += growth[next].fast;
			s.rec.counts.segs[CAUSE_TLP] += growth[next].tlp;
			next++;
		}
		tick_with(m, &s, grows);
		f = find_flow(m, 0);
		for (unsigned int ago = 0; ago < 80; ago++) {
			unsigned int want = 0, want_tlp = 0;

			for (unsigned int i = 0; i < next && ago < HISTORY; i++) {
				if (growth[i].tick + ago != tick)
					continue;
				want = growth[i].fast < UINT16_MAX ? growth[i].fast : UINT16_MAX;
				want_tlp = growth[i].tlp;
			}
			assert_int_equal(flow_history(m, f, ago, false), want);
			assert_int_equal(flow_history(m, f, ago, true), want + want_tlp);
		}
		assert_int_equal(flow_history(m, f, UINT_MAX, true), 0);
	}
}

static void ratio_of_a_flow(void **state)
{
	static const struct {
		uint8_t flags;
		uint32_t retrans, out;
		double ratio;
	} cases[] = {
		{0, 1, 10, -1},
		{FLOW_CLOSED, 1, 10, -1},
		{FLOW_SAMPLED, 0, 0, -1},
		{FLOW_SAMPLED, 3, 0, -1},
		{FLOW_SAMPLED, 0, 10, 0},
		{FLOW_SAMPLED, 1, 4, 0.25},
		{FLOW_SAMPLED | FLOW_CLOSED, 3, 2, 1.5},
		{FLOW_SAMPLED, UINT32_MAX, UINT32_MAX, 1},
	};
	struct flow f = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f.flags = cases[i].flags;
		f.sock.total_retrans = cases[i].retrans;
		f.sock.data_segs_out = cases[i].out;
		assert_true(cases[i].ratio < 0 ? flow_ratio(&f) < 0
					       : flow_ratio(&f) == cases[i].ratio);
	}
}

/* As long as the next timeout, of twice the last one's length, may still come. */
static void waiting_flows(void **state)
{
	static const struct {
		uint8_t cause, backoff;
		uint32_t flags;
		uint64_t age_s;
		unsigned int timeouts;
		bool quiet;
	} cases[] = {
		{CAUSE_RTO, 4, FLOW_SAMPLED, 13, 5, false},
		{CAUSE_SYN, 0, FLOW_SAMPLED, 13, 3, false},
		{CAUSE_SYN, 0, FLOW_SAMPLED, 14, 0, true},
		{CAUSE_RTO, 4, FLOW_SAMPLED, 14, 0, true},
		{CAUSE_FAST, 4, FLOW_SAMPLED, 13, 0, true},
		{CAUSE_RTO, 0, FLOW_SAMPLED, 13, 0, true},
		{CAUSE_RTO, 4, 0, 13, 0, true},
		{CAUSE_RTO, 4, FLOW_SAMPLED | FLOW_CLOSED, 14, 5, true},
	};
	struct model m = {.interval.now_ns = 100000000000};
	struct flow f = {.sock = {.rto_us = 6000000, .state = STATE_SYN_SENT}};

	(void)state;
	f.sum.small[offsetof(struct counts, segs[CAUSE_SYN]) / sizeof(__u64)] = 3;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f.last_cause = cases[i].cause;
		f.sock.backoff = cases[i].backoff;
		f.flags = cases[i].flags;
		f.last_ns = m.interval.now_ns - cases[i].age_s * 1000000000;
		assert_int_equal(flow_timeouts(&m, &f), cases[i].timeouts);
		assert_int_equal(flow_is_quiet(&m, &f, 10000000000), cases[i].quiet);
	}
}

static void quiet_flows(void **state)
{
	static const struct {
		uint64_t last_ns, quiet_ns;
		bool quiet;
	} cases[] = {
		{100, 0, false}, {99, 0, true},          {99, 1, false},
		{98, 1, true},   {0, 99, true},          {0, 100, false},
		{101, 0, false}, {UINT64_MAX, 0, false}, {0, UINT64_MAX, false},
	};
	struct model *m = *state;
	struct flow f = {0};

	m->interval.now_ns = 100;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f.last_ns = cases[i].last_ns;
		assert_int_equal(flow_is_quiet(m, &f, cases[i].quiet_ns), cases[i].quiet);
	}
}

static void totals_of_the_host(void **state)
{
	struct model *m = *state;
	struct snapshot s = {.now_ns = START + SECOND / 2, .cpu_ns = SECOND / 100};

	s.totals.counts.segs[CAUSE_FAST] = 5;
	s.totals.counts.segs[CAUSE_TLP] = 2;
	s.totals.counts.segs[CAUSE_SYNACK] = 1;
	s.totals.events_lost = 3;
	s.tracked = 4;
	s.evicted = 6;
	s.coverage = (struct coverage){.seen = 8, .kernel = 9, .netns = 2, .unread = 1};
	assert_int_equal(model_tick(m, &s), 0);
	assert_true(m->interval.elapsed == 0.5);
	assert_true(m->interval.cost == 0.02);
	assert_int_equal(m->interval.last.segs[CAUSE_FAST], 5);
	assert_int_equal(m->interval.sum.segs[CAUSE_FAST], 5);
	assert_int_equal(m->interval.events_lost, 3);
	assert_int_equal(m->interval.tracked, 4);
	assert_int_equal(m->interval.evicted, 6);
	assert_int_equal(m->interval.last_coverage.seen, 8);
	assert_int_equal(m->last_retrans_ns, START + SECOND / 2);
	assert_int_equal(m->history[1].retrans, 5);
	assert_int_equal(m->history[1].tlp, 2);
	assert_int_equal(m->history[1].synack, 1);

	s.now_ns += 2 * SECOND;
	s.cpu_ns += SECOND;
	s.realtime_offset_ns = -(int64_t)START;
	s.coverage = (struct coverage){.seen = 18, .kernel = 20, .netns = 3};
	assert_int_equal(model_tick(m, &s), 0);
	assert_true(m->interval.elapsed == 2);
	assert_true(m->interval.cost == 0.5);
	assert_int_equal(m->interval.last.segs[CAUSE_FAST], 0);
	assert_int_equal(m->interval.sum.segs[CAUSE_FAST], 5);
	assert_int_equal(m->interval.last_coverage.seen, 10);
	assert_int_equal(m->interval.last_coverage.kernel, 11);
	assert_int_equal(m->interval.coverage.kernel, 20);
	assert_int_equal(m->last_retrans_ns, START + SECOND / 2);
	assert_int_equal(m->history[2].retrans, 0);
	assert_true(model_unixtime(m, START + 3 * SECOND / 2) == 1.5);

	/* Twice at the same time. */
	assert_int_equal(model_tick(m, &s), 0);
	assert_true(m->interval.elapsed == 0);
	assert_true(m->interval.cost == 0);

	/* CPU time that went back, as only a recording may say, costs nothing */
	s.now_ns += SECOND;
	s.cpu_ns -= 1;
	model_tick(m, &s);
	assert_true(m->interval.cost == 0);
}

/* A pause of ten intervals is one bar, as high as what came in each of them. */
static void bars_of_long_intervals(void **state)
{
	struct model *m = *state;
	struct snapshot s = {.now_ns = START};

	assert_true(history_bar(m, 0, 7) == 7);
	for (int i = 1; i <= 20; i++) {
		s.now_ns += i == 20 ? 10 * SECOND : SECOND + SECOND / 100 * (i % 3);
		model_tick(m, &s);
	}
	assert_true(history_bar(m, 1, 200) == 200);
	assert_true(history_bar(m, 0, 2000) > 190 && history_bar(m, 0, 2000) < 210);
	assert_true(history_bar(m, 0, 1) == 1);
	assert_true(history_bar(m, 0, 0) == 0);
	model_zero(m);
	assert_true(history_bar(m, 0, 2000) == 2000);
}

static void counting_from_now(void **state)
{
	struct model *m = *state;
	struct flow_sample f[2] = {numbered_sample(0, START), numbered_sample(1, START)};
	struct snapshot s = {.now_ns = START + SECOND, .flows = f, .nflows = 2};

	f[0].owner.pid = 7;
	f[0].rec.counts.segs[CAUSE_RTO] = f[1].rec.counts.segs[CAUSE_RTO] = 10;
	s.totals.counts.segs[CAUSE_RTO] = 20;
	s.evicted = s.totals.events_lost = s.totals.events_left_out = 5;
	model_tick(m, &s);
	assert_int_equal(m->interval.evicted, 5);
	model_zero(m);
	assert_int_equal(model_flows(m), 2);
	assert_int_equal(m->interval.evicted + m->interval.events_lost +
				 m->interval.events_left_out,
			 0);
	assert_int_equal(m->start_ns, START + SECOND);
	assert_int_equal(m->last_retrans_ns, 0);
	assert_int_equal(m->interval.sum.segs[CAUSE_RTO], 0);
	assert_int_equal(m->history[1].retrans, 0);
	assert_int_equal(flow_sum(find_flow(m, 0)).segs[CAUSE_RTO], 0);
	assert_int_equal(flow_interval(m, find_flow(m, 0)).segs[CAUSE_RTO], 0);
	assert_int_equal(flow_history(m, find_flow(m, 0), 0, true), 0);
	assert_int_equal(flow_owner(find_flow(m, 0)).pid, 7);

	/* One goes on, one is made anew by the kernel programs. */
	s.now_ns += SECOND;
	f[0].rec.change_ns = f[1].rec.change_ns = s.now_ns;
	f[0].rec.counts.segs[CAUSE_RTO] = 13;
	f[1].rec.first_ns = s.now_ns;
	f[1].rec.counts.segs[CAUSE_RTO] = 11;
	s.totals.counts.segs[CAUSE_RTO] = 34;
	s.evicted = 7;
	s.totals.events_lost = 8;
	s.totals.events_left_out = 4; /* a host that began anew */
	model_tick(m, &s);
	assert_int_equal(m->interval.evicted, 2);
	assert_int_equal(m->interval.events_lost, 3);
	assert_int_equal(m->interval.events_left_out, 0);
	assert_int_equal(flow_sum(find_flow(m, 0)).segs[CAUSE_RTO], 3);
	assert_int_equal(flow_sum(find_flow(m, 1)).segs[CAUSE_RTO], 11);
	assert_int_equal(m->interval.sum.segs[CAUSE_RTO], 14);
	assert_int_equal(m->interval.last.segs[CAUSE_RTO], 14);
	assert_int_equal(flow_history(m, find_flow(m, 0), 0, true), 3);
	assert_int_equal(flow_history(m, find_flow(m, 0), 1, true), 0);
}

/* Ten flows where room is for five; the even ones go on, the odd ones are quiet. */
static size_t flows_left(bool keep_all, uint32_t max_flows)
{
	struct model m;
	struct flow_sample s[10];
	size_t left;

	start_model(&m, max_flows);
	m.keep_all = keep_all;
	for (unsigned int i = 0; i < 10; i++) {
		s[i] = numbered_sample(i, START);
		s[i].rec.counts.segs[CAUSE_FAST] = 1;
	}
	tick_with(&m, s, 10);
	for (int tick = 0; tick < 3 * HISTORY; tick++) {
		for (unsigned int i = 0; i < 10; i += 2) {
			s[i].rec.last_ns = s[i].rec.change_ns = m.interval.now_ns + SECOND / 2;
			s[i].rec.counts.segs[CAUSE_FAST]++;
		}
		for (unsigned int i = 0; i < 5; i++)
			s[i] = s[2 * i];
		tick_with(&m, s, 5);
		for (unsigned int i = 4; i > 0; i--)
			s[2 * i] = s[i];
	}
	left = model_flows(&m);
	for (unsigned int i = 0; i < 10; i += 2)
		assert_non_null(find_flow(&m, i));
	model_free(&m);
	return left;
}

static void old_flows_are_forgotten(void **state)
{
	(void)state;
	assert_int_equal(flows_left(false, 7), 5);
	assert_int_equal(flows_left(false, 8), 10);
	assert_int_equal(flows_left(true, 7), 10);
}

/* The kernel's table has more rows than were asked for, by the number of CPUs: one that is still there would
 * be counted again when it goes on. */
static void what_the_kernel_has_is_kept(void **state)
{
	enum { MOST = 8, KERNEL_HAS = 20 };
	struct flow_sample s[KERNEL_HAS];
	struct snapshot snap = {.flows = s, .nflows = KERNEL_HAS, .tracked = KERNEL_HAS};
	struct model m;

	(void)state;
	start_model(&m, MOST);
	for (unsigned int i = 0; i < KERNEL_HAS; i++) {
		s[i] = numbered_sample(i, START + i);
		s[i].rec.counts.segs[CAUSE_FAST] = 5;
	}
	for (int tick = 0; tick < 2 * HISTORY; tick++) {
		snap.now_ns = m.interval.now_ns + SECOND;
		assert_int_equal(model_tick(&m, &snap), 0);
		snap.nflows = 0;
	}
	s[0].rec.counts.segs[CAUSE_FAST]++;
	s[0].rec.change_ns = snap.now_ns;
	snap.now_ns += SECOND;
	snap.nflows = 1;
	assert_int_equal(model_tick(&m, &snap), 0);
	assert_int_equal(flow_interval(&m, find_flow(&m, 0)).segs[CAUSE_FAST], 1);
	model_free(&m);
}

/* Short connections, more each second than the kernel's table holds. */
static void a_storm_of_flows_is_not_kept(void **state)
{
	enum { MOST = 10, NEW = 15 };
	struct flow_sample s[NEW];
	struct model m;
	unsigned int n = 0;

	(void)state;
	start_model(&m, MOST);
	for (int tick = 0; tick < HISTORY - 1; tick++) {
		for (unsigned int i = 0; i < NEW; i++)
			s[i] = numbered_sample(n++, m.interval.now_ns + i);
		tick_with(&m, s, NEW);
		assert_in_range(model_flows(&m), MOST, 2 * MOST);
	}
	assert_non_null(find_flow(&m, n - 1));
	model_free(&m);
}

/* What a simple-minded bookkeeper knows of a flow. */
enum { BOOK_FLOWS = 40, BOOK_TICKS = 400 };

struct book {
	struct flow_sample sample;
	bool known;
	uint64_t sum[2];                   /* all but TLP, TLP */
	uint16_t grown[BOOK_TICKS + 1][2]; /* by tick */
};

static void check_book(const struct model *m, const struct book *b, unsigned int n)
{
	const struct flow *f = find_flow(m, n);
	struct counts last;

	assert_int_equal(f != NULL, b->known);
	if (!f)
		return;
	assert_int_equal(flow_shown(f, false), b->sum[0]);
	assert_int_equal(flow_shown(f, true), b->sum[0] + b->sum[1]);
	last = flow_interval(m, f);
	assert_int_equal(counts_shown(&last, false), b->grown[m->tick][0]);
	assert_int_equal(flow_interval(m, f).segs[CAUSE_TLP], b->grown[m->tick][1]);
	for (unsigned int ago = 0; ago < HISTORY; ago++) {
		const uint16_t *g = b->grown[ago < m->tick ? m->tick - ago : 0];

		assert_int_equal(flow_history(m, f, ago, false), g[0]);
		assert_int_equal(flow_history(m, f, ago, true), g[0] + g[1]);
	}
}

/* Something happens to the flow, or not; true if the source has to say so. */
static bool let_happen(struct book *b, uint64_t now_ns, uint64_t tick, struct random *random)
{
	struct flow_rec *rec = &b->sample.rec;
	unsigned int dice = random_below(random, 100);

	if (dice < 60)
		return false;
	if (dice < 70) { /* evicted and seen again */
		memset(&rec->counts, 0, sizeof(rec->counts));
		rec->first_ns = now_ns;
	}
	for (int i = 0; i < 5; i++) {
		unsigned int cause = random_below(random, CAUSES), n = random_below(random, 1000);

		rec->counts.segs[cause] += n;
		b->sum[cause == CAUSE_TLP] += n;
		b->grown[tick][cause == CAUSE_TLP] += (uint16_t)n;
	}
	rec->last_ns = rec->change_ns = now_ns;
	b->known = true;
	return true;
}

static void books_agree(void **state)
{
	struct book *books = calloc(BOOK_FLOWS, sizeof(*books));
	struct random random = {4};
	struct model *m = *state;

	assert_non_null(books);
	for (unsigned int i = 0; i < BOOK_FLOWS; i++)
		books[i].sample = numbered_sample(i, START);
	for (uint64_t tick = 1; tick <= BOOK_TICKS; tick++) {
		struct flow_sample changed[BOOK_FLOWS];
		size_t n = 0;

		for (unsigned int i = 0; i < BOOK_FLOWS; i++) {
			/* Some flows are quiet for longer than the history. */
			if ((tick / 70 + i) % 3 &&
			    let_happen(&books[i], START + tick * SECOND, tick, &random))
				changed[n++] = books[i].sample;
		}
		assert_int_equal(tick_with(m, changed, n), 0);
		if (random_below(&random, 100) == 0) {
			model_zero(m);
			for (unsigned int i = 0; i < BOOK_FLOWS; i++) {
				memset(books[i].sum, 0, sizeof(books[i].sum));
				memset(books[i].grown, 0, sizeof(books[i].grown));
			}
		}
		for (unsigned int i = 0; i < BOOK_FLOWS; i++)
			check_book(m, &books[i], i);
	}
	free(books);
}

static void grow(struct flow_sample *s, const struct model *m, uint64_t segs)
{
	s->rec.change_ns = s->rec.last_ns = m->interval.now_ns + SECOND;
	s->rec.counts.segs[CAUSE_FAST] += segs;
}

/* Each bar once by itself, and once of a group. */
static void same_history(const struct model *m, const struct flow *f)
{
	uint32_t retrans[HISTORY] = {0}, tlp[HISTORY] = {0};

	flow_add_history(m, f, retrans, tlp);
	for (unsigned int ago = 0; ago < HISTORY; ago++)
		assert_int_equal(retrans[ago], flow_history(m, f, ago, true));
}

/* Who asks between two parts of a snapshot gets what is known of each flow, and the ticks before it. */
static void between_parts(void **state)
{
	struct model *m = *state;
	struct flow_sample s[2] = {numbered_sample(0, START), numbered_sample(1, START)};
	struct snapshot part = {.flows = s, .nflows = 1, .more = true};
	const struct flow *f[2];

	for (unsigned int i = 1; i <= HISTORY + 5; i++) {
		grow(&s[0], m, i);
		grow(&s[1], m, 2);
		assert_int_equal(tick_with(m, s, 2), 0);
	}
	for (unsigned int i = 0; i < 2; i++)
		f[i] = find_flow(m, i);
	grow(&s[0], m, 100);
	assert_int_equal(model_tick(m, &part), 0);
	assert_int_equal(m->tick, HISTORY + 5);
	assert_int_equal(flow_interval(m, f[0]).segs[CAUSE_FAST], 100);
	assert_int_equal(flow_interval(m, f[1]).segs[CAUSE_FAST], 2);
	assert_int_equal(flow_history(m, f[0], 0, true), HISTORY + 5);
	assert_int_equal(flow_history(m, f[0], HISTORY - 2, true), 7);
	assert_int_equal(flow_history(m, f[0], HISTORY - 1, true), 0); /* its room is taken */
	assert_int_equal(flow_history(m, f[1], HISTORY - 1, true), 2);
	same_history(m, f[0]);
	same_history(m, f[1]);
	assert_ptr_equal(model_next_changed(m, NULL), f[0]);
	assert_ptr_equal(model_next_changed(m, f[0]), f[1]);
	assert_null(model_next_changed(m, f[1]));
	assert_int_equal(tick_with(m, NULL, 0), 0);
	assert_int_equal(m->tick, HISTORY + 6);
	assert_int_equal(flow_interval(m, f[0]).segs[CAUSE_FAST], 100);
	assert_int_equal(flow_interval(m, f[1]).segs[CAUSE_FAST], 0);
	assert_int_equal(flow_history(m, f[0], 0, true), 100);
	assert_int_equal(flow_history(m, f[1], 0, true), 0);
	same_history(m, f[0]);
	same_history(m, f[1]);
}

#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, make_model, free_model)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_counted),
		cmocka_unit_test(names_of_the_kernel),
		WITH_MODEL(between_parts),
		WITH_MODEL(growth_of_a_flow),
		WITH_MODEL(a_cause_only_of_what_was_sent_again),
		WITH_MODEL(what_is_known_of_a_flow),
		WITH_MODEL(owner_found_later),
		WITH_MODEL(owner_of_the_accepted),
		WITH_MODEL(bars_of_long_intervals),
		WITH_MODEL(history_of_a_flow),
		cmocka_unit_test(ratio_of_a_flow),
		cmocka_unit_test(waiting_flows),
		WITH_MODEL(quiet_flows),
		WITH_MODEL(totals_of_the_host),
		WITH_MODEL(counting_from_now),
		cmocka_unit_test(old_flows_are_forgotten),
		cmocka_unit_test(what_the_kernel_has_is_kept),
		cmocka_unit_test(a_storm_of_flows_is_not_kept),
		WITH_MODEL(books_agree),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
