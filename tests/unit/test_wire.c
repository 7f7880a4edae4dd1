// SPDX-License-Identifier: GPL-2.0-only
/* The encoding of recordings: what it keeps, what it skips, what it refuses. */
#include "src/wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct inner {
	uint64_t whole;
	int32_t small;
};

struct outer {
	uint8_t byte;
	uint16_t quarter;
	uint32_t half;
	uint64_t whole;
	int32_t small;
	int64_t large;
	char text[8];
	struct inner inner;
};

static const struct wire_field inner_fields[] = {
	WIRE(1, WIRE_UNSIGNED, struct inner, whole),
	WIRE(2, WIRE_SIGNED, struct inner, small),
	{0},
};

static const struct wire_field outer_fields[] = {
	WIRE(1, WIRE_UNSIGNED, struct outer, byte),
	WIRE(2, WIRE_UNSIGNED, struct outer, quarter),
	WIRE(3, WIRE_UNSIGNED, struct outer, half),
	WIRE(4, WIRE_UNSIGNED, struct outer, whole),
	WIRE(5, WIRE_SIGNED, struct outer, small),
	WIRE(6, WIRE_SIGNED, struct outer, large),
	WIRE(7, WIRE_BYTES, struct outer, text),
	WIRE_NESTED(300, struct outer, inner, inner_fields),
	{0},
};

static struct wire_in all_of(const struct wire_out *o)
{
	return (struct wire_in){o->data, o->data ? o->data + o->len : NULL};
}

static void assert_kept(const struct outer *from)
{
	struct wire_out out = {0};
	struct outer to = {0};

	wire_put(&out, outer_fields, from);
	assert_false(out.failed);
	assert_int_equal(wire_get(all_of(&out), outer_fields, &to), 0);
	assert_int_equal(to.byte, from->byte);
	assert_int_equal(to.quarter, from->quarter);
	assert_int_equal(to.half, from->half);
	assert_true(to.whole == from->whole && to.large == from->large);
	assert_int_equal(to.small, from->small);
	assert_memory_equal(to.text, from->text, sizeof(to.text));
	assert_true(to.inner.whole == from->inner.whole && to.inner.small == from->inner.small);
	/* Cut within a field it is no message. */
	for (size_t len = 1; out.data && len < out.len; len++) {
		struct wire_value v;
		struct wire_in in = {out.data, out.data + len};
		int got;

		while ((got = wire_next(&in, &v)) > 0)
			assert_true(v.number >= 1 && v.number <= 300);
		assert_true(got == 0 || got == -EBADMSG);
	}
	free(out.data);
}

static void test_every_size(void **state)
{
	static const struct outer some[] = {
		{.byte = 0},
		{UINT8_MAX,
		 UINT16_MAX,
		 UINT32_MAX,
		 UINT64_MAX,
		 INT32_MAX,
		 INT64_MAX,
		 "eight ch",
		 {UINT64_MAX, -1}},
		{1, 1, 1, 1, INT32_MIN, INT64_MIN, "", {0, INT32_MIN}},
		{127, 128, 16383, 16384, -64, 64, {0, 0, 0, 0, 0, 0, 0, 1}, {1, 0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		assert_kept(&some[i]);
}

static void test_zeros_take_nothing(void **state)
{
	static const struct outer nothing;
	struct wire_out out = {0};

	(void)state;
	wire_put(&out, outer_fields, &nothing);
	assert_int_equal(out.len, 0);
	wire_put_message(&out, 9, outer_fields, &nothing);
	assert_int_equal(out.len, 2);
	free(out.data);
}

/* Fields of a later revision, in any place and order. */
static void test_unknown_fields(void **state)
{
	struct outer from = {.byte = 1, .inner.small = -5}, to = {0};
	struct wire_out out = {0};

	(void)state;
	wire_put_message(&out, 1000000, outer_fields, &from);
	wire_put(&out, outer_fields, &from);
	wire_put_number(&out, 8, UINT64_MAX);
	wire_put_number(&out, 2, 77);
	wire_put_bytes(&out, 9, "x", 1);
	assert_int_equal(wire_get(all_of(&out), outer_fields, &to), 0);
	assert_int_equal(to.byte, 1);
	assert_int_equal(to.quarter, 77);
	assert_int_equal(to.inner.small, -5);
	free(out.data);
}

static void assert_refused(const char *bytes, size_t len)
{
	struct wire_in in = {(const uint8_t *)bytes, (const uint8_t *)bytes + len};
	struct outer to = {0};

	assert_int_equal(wire_get(in, outer_fields, &to), -EBADMSG);
}

static void test_refused(void **state)
{
	(void)state;
	assert_refused("\x02", 1);                                          /* no value */
	assert_refused("\x02\x80\x02", 3);                                  /* 256 in a byte */
	assert_refused("\x04\x80\x80\x04", 4);                              /* 65536 in two */
	assert_refused("\x0a\x80\x80\x80\x80\x10", 6);                      /* 2^31 in an int32_t */
	assert_refused("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11); /* 2^64 */
	assert_refused("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 12); /* eleven bytes */
	assert_refused("\x03\x01x", 3);          /* bytes for a number */
	assert_refused("\x0e\x01", 2);           /* a number for bytes */
	assert_refused("\x0f\x09nine char", 11); /* of eight */
	assert_refused("\x0f\x05"
		       "four",
		       6);                     /* beyond the end */
	assert_refused("\xd9\x04\x01\x02", 4); /* cut in the inner */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_size),
		cmocka_unit_test(test_zeros_take_nothing),
		cmocka_unit_test(test_unknown_fields),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
