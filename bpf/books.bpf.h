/* SPDX-License-Identifier: GPL-2.0-only */
/* What a socket has sent again, taken into the books: its flow's record, its namespace, the totals. */
#ifndef TCPRETOP_BPF_BOOKS_BPF_H
#define TCPRETOP_BPF_BOOKS_BPF_H

#include "cause.bpf.h"
#include "connect.bpf.h"

#define RESOURCE_PROBE_US 500000

/* What one program run counts into. */
struct books {
	struct near_slot *slot;
	struct reader *reader;
	__u32 netns;
	bool alone; /* it is on_retransmit(), which does not run within itself: the slot is its own */
};

/* A slot is claimed without a lock, and so only by the one program whose own it is. */
static __always_inline bool find_slot(struct books *b, struct near *near, __u32 netns)
{
	__u64 slot = NEAR_SLOTS - 1;

	if (b->alone) {
		slot = netns % NEAR_NETNS;
		if (unlikely(!near->slots[slot].netns))
			near->slots[slot].netns = netns;
		if (unlikely(near->slots[slot].netns != netns))
			slot = NEAR_NETNS;
	}
	slot ^= near->zero;
	barrier_var(slot);
	if (slot >= NEAR_SLOTS)
		return false;
	b->slot = &near->slots[slot];
	b->netns = netns;
	return true;
}

/* What is needed after the flow's record, begun to be fetched while that one is waited for. */
static __always_inline void fetch_near(const struct books *b)
{
	(void)*(const volatile __u64 *)&b->slot->segs[CAUSE_SYN];
	if (b->reader)
		(void)*(const volatile __u64 *)&b->reader->round;
}

static __always_inline void add_to(const struct books *b, __u64 *counter, __u64 n)
{
	if (b->alone)
		*counter += n;
	else
		add(counter, n);
}

/* One addition for the namespace and the total, where the namespace has a slot. */
static __always_inline void count_all(const struct books *b, __u64 cause, __u64 n)
{
	add_to(b, &b->slot->segs[cause], n);
	if (unlikely(!b->slot->netns))
		netns_add(b->netns, n);
}

static __always_inline void count(struct flow_rec *r, const struct books *b, __u64 cause, __u64 n)
{
	r->counts.segs[cause] += n;
	count_all(b, cause, n);
}

static __noinline void count_unattributed(struct flow_rec *r, const struct books *b, __u64 n)
{
	count(r, b, CAUSE_OTHER, n);
	add(&r->counts.unattributed, n);
	add_total(offsetof(struct totals, counts.unattributed), n);
}

/* Growth of the socket's totals since the last look. */
static __always_inline __u32 take_growth(struct flow_rec *r, const struct sock_now *now,
					 __u64 *bytes)
{
	__u32 grown = now->total_retrans - r->base_segs;

	*bytes = now->bytes_retrans - r->base_bytes;
	r->base_segs = now->total_retrans;
	r->base_bytes = now->bytes_retrans;
	return grown;
}

/*
 * Takes the growth of the socket's totals into the books. Returns the segments that this event
 * stands for; what is more was sent by events that were missed.
 */
static __always_inline __u32 enter(struct flow_rec *r, const struct books *b, struct sock *sk,
				   const struct sock_now *now, const struct sent_skb *sent)
{
	bool counted = !early_exit(sent->err), mine;
	__u32 grown, n;
	__u64 bytes;

	/* An early exit that looks like a failed send has not been marked as sent. */
	mine = counted && (!sent->err || sent->sacked & TCPCB_EVER_RETRANS);
	if (unlikely(!is_counted(r, now) || !(r->flags & FLOW_ASKED)))
		find_base(r, sk, now, now->total_retrans - (mine ? sent->segs : 0),
			  now->bytes_retrans - (mine ? sent->bytes : 0));
	take_dsacks(r, now);
	grown = take_growth(r, now, &bytes);
	note_counted(b->reader, sk, now, !(r->flags & FLOW_ASKED));
	n = !counted ? 0 : grown < sent->segs ? grown : sent->segs;
	if (!grown)
		return 0;
	r->counts.bytes += bytes;
	if (unlikely(grown > n))
		count_unattributed(r, b, grown - n);
	return n;
}

/* Segments that find no record are in the totals all the same. */
static __noinline void enter_untracked(const struct books *b, struct sock *sk,
				       const struct sock_now *now, const struct sent_skb *sent)
{
	if (early_exit(sent->err))
		return;
	note_counted(b->reader, sk, now, true);
	count_all(b, CAUSE_OTHER, sent->segs);
}

/* tcp_retransmit_timer(): where this host had no room to send, the timer comes again after
 * TCP_RESOURCE_PROBE_INTERVAL, whatever the RTO is; but not where the peer's window is closed. */
static __always_inline void count_wait(struct flow_rec *r, const struct books *b,
				       const struct sock_now *sock, const struct sent_skb *sent)
{
	__u64 waited = r->flags & FLOW_NO_ROOM ? RESOURCE_PROBE_US
					       : (__u64)sock->brief.rto * settings.tick_ns / 1000;

	r->counts.rto_wait_us += waited;
	add_to(b, &b->slot->rto_wait_us, waited);
	r->loss_seq = sock->tp->high_seq;
	if (unlikely(sent->err > 0 && (sock->brief.snd_wnd || sock->brief.state == STATE_SYN_SENT)))
		r->flags |= FLOW_NO_ROOM;
	else
		r->flags &= ~FLOW_NO_ROOM;
}

static __always_inline void count_event(struct flow_rec *r, const struct books *b,
					const struct sock_now *sock, const struct sent_skb *sent,
					__u32 segs, __u64 cause)
{
	/* The verifier has to see it, whatever the compiler knows. */
	barrier_var(cause);
	if (cause >= CAUSES)
		return;
	r->last_cause_tlp = cause;
	if (cause != CAUSE_TLP)
		r->last_cause = cause;
	count(r, b, cause, segs);
	if (timer_expired(sock))
		count_wait(r, b, sock, sent);
	if (cause == CAUSE_TLP)
		r->counts.tlp_bytes += sent->bytes;
	else if (cause == CAUSE_FAILED)
		r->last_err = sent->err;
}

#endif
