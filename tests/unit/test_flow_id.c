// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/tcpretop.h"
#include "tests/unit/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FLOWS = 1 << 20 };

static void seed(__u64 *mix, uint64_t from)
{
	struct random random = {from};

	for (size_t i = 0; i < FLOW_WORDS; i++)
		mix[i] = random_u64(&random);
}

static int compare(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

static void put_address(__u8 *address, uint32_t n)
{
	memcpy(address, (__u8[]){0xfd, 0}, 2);
	memcpy(address + 12, &n, sizeof(n));
}

/* As flows are: neighbours, ports in a row, a few namespaces. */
static void a_million_have_ids_of_their_own(void **state)
{
	__u64 *ids = calloc(FLOWS, sizeof(*ids)), mix[FLOW_WORDS];

	(void)state;
	assert_non_null(ids);
	seed(mix, 1);
	for (uint32_t i = 0; i < FLOWS; i++) {
		struct flow_key key = {.netns = 4026531840 + i % 4, .lport = 443, .family = 6};

		key.rport = (__u16)(1024 + i / 4 % 1024);
		put_address(key.laddr, i / 4096 % 16);
		put_address(key.raddr, i / 65536);
		ids[i] = flow_id(mix, &key);
	}
	qsort(ids, FLOWS, sizeof(*ids), compare);
	for (uint32_t i = 1; i < FLOWS; i++)
		assert_int_not_equal(ids[i], ids[i - 1]);
	free(ids);
}

/* What one bit adds to the id no other takes away again. */
static void no_two_bits_make_up_for_each_other(void **state)
{
	enum { BITS = 8 * sizeof(struct flow_key) };

	(void)state;
	for (uint64_t from = 1; from <= 16; from++) {
		__u64 mix[FLOW_WORDS];
		struct flow_key key;

		seed(mix, from);
		memset(&key, 0x5a, sizeof(key));
		for (int a = 0; a < BITS; a++)
			for (int b = 0; b <= a; b++) {
				struct flow_key other = key;

				((__u8 *)&other)[a / 8] ^= (__u8)(1 << a % 8);
				if (b < a)
					((__u8 *)&other)[b / 8] ^= (__u8)(1 << b % 8);
				assert_int_not_equal(flow_id(mix, &key), flow_id(mix, &other));
			}
	}
}

/* A multiple of 2^n is lost on 2^n times as many choices of what it is multiplied with. */
static void neighbours_differ_in_low_bits(void **state)
{
	static const struct flow_key key = {.netns = 1, .lport = 443, .rport = 443, .family = 4};
	__u64 ones[FLOW_WORDS];

	(void)state;
	for (size_t i = 0; i < FLOW_WORDS; i++)
		ones[i] = 1;
	for (unsigned int byte = 0; byte < sizeof(key); byte++)
		for (int to = 0; to < 256; to++) {
			struct flow_key other = key;

			((__u8 *)&other)[byte] = (__u8)to;
			if (memcmp(&key, &other, sizeof(key)))
				assert_int_not_equal((__u16)flow_id(ones, &key),
						     (__u16)flow_id(ones, &other));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_have_ids_of_their_own),
		cmocka_unit_test(no_two_bits_make_up_for_each_other),
		cmocka_unit_test(neighbours_differ_in_low_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
