// SPDX-License-Identifier: GPL-2.0-only
/* What is put together for a verdict: from samples that age, from looks, from the other flows. */
#include "src/evidence.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/flows.h"

/* A flow with timeouts, the last of them at `when`: the fourth in a row, after waiting 1.6 s. */
static struct flow_sample timed_out(unsigned int n, uint64_t when)
{
	struct flow_sample s = numbered_sample(n, when);

	s.rec.flags = FLOW_SAMPLED;
	s.rec.counts.segs[CAUSE_RTO] = 4;
	s.rec.last_cause = CAUSE_RTO;
	s.rec.sample_ns = when;
	s.rec.sock.state = STATE_ESTABLISHED;
	s.rec.sock.backoff = 3;
	s.rec.sock.rto_us = 1600000;
	s.rec.sock.snd_wnd = 64240;
	return s;
}

static void begin(struct model *m)
{
	memset(m, 0, sizeof(*m));
	start_model(m, 100);
	m->interval.now_ns = START;
}

static struct evidence evidence_after(struct flow_sample *s, unsigned int seconds)
{
	struct evidence e;
	struct model m;

	begin(&m);
	assert_int_equal(tick_with(&m, s, 1), 0);
	for (unsigned int i = 1; i < seconds; i++)
		assert_int_equal(tick_with(&m, NULL, 0), 0);
	evidence_of_flow(&m, model_find(&m, &s->key), NULL, &e);
	model_free(&m);
	return e;
}

/* The next timeout comes after 3.2 s, if nothing is acknowledged before. */
static void samples_age(void **state)
{
	struct flow_sample s = timed_out(0, START + SECOND);
	struct evidence e = evidence_after(&s, 1);

	(void)state;
	assert_int_equal(e.flows, 1);
	assert_int_equal(e.timeouts, 4);
	assert_int_equal(e.state, STATE_ESTABLISHED);
	assert_true(e.since_ack < 0);
	assert_int_equal(evidence_after(&s, 5).timeouts, 4);
	assert_int_equal(evidence_after(&s, 6).timeouts, 0);
	/* what closed has come no further */
	s.rec.flags |= FLOW_CLOSED;
	e = evidence_after(&s, 6);
	assert_true(e.closed);
	assert_int_equal(e.timeouts, 4);
	/* without a sample nothing is known */
	s.rec.flags = 0;
	assert_int_equal(evidence_after(&s, 1).timeouts, 0);
	/* FAST after it: something was acknowledged */
	s.rec.flags = FLOW_SAMPLED;
	s.rec.last_cause = CAUSE_FAST;
	assert_int_equal(evidence_after(&s, 1).timeouts, 0);
}

static void zero_window_of_samples(void **state)
{
	struct flow_sample s = timed_out(0, START + SECOND);

	(void)state;
	s.rec.last_cause = CAUSE_PROBE;
	assert_false(evidence_after(&s, 1).zero_window);
	s.rec.sock.snd_wnd = 0;
	assert_true(evidence_after(&s, 1).zero_window);
	assert_false(evidence_after(&s, 6).zero_window);
	s.rec.last_cause = CAUSE_RTO;
	assert_false(evidence_after(&s, 1).zero_window);
}

static void looks(void **state)
{
	struct flow_sample s = timed_out(0, START + SECOND);
	struct socket_look look = {.state = STATE_SYN_SENT,
				   .has_info = true,
				   .retransmits = 2,
				   .last_ack_ms = 1500};
	struct evidence e;
	struct model m;

	(void)state;
	begin(&m);
	s.rec.flags |= FLOW_CLOSED; /* a new socket of the same addresses is not */
	assert_int_equal(tick_with(&m, &s, 1), 0);
	evidence_of_flow(&m, model_find(&m, &s.key), &look, &e);
	assert_int_equal(e.state, STATE_SYN_SENT);
	assert_int_equal(e.timeouts, 2);
	assert_false(e.closed);
	assert_true(e.since_ack > 1.4 && e.since_ack < 1.6);
	/* a window of 0 is only one if something waits for it */
	assert_false(e.zero_window);
	look.queued = 1;
	evidence_of_flow(&m, model_find(&m, &s.key), &look, &e);
	assert_true(e.zero_window);
	look.has_info = false;
	evidence_of_flow(&m, model_find(&m, &s.key), &look, &e);
	assert_int_equal(e.timeouts, 0);
	assert_true(e.since_ack < 0);
	assert_false(e.zero_window);
	model_free(&m);
}

/* Flow n of the /24 of `net`: bad ones sent 2 % of their segments again. */
static struct flow_sample of_net(unsigned int net, unsigned int n, bool bad, uint64_t now)
{
	struct flow_sample s = numbered_sample(2 * (net << 7 | n), now);

	s.rec.flags = FLOW_SAMPLED;
	s.rec.counts.segs[CAUSE_FAST] = bad ? 20 : 5;
	s.rec.sock.total_retrans = bad ? 20 : 5;
	s.rec.sock.data_segs_out = 1000;
	return s;
}

static void paths(void **state)
{
	struct flow_sample s[10];
	struct evidence e;
	struct model m;

	(void)state;
	begin(&m);
	for (unsigned int i = 0; i < 10; i++)
		s[i] = of_net(1 + i / 5, 1 + i, i < 4 || i == 9, START + SECOND);
	assert_int_equal(tick_with(&m, s, 10), 0);
	evidence_of_flow(&m, model_find(&m, &s[0].key), NULL, &e);
	assert_string_equal(e.path.net, "198.51.1.0/24");
	assert_int_equal(e.path.near, 5);
	assert_int_equal(e.path.near_bad, 4);
	assert_int_equal(e.path.far, 5);
	assert_int_equal(e.path.far_bad, 1);
	/* those that have been quiet for a minute tell nothing of now */
	for (unsigned int i = 0; i < 61; i++)
		assert_int_equal(tick_with(&m, NULL, 0), 0);
	evidence_of_flow(&m, model_find(&m, &s[0].key), NULL, &e);
	assert_int_equal(e.path.near + e.path.far, 0);
	model_free(&m);
}

static void set_sum(struct flow *f, uint32_t segs, uint64_t rto_wait_us)
{
	struct counts sum = {.rto_wait_us = rto_wait_us};

	sum.segs[CAUSE_FAST] = f->sock.total_retrans = segs;
	assert_int_equal(tally_set(&f->sum, &sum), 0);
}

static void suffering(void **state)
{
	struct flow_sample s = of_net(1, 1, false, START + SECOND);
	struct model m;
	struct flow *f;

	(void)state;
	begin(&m);
	assert_int_equal(tick_with(&m, &s, 1), 0);
	f = only_flow(&m);
	set_sum(f, 10, 0);
	assert_true(flow_suffers(&m, f)); /* 1 % of 1000 */
	set_sum(f, 9, 0);
	assert_false(flow_suffers(&m, f));
	set_sum(f, 9, 999999);
	assert_false(flow_suffers(&m, f));
	set_sum(f, 9, 1000000);
	assert_true(flow_suffers(&m, f));
	model_free(&m);
}

static void net_of_ipv6(void **state)
{
	struct flow_sample s = numbered_sample(1, START + SECOND);

	(void)state;
	assert_string_equal(evidence_after(&s, 1).path.net, "2001:db8::/64");
}

/* A group is compared with the flows that are not in it; its errors are those of any member. */
static void groups_summed(void **state)
{
	struct flow_sample s[6];
	struct groups groups = {0};
	struct evidence e;
	struct model m;

	(void)state;
	begin(&m);
	for (unsigned int i = 0; i < 6; i++)
		s[i] = of_net(i < 4 ? 1 : 2, i, i < 3, START + SECOND);
	s[1].rec.last_err = -ENOBUFS;
	assert_int_equal(tick_with(&m, s, 6), 0);
	groups_begin(&groups, GROUP_SUBNET);
	for (const struct flow *f = model_next(&m, NULL); f; f = model_next(&m, f))
		assert_int_equal(groups_add(&groups, &m, f), 0);
	assert_int_equal(groups_end(&groups), 2);
	for (const struct group *g = groups.all; g; g = g->hh.next) {
		evidence_of_group(&m, g, &e);
		assert_int_equal(e.flows, g->nflows);
		assert_memory_equal(&e.counts, &g->sum, sizeof(e.counts));
		assert_int_equal(e.last_err, g->nflows == 4 ? -ENOBUFS : 0);
		assert_int_equal(e.state, 0);
		assert_true(e.since_ack < 0);
		assert_int_equal(e.path.near, g->nflows);
		assert_int_equal(e.path.near_bad, g->nflows == 4 ? 3 : 0);
		assert_int_equal(e.path.far, 6 - g->nflows);
		assert_string_equal(e.path.net, g->nflows == 4 ? "198.51.1.0/24" : "198.51.2.0/24");
	}
	/* Of other groups no path can be said. */
	groups_begin(&groups, GROUP_LPORT);
	assert_int_equal(groups_add(&groups, &m, model_next(&m, NULL)), 0);
	groups_end(&groups);
	evidence_of_group(&m, groups.all, &e);
	assert_int_equal(e.path.near + e.path.far, 0);
	assert_string_equal(e.path.net, "");
	groups_free(&groups);
	model_free(&m);
}

/* What had arrived before is counted flow by flow: of the segments of one cause it is not known. */
static void one_cause(void **state)
{
	struct flow_sample s = of_net(1, 1, false, START + SECOND);
	struct groups groups = {0};
	struct evidence e;
	struct verdict v;
	struct model m;

	(void)state;
	s.rec.counts.segs[CAUSE_FAST] = s.rec.counts.spurious = 20;
	begin(&m);
	assert_int_equal(tick_with(&m, &s, 1), 0);
	groups_begin(&groups, GROUP_CAUSE);
	assert_int_equal(groups_add(&groups, &m, only_flow(&m)), 0);
	groups_end(&groups);
	evidence_of_group(&m, groups.all, &e);
	verdict_make(&e, &v);
	assert_int_equal(v.rule[0], RULE_LOSS);
	assert_null(strstr(v.text[0], "spurious"));
	assert_null(strstr(v.text[0], "loses"));
	groups_free(&groups);
	model_free(&m);
}

static void samples_as_looks(void **state)
{
	struct sock_sample s = {
		.packets_out = 10,
		.lost_out = 2,
		.sacked_out = 3,
		.retrans_out = 1,
		.mss = 1448,
		.cong = "a name of 16 byt",
	};
	struct shared shared = {.user = NULL};
	struct flow f = {.sock = sock_of_sample(&s), .shared = &shared};
	struct socket_look look;

	(void)state;
	memcpy(shared.cong, s.cong, sizeof(s.cong));
	flow_look(&f, &look);
	assert_int_equal(look_in_flight(&look), sock_in_flight(&f.sock));
	assert_int_equal(look_in_flight(&look), 6);
	assert_int_equal(look.mss, 1448);
	assert_int_equal(strlen(look.cong), 15);
	look.lost = 100;
	assert_int_equal(look_in_flight(&look), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_age),
		cmocka_unit_test(zero_window_of_samples),
		cmocka_unit_test(looks),
		cmocka_unit_test(paths),
		cmocka_unit_test(suffering),
		cmocka_unit_test(net_of_ipv6),
		cmocka_unit_test(groups_summed),
		cmocka_unit_test(one_cause),
		cmocka_unit_test(samples_as_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
