// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tail loss probes and RACK's timer through the timer tracepoints, where neither fentry nor
 * kprobes load. A probe deferred to release_sock() because the socket was in use is not seen here;
 * if it sends old data, its retransmit event tells.
 */
#define READ_BY_PROBE
#include "tlp.bpf.h"

char LICENSE[] SEC("license") = "GPL";

const volatile __u64 tcp_write_timer = 0; /* address of the function */

/* Of every timer of the host but TCP's, this is all that runs. */
static __always_inline struct tcp_sock *tcp_of(struct timer_list *timer)
{
	if ((__u64)timer->function != tcp_write_timer)
		return NULL;
	if (bpf_core_field_exists(struct sock___timer, tcp_retransmit_timer))
		return (void *)timer -
		       bpf_core_field_offset(struct sock___timer, tcp_retransmit_timer);
	return (void *)timer -
	       bpf_core_field_offset(struct inet_connection_sock, icsk_retransmit_timer);
}

/* tcp_write_timer_handler() only re-arms a timer that woke early. */
static __always_inline bool is_due(struct tcp_sock *tp)
{
	struct inet_connection_sock___timeout *icsk = (void *)tp;

	if (!bpf_core_field_exists(icsk->icsk_timeout))
		return true;
	return (__s64)(BPF_CORE_READ(icsk, icsk_timeout) - bpf_jiffies64()) <= 0;
}

SEC("tp_btf/timer_expire_entry")
int BPF_PROG(timer_entry, struct timer_list *timer)
{
	struct tcp_sock *tp = tcp_of(timer);
	struct timer_slot *slot = my_slot();
	__u8 pending;

	if (!tp || !slot)
		return 0;
	/* An end that was missed must not find its beginning later. */
	slot->sk = 0;
	pending = READ(tp, inet_conn.icsk_pending);
	if (pending != ICSK_TIME_LOSS_PROBE && pending != ICSK_TIME_REO_TIMEOUT)
		return 0;
	if (!READ((struct sock *)tp, sk_lock.owned) && is_due(tp))
		timer_begin(tp, pending);
	return 0;
}

SEC("tp_btf/timer_expire_exit")
int BPF_PROG(timer_exit, struct timer_list *timer)
{
	struct tcp_sock *tp = tcp_of(timer);

	if (tp)
		timer_end(tp);
	return 0;
}
