// SPDX-License-Identifier: GPL-2.0-only
#include "src/timens.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#define SECOND 1000000000LL

/* As proc_timens_show_offsets() writes it. */
static void offsets_are_read(void **state)
{
	(void)state;
	assert_int_equal(timens_monotonic("monotonic           0         0\n"
					  "boottime            0         0\n"),
			 0);
	assert_int_equal(timens_monotonic("monotonic      100000         7\n"
					  "boottime            3         4\n"),
			 100000 * SECOND + 7);
	assert_int_equal(timens_monotonic("monotonic       -5000 500000000\n"
					  "boottime            0         0\n"),
			 -5000 * SECOND + SECOND / 2);
}

static void what_is_not_there_is_nothing(void **state)
{
	(void)state;
	assert_int_equal(timens_monotonic(""), 0);
	assert_int_equal(timens_monotonic("boottime            3         4\n"), 0);
	assert_int_equal(timens_monotonic("monotonic"), 0);
	assert_int_equal(timens_monotonic("monotonic x y"), 0);
	assert_int_equal(timens_monotonic("monotonic 99999999999999999 0"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_are_read),
		cmocka_unit_test(what_is_not_there_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
