/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a segment was sent again, by what the kernel knows when it has sent it. */
#ifndef TCPRETOP_BPF_CAUSE_BPF_H
#define TCPRETOP_BPF_CAUSE_BPF_H

#include "flow.bpf.h"

#define EBUSY 16
#define EAGAIN 11
#define ENOMEM 12
#define EINVAL 22
#define EHOSTUNREACH 113

struct sent_skb {
	__u32 segs, bytes, seq;
	__u16 flags;
	__u8 sacked;
	int err;
};

/* Returned by __tcp_retransmit_skb() before anything is counted. */
static __always_inline bool early_exit(int err)
{
	if (likely(!err))
		return false;
	return err == -EBUSY || err == -EAGAIN || err == -ENOMEM || err == -EINVAL ||
	       err == -EHOSTUNREACH;
}

/* pending is cleared just before tcp_retransmit_timer() runs, and only there. */
static __always_inline bool timer_expired(const struct sock_now *sock)
{
	const struct sock_brief *s = &sock->brief;

	return !sock->pending &&
	       (s->ca_state == TCP_CA_Loss || s->state == STATE_SYN_SENT || !s->snd_wnd);
}

/*
 * tcp_non_congestion_loss_retransmit() enters Loss with nothing to undo: for a smaller MTU, or for what a
 * SYN took along and its answer did not acknowledge. A timeout has nothing to undo either where the window
 * had been reduced before (CWR): what is sent again then up to the same high_seq is of that timeout.
 */
static __always_inline __u8 cause_in_loss(const struct flow_rec *r, const struct sock_now *sock)
{
	const struct tcp_sock *tp = sock->tp;

	if (!sock->pending || tp->undo_marker || tp->prior_ssthresh || tp->high_seq == r->loss_seq)
		return CAUSE_RTO;
	return READ_BITS(tp, syn_data) && tp->bytes_acked <= 1 ? CAUSE_OTHER : CAUSE_MTU;
}

static __always_inline __u8 cause_of(const struct flow_rec *r, const struct sock_now *sock,
				     const struct sent_skb *skb, const struct timer_slot *slot,
				     bool in_slot)
{
	__u8 state = sock->brief.state, ca_state = sock->brief.ca_state, pending = sock->pending;

	if (unlikely(skb->err))
		return CAUSE_FAILED;
	if (state == STATE_SYN_SENT)
		return CAUSE_SYN;
	if (state == STATE_SYN_RECV || skb->flags & TCPHDR_SYN)
		return CAUSE_SYNACK;
	if (!sock->brief.snd_wnd)
		return CAUSE_PROBE;
	if (!(skb->sacked & TCPCB_LOST) && pending == ICSK_TIME_LOSS_PROBE)
		return CAUSE_TLP;
	if (ca_state == TCP_CA_Loss)
		return cause_in_loss(r, sock);
	if (ca_state == TCP_CA_Recovery)
		return in_slot && slot->pending == ICSK_TIME_REO_TIMEOUT ? CAUSE_RACK : CAUSE_FAST;
	return CAUSE_OTHER;
}

#endif
