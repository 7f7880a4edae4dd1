// SPDX-License-Identifier: GPL-2.0-only
/* The least that a program on this tracepoint can cost: what the others are held against. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp_btf/tcp_retransmit_skb")
int empty(void *ctx)
{
	return 0;
}
