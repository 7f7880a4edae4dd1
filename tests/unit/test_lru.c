// SPDX-License-Identifier: GPL-2.0-only
#include "src/lru.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

/* All other CPUs hold as many free entries as they can, and this one has just taken as many. */
static void what_cpus_hold_leaves_room(void **state)
{
	static const unsigned int cpus[] = {1, 2, 32, 256, 1024};
	static const uint32_t flows[] = {256, 4096, 65536, 1 << 24};

	(void)state;
	for (size_t c = 0; c < sizeof(cpus) / sizeof(*cpus); c++)
		for (size_t f = 0; f < sizeof(flows) / sizeof(*flows); f++) {
			uint32_t entries = lru_entries(flows[f], cpus[c]);

			assert_true(entries - 128 * cpus[c] >= flows[f]);
			assert_true(entries <= flows[f] + 128 * cpus[c]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cpus_hold_leaves_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
