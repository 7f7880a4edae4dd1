// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/csv.h"
#include "src/filter.h"
#include "src/json.h"
#include "src/table.h"
#include "tests/unit/flows.h"
#include "tests/unit/random.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

struct fixture {
	struct model m;
	struct table t;
	struct view v;
};

static int make_fixture(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	if (!x)
		return -1;
	start_model(&x->m, 65536);
	view_init(&x->v);
	*state = x;
	return 0;
}

static int free_fixture(void **state)
{
	struct fixture *x = *state;

	filter_free(x->v.filter);
	table_free(&x->t);
	model_free(&x->m);
	free(x);
	return 0;
}

/* From 10.0.0.1 or 2001:db8::1 to `remote`, with n segments of one cause. */
static struct flow_sample flow_to(const char *remote, uint16_t lport, uint16_t rport,
				  enum cause cause, uint64_t n)
{
	static const uint8_t local[2][16] = {{10, 0, 0, 1}, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
	bool v6 = strchr(remote, ':');
	struct flow_sample s = {.key = {.netns = 4026531840, .lport = lport, .rport = rport}};

	s.key.family = v6 ? 6 : 4;
	memcpy(s.key.laddr, local[v6], 16);
	assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, remote, s.key.raddr), 1);
	s.rec.first_ns = s.rec.last_ns = s.rec.change_ns = START;
	s.rec.counts.segs[cause] = n;
	s.rec.last_cause = s.rec.last_cause_tlp = (uint8_t)cause;
	s.rec.sock.state = STATE_ESTABLISHED;
	return s;
}

/* Two hosts of one subnet, one of the next; IPv6 the same; two processes and one not known. */
static size_t mixed_flows(struct flow_sample s[7])
{
	s[0] = flow_to("198.51.100.20", 443, 40000, CAUSE_FAST, 10);
	s[1] = flow_to("198.51.100.20", 443, 40001, CAUSE_RTO, 20);
	s[2] = flow_to("198.51.100.99", 80, 40000, CAUSE_FAST, 3);
	s[3] = flow_to("198.51.101.20", 80, 5432, CAUSE_SYN, 4);
	s[4] = flow_to("2001:db8:1:2::5", 443, 40000, CAUSE_RTO, 5);
	s[5] = flow_to("2001:db8:1:2:ffff::6", 9000, 40000, CAUSE_SYNACK, 6);
	s[6] = flow_to("2001:db8:1:3::5", 443, 1, CAUSE_FAST, 7);
	s[0].owner = s[4].owner = (struct owner){.pid = 812, .comm = "nginx", .cgroup = "/web"};
	s[1].owner = (struct owner){.pid = 813, .comm = "nginx", .cgroup = "/web"};
	s[2].owner = (struct owner){.pid = 77, .comm = "sixteen letters.", .cgroup = "/db"};
	s[6].owner = s[2].owner;
	s[6].key.netns = 7;
	s[6].owner.netns = "web";
	return 7;
}

static void take_mixed(struct fixture *x)
{
	struct flow_sample s[7];

	assert_int_equal(tick_with(&x->m, s, mixed_flows(s)), 0);
}

static void build(struct fixture *x, enum group_by by, enum table_rows which)
{
	x->v.group = by;
	assert_int_equal(table_build(&x->t, &x->m, &x->v, which), 0);
}

struct expected {
	const char *label; /* "-" for what is not known */
	double flows, retr;
};

static double number(const struct fixture *x, size_t row, enum field_id id)
{
	struct value val;

	field_get(id, &x->m, &x->v, x->t.rows[row], &val);
	assert_int_equal(val.known, val.number >= 0);
	return val.number;
}

static const char *text(const struct fixture *x, size_t row, enum field_id id, struct value *val)
{
	field_get(id, &x->m, &x->v, x->t.rows[row], val);
	return val->known ? val->text : "-";
}

/* The rows are these, in this order; one without a label ends them. */
static void assert_groups(const struct fixture *x, const struct expected *e)
{
	struct value val;
	size_t n = 0;

	for (; e[n].label; n++) {
		assert_true(n < x->t.nrows);
		assert_string_equal(text(x, n, FIELD_GROUP, &val), e[n].label);
		assert_true(number(x, n, FIELD_FLOWS) == e[n].flows);
		assert_true(number(x, n, FIELD_RETR) == e[n].retr);
		assert_int_equal(table_find_group(&x->t, &x->t.rows[n]->group->key), n);
	}
	assert_int_equal(x->t.nrows, n);
}

static void ways_by_name(void **state)
{
	(void)state;
	for (int by = 0; by < GROUPS; by++)
		assert_int_equal(group_find(group_ways[by].name), by);
	assert_int_equal(group_find("Remote"), GROUP_REMOTE);
	assert_int_equal(group_find("host"), GROUPS);
	assert_int_equal(group_find("remot"), GROUPS);
	assert_int_equal(group_find(""), GROUPS);
}

static void every_way(void **state)
{
	static const struct expected ways[GROUPS][9] = {
		[GROUP_REMOTE] = {{"198.51.100.20", 2, 30},
				  {"2001:db8:1:3::5", 1, 7},
				  {"2001:db8:1:2:ffff::6", 1, 6},
				  {"2001:db8:1:2::5", 1, 5},
				  {"198.51.101.20", 1, 4},
				  {"198.51.100.99", 1, 3}},
		[GROUP_SUBNET] = {{"198.51.100.0/24", 3, 33},
				  {"2001:db8:1:2::/64", 2, 11},
				  {"2001:db8:1:3::/64", 1, 7},
				  {"198.51.101.0/24", 1, 4}},
		[GROUP_LPORT] = {{"443", 4, 42}, {"80", 2, 7}, {"9000", 1, 6}},
		[GROUP_RPORT] = {{"40000", 4, 24}, {"40001", 1, 20}, {"1", 1, 7}, {"5432", 1, 4}},
		[GROUP_PROCESS] = {{"nginx", 3, 35}, {"sixteen letters.", 2, 10}, {"-", 2, 10}},
		[GROUP_CGROUP] = {{"/web", 3, 35}, {"/db", 2, 10}, {"-", 2, 10}},
		[GROUP_NETNS] = {{"4026531840", 6, 48}, {"web", 1, 7}},
		[GROUP_CAUSE] = {{"RTO", 2, 25}, {"FAST", 3, 20}, {"SYNACK", 1, 6}, {"SYN", 1, 4}},
	};
	struct fixture *x = *state;

	take_mixed(x);
	for (int by = GROUP_REMOTE; by < GROUPS; by++) {
		build(x, (enum group_by)by, ROWS_RECENT);
		assert_groups(x, ways[by]);
		assert_int_equal(x->t.nflows, 7);
		assert_int_equal(x->t.nmatches, 7);
		build(x, (enum group_by)by, ROWS_ALL);
		assert_groups(x, ways[by]);
	}
	build(x, GROUP_FLOW, ROWS_RECENT);
	assert_int_equal(x->t.nrows, 7);
	assert_null(x->t.rows[0]->group);
}

/* 1.2.3.4 and the IPv6 address that begins with the same bytes. */
static void families_do_not_mix(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[] = {flow_to("1.2.3.4", 1, 2, CAUSE_RTO, 2),
				  flow_to("102:304::", 1, 2, CAUSE_RTO, 1)};

	tick_with(&x->m, s, 2);
	build(x, GROUP_REMOTE, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"1.2.3.4", 1, 2}, {"102:304::", 1, 1}, {0}});
	build(x, GROUP_SUBNET, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"1.2.3.0/24", 1, 2}, {"102:304::/64", 1, 1}, {0}});
	x->v.family = 6;
	build(x, GROUP_LPORT, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"1", 1, 1}, {0}});
	assert_int_equal(x->t.nflows, 1);
}

static void strangers_names(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[2] = {flow_to("1.2.3.4", 1, 2, CAUSE_RTO, 2),
				   flow_to("1.2.3.4", 1, 3, CAUSE_RTO, 1)};
	char one[] = "/a\nb", other[] = "/a\nb"; /* one path, twice in memory */

	s[0].owner = (struct owner){.pid = 1, .comm = "ev\033il", .cgroup = one};
	s[1].owner = (struct owner){.pid = 2, .comm = "ev\033il", .cgroup = other};
	tick_with(&x->m, s, 2);
	build(x, GROUP_PROCESS, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"ev?il", 2, 3}, {0}});
	build(x, GROUP_CGROUP, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"/a?b", 2, 3}, {0}});
}

/* A flow with all that can be summed, times n. */
static struct flow_sample rich_flow(uint16_t rport, uint64_t n)
{
	struct flow_sample s = flow_to("198.51.100.20", 443, rport, CAUSE_FAST, 10 * n);

	s.rec.counts.segs[CAUSE_TLP] = n;
	s.rec.counts.segs[CAUSE_SYNACK] = 2 * n;
	s.rec.counts.bytes = 1000 * n;
	s.rec.counts.tlp_bytes = 100 * n;
	s.rec.counts.rto_wait_us = 200000 * n;
	s.rec.counts.tlp_attempts = 3 * n;
	s.rec.counts.tlp_sent = 2 * n;
	s.rec.flags = FLOW_SAMPLED;
	s.rec.sock.total_retrans = (uint32_t)(11 * n);
	s.rec.sock.data_segs_out = n == 1 ? 1100 : UINT32_MAX;
	s.rec.sock.srtt_us = s.rec.sock.rto_us = s.rec.sock.cwnd = 1000;
	return s;
}

static void sums(void **state)
{
	static const enum field_id never[] = {FIELD_RTT,   FIELD_RTO,   FIELD_CWND,
					      FIELD_LADDR, FIELD_RADDR, FIELD_CA_STATE};
	struct fixture *x = *state;
	struct flow_sample s[3] = {rich_flow(1, 1), rich_flow(2, 2), rich_flow(3, 3)};
	struct value val;

	tick_with(&x->m, s, 3);
	build(x, GROUP_REMOTE, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"198.51.100.20", 3, 72}, {0}});
	assert_true(number(x, 0, FIELD_RETR_RATE) == 72);
	assert_true(number(x, 0, FIELD_BYTES) == 5400);
	assert_true(number(x, 0, FIELD_HISTORY) == 72);
	x->v.tlp = true;
	build(x, GROUP_REMOTE, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"198.51.100.20", 3, 78}, {0}});
	assert_true(number(x, 0, FIELD_RETR_RATE) == 78);
	assert_true(number(x, 0, FIELD_BYTES) == 6000);
	assert_true(number(x, 0, FIELD_HISTORY) == 78);
	assert_true(number(x, 0, FIELD_TLP) == 6);
	assert_true(number(x, 0, FIELD_SYNACK) == 12);
	assert_true(number(x, 0, FIELD_RTO_WAIT) == 1.2);
	assert_true(number(x, 0, FIELD_RTO_WAIT_RATE) == 1.2);
	assert_true(number(x, 0, FIELD_AGE) == 1);
	/* The ratio of sums, beyond 32 bits, and no mean of ratios. */
	assert_true(number(x, 0, FIELD_RATIO) == 66.0 / (1100.0 + 2.0 * UINT32_MAX));
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		assert_string_equal(text(x, 0, never[i], &val), "-");
}

/* Without a sample of any socket there is no ratio; one that has none adds nothing to it. */
static void ratio_of_the_known(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[2] = {rich_flow(1, 1), rich_flow(2, 2)};

	s[0].rec.flags = s[1].rec.flags = 0;
	tick_with(&x->m, s, 2);
	build(x, GROUP_REMOTE, ROWS_RECENT);
	assert_true(number(x, 0, FIELD_RATIO) < 0);
	s[0].rec.flags = FLOW_SAMPLED;
	s[0].rec.change_ns++;
	tick_with(&x->m, s, 1);
	build(x, GROUP_REMOTE, ROWS_RECENT);
	assert_true(number(x, 0, FIELD_RATIO) == 0.01);
}

static void texts_they_agree_on(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[2] = {rich_flow(1, 1), rich_flow(2, 2)};
	struct value val;

	s[0].owner = (struct owner){.pid = 812, .comm = "nginx", .unit = "nginx.service"};
	s[0].owner.user = "www-data";
	s[0].owner.cgroup = "/web";
	s[1].owner = s[0].owner;
	s[0].owner.netns = "web"; /* of the other it is not known yet */
	s[0].rec.flags |= FLOW_CLOSED;
	tick_with(&x->m, s, 2);
	build(x, GROUP_REMOTE, ROWS_RECENT);
	assert_string_equal(text(x, 0, FIELD_PROCESS, &val), "nginx/812");
	assert_string_equal(text(x, 0, FIELD_STATE, &val), "ESTABLISHED");
	assert_string_equal(text(x, 0, FIELD_CAUSE, &val), "FAST");
	assert_string_equal(text(x, 0, FIELD_UNIT, &val), "nginx.service");
	assert_string_equal(text(x, 0, FIELD_USER, &val), "www-data");
	assert_string_equal(text(x, 0, FIELD_CGROUP, &val), "/web");
	assert_string_equal(text(x, 0, FIELD_NETNS, &val), "web");
	assert_false(x->t.rows[0]->flags & FLOW_CLOSED);

	s[1].owner = (struct owner){.pid = 813, .comm = "nginx", .user = "root", .unit = "x"};
	s[1].owner.cgroup = "/other";
	s[1].rec.sock.state = STATE_CLOSE;
	s[1].rec.last_cause = CAUSE_RTO;
	s[1].rec.flags |= FLOW_CLOSED;
	s[1].rec.change_ns++;
	tick_with(&x->m, s, 2);
	build(x, GROUP_REMOTE, ROWS_RECENT);
	assert_string_equal(text(x, 0, FIELD_PROCESS, &val), "-");
	assert_string_equal(text(x, 0, FIELD_STATE, &val), "-");
	assert_string_equal(text(x, 0, FIELD_CAUSE, &val), "-");
	assert_string_equal(text(x, 0, FIELD_UNIT, &val), "-");
	assert_string_equal(text(x, 0, FIELD_USER, &val), "-");
	assert_string_equal(text(x, 0, FIELD_CGROUP, &val), "-");
	assert_true(x->t.rows[0]->flags & FLOW_CLOSED);
	x->v.tlp = true; /* of all segments, the last was of one cause */
	assert_string_equal(text(x, 0, FIELD_CAUSE, &val), "FAST");
}

/* A flow has segments of several causes: each group holds those of its own. */
static void by_cause(void **state)
{
	static const enum field_id never[] = {FIELD_RATIO, FIELD_RTO_WAIT, FIELD_RTO_WAIT_RATE,
					      FIELD_BYTES, FIELD_HISTORY,  FIELD_AGE,
					      FIELD_CAUSE};
	struct fixture *x = *state;
	struct flow_sample s[3] = {rich_flow(1, 1), rich_flow(2, 2), rich_flow(3, 3)};
	struct value val;

	s[2].rec.counts.segs[CAUSE_FAST] = 0;
	s[2].rec.counts.segs[CAUSE_TLP] = 0; /* it has but attempts */
	tick_with(&x->m, s, 3);
	build(x, GROUP_CAUSE, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"FAST", 2, 30}, {"SYNACK", 3, 12}, {0}});
	assert_int_equal(x->t.nmatches, 3);
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		assert_string_equal(text(x, 0, never[i], &val), "-");
	x->v.tlp = true;
	build(x, GROUP_CAUSE, ROWS_RECENT);
	assert_groups(x,
		      (struct expected[]){{"FAST", 2, 30}, {"SYNACK", 3, 12}, {"TLP", 3, 3}, {0}});
	assert_true(number(x, 0, FIELD_RETR_RATE) == 30);
	assert_true(number(x, 0, FIELD_SYNACK) == 0);
	assert_true(number(x, 2, FIELD_TLP) == 3);
	assert_int_equal(x->t.rows[2]->sum.tlp_attempts, 18);

	/* Then one cause grows, and only its group has changed. */
	s[0].rec.counts.segs[CAUSE_FAST] += 5;
	s[0].rec.change_ns++;
	tick_with(&x->m, s, 3);
	build(x, GROUP_CAUSE, ROWS_CHANGED);
	assert_groups(x, (struct expected[]){{"FAST", 2, 35}, {0}});
	assert_true(number(x, 0, FIELD_RETR_RATE) == 5);
	build(x, GROUP_CAUSE, ROWS_ALL);
	assert_int_equal(x->t.nrows, 3);
	assert_true(number(x, 1, FIELD_RETR_RATE) == 0);
}

/* For machines: what changed, with the sums of all. */
static void changed_groups(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[7];
	size_t n = mixed_flows(s);

	tick_with(&x->m, s, n);
	s[0].rec.counts.segs[CAUSE_FAST] += 1;
	s[0].rec.change_ns++;
	tick_with(&x->m, s, n);
	build(x, GROUP_REMOTE, ROWS_CHANGED);
	assert_groups(x, (struct expected[]){{"198.51.100.20", 2, 31}, {0}});
	assert_true(number(x, 0, FIELD_RETR_RATE) == 1);
	tick_with(&x->m, s, n);
	build(x, GROUP_REMOTE, ROWS_CHANGED);
	assert_int_equal(x->t.nrows, 0);
}

/* Counts never shrink: a quiet flow leaves with its group. */
static void quiet_members_stay(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[7];
	size_t n = mixed_flows(s);

	tick_with(&x->m, s, n);
	for (int i = 0; i < HISTORY; i++) {
		s[0].rec.last_ns += SECOND;
		s[0].rec.change_ns += SECOND;
		s[0].rec.counts.segs[CAUSE_FAST]++;
		tick_with(&x->m, s, 1);
	}
	build(x, GROUP_REMOTE, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"198.51.100.20", 2, 90}, {0}});
	assert_int_equal(x->t.nflows, 7);
	x->v.within = x->t.rows[0]->group->key;
	build(x, GROUP_REMOTE, ROWS_RECENT);
	assert_int_equal(x->t.nrows, 2);
	x->v.within.by = GROUP_FLOW;
	build(x, GROUP_FLOW, ROWS_RECENT);
	assert_int_equal(x->t.nrows, 1);
}

static void filtered(void **state)
{
	struct fixture *x = *state;
	struct filter_error err;

	take_mixed(x);
	x->v.filter = filter_parse("port 443 and ip", &err);
	assert_non_null(x->v.filter);
	build(x, GROUP_SUBNET, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"198.51.100.0/24", 2, 30}, {0}});
	assert_int_equal(x->t.nmatches, 2);
	assert_int_equal(x->t.nflows, 7);
}

static void sort_by(struct fixture *x, enum field_id id, bool reverse)
{
	x->v.sort = id;
	x->v.reverse = reverse;
}

static void sorting(void **state)
{
	struct fixture *x = *state;

	take_mixed(x);
	sort_by(x, FIELD_GROUP, false);
	build(x, GROUP_LPORT, ROWS_RECENT); /* as numbers */
	assert_groups(x, (struct expected[]){{"80", 2, 7}, {"443", 4, 42}, {"9000", 1, 6}, {0}});
	build(x, GROUP_SUBNET, ROWS_RECENT); /* as addresses */
	assert_groups(x, (struct expected[]){{"198.51.100.0/24", 3, 33},
					     {"198.51.101.0/24", 1, 4},
					     {"2001:db8:1:2::/64", 2, 11},
					     {"2001:db8:1:3::/64", 1, 7},
					     {0}});
	sort_by(x, FIELD_GROUP, true); /* what is not known is last both ways */
	build(x, GROUP_PROCESS, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"sixteen letters.", 2, 10},
					     {"nginx", 3, 35},
					     {"-", 2, 10},
					     {0}});
	sort_by(x, FIELD_FLOWS, true);
	build(x, GROUP_SUBNET, ROWS_RECENT); /* equal ones: the worse first */
	assert_groups(x, (struct expected[]){{"2001:db8:1:3::/64", 1, 7},
					     {"198.51.101.0/24", 1, 4},
					     {"2001:db8:1:2::/64", 2, 11},
					     {"198.51.100.0/24", 3, 33},
					     {0}});
}

/* Each group opened: its flows are those that it counts, and its events theirs. */
static void opened(void **state)
{
	struct fixture *x = *state;

	take_mixed(x);
	for (int by = GROUP_REMOTE; by < GROUPS; by++) {
		struct table groups = {0};

		x->v.group = (enum group_by)by;
		x->v.within.by = GROUP_FLOW;
		assert_int_equal(table_build(&groups, &x->m, &x->v, ROWS_RECENT), 0);
		for (size_t g = 0; g < groups.nrows; g++) {
			const struct group *group = groups.rows[g]->group;
			double sum = 0;

			x->v.within = group->key;
			build(x, (enum group_by)by, ROWS_RECENT);
			assert_int_equal(x->t.nrows, group->nflows);
			assert_int_equal(x->t.nmatches, group->nflows);
			assert_int_equal(x->t.nflows, 7);
			for (size_t i = 0; i < x->t.nrows; i++) {
				const struct flow *f = x->t.rows[i];
				struct event_sample e = {.event.key = f->key, .owner = f->owner};

				e.event.cause = f->last_cause;
				assert_null(f->group);
				assert_true(view_shows_event(&x->v, &x->m, &e));
				sum += number(x, i, FIELD_RETR);
			}
			assert_true(sum == (double)counts_shown(&group->flow.sum, false));
		}
		table_free(&groups);
	}
}

/* Of a flow with segments of several causes those of this one are counted, and sorted by. */
static void opened_cause(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[2] = {rich_flow(1, 1), rich_flow(2, 2)};

	s[0].rec.counts.segs[CAUSE_RTO] = 9;
	s[1].rec.counts.segs[CAUSE_RTO] = 4;
	tick_with(&x->m, s, 2);
	x->v.within = (struct group_key){.by = GROUP_CAUSE, .cause = CAUSE_RTO};
	build(x, GROUP_CAUSE, ROWS_RECENT);
	assert_int_equal(x->t.nrows, 2);
	assert_true(number(x, 0, FIELD_RETR) == 9);
	assert_true(number(x, 1, FIELD_RETR) == 4);
	assert_true(number(x, 1, FIELD_RETR_RATE) == 4);
	x->v.within.cause = CAUSE_MTU;
	build(x, GROUP_CAUSE, ROWS_RECENT);
	assert_int_equal(x->t.nrows, 0);
}

static void events_of_others(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[7];
	struct event_sample e = {.event.cause = CAUSE_FAST, .event.kind = 'R'};

	mixed_flows(s);
	take_mixed(x);
	e.event.key = s[0].key;
	e.owner = s[0].owner;
	for (int by = GROUP_REMOTE; by < GROUPS; by++) {
		size_t shown = 0;

		build(x, (enum group_by)by, ROWS_RECENT);
		for (size_t i = 0; i < x->t.nrows; i++) {
			x->v.within = x->t.rows[i]->group->key;
			shown += view_shows_event(&x->v, &x->m, &e);
		}
		x->v.within.by = GROUP_FLOW;
		assert_int_equal(shown, 1);
	}
}

/* Random flows for longer than a window: groups add up to what the flows say, slot by slot. */
static void histories(void **state)
{
	enum { FLOWS_HERE = 40, TICKS = 3 * HISTORY / 2 };
	struct fixture *x = *state;
	struct flow_sample s[FLOWS_HERE];
	struct random random = {3};

	for (unsigned int i = 0; i < FLOWS_HERE; i++)
		s[i] = numbered_sample(i, START);
	for (int tick = 0; tick < TICKS; tick++) {
		for (unsigned int i = 0; i < FLOWS_HERE; i++) {
			if (random_below(&random, 4 + 8 * (i % 8)))
				continue;
			s[i].rec.counts.segs[CAUSE_FAST] += random_below(&random, 40000);
			s[i].rec.counts.segs[CAUSE_TLP] += random_below(&random, 10);
			s[i].rec.change_ns += SECOND;
		}
		tick_with(&x->m, s, FLOWS_HERE);
		build(x, GROUP_LPORT, ROWS_ALL);
		assert_int_equal(x->t.nrows, 1);
		for (unsigned int ago = 0; ago < HISTORY + 2; ago++) {
			for (int tlp = 0; tlp < 2; tlp++) {
				uint64_t sum = 0;

				for (unsigned int i = 0; i < FLOWS_HERE; i++)
					sum += flow_history(&x->m, find_flow(&x->m, i), ago, tlp);
				assert_int_equal(group_history(x->t.rows[0]->group, ago, tlp), sum);
			}
		}
	}
}

/* The memory of a group stays its own from tick to tick, and goes when its flows are filtered out. */
static void kept_between_ticks(void **state)
{
	struct fixture *x = *state;
	const struct flow *row;
	struct filter_error err;

	take_mixed(x);
	build(x, GROUP_LPORT, ROWS_RECENT);
	row = x->t.rows[0];
	build(x, GROUP_LPORT, ROWS_RECENT);
	assert_ptr_equal(x->t.rows[0], row);
	assert_int_equal(HASH_COUNT(x->t.groups.all), 3);
	x->v.filter = filter_parse("port 80", &err);
	build(x, GROUP_LPORT, ROWS_RECENT);
	assert_int_equal(HASH_COUNT(x->t.groups.all), 1);
	build(x, GROUP_RPORT, ROWS_RECENT);
	assert_int_equal(HASH_COUNT(x->t.groups.all), 2);
	build(x, GROUP_FLOW, ROWS_RECENT);
	assert_int_equal(HASH_COUNT(x->t.groups.all), 0);
}

static void assert_columns(const struct view *v, const enum field_id *want, unsigned int n)
{
	enum field_id ids[FIELDS];

	assert_int_equal(view_columns(v, ids), n);
	assert_memory_equal(ids, want, n * sizeof(*want));
}

#define COLUMNS(v, ...)                                         \
	assert_columns(v, (const enum field_id[]){__VA_ARGS__}, \
		       sizeof((const enum field_id[]){__VA_ARGS__}) / sizeof(enum field_id))

static void columns(void **state)
{
	struct view v;

	(void)state;
	view_init(&v);
	assert_columns(&v, v.columns, v.ncolumns);
	v.group = GROUP_REMOTE;
	COLUMNS(&v, FIELD_FLOWS, FIELD_GROUP, FIELD_RETR, FIELD_RETR_RATE, FIELD_RATIO,
		FIELD_RTO_WAIT, FIELD_CAUSE, FIELD_STATE, FIELD_PROCESS, FIELD_HISTORY);
	v.within.by = GROUP_REMOTE;
	assert_columns(&v, v.columns, v.ncolumns);
	v.within.by = GROUP_FLOW;
	v.group = GROUP_CAUSE;
	COLUMNS(&v, FIELD_FLOWS, FIELD_GROUP, FIELD_RETR, FIELD_RETR_RATE, FIELD_STATE,
		FIELD_PROCESS);
	/* What the user chose stays as it is, but no row goes without its name. */
	v.columns_given = true;
	v.columns[0] = FIELD_RTT;
	v.ncolumns = 2;
	COLUMNS(&v, FIELD_GROUP, FIELD_RTT, FIELD_RETR_RATE);
	v.columns[1] = FIELD_GROUP;
	COLUMNS(&v, FIELD_RTT, FIELD_GROUP);
}

static void sort_of_other_rows(void **state)
{
	struct view v;

	(void)state;
	view_init(&v);
	v.sort = FIELD_RTT;
	v.reverse = true;
	view_settle_sort(&v);
	assert_int_equal(v.sort, FIELD_RTT);
	v.group = GROUP_REMOTE;
	view_settle_sort(&v);
	assert_int_equal(v.sort, FIELD_RETR);
	assert_false(v.reverse);
	v.sort = FIELD_FLOWS;
	view_settle_sort(&v);
	assert_int_equal(v.sort, FIELD_FLOWS);
	v.within.by = GROUP_REMOTE;
	view_settle_sort(&v);
	assert_int_equal(v.sort, FIELD_RETR);
}

static char *written(const struct fixture *x, bool json)
{
	size_t size;
	char *buf;
	FILE *f = open_memstream(&buf, &size);

	assert_non_null(f);
	if (json)
		json_row(f, &x->m, x->t.rows[0], false);
	else
		csv_flow(f, &x->m, &x->v, x->t.rows[0]);
	fclose(f);
	return buf;
}

static void assert_written(const struct fixture *x, bool json, const char *want)
{
	char *got = written(x, json);

	assert_string_equal(got, want);
	free(got);
}

static void written_out(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[2] = {rich_flow(1, 1), rich_flow(2, 1)};

	s[0].owner = s[1].owner = (struct owner){.pid = 812, .comm = "nginx", .cgroup = "/w"};
	s[1].rec.sock.state = STATE_CLOSE;
	s[1].rec.first_ns += SECOND / 2;
	s[1].rec.last_ns += SECOND;
	tick_with(&x->m, s, 2);
	x->m.info.tlp_way = TLP_FENTRY;
	x->m.info.undos_known = true;
	build(x, GROUP_REMOTE, ROWS_CHANGED);
	assert_written(
		x, true,
		"{\"type\":\"group\",\"by\":\"remote\",\"group\":\"198.51.100.20\",\"flows\":2,"
		"\"netns\":4026531840,\"pid\":812,\"comm\":\"nginx\",\"cgroup\":\"/w\","
		"\"state\":null,\"retrans\":20,\"retrans_interval\":20,\"tlp\":2,\"tlp_attempts\":6,"
		"\"tlp_sent\":4,\"synack\":4,\"by_cause\":{\"RTO\":0,\"FAST\":20,\"RACK\":0,"
		"\"TLP\":2,\"SYN\":0,\"SYNACK\":4,\"PROBE\":0,\"MTU\":0,\"FAILED\":0,\"OTHER\":0},"
		"\"bytes_retrans\":2000,\"ratio\":0.010000,\"rto_wait_ms\":400.000,"
		"\"first_seen\":1000.000000,\"last_seen\":1001.000000,\"spurious\":0,\"dsacks\":0,"
		"\"undos\":0}\n");
	assert_written(x, false, "1001.000000,2,198.51.100.20,24,24,0.01,0.4,FAST,,nginx/812,24\n");
	build(x, GROUP_CAUSE, ROWS_CHANGED);
	assert_written(
		x, true,
		"{\"type\":\"group\",\"by\":\"cause\",\"group\":\"FAST\",\"flows\":2,"
		"\"netns\":4026531840,\"pid\":812,\"comm\":\"nginx\",\"cgroup\":\"/w\","
		"\"state\":null,\"retrans\":20,\"retrans_interval\":20,\"tlp\":0,\"tlp_attempts\":0,"
		"\"tlp_sent\":0,\"synack\":0,\"by_cause\":{\"RTO\":0,\"FAST\":20,\"RACK\":0,"
		"\"TLP\":0,\"SYN\":0,\"SYNACK\":0,\"PROBE\":0,\"MTU\":0,\"FAILED\":0,\"OTHER\":0},"
		"\"bytes_retrans\":null,\"ratio\":null,\"rto_wait_ms\":null,\"first_seen\":null,"
		"\"last_seen\":null,\"spurious\":null,\"dsacks\":null,\"undos\":null}\n");
}

/* What has no name is null, and empty in CSV. */
static void written_unknown(void **state)
{
	static const enum field_id group_rtt[] = {FIELD_GROUP, FIELD_RTT};
	struct fixture *x = *state;
	struct flow_sample s = rich_flow(1, 1);
	char *json;

	tick_with(&x->m, &s, 1);
	build(x, GROUP_CGROUP, ROWS_ALL);
	json = written(x, true);
	assert_non_null(
		strstr(json, "{\"type\":\"group\",\"by\":\"cgroup\",\"group\":null,\"flows\":1,"));
	assert_non_null(strstr(json, ",\"tlp_attempts\":null,"));
	assert_non_null(strstr(json, ",\"undos\":null}"));
	free(json);
	x->v.columns_given = true;
	memcpy(x->v.columns, group_rtt, sizeof(group_rtt));
	x->v.ncolumns = 2;
	assert_written(x, false, "1001.000000,,\n");
}

#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, make_fixture, free_fixture)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_by_name),
		WITH_TABLE(every_way),
		WITH_TABLE(families_do_not_mix),
		WITH_TABLE(strangers_names),
		WITH_TABLE(sums),
		WITH_TABLE(ratio_of_the_known),
		WITH_TABLE(texts_they_agree_on),
		WITH_TABLE(by_cause),
		WITH_TABLE(changed_groups),
		WITH_TABLE(quiet_members_stay),
		WITH_TABLE(filtered),
		WITH_TABLE(sorting),
		WITH_TABLE(opened),
		WITH_TABLE(opened_cause),
		WITH_TABLE(events_of_others),
		WITH_TABLE(histories),
		WITH_TABLE(kept_between_ticks),
		cmocka_unit_test(columns),
		cmocka_unit_test(sort_of_other_rows),
		WITH_TABLE(written_out),
		WITH_TABLE(written_unknown),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
