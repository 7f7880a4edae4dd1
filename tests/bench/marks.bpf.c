// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an event costs in all: the kernel calls what is attached to a tracepoint in the order of
 * attaching, and between these two is all that came between them, and what calling it took. What the
 * kernel itself keeps of a program's run time leaves that out, and a program on a plain tracepoint
 * gets its event assembled for it.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

/* An interrupt in between may take milliseconds. Those are counted apart. */
#define INTERRUPTED_NS 20000

struct mark {
	__u64 began, ns, events, interrupted;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mark);
} marks SEC(".maps");

static __always_inline struct mark *my_mark(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&marks, &zero);
}

SEC("tp_btf/tcp_retransmit_skb")
int mark_begin(void *ctx)
{
	struct mark *m = my_mark();

	if (m)
		m->began = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int mark_end(void *ctx)
{
	__u64 now = bpf_ktime_get_ns(), took;
	struct mark *m = my_mark();

	if (!m || !m->began)
		return 0;
	took = now - m->began;
	m->began = 0;
	if (took >= INTERRUPTED_NS) {
		m->interrupted++;
		return 0;
	}
	m->ns += took;
	m->events++;
	return 0;
}
