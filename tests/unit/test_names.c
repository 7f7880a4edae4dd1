// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bpf/tcpretop.h"
#include "src/names.h"
#include "src/resolve.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

/* Answers when it is told to. */
struct fake {
	struct resolver resolver;
	uint8_t asked[3 * NAMES_MOST][16];
	unsigned int nasked, nanswered;
	const char *name; /* of every address */
	int err;
	bool answers;
	bool *closed;
};

static int fake_ask(struct resolver *r, uint8_t family, const uint8_t addr[16])
{
	struct fake *f = (struct fake *)r;

	(void)family;
	if (f->err)
		return f->err;
	memcpy(f->asked[f->nasked++], addr, 16);
	return 0;
}

static void fake_work(struct resolver *r, answer_fn *answer, void *arg)
{
	struct fake *f = (struct fake *)r;

	while (f->answers && f->nanswered < f->nasked)
		answer(arg, 4, f->asked[f->nanswered++], f->name);
}

static void fake_close(struct resolver *r)
{
	struct fake *f = (struct fake *)r;

	*f->closed = true;
	free(f);
}

static struct names *open_fake(struct fake **f, bool *closed)
{
	static const struct resolver_ops ops = {fake_ask, fake_work, fake_close};
	struct names *n;

	*f = calloc(1, sizeof(**f));
	assert_non_null(*f);
	(*f)->resolver.ops = &ops;
	(*f)->name = "host.example";
	(*f)->answers = true;
	(*f)->closed = closed;
	*closed = false;
	n = names_open(&(*f)->resolver);
	assert_non_null(n);
	return n;
}

static const char *find(struct names *n, unsigned int number, bool ask)
{
	const uint8_t addr[16] = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8),
				  (uint8_t)number};

	return names_find(n, 4, addr, ask);
}

static void asks_once_and_only_if_told(void **state)
{
	struct fake *f;
	bool closed;
	struct names *n = open_fake(&f, &closed);

	(void)state;
	assert_null(find(NULL, 1, true));
	assert_null(find(n, 1, false));
	assert_int_equal(f->nasked, 0);
	f->answers = false;
	assert_null(find(n, 1, true));
	assert_false(names_work(n));
	assert_null(find(n, 1, true));
	assert_int_equal(f->nasked, 1);
	f->answers = true;
	assert_true(names_work(n));
	assert_string_equal(find(n, 1, true), "host.example");
	assert_string_equal(find(n, 1, false), "host.example");
	assert_false(names_work(n));
	assert_int_equal(f->nasked, 1);
	names_close(n);
	assert_true(closed);
}

static void nameless_stay_addresses(void **state)
{
	struct flow_key k = {.family = 4, .laddr = {10, 0, 0, 1}, .lport = 443};
	char text[NAME_TEXT];
	struct fake *f;
	bool closed;
	struct names *n = open_fake(&f, &closed);

	(void)state;
	f->name = NULL;
	names_endpoint(n, &k, false, true, text, sizeof(text));
	assert_string_equal(text, "10.0.0.1:443");
	assert_false(names_work(n));
	names_endpoint(n, &k, false, true, text, sizeof(text));
	assert_string_equal(text, "10.0.0.1:443");
	assert_int_equal(f->nasked, 1);
	f->err = -ENOMEM; /* nobody can be asked: no question is left open */
	for (unsigned int i = 0; i < 2 * NAMES_ASKED; i++)
		assert_null(find(n, 100 + i, true));
	f->err = 0;
	f->name = "x";
	k.family = 6;
	names_endpoint(n, &k, false, true, text, sizeof(text));
	assert_int_equal(f->nasked, 2);
	names_endpoint(NULL, &k, false, true, text, sizeof(text));
	assert_string_equal(text, "[a00:1::]:443");
	names_close(n);
}

static void names_are_strangers_text(void **state)
{
	struct flow_key k = {.family = 4, .raddr = {10, 0, 0, 1}, .rport = 80};
	char text[NAME_TEXT], longest[1000];
	struct fake *f;
	bool closed;
	struct names *n = open_fake(&f, &closed);

	(void)state;
	f->name = "e\033[31mvil\n\x9b";
	names_endpoint(n, &k, true, true, text, sizeof(text));
	assert_true(names_work(n));
	names_endpoint(n, &k, true, true, text, sizeof(text));
	assert_string_equal(text, "e?[31mvil??:80");
	memset(longest, 'a', sizeof(longest));
	longest[999] = '\0';
	f->name = longest;
	find(n, 7, true);
	names_work(n);
	assert_int_equal(strlen(find(n, 7, true)), NAME_TEXT - 1);
	names_close(n);
}

static void few_at_a_time(void **state)
{
	struct fake *f;
	bool closed;
	struct names *n = open_fake(&f, &closed);

	(void)state;
	f->answers = false;
	for (unsigned int i = 0; i < 3 * NAMES_ASKED; i++)
		find(n, i, true);
	assert_int_equal(f->nasked, NAMES_ASKED);
	f->answers = true;
	names_work(n);
	for (unsigned int i = 0; i < 3 * NAMES_ASKED; i++)
		find(n, i, true);
	assert_int_equal(f->nasked, 2 * NAMES_ASKED);
	names_close(n);
}

static void the_oldest_are_forgotten(void **state)
{
	struct fake *f;
	bool closed;
	struct names *n = open_fake(&f, &closed);

	(void)state;
	for (unsigned int i = 0; i < NAMES_MOST + 100; i++) {
		assert_null(find(n, i, true));
		assert_true(names_work(n));
		assert_non_null(find(n, 0, true)); /* this one is looked at all the time */
	}
	for (unsigned int i = 1; i <= 100; i++)
		assert_null(find(n, i, false));
	assert_non_null(find(n, 101, false));
	assert_non_null(find(n, NAMES_MOST + 99, false));
	names_close(n);
}

/* 127.0.0.1 is in every host's /etc/hosts. */
static void cares_knows_this_host(void **state)
{
	const uint8_t addr[16] = {127, 0, 0, 1};
	const struct timespec pause = {.tv_nsec = 10000000};
	struct resolver *r;
	struct names *n;
	int err;

	(void)state;
	r = resolve_open(&err);
	assert_non_null(r);
	n = names_open(r);
	assert_null(names_find(n, 4, addr, true));
	for (int i = 0; i < 500 && !names_work(n); i++)
		nanosleep(&pause, NULL);
	assert_non_null(names_find(n, 4, addr, true));
	assert_non_null(strstr(names_find(n, 4, addr, true), "localhost"));
	find(n, 1, true); /* a question that is open at the end */
	names_close(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_once_and_only_if_told),
		cmocka_unit_test(nameless_stay_addresses),
		cmocka_unit_test(names_are_strangers_text),
		cmocka_unit_test(few_at_a_time),
		cmocka_unit_test(the_oldest_are_forgotten),
		cmocka_unit_test(cares_knows_this_host),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
