// SPDX-License-Identifier: GPL-2.0-only
/* Which groups there are, and what they add up to. */
#include "tests/unit/random.h"

#include "tests/unit/groups.h"

static void ways_by_name(void **state)
{
	(void)state;
	for (int by = 0; by < GROUPS; by++)
		assert_int_equal(group_find(group_ways[by].name), by);
	assert_int_equal(group_find("Remote"), GROUP_REMOTE);
	assert_int_equal(group_find("hosts"), GROUPS);
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
		[GROUP_NETNS] = {{"4026531840", 3, 35}, {"4026531840", 3, 13}, {"web", 1, 7}},
		[GROUP_HOST] = {{"east", 3, 35}, {"-", 3, 13}, {"west", 1, 7}},
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
	assert_null(flow_group(x->t.rows[0]));
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

static void sums(void **state)
{
	static const enum field_id never[] = {FIELD_RTT,   FIELD_RTO,   FIELD_CWND,
					      FIELD_LADDR, FIELD_RADDR, FIELD_CA_STATE};
	struct fixture *x = *state;
	struct flow_sample s[3] = {rich_flow(1, 1), rich_flow(2, 2), rich_flow(3, 3)};

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
	assert_unknown(x, never, sizeof(never) / sizeof(*never));
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
	static const enum field_id ids[] = {FIELD_PROCESS, FIELD_STATE, FIELD_CAUSE,
					    FIELD_UNIT,    FIELD_USER,  FIELD_CGROUP};
	static const char *const agreed[] = {"nginx/812",     "ESTABLISHED", "FAST",
					     "nginx.service", "www-data",    "/web"};
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
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		assert_string_equal(text(x, 0, ids[i], &val), agreed[i]);
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
	assert_unknown(x, ids, sizeof(ids) / sizeof(*ids));
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

	s[2].rec.counts.segs[CAUSE_FAST] = 0;
	s[2].rec.counts.segs[CAUSE_TLP] = 0; /* it has but attempts */
	tick_with(&x->m, s, 3);
	build(x, GROUP_CAUSE, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"FAST", 2, 30}, {"SYNACK", 3, 12}, {0}});
	assert_int_equal(x->t.nmatches, 3);
	assert_unknown(x, never, sizeof(never) / sizeof(*never));
	x->v.tlp = true;
	build(x, GROUP_CAUSE, ROWS_RECENT);
	assert_groups(x,
		      (struct expected[]){{"FAST", 2, 30}, {"SYNACK", 3, 12}, {"TLP", 3, 3}, {0}});
	assert_true(number(x, 0, FIELD_RETR_RATE) == 30);
	assert_true(number(x, 0, FIELD_SYNACK) == 0);
	assert_true(number(x, 2, FIELD_TLP) == 3);
	assert_int_equal(flow_sum(x->t.rows[2]).tlp_attempts, 18);

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
	x->v.within = flow_group(x->t.rows[0])->key;
	build(x, GROUP_REMOTE, ROWS_RECENT);
	assert_int_equal(x->t.nrows, 2);
	x->v.within.by = GROUP_FLOW;
	build(x, GROUP_FLOW, ROWS_RECENT);
	assert_int_equal(x->t.nrows, 1);
}

/* A peer that is gone: the next timeout is minutes away, and its flow stays. */
static void waiting_members_keep_it(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s = flow_to("198.51.100.20", 443, 40000, CAUSE_RTO, 8);

	s.rec.flags = FLOW_SAMPLED;
	s.rec.sock.rto_us = 100000000;
	s.rec.sock.backoff = 8;
	tick_with(&x->m, &s, 1);
	for (int i = 0; i < 2 * HISTORY; i++)
		tick_with(&x->m, NULL, 0);
	for (enum group_by by = GROUP_FLOW; by < GROUPS; by++) {
		build(x, by, ROWS_RECENT);
		assert_int_equal(x->t.nrows, 1);
		assert_false(flow_is_quiet(&x->m, x->t.rows[0], HISTORY_NS));
	}
	for (int i = 0; i < 2 * HISTORY; i++)
		tick_with(&x->m, NULL, 0);
	for (enum group_by by = GROUP_FLOW; by < GROUPS; by++) {
		build(x, by, ROWS_RECENT);
		assert_int_equal(x->t.nrows, 0);
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
				assert_int_equal(group_history(flow_group(x->t.rows[0]), ago, tlp),
						 sum);
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
		WITH_TABLE(waiting_members_keep_it),
		WITH_TABLE(histories),
		WITH_TABLE(kept_between_ticks),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
