// SPDX-License-Identifier: GPL-2.0-only
#include "src/live_types.h"

#include <bpf/btf.h>
#include <string.h>

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

struct both {
	struct btf *kernel, *few;
	struct live_types *types;
};

/* Without the kernel's types there is nothing to compare. */
static int read_both(void **state)
{
	static struct both b;

	b.kernel = btf__load_vmlinux_btf();
	b.types = b.kernel ? live_types_read() : NULL;
	b.few = b.types ? btf__parse(live_types_options(b.types).btf_custom_path, NULL) : NULL;
	*state = &b;
	return b.kernel && !b.few ? -1 : 0;
}

static int free_both(void **state)
{
	struct both *b = *state;

	btf__free(b->few);
	live_types_free(b->types);
	btf__free(b->kernel);
	return 0;
}

/* Bits from the beginning of the struct, those in anonymous members too; negative: it has no such member. */
static long offset_of(const struct btf *btf, uint32_t id, const char *member)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const struct btf_member *m = btf_members(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, m[i].name_off);
		long within = 0;

		if (*name && strcmp(name, member))
			continue;
		if (!*name)
			within = btf_is_composite(btf__type_by_id(btf, m[i].type))
					 ? offset_of(btf, m[i].type, member)
					 : -1;
		if (within >= 0)
			return (long)btf_member_bit_offset(t, i) + within;
	}
	return -1;
}

static void members_are_where_they_were(void **state)
{
	static const struct {
		const char *type, *member;
	} wanted[] = {
		{"tcp_sock", "inet_conn"},
		{"tcp_sock", "total_retrans"},
		{"tcp_sock", "bytes_retrans"},
		{"tcp_sock", "srtt_us"},
		{"inet_connection_sock", "icsk_rto"},
		{"inet_connection_sock", "icsk_ca_state"},
		{"inet_connection_sock", "icsk_ca_ops"},
		{"sock_common", "skc_daddr"},
		{"sock_common", "skc_net"},
		{"sock", "sk_socket"},
		{"sock", "sk_cgrp_data"},
		{"sk_buff", "cb"},
		{"tcp_skb_cb", "sacked"},
		{"task_struct", "comm"},
		{"net", "ns"},
		{"kernfs_node", "id"},
	};
	const struct both *b = *state;

	if (!b->kernel)
		skip();
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		int whole = btf__find_by_name_kind(b->kernel, wanted[i].type, BTF_KIND_STRUCT);
		int few = btf__find_by_name_kind(b->few, wanted[i].type, BTF_KIND_STRUCT);

		assert_true(whole > 0 && few > 0);
		assert_true(offset_of(b->few, (uint32_t)few, wanted[i].member) >= 0);
		assert_int_equal(offset_of(b->few, (uint32_t)few, wanted[i].member),
				 offset_of(b->kernel, (uint32_t)whole, wanted[i].member));
		assert_int_equal(btf__resolve_size(b->few, (uint32_t)few),
				 btf__resolve_size(b->kernel, (uint32_t)whole));
	}
}

static void there_are_few(void **state)
{
	const struct both *b = *state;

	if (!b->kernel)
		skip();
	assert_true(btf__type_cnt(b->few) < btf__type_cnt(b->kernel) / 10);
}

static void hooks_are_found(void **state)
{
	const struct both *b = *state;
	int id;

	if (!b->kernel)
		skip();
	id = btf__find_by_name_kind(b->kernel, "bpf_iter_task_file", BTF_KIND_FUNC);
	assert_int_equal(live_types_function(b->types, "bpf_get_socket_ptr_cookie") > 0,
			 btf__find_by_name_kind(b->kernel, "bpf_get_socket_ptr_cookie",
						BTF_KIND_FUNC) > 0);
	assert_int_equal(live_types_function(b->types, "bpf_iter_task_file"), id);
	assert_in_range(live_types_tracepoint_args(b->types, "tcp_retransmit_skb"), 2, 3);
	assert_int_equal(live_types_tracepoint_args(b->types, "inet_sock_set_state"), 3);
	assert_true(live_types_tracepoint_args(b->types, "no_such") < 0);
	assert_true(live_types_function(b->types, "no_such") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_where_they_were),
		cmocka_unit_test(there_are_few),
		cmocka_unit_test(hooks_are_found),
	};

	return cmocka_run_group_tests(tests, read_both, free_both);
}
