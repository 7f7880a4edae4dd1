// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/field.h"
#include "tests/unit/random.h"
#include "tests/unit/tables.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

/* A flow with n segments of one cause. */
static struct flow_sample counted(unsigned int flow, enum cause cause, uint64_t n)
{
	struct flow_sample s = numbered_sample(flow, START);

	s.rec.counts.segs[cause] = n;
	s.rec.last_cause = (uint8_t)cause;
	return s;
}

static void build(struct fixture *x, enum table_rows which)
{
	assert_int_equal(table_build(&x->t, &x->m, &x->v, which), 0);
}

/* The rows are the flows with these numbers, in this order; -1 ends them. */
static void assert_rows(const struct fixture *x, const int *numbers)
{
	size_t n = 0;

	for (; numbers[n] >= 0; n++) {
		struct flow_key key = numbered_key((unsigned int)numbers[n]);

		assert_true(n < x->t.nrows);
		assert_memory_equal(&x->t.rows[n]->key, &key, sizeof(key));
		assert_int_equal(table_find(&x->t, &key), n);
	}
	assert_int_equal(x->t.nrows, n);
}

#define ROWS(...) ((const int[]){__VA_ARGS__, -1})

static void without_flows(void **state)
{
	struct fixture *x = *state;
	struct flow_key key = numbered_key(0);

	build(x, ROWS_ALL);
	assert_rows(x, ROWS(-1));
	assert_int_equal(table_find(&x->t, &key), -1);
	tick_with(&x->m, NULL, 0);
	build(x, ROWS_RECENT);
	assert_rows(x, ROWS(-1));
}

static void worst_first(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[] = {counted(0, CAUSE_FAST, 5), counted(1, CAUSE_RTO, UINT64_MAX),
				  counted(2, CAUSE_FAILED, 7), counted(3, CAUSE_SYNACK, 6)};
	struct flow_key other = numbered_key(9);

	tick_with(&x->m, s, 4);
	build(x, ROWS_ALL);
	assert_rows(x, ROWS(1, 2, 3, 0));
	assert_int_equal(x->t.nflows, 4);
	assert_int_equal(table_find(&x->t, &other), -1);
	x->v.reverse = true;
	build(x, ROWS_ALL);
	assert_rows(x, ROWS(0, 3, 2, 1));
}

static void probes_only_when_included(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[] = {counted(0, CAUSE_FAST, 5), counted(1, CAUSE_TLP, 9),
				  numbered_sample(2, START), numbered_sample(3, START)};

	s[2].rec.counts.tlp_attempts = 1; /* sent new data, or nothing */
	tick_with(&x->m, s, 4);
	build(x, ROWS_RECENT);
	assert_rows(x, ROWS(0));
	x->v.tlp = true;
	build(x, ROWS_RECENT);
	assert_rows(x, ROWS(1, 0, 2));
	x->v.tlp = false;
	build(x, ROWS_RECENT);
	assert_rows(x, ROWS(0));
}

static void one_family(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[] = {counted(0, CAUSE_FAST, 4), counted(1, CAUSE_FAST, 3),
				  counted(2, CAUSE_FAST, 2), counted(3, CAUSE_FAST, 1)};

	tick_with(&x->m, s, 4);
	x->v.family = 4;
	build(x, ROWS_ALL);
	assert_rows(x, ROWS(0, 2));
	x->v.family = 6;
	build(x, ROWS_ALL);
	assert_rows(x, ROWS(1, 3));
}

static void quiet_flows_leave(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[] = {counted(0, CAUSE_FAST, 4), counted(1, CAUSE_FAST, 3)};

	/* Closed or not: it stays for the window from its last retransmit on. */
	s[0].rec.flags = FLOW_CLOSED;
	s[1].rec.last_ns = START + SECOND;
	tick_with(&x->m, s, 2);
	while (x->m.tick < HISTORY)
		tick_with(&x->m, NULL, 0);
	build(x, ROWS_RECENT);
	assert_rows(x, ROWS(0, 1));
	tick_with(&x->m, NULL, 0);
	build(x, ROWS_RECENT);
	assert_rows(x, ROWS(1));
	tick_with(&x->m, NULL, 0);
	build(x, ROWS_RECENT);
	assert_rows(x, ROWS(-1));
	build(x, ROWS_ALL);
	assert_rows(x, ROWS(0, 1));
}

/* Who looks seldom sees all that the interval had. */
static void seldom_looks(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[] = {counted(0, CAUSE_FAST, 4)};
	struct snapshot late = {.now_ns = START + 200 * SECOND, .flows = s, .nflows = 1};

	tick_with(&x->m, NULL, 0);
	s[0].rec.last_ns = START + 20 * SECOND;
	assert_int_equal(model_tick(&x->m, &late), 0);
	build(x, ROWS_RECENT);
	assert_rows(x, ROWS(0));
	tick_with(&x->m, NULL, 0);
	build(x, ROWS_RECENT);
	assert_rows(x, ROWS(-1));
}

/* For at least as long as rows stay: of one family, and without probes, no more is known. */
static void quiet_for(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[] = {counted(0, CAUSE_TLP, 1)};
	struct snapshot snap = {.flows = s, .nflows = 1};

	x->m.start_ns = START;
	snap.now_ns = START + 10 * SECOND;
	snap.totals.counts = s[0].rec.counts;
	assert_int_equal(model_tick(&x->m, &snap), 0);
	assert_int_equal(table_quiet_seconds(&x->m, &x->v), 10);
	snap.now_ns = START + 30 * SECOND;
	assert_int_equal(model_tick(&x->m, &snap), 0);
	assert_int_equal(table_quiet_seconds(&x->m, &x->v), 30);
	snap.now_ns = START + 110 * SECOND;
	assert_int_equal(model_tick(&x->m, &snap), 0);
	assert_int_equal(table_quiet_seconds(&x->m, &x->v), 100);
	x->v.family = 6;
	snap.now_ns = START + 111 * SECOND;
	assert_int_equal(model_tick(&x->m, &snap), 0);
	assert_int_equal(table_quiet_seconds(&x->m, &x->v), 60);
}

static void counting_from_now(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[] = {counted(0, CAUSE_FAST, 4), counted(1, CAUSE_FAST, 3)};

	tick_with(&x->m, s, 2);
	model_zero(&x->m);
	build(x, ROWS_RECENT);
	assert_rows(x, ROWS(-1));
	s[1].rec.counts.segs[CAUSE_FAST]++;
	s[1].rec.change_ns++;
	tick_with(&x->m, &s[1], 1);
	build(x, ROWS_RECENT);
	assert_rows(x, ROWS(1));
}

static void unknown_last_both_ways(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[] = {counted(0, CAUSE_FAST, 1), counted(2, CAUSE_FAST, 2),
				  counted(4, CAUSE_FAST, 3), counted(6, CAUSE_FAST, 4)};

	for (int i = 1; i < 3; i++) {
		s[i].rec.flags = FLOW_SAMPLED;
		s[i].rec.sock.data_segs_out = 100;
		s[i].rec.sock.total_retrans = (uint32_t)i;
		s[i].owner = (struct owner){.pid = i, .comm = "ab"};
	}
	tick_with(&x->m, s, 4);
	x->v.sort = FIELD_RATIO;
	build(x, ROWS_ALL);
	assert_rows(x, ROWS(4, 2, 6, 0));
	x->v.reverse = true;
	build(x, ROWS_ALL);
	assert_rows(x, ROWS(2, 4, 6, 0));
	/* Text ascends at first. */
	x->v.sort = FIELD_PROCESS;
	x->v.reverse = false;
	build(x, ROWS_ALL);
	assert_rows(x, ROWS(2, 4, 6, 0));
	x->v.reverse = true;
	build(x, ROWS_ALL);
	assert_rows(x, ROWS(4, 2, 6, 0));
}

/* Few values each, so that there are many ties, and some unknown. */
static struct flow_sample random_flow(unsigned int n, struct random *random)
{
	static const char *const comms[] = {"", "nginx", "sshd", "\xff\x1b", "postgres: writer"};
	struct flow_sample s = numbered_sample(n, START + random_below(random, 3) * SECOND / 4);
	struct sock_sample *k = &s.rec.sock;

	for (int i = 0; i < CAUSES; i++)
		s.rec.counts.segs[i] = random_below(random, 3);
	s.rec.counts.segs[CAUSE_RTO]++;
	s.rec.counts.rto_wait_us = random_below(random, 3) * 200000;
	s.rec.counts.bytes = 5000 + random_below(random, 3);
	s.rec.counts.tlp_bytes = random_below(random, 2);
	s.rec.last_cause = (uint8_t)random_below(random, CAUSES);
	s.rec.last_cause_tlp = (uint8_t)random_below(random, CAUSES);
	s.rec.flags = (uint8_t)random_below(random, 4);
	s.key.netns += random_below(random, 2);
	s.owner.pid = (int32_t)random_below(random, 3);
	snprintf(s.owner.comm, sizeof(s.owner.comm), "%s", comms[random_below(random, 5)]);
	k->state = (uint8_t)random_below(random, 14);
	k->ca_state = (uint8_t)random_below(random, 6);
	k->srtt_us = random_below(random, 3) * 40000;
	k->rto_us = random_below(random, 3) * 200000;
	k->cwnd = random_below(random, 3);
	k->total_retrans = random_below(random, 3);
	k->data_segs_out = random_below(random, 3);
	return s;
}

/* Judged by what is shown: numbers by value, texts by letters; unknown is never before known. */
static int expected_order(const struct fixture *x, const struct flow *a, const struct flow *b)
{
	enum field_id id = x->v.sort;
	bool ascending = fields[id].ascending != x->v.reverse;
	struct value va, vb;
	int order;

	field_get(id, &x->m, &x->v, a, &va);
	field_get(id, &x->m, &x->v, b, &vb);
	if (!va.known || !vb.known)
		return va.known ? -1 : vb.known;
	if (fields[id].unit == UNIT_TEXT)
		order = strcmp(va.text, vb.text);
	else
		order = (va.number > vb.number) - (va.number < vb.number);
	return ascending ? order : -order;
}

/* field_order() of two flows, by the view's column. */
static int order_of(const struct fixture *x, const struct flow *a, const struct flow *b)
{
	struct sort_key ka, kb;

	field_sort_key(x->v.sort, &x->m, &x->v, a, &ka);
	field_sort_key(x->v.sort, &x->m, &x->v, b, &kb);
	return field_order(&x->v, &ka, a, &kb, b);
}

static void check_order(struct fixture *x)
{
	build(x, ROWS_ALL);
	assert_int_equal(x->t.nrows, model_flows(&x->m));
	for (size_t i = 1; i < x->t.nrows; i++) {
		const struct flow *a = x->t.rows[i - 1], *b = x->t.rows[i];
		int order = expected_order(x, a, b);

		if (fields[x->v.sort].unit == UNIT_ADDR)
			order = order_of(x, a, b);
		assert_true(order <= 0);
		assert_true(order_of(x, a, b) <= 0);
		assert_true(order_of(x, b, a) >= 0);
		assert_int_equal(order_of(x, a, b) == 0, order == 0);
		/* Of equals the worse comes first, in whatever direction. */
		if (!order)
			assert_true(flow_shown(a, x->v.tlp) >= flow_shown(b, x->v.tlp));
	}
}

enum { MANY = 500 };

static void fill_in_order(struct fixture *x, struct flow_sample *s, struct random *random)
{
	tick_with(&x->m, s, MANY);
	/* Some of them change in a second interval: the rates differ. */
	for (int i = 0; i < MANY; i++) {
		s[i].rec.counts.segs[CAUSE_RTO] += random_below(random, 2);
		s[i].rec.counts.rto_wait_us += 200000;
		s[i].rec.change_ns += SECOND;
	}
	tick_with(&x->m, s, MANY / 2);
}

static void every_column_both_ways(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[MANY];
	struct random random = {6};

	for (unsigned int i = 0; i < MANY; i++)
		s[i] = random_flow(i, &random);
	fill_in_order(x, s, &random);
	for (int id = 0; id < FIELDS; id++)
		for (int how = 0; how < 4; how++) {
			x->v.sort = (enum field_id)id;
			x->v.reverse = how & 1;
			x->v.tlp = how & 2;
			check_order(x);
		}
}

static int by_address(const void *left, const void *right)
{
	const struct flow *a = *(const struct flow *const *)left,
			  *b = *(const struct flow *const *)right;

	return (a > b) - (a < b);
}

/* The first rows are those of the whole order, none is lost, and the rest can be had later. */
static void check_part(struct fixture *x, size_t wanted)
{
	struct table *t = &x->t;
	const struct flow *whole[MANY], *rest[2][MANY];

	t->wanted = 0;
	build(x, ROWS_ALL);
	assert_int_equal(t->nsorted, MANY);
	memcpy(whole, t->rows, sizeof(whole));
	t->wanted = wanted;
	build(x, ROWS_ALL);
	assert_int_equal(t->nrows, MANY);
	assert_int_equal(t->nsorted, wanted < MANY ? wanted : MANY);
	assert_memory_equal(t->rows, whole, t->nsorted * sizeof(*whole));
	memcpy(rest[0], whole, sizeof(whole));
	memcpy(rest[1], t->rows, sizeof(whole));
	for (int i = 0; i < 2; i++)
		qsort(rest[i], MANY, sizeof(*rest[i]), by_address);
	assert_memory_equal(rest[0], rest[1], sizeof(rest[0]));
	assert_int_equal(table_sort_all(t, &x->m, &x->v), 0);
	assert_memory_equal(t->rows, whole, sizeof(whole));
}

static void sorted_as_far_as_wanted(void **state)
{
	static const size_t parts[] = {1, 2, 3, 36, MANY - 1, MANY, MANY + 1};
	struct fixture *x = *state;
	struct flow_sample s[MANY];
	struct random random = {7};

	for (unsigned int i = 0; i < MANY; i++)
		s[i] = random_flow(i, &random);
	fill_in_order(x, s, &random);
	for (int id = 0; id < FIELDS; id++)
		for (size_t n = 0; n < sizeof(parts) / sizeof(*parts); n++) {
			x->v.sort = (enum field_id)id;
			x->v.reverse = n & 1;
			check_part(x, parts[n]);
		}
}

/* The order of equals is theirs, not that of their arrival. */
static void ties_are_stable(void **state)
{
	struct fixture *x = *state, y = {0};
	struct flow_sample s[MANY];

	start_model(&y.m, 65536);
	for (unsigned int i = 0; i < MANY; i++)
		s[i] = counted(i, CAUSE_RTO, 1 + i % 3);
	tick_with(&x->m, s, MANY);
	for (unsigned int i = 0; i < MANY; i++)
		s[MANY - 1 - i] = counted(i, CAUSE_RTO, 1 + i % 3);
	tick_with(&y.m, s, MANY);
	for (int id = 0; id < FIELDS; id++) {
		x->v.sort = (enum field_id)id;
		y.v = x->v;
		build(x, ROWS_ALL);
		build(&y, false);
		assert_int_equal(x->t.nrows, y.t.nrows);
		for (size_t i = 0; i < x->t.nrows; i++)
			assert_memory_equal(&x->t.rows[i]->key, &y.t.rows[i]->key,
					    sizeof(struct flow_key));
	}
	table_free(&y.t);
	model_free(&y.m);
}

static void freed_twice(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s = counted(0, CAUSE_FAST, 1);

	tick_with(&x->m, &s, 1);
	build(x, ROWS_ALL);
	table_free(&x->t);
	assert_int_equal(x->t.nrows, 0);
	table_free(&x->t);
	build(x, ROWS_ALL);
	assert_rows(x, ROWS(0));
}

#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, make_fixture, free_fixture)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TABLE(without_flows),
		WITH_TABLE(worst_first),
		WITH_TABLE(probes_only_when_included),
		WITH_TABLE(one_family),
		WITH_TABLE(quiet_flows_leave),
		WITH_TABLE(seldom_looks),
		WITH_TABLE(quiet_for),
		WITH_TABLE(counting_from_now),
		WITH_TABLE(unknown_last_both_ways),
		WITH_TABLE(every_column_both_ways),
		WITH_TABLE(sorted_as_far_as_wanted),
		WITH_TABLE(ties_are_stable),
		WITH_TABLE(freed_twice),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
