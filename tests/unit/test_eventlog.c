// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "src/eventlog.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

static int make_log(void **state)
{
	*state = calloc(1, sizeof(struct eventlog));
	return *state ? 0 : -1;
}

static int free_log(void **state)
{
	free(*state);
	return 0;
}

/* Each event bears its own number. */
static void add(struct eventlog *l, uint64_t n)
{
	struct event_sample e = {0};

	for (uint64_t i = 0; i < n; i++) {
		e.event.time_ns = l->count;
		eventlog_add(l, &e);
	}
}

static void empty_log(void **state)
{
	struct eventlog *l = *state;

	assert_null(eventlog_get(l, 0));
	assert_null(eventlog_get(l, UINT64_MAX));
}

static void what_is_here(void **state)
{
	static const uint64_t counts[] = {1, EVENTLOG_SIZE - 1, EVENTLOG_SIZE, EVENTLOG_SIZE + 1,
					  3 * EVENTLOG_SIZE + 7};
	struct eventlog *l = *state;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint64_t count = counts[i];
		uint64_t oldest = count > EVENTLOG_SIZE ? count - EVENTLOG_SIZE : 0;

		add(l, count - l->count);
		assert_int_equal(l->count, count);
		for (uint64_t nth = oldest; nth < count; nth++) {
			assert_non_null(eventlog_get(l, nth));
			assert_int_equal(eventlog_get(l, nth)->event.time_ns, nth);
		}
		if (oldest)
			assert_null(eventlog_get(l, oldest - 1));
		assert_null(eventlog_get(l, count));
		assert_null(eventlog_get(l, UINT64_MAX));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty_log, make_log, free_log),
		cmocka_unit_test_setup_teardown(what_is_here, make_log, free_log),
	};

	return cmocka_run_group_tests_name("eventlog", tests, NULL, NULL);
}
