// SPDX-License-Identifier: GPL-2.0-only
#include "src/pool.h"
#include "tests/unit/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 3000, STEPS = 60000 };

struct thing {
	struct pooled pooled;
	uint64_t key;
	uint64_t value;
};

/* Many keys have one hash, hashes are neighbours, and the last places are the first ones' neighbours. */
static uint32_t narrow(const struct pool *p, uint64_t key)
{
	(void)p;
	return UINT32_MAX - (uint32_t)(key / 4 % 64);
}

static uint32_t wide(const struct pool *p, uint64_t key)
{
	return pool_hash(p, &key);
}

static struct thing *find(const struct pool *p, uint64_t key, uint32_t hash)
{
	struct thing *t = pool_find(p, &key, hash);

	if (t)
		assert_int_equal(t->key, key);
	return t;
}

/* Whatever comes and goes, a key leads to its own thing, or to none. */
static void come_and_go(uint32_t (*hash)(const struct pool *p, uint64_t key), unsigned int keys)
{
	static uint64_t held[KEYS]; /* by key; 0: none */
	struct random random = {11};
	struct pool p;
	size_t n = 0;

	memset(held, 0, sizeof(held));
	pool_init(&p, sizeof(struct thing), sizeof(uint64_t));
	for (uint64_t step = 1; step < STEPS; step++) {
		/* It fills up, is emptied again and again. */
		bool adds = random_below(&random, 100) < (step / 10000 % 2 ? 1 : 75);
		uint64_t key = random_below(&random, keys);
		struct thing *t = find(&p, key, hash(&p, key));

		assert_int_equal(t ? t->value : 0, held[key]);
		pool_expect_place(&p, hash(&p, key));
		pool_expect(&p, hash(&p, key));
		if (adds && !t) {
			t = pool_add(&p, &key, hash(&p, key));
			assert_int_equal(t->value, 0);
			t->value = held[key] = step;
			n++;
		} else if (!adds && t) {
			pool_remove(&p, t);
			held[key] = 0;
			n--;
		}
	}
	assert_int_equal(p.slab.n, n);
	for (struct thing *t = pool_next(&p, NULL); t; t = pool_next(&p, t), n--)
		assert_int_equal(t->value, held[t->key]);
	assert_int_equal(n, 0);
	for (uint64_t key = 0; key < keys; key++)
		assert_int_equal(!find(&p, key, hash(&p, key)), !held[key]);
	pool_free(&p);
	assert_null(find(&p, 0, hash(&p, 0)));
}

static void keys_lead_to_things(void **state)
{
	(void)state;
	come_and_go(wide, KEYS);
}

static void hashes_are_alike(void **state)
{
	(void)state;
	come_and_go(narrow, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_lead_to_things),
		cmocka_unit_test(hashes_are_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
