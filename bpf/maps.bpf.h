/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps of all the programs, and what each of them has of its CPU. Each object that includes this has its
 * own definitions of the maps; the loader lets them share one instance.
 */
#ifndef TCPRETOP_BPF_MAPS_BPF_H
#define TCPRETOP_BPF_MAPS_BPF_H

#include "kernel.h"

#include <bpf/bpf_helpers.h>

#include "tcpretop.h"

/* What seldom happens is kept out of the way: cold instructions cost as much as cold data. */
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Set by the loader. A constant: what it rules out, the verifier removes. */
const volatile struct settings settings = {};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct flow_rec);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct totals);
} totals SEC(".maps");

/* Segments seen by network namespace, to be held against the namespace's RetransSegs. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, MAX_NETNS);
	__type(key, __u32);
	__type(value, __u64);
} netns_segs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct near);
} near SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

/*
 * The first change of a record in each round of the reader, by its id, so that he need not read
 * those that did not change. He begins a round, then reads what was announced in the one before.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct reader);
} reader SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} changes SEC(".maps");

static __always_inline struct reader *my_reader(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&reader, &zero);
}

static __always_inline struct totals *my_totals(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&totals, &zero);
}

static __always_inline struct near *my_near(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&near, &zero);
}

static __always_inline struct timer_slot *my_slot(void)
{
	struct near *n = my_near();

	return n ? &n->timer : NULL;
}

/*
 * Now, or as much as one jiffy ago: reading the clock waits for all that was begun before it, which is
 * then not fetched beside it. Where jiffies come late, it is as late as they are.
 */
static __always_inline __u64 coarse_ns(struct near *n)
{
	__u64 jiffies = bpf_jiffies64();

	if (unlikely(jiffies != n->jiffies)) {
		n->now_ns = bpf_ktime_get_ns();
		n->jiffies = jiffies;
	}
	return n->now_ns;
}

/* Softirqs interrupt process context on the same CPU: per-CPU counters need atomic adds as well, but
 * for those of on_retransmit() where it does not run within itself. */
static __always_inline void add(__u64 *counter, __u64 n)
{
	__sync_fetch_and_add(counter, n);
}

/* To a field of struct totals, where that seldom happens: at hand it costs each event a cache line. */
static __always_inline void add_total(unsigned long field, __u64 n)
{
	struct totals *t = my_totals();

	if (t)
		add((void *)t + field, n);
}

#endif
