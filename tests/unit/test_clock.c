// SPDX-License-Identifier: GPL-2.0-only
/* Clocks that are set, a host that slept, a machine that was halted: only times of day may move. */
#include "tests/unit/flows.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#define HOUR (3600 * SECOND)
#define NOON 1795435200LL /* 2026-11-23 12:00:00 UTC, at START */

/* The next snapshot so much later: one flow, sending again so many segments at its end. */
static void tick_after(struct model *m, uint64_t ns, uint64_t segs, int64_t clock_set_ns)
{
	static const struct counts nothing;
	const struct flow *f = find_flow(m, 0);
	struct flow_sample sample = numbered_sample(0, START);
	struct snapshot s = {.now_ns = m->interval.now_ns + ns, .flows = &sample, .nflows = 1};

	sample.rec.counts = f ? flow_sum(f) : nothing;
	sample.rec.counts.segs[CAUSE_FAST] += segs;
	sample.rec.last_ns = f && !segs ? f->last_ns : s.now_ns;
	sample.rec.change_ns = s.now_ns;
	s.totals.counts = sample.rec.counts;
	s.realtime_offset_ns = (int64_t)(NOON * SECOND - START) + clock_set_ns;
	assert_int_equal(model_tick(m, &s), 0);
}

static double rate(const struct model *m)
{
	const struct counts last = flow_interval(m, find_flow(m, 0));

	return (double)counts_shown(&last, false) / m->interval.elapsed;
}

static void check_a_second(const struct model *m, int64_t clock_set_ns)
{
	const struct flow *f = find_flow(m, 0);
	double now = (double)(m->interval.now_ns - START) / SECOND;

	assert_true(m->interval.elapsed == 1);
	assert_true(rate(m) == 5);
	assert_true(model_age(m, f->last_ns) == 0);
	assert_true(model_age(m, m->start_ns) == now);
	assert_false(flow_is_quiet(m, f, HISTORY_NS));
	assert_int_equal(flow_history(m, f, 1, false), 5);
	assert_true(model_unixtime(m, f->last_ns) == NOON + now + (double)clock_set_ns / SECOND);
}

/* Also a host that slept: CLOCK_MONOTONIC stands still meanwhile, and CLOCK_REALTIME does not. */
static void a_clock_that_is_set_moves_only_the_time_of_day(void **state)
{
	static const int64_t set[] = {0, 2 * (int64_t)HOUR, -24 * (int64_t)HOUR, -1, 0};
	struct model *m = *state;

	tick_after(m, SECOND, 5, 0);
	for (size_t i = 0; i < sizeof(set) / sizeof(*set); i++) {
		tick_after(m, SECOND, 5, set[i]);
		check_a_second(m, set[i]);
	}
}

/* All clocks went on, and nobody looked. */
static void two_hours_without_a_look_are_two_hours(void **state)
{
	struct model *m = *state;
	const struct flow *f;

	tick_after(m, SECOND, 5, 0);
	tick_after(m, 2 * HOUR, 0, 0);
	f = find_flow(m, 0);
	assert_true(m->interval.elapsed == 7200);
	assert_true(rate(m) == 0);
	assert_true(model_age(m, f->last_ns) == 7200);
	assert_true(flow_is_quiet(m, f, HISTORY_NS));

	tick_after(m, 2 * HOUR, 7200, 0);
	f = find_flow(m, 0);
	assert_true(rate(m) == 1);
	assert_true(model_age(m, f->last_ns) == 0);

	tick_after(m, SECOND, 3, 0);
	assert_true(m->interval.elapsed == 1);
	assert_true(rate(m) == 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_clock_that_is_set_moves_only_the_time_of_day,
						make_model, free_model),
		cmocka_unit_test_setup_teardown(two_hours_without_a_look_are_two_hours, make_model,
						free_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
