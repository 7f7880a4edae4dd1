// SPDX-License-Identifier: GPL-2.0-only
#include "src/slab.h"
#include "src/tally.h"
#include "src/shared.h"
#include "tests/unit/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SIZE = 24, MOST = 5 * SLAB_CHUNK + 7 };

static uint64_t *thing(const struct slab *s, uint32_t number)
{
	return slab_at(s, number);
}

/* Each thing is where it was and holds what it did, whatever comes and goes. */
static void things_stay(void **state)
{
	static uint64_t held[MOST + 1]; /* by number; 0: given back */
	struct slab s = {.size = SIZE};
	struct random random = {7};
	uint32_t number;
	size_t n = 0, seen = 0;

	(void)state;
	for (uint64_t step = 1; step < 40000; step++) {
		/* It fills up, is emptied again and again. */
		bool takes = random_below(&random, 100) < (step / 10000 % 2 ? 25 : 75);

		if (takes && n < MOST) {
			number = slab_take(&s);
			assert_in_range(number, 1, MOST);
			assert_int_equal(held[number], 0);
			for (int i = 0; i < SIZE / 8; i++)
				assert_int_equal(thing(&s, number)[i], 0);
			thing(&s, number)[0] = thing(&s, number)[SIZE / 8 - 1] = held[number] =
				step;
			n++;
		}
		number = 1 + random_below(&random, MOST);
		if (takes || !held[number])
			continue;
		assert_int_equal(thing(&s, number)[0], held[number]);
		assert_int_equal(thing(&s, number)[SIZE / 8 - 1], held[number]);
		slab_give(&s, number);
		held[number] = 0;
		n--;
	}
	assert_int_equal(s.n, n);
	for (number = slab_next(&s, 0); number; number = slab_next(&s, number), seen++)
		assert_int_equal(thing(&s, number)[0], held[number]);
	assert_int_equal(seen, n);
	slab_free(&s);
	assert_int_equal(slab_next(&s, 0), 0);
}

static void chunks_go_back(void **state)
{
	struct slab s = {.size = SIZE};

	(void)state;
	assert_int_equal(slab_next(&s, 0), 0);
	for (uint32_t i = 1; i <= 3 * SLAB_CHUNK; i++)
		assert_int_equal(slab_take(&s), i);
	assert_int_equal(s.nchunks, 3);
	/* The one in the middle */
	for (uint32_t i = SLAB_CHUNK + 1; i <= 2 * SLAB_CHUNK; i++)
		slab_give(&s, i);
	assert_null(s.chunks[1]);
	assert_int_equal(slab_next(&s, SLAB_CHUNK), 2 * SLAB_CHUNK + 1);
	assert_int_equal(slab_take(&s), SLAB_CHUNK + 1);
	slab_give(&s, SLAB_CHUNK + 1);
	/* and that at the end, with which the gap before it goes */
	for (uint32_t i = 2 * SLAB_CHUNK + 1; i <= 3 * SLAB_CHUNK; i++)
		slab_give(&s, i);
	assert_int_equal(s.nchunks, 1);
	assert_int_equal(slab_take(&s), SLAB_CHUNK + 1);
	slab_give(&s, 5);
	assert_int_equal(slab_take(&s), 5);
	slab_free(&s);
}

static void tallies_hold_any_count(void **state)
{
	static const uint64_t counts[] = {
		0, 1, UINT32_MAX, UINT32_MAX + 1ULL, COUNTS_MOST, 7, COUNTS_MOST, UINT32_MAX - 1ULL,
	};
	struct tally t = {.is_large = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		for (int at = 0; at < COUNTERS; at++) {
			struct counts c = {0}, got;

			((__u64 *)&c)[at] = counts[i];
			((__u64 *)&c)[(at + 1) % COUNTERS] = 3;
			assert_int_equal(tally_set(&t, &c), 0);
			got = tally_get(&t);
			assert_memory_equal(&got, &c, sizeof(c));
			assert_int_equal(t.is_large, counts[i] > UINT32_MAX);
		}
	tally_clear(&t);
}

static void equal_ones_are_shared(void **state)
{
	struct shared a = {.cgroup = "/a", .comm = "nginx"}, b = a;
	struct shareds s = {0};
	const struct shared *first, *second;

	(void)state;
	b.netns = "web";
	first = shared_take(&s, &a);
	second = shared_take(&s, &b);
	assert_non_null(first);
	assert_non_null(second);
	assert_ptr_not_equal(first, second);
	assert_memory_equal(second, &b, sizeof(b));
	assert_ptr_equal(shared_take(&s, &a), first);
	shared_drop(&s, first);
	shared_drop(&s, NULL);
	assert_ptr_equal(shared_take(&s, &a), first);
	shared_drop(&s, first);
	shared_drop(&s, first);
	assert_non_null(s.all);
	shared_drop(&s, second);
	assert_null(s.all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(things_stay),
		cmocka_unit_test(chunks_go_back),
		cmocka_unit_test(tallies_hold_any_count),
		cmocka_unit_test(equal_ones_are_shared),
	};

	return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
