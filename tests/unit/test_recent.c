// SPDX-License-Identifier: GPL-2.0-only
/* The flows that changed lately: listed with the last first, and those that come twice in a snapshot. */
#include "src/live_changes.h"
#include "src/model.h"
#include "tests/unit/flows.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

static struct flow_sample counted(unsigned int n, uint64_t first_ns, uint64_t change_ns,
				  uint64_t segs)
{
	struct flow_sample s = numbered_sample(n, first_ns);

	s.rec.change_ns = s.rec.last_ns = change_ns;
	s.rec.counts.segs[CAUSE_FAST] = segs;
	return s;
}

static void check(const struct model *m, unsigned int n, uint64_t sum, uint64_t last)
{
	const struct flow *f = find_flow(m, n);

	assert_non_null(f);
	assert_int_equal(flow_sum(f).segs[CAUSE_FAST], sum);
	assert_int_equal(flow_interval(m, f).segs[CAUSE_FAST], last);
	assert_int_equal(flow_history(m, f, 0, false), last);
}

static void twice_in_a_snapshot(void **state)
{
	struct model *m = *state;
	struct flow_sample new[] = {counted(0, START, START, 5), counted(0, START, START + 1, 7)};
	struct flow_sample same[] = {counted(0, START, START + 2, 9),
				     counted(0, START, START + 2, 9)};
	struct flow_sample anew[] = {counted(0, START, START + 3, 10),
				     counted(0, START + 4, START + 4, 3)};
	struct flow_sample after = counted(0, START + 4, START + 5, 4);

	assert_int_equal(tick_with(m, new, 2), 0);
	check(m, 0, 7, 7);
	assert_int_equal(tick_with(m, same, 2), 0);
	check(m, 0, 9, 2);
	assert_int_equal(tick_with(m, anew, 2), 0);
	check(m, 0, 13, 4);
	assert_int_equal(tick_with(m, &after, 1), 0);
	check(m, 0, 14, 1);
	assert_int_equal(tick_with(m, NULL, 0), 0);
	check(m, 0, 14, 0);
}

/* Read while it changed: the counts were there already, what caused them not yet. */
static void what_was_torn_is_mended(void **state)
{
	struct model *m = *state;
	struct flow_sample s = counted(0, START, START, 1);

	s.rec.last_cause = CAUSE_RTO;
	assert_int_equal(tick_with(m, &s, 1), 0);
	s.rec.last_cause = CAUSE_FAST;
	s.rec.flags = FLOW_CLOSED;
	assert_int_equal(tick_with(m, &s, 1), 0);
	assert_int_equal(find_flow(m, 0)->last_cause, CAUSE_FAST);
	assert_int_equal(find_flow(m, 0)->flags, FLOW_CLOSED);
	check(m, 0, 1, 0);
}

static size_t count_recent(const struct model *m, bool of_this_tick)
{
	const struct flow *f = NULL;
	size_t n = 0, changed = 0, all_changed = 0;

	while ((f = model_next_recent(m, f))) {
		n++;
		changed += f->tick == m->tick;
	}
	while ((f = model_next_changed(m, f))) {
		assert_int_equal(f->tick, m->tick);
		all_changed++;
	}
	assert_int_equal(changed, all_changed);
	return of_this_tick ? changed : n;
}

static void those_that_changed_are_known(void **state)
{
	struct model *m = *state;
	struct flow_sample s[8];

	for (unsigned int n = 0; n < 8; n++)
		s[n] = counted(n, START, START, 1);
	assert_int_equal(tick_with(m, s, 8), 0);
	assert_int_equal(count_recent(m, true), 8);
	s[2] = counted(2, START, START + SECOND, 2);
	s[5] = counted(5, START, START + SECOND, 2);
	assert_int_equal(tick_with(m, s, 8), 0);
	assert_int_equal(count_recent(m, true), 2);
	assert_int_equal(count_recent(m, false), 8);
	for (unsigned int n = 0; n < 8; n++)
		s[n].rec.flags = FLOW_CLOSED;
	assert_int_equal(tick_with(m, s, 8), 0);
	for (int i = 0; i <= 2 * HISTORY; i++)
		assert_int_equal(tick_with(m, NULL, 0), 0);
	assert_int_equal(count_recent(m, false), 0);
	assert_int_equal(model_flows(m), 8);
}

/* A power of two that holds what a round may announce. */
static void rings_grow_with_the_table(void **state)
{
	(void)state;
	for (uint32_t flows = 1; flows <= 1 << 24; flows *= 4) {
		uint32_t bytes = changes_ring_bytes(flows);

		assert_int_equal(bytes & (bytes - 1), 0);
		assert_true(bytes / (2 * sizeof(uint64_t)) >= flows / 16);
		assert_true(bytes <= 64 << 20);
	}
}

#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, make_model, free_model)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MODEL(twice_in_a_snapshot),
		WITH_MODEL(what_was_torn_is_mended),
		WITH_MODEL(those_that_changed_are_known),
		cmocka_unit_test(rings_grow_with_the_table),
	};

	return cmocka_run_group_tests_name("recent", tests, NULL, NULL);
}
