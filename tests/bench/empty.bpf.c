// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least that a program on this tracepoint can cost, and the least that one can which counts by flow:
 * what the others are held against.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/tcpretop.h"

char LICENSE[] SEC("license") = "GPL";

/* As the flow table, but found by the socket's address: no key is made of the socket, and none compared. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct flow_rec);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} counts SEC(".maps");

/* One cache line for each socket, found by what the kernel itself has hashed of it: no table by flow
 * touches less memory. Sockets of one hash share it. */
#define LINES 65536

struct line {
	__u64 n;
	__u64 others[7];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LINES);
	__type(key, __u32);
	__type(value, struct line);
} lines SEC(".maps");

struct sock_common {
	unsigned int skc_hash;
} __attribute__((preserve_access_index));

static const struct flow_rec no_flow;

SEC("tp_btf/tcp_retransmit_skb")
int empty(void *ctx)
{
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int table(__u64 *ctx)
{
	__u64 sk = ctx[0];
	struct flow_rec *r = bpf_map_lookup_elem(&flows, &sk);

	if (r)
		r->counts.segs[CAUSE_OTHER]++;
	else
		bpf_map_update_elem(&flows, &sk, &no_flow, BPF_NOEXIST);
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int storage(__u64 *ctx)
{
	__u64 *n = bpf_sk_storage_get(&counts, (void *)ctx[0], NULL, BPF_SK_STORAGE_GET_F_CREATE);

	if (n)
		++*n;
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int array(__u64 *ctx)
{
	const struct sock_common *sk = (void *)ctx[0];
	__u32 at = sk->skc_hash % LINES;
	struct line *line = bpf_map_lookup_elem(&lines, &at);

	if (line)
		line->n++;
	return 0;
}
