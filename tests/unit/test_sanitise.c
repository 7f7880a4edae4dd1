// SPDX-License-Identifier: GPL-2.0-only
/*
 * $STRINGS is how many random strings are tried (200000), half of them bytes, half characters. Ten
 * million take minutes: STRINGS=10000000 build/tests/unit/test_sanitise
 */
#include <stdio.h>

/* The fuzzer's check of all that is promised, here on every character and on random bytes. */
#include "tests/fuzz/fuzz_sanitise.c"
#include "tests/unit/random.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

static const struct {
	const char *what, *in, *out;
	unsigned int width;
} cases[] = {
	{"nothing", "", "", 0},
	{"ASCII", "kworker/0:1-ev", "kworker/0:1-ev", 14},
	{"space and tilde", " ~", " ~", 2},
	{"escape sequence", "a\x1b[31mb", "a?[31mb", 7},
	{"control characters", "a\tb\nc\rd\x7f", "a?b?c?d?", 8},
	{"8-bit CSI",
	 "\x9b"
	 "1m",
	 "?1m", 3},
	{"CSI as a character",
	 "\xc2\x9b"
	 "1m",
	 "?1m", 3},
	{"Latin", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", 4},
	{"Cyrillic", "\xd1\x8f", "\xd1\x8f", 1},
	{"Chinese", "\xe4\xb8\xad\xe6\x96\x87", "\xe4\xb8\xad\xe6\x96\x87", 4},
	{"emoji", "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7", 2},
	{"combining mark", "e\xcc\x81", "e?", 2},
	{"right-to-left override",
	 "a\xe2\x80\xae"
	 "b",
	 "a?b", 3},
	{"isolate", "\xe2\x81\xa6", "?", 1},
	{"zero width space",
	 "a\xe2\x80\x8b"
	 "b",
	 "a?b", 3},
	{"zero width joiner", "\xe2\x80\x8d", "?", 1},
	{"byte order mark", "\xef\xbb\xbf", "?", 1},
	{"soft hyphen", "\xc2\xad", "?", 1},
	{"no-break space", "\xc2\xa0", "?", 1},
	{"ideographic space", "\xe3\x80\x80", "?", 1},
	{"Hangul filler", "\xe3\x85\xa4", "?", 1},
	{"variation selector", "\xef\xb8\x8f", "?", 1},
	{"tag", "\xf3\xa0\x81\x81", "?", 1},
	{"line separator", "\xe2\x80\xa8", "?", 1},
	{"private use", "\xee\x80\x80", "?", 1},
	{"noncharacter", "\xef\xbf\xbf", "?", 1},
	{"flag", "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa", "??", 2},
	{"overlong slash", "\xc0\xaf", "??", 2},
	{"overlong NUL", "\xe0\x80\x80", "???", 3},
	{"surrogate", "\xed\xa0\x80", "???", 3},
	{"above U+10FFFF", "\xf4\x90\x80\x80", "????", 4},
	{"lone continuation",
	 "a\x80"
	 "b",
	 "a?b", 3},
	{"cut short", "a\xe4\xb8", "a??", 3},
	{"cut by ASCII", "\xe4\xb8x", "??x", 3},
	{"never a lead", "\xfe\xff", "??", 2},
};

static void as_listed(void **state)
{
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned int width = sanitise(cases[i].in, SIZE_MAX, buf, sizeof(buf));

		if (strcmp(buf, cases[i].out) || width != cases[i].width)
			fail_msg("%s: \"%s\", %u cells", cases[i].what, buf, width);
	}
}

static void stops_at_len(void **state)
{
	static const char comm[16] = "0123456789abcdef"; /* no NUL */
	char buf[64];

	(void)state;
	assert_int_equal(sanitise(comm, sizeof(comm), buf, sizeof(buf)), 16);
	assert_string_equal(buf, "0123456789abcdef");
	assert_int_equal(sanitise(comm, 4, buf, sizeof(buf)), 4);
	assert_string_equal(buf, "0123");
	assert_int_equal(sanitise("ab\0cd", 5, buf, sizeof(buf)), 2);
	assert_string_equal(buf, "ab");
	/* A character cut by len is not read beyond it. */
	assert_int_equal(sanitise("\xe4\xb8\xad", 2, buf, sizeof(buf)), 2);
	assert_string_equal(buf, "??");
}

static void cuts_whole_characters(void **state)
{
	static const struct {
		size_t size;
		const char *out;
		unsigned int width;
	} cuts[] = {{1, "", 0},
		    {2, "a", 1},
		    {3, "a", 1},
		    {4, "a", 1},
		    {5, "a\xe4\xb8\xad", 3},
		    {6, "a\xe4\xb8\xad?", 4}};
	char buf[8];

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		memset(buf, '#', sizeof(buf));
		assert_int_equal(sanitise("a\xe4\xb8\xad\x1bz", 9, buf, cuts[i].size),
				 cuts[i].width);
		assert_string_equal(buf, cuts[i].out);
		assert_int_equal(buf[cuts[i].size], '#');
	}
	memset(buf, '#', sizeof(buf));
	assert_int_equal(sanitise("a", 1, buf, 0), 0);
	assert_int_equal(buf[0], '#');
}

static size_t encode(uint32_t c, char *to)
{
	if (c < 0x80)
		return (size_t)sprintf(to, "%c", (int)c);
	if (c < 0x800)
		return (size_t)sprintf(to, "%c%c", 0xc0 | c >> 6, 0x80 | (c & 0x3f));
	if (c < 0x10000)
		return (size_t)sprintf(to, "%c%c%c", 0xe0 | c >> 12, 0x80 | (c >> 6 & 0x3f),
				       0x80 | (c & 0x3f));
	return (size_t)sprintf(to, "%c%c%c%c", 0xf0 | c >> 18, 0x80 | (c >> 12 & 0x3f),
			       0x80 | (c >> 6 & 0x3f), 0x80 | (c & 0x3f));
}

static void every_character(void **state)
{
	unsigned int shown = 0;
	char in[8], out[8];

	(void)state;
	for (uint32_t c = 1; c <= 0x10ffff; c++) {
		size_t len = encode(c, in);
		unsigned int width = sanitise(in, len, out, sizeof(out));

		if (!memcmp(in, out, len + 1))
			shown++;
		else if (c < 0xd800 || c > 0xdfff)
			assert_string_equal(out, "?");
		check_text(out, width);
	}
	/* It would be no feat to refuse them all. */
	assert_true(shown > 130000);
}

/* Where there is no UTF-8 locale to ask, nothing else changes. */
static void in_the_c_locale(void **state)
{
	char buf[64];

	(void)state;
	assert_non_null(setlocale(LC_ALL, "C"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(sanitise(cases[i].in, SIZE_MAX, buf, sizeof(buf)), cases[i].width);
		assert_string_equal(buf, cases[i].out);
	}
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
}

static long strings(void)
{
	const char *wanted = getenv("STRINGS");

	return wanted ? atol(wanted) : 200000;
}

static void random_bytes(void **state)
{
	struct random random = {2};
	uint8_t data[64];

	(void)state;
	for (long i = 0; i < strings() / 2; i++) {
		size_t len = random_below(&random, sizeof(data) + 1);

		for (size_t j = 0; j < len; j++)
			data[j] = (uint8_t)random_u64(&random);
		if (len)
			data[0] %= 80;
		LLVMFuzzerTestOneInput(data, len);
	}
}

/* Characters of all sorts, whole but for the last, in a buffer that may be too small. */
static void random_texts(void **state)
{
	struct random random = {3};
	char data[80];

	(void)state;
	for (long i = 0; i < strings() / 2; i++) {
		size_t used = 1;

		data[0] = (char)random_below(&random, 80);
		while (used < 70)
			used += encode(random_below(&random, 1u << (7 + random_below(&random, 14))),
				       data + used);
		LLVMFuzzerTestOneInput((const uint8_t *)data, used - random_below(&random, 3));
	}
}

static int use_utf8(void **state)
{
	(void)state;
	return LLVMFuzzerInitialize(NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_listed),
		cmocka_unit_test(stops_at_len),
		cmocka_unit_test(cuts_whole_characters),
		cmocka_unit_test(every_character),
		cmocka_unit_test(in_the_c_locale),
		cmocka_unit_test(random_bytes),
		cmocka_unit_test(random_texts),
	};

	return cmocka_run_group_tests_name("sanitise", tests, use_utf8, NULL);
}
