// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/tables.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

enum { FLOWS = 6 };

/* One more look: the flows have so many segments in all; 0 is no flow yet. */
static void look(struct fixture *x, const uint64_t segs[FLOWS])
{
	struct flow_sample samples[FLOWS];
	size_t n = 0;

	for (unsigned int i = 0; i < FLOWS; i++) {
		if (!segs[i])
			continue;
		samples[n] = numbered_sample(i, START);
		samples[n++].rec.counts.segs[CAUSE_FAST] = segs[i];
	}
	assert_int_equal(tick_with(&x->m, samples, n), 0);
	assert_int_equal(table_build(&x->t, &x->m, &x->v, ROWS_RECENT), 0);
}

static void assert_flows(const struct fixture *x, const unsigned int *numbers, size_t n)
{
	assert_int_equal(x->t.nrows, n);
	for (size_t i = 0; i < n; i++) {
		struct flow_key key = numbered_key(numbers[i]);

		assert_memory_equal(&x->t.rows[i]->key, &key, sizeof(key));
	}
}

#define ASSERT_FLOWS(x, ...)                                 \
	assert_flows(x, (const unsigned int[]){__VA_ARGS__}, \
		     sizeof((const unsigned int[]){__VA_ARGS__}) / sizeof(unsigned int))

static void rows_keep_their_order(void **state)
{
	struct fixture *x = *state;

	look(x, (const uint64_t[FLOWS]){40, 30, 20, 10});
	ASSERT_FLOWS(x, 0, 1, 2, 3);
	assert_int_equal(order_take(&x->o, &x->t, SIZE_MAX), 0);
	look(x, (const uint64_t[FLOWS]){41, 31, 50, 60, 70, 80});
	ASSERT_FLOWS(x, 5, 4, 3, 2, 0, 1);
	assert_int_equal(order_apply(&x->o, &x->t), 0);
	ASSERT_FLOWS(x, 0, 1, 2, 3, 5, 4); /* new ones come after them, in the view's order */
}

static void rows_go(void **state)
{
	struct fixture *x = *state;

	look(x, (const uint64_t[FLOWS]){40, 30, 20, 10});
	assert_int_equal(order_take(&x->o, &x->t, SIZE_MAX), 0);
	x->v.family = 4; /* only those with even numbers are left */
	look(x, (const uint64_t[FLOWS]){40, 30, 50, 10, 60});
	assert_int_equal(order_apply(&x->o, &x->t), 0);
	ASSERT_FLOWS(x, 0, 2, 4);
}

static void only_the_first_rows(void **state)
{
	struct fixture *x = *state;

	look(x, (const uint64_t[FLOWS]){40, 30, 20, 10});
	assert_int_equal(order_take(&x->o, &x->t, 2), 0);
	assert_int_equal(x->o.n, 2);
	look(x, (const uint64_t[FLOWS]){40, 45, 50, 60});
	assert_int_equal(order_apply(&x->o, &x->t), 0);
	ASSERT_FLOWS(x, 0, 1, 3, 2);
}

static void groups_keep_their_order(void **state)
{
	struct fixture *x = *state;
	struct group_key first;

	x->v.group = GROUP_RPORT;
	look(x, (const uint64_t[FLOWS]){40, 30, 20});
	first = flow_group(x->t.rows[0])->key;
	assert_int_equal(order_take(&x->o, &x->t, SIZE_MAX), 0);
	look(x, (const uint64_t[FLOWS]){40, 50, 60});
	assert_int_equal(table_find_group(&x->t, &first), 2);
	assert_int_equal(order_apply(&x->o, &x->t), 0);
	assert_int_equal(table_find_group(&x->t, &first), 0);
}

static void nothing_is_held(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(order_take(&x->o, &x->t, SIZE_MAX), 0);
	assert_int_equal(x->o.n, 0);
	look(x, (const uint64_t[FLOWS]){10, 20});
	assert_int_equal(order_apply(&x->o, &x->t), 0);
	ASSERT_FLOWS(x, 1, 0);
	assert_int_equal(order_take(&x->o, &x->t, SIZE_MAX), 0);
	order_drop(&x->o);
	look(x, (const uint64_t[FLOWS]){30, 20});
	assert_int_equal(order_apply(&x->o, &x->t), 0);
	ASSERT_FLOWS(x, 0, 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_fixture, free_fixture)
	const struct CMUnitTest tests[] = {
		TEST(rows_keep_their_order),   TEST(rows_go),         TEST(only_the_first_rows),
		TEST(groups_keep_their_order), TEST(nothing_is_held),
	};

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
