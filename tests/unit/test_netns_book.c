// SPDX-License-Identifier: GPL-2.0-only
#include "src/netns_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* One namespace, as a reading finds it: what was seen before it and after it, and what the kernel said. */
static struct coverage look(struct netns_books *b, uint64_t before, uint64_t kernel, uint64_t after)
{
	struct netns_seen seen = {.netns = 1, .segs = after};

	b->books->before = before;
	b->books->reading = kernel;
	b->books->fresh = true;
	netns_enter(b, &seen, 1);
	return netns_coverage(b);
}

static void open_book(struct netns_books *b, struct book *book, bool from_start)
{
	*b = (struct netns_books){0};
	*book = (struct book){.netns = 1, .pid = 1, .from_start = from_start};
	HASH_ADD(hh, b->books, netns, sizeof(book->netns), book);
	assert_non_null(book->hh.tbl);
}

static void close_book(struct netns_books *b)
{
	HASH_CLEAR(hh, b->books);
}

static void assert_equal(struct coverage c, uint64_t segs)
{
	assert_int_equal(c.kernel, segs);
	assert_int_equal(c.seen, segs);
}

/* Three segments came while the kernel's counter was read the first time: before or after it was. */
static void begins_while_counting(void **state)
{
	(void)state;
	for (uint64_t by_then = 10; by_then <= 13; by_then++) {
		struct netns_books b;
		struct book book;

		open_book(&b, &book, true);
		assert_equal(look(&b, 10, 1000, 13), 0);
		assert_equal(look(&b, by_then + 50, 1050, by_then + 50), 50);
		assert_equal(look(&b, by_then + 70, 1070, by_then + 70), 70);
		close_book(&b);
	}
}

/* What grows between two readings of which only one was disturbed is what the kernel's counter does. */
static void grows_as_the_kernel_does(void **state)
{
	struct netns_books b;
	struct book book;
	struct coverage busy, quiet;

	(void)state;
	open_book(&b, &book, true);
	look(&b, 10, 1000, 13);
	busy = look(&b, 60, 1050, 65);
	quiet = look(&b, 113, 1100, 113);
	assert_int_equal(quiet.seen - busy.seen, quiet.kernel - busy.kernel);
	close_book(&b);
}

/* More than there ever was in doubt is told, and what was missed where nothing is in doubt. */
static void tells_what_differs(void **state)
{
	struct netns_books b;
	struct book book;
	struct coverage c;

	(void)state;
	open_book(&b, &book, true);
	look(&b, 10, 1000, 13);
	c = look(&b, 65, 1050, 65);
	assert_int_equal(c.kernel, 50);
	assert_int_equal(c.seen, 52);
	close_book(&b);
	open_book(&b, &book, true);
	look(&b, 10, 1000, 10);
	c = look(&b, 55, 1050, 55);
	assert_int_equal(c.kernel, 50);
	assert_int_equal(c.seen, 45);
	close_book(&b);
}

/* The number was given to another namespace, and three segments came while that one was read first. */
static void begins_again_while_counting(void **state)
{
	(void)state;
	for (uint64_t by_then = 30; by_then <= 33; by_then++) {
		struct netns_books b;
		struct book book;

		open_book(&b, &book, true);
		look(&b, 10, 1000, 10);
		assert_equal(look(&b, 30, 5, 33), 5);
		assert_equal(look(&b, by_then + 10, 15, by_then + 10), 15);
		close_book(&b);
	}
}

/* One that is made while we look on begins at zero, both sides. */
static void begins_at_zero(void **state)
{
	struct netns_books b;
	struct book book;

	(void)state;
	open_book(&b, &book, false);
	assert_equal(look(&b, 3, 4, 5), 4);
	assert_equal(look(&b, 9, 9, 9), 9);
	close_book(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_while_counting),
		cmocka_unit_test(grows_as_the_kernel_does),
		cmocka_unit_test(tells_what_differs),
		cmocka_unit_test(begins_again_while_counting),
		cmocka_unit_test(begins_at_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
