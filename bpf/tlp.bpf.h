/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tail loss probes (RFC 8985): what happens between the entry of tcp_send_loss_probe() and its end.
 * A probe of new data fires no retransmit event, so the routine itself must be watched. It left if
 * tlp_high_seq was zero before and is not after; that is when the kernel counts TCPLossProbes.
 */
#ifndef TCPRETOP_BPF_TLP_BPF_H
#define TCPRETOP_BPF_TLP_BPF_H

#include "flow.bpf.h"

static __always_inline void timer_begin(struct tcp_sock *tp, __u8 pending)
{
	struct timer_slot *slot = my_slot();

	if (!slot)
		return;
	slot->sk = (__u64)tp;
	slot->pending = pending;
	slot->tlp_high_seq = READ(tp, tlp_high_seq);
	slot->snd_nxt = READ(tp, snd_nxt);
	slot->total_retrans = READ(tp, total_retrans);
	slot->bytes_retrans = READ(tp, bytes_retrans);
	slot->segs = 0;
}

static __always_inline void timer_end(struct tcp_sock *tp)
{
	struct near *near = my_near();
	struct timer_slot *slot;
	struct flow_key key ALIGNED;
	struct flow_rec *r;
	struct sock_now sock;
	struct event e;
	bool left;
	__u64 now;

	if (!near || near->timer.sk != (__u64)tp)
		return;
	slot = &near->timer;
	slot->sk = 0;
	if (slot->pending != ICSK_TIME_LOSS_PROBE)
		return;
	now = bpf_ktime_get_ns();
	left = !slot->tlp_high_seq && READ(tp, tlp_high_seq);
	add_total(offsetof(struct totals, counts.tlp_attempts), 1);
	add_total(offsetof(struct totals, counts.tlp_sent), left);
	look(&sock, tp);
	fill_key(&key, &((struct sock *)tp)->__sk_common, netns_of((struct sock_common *)tp),
		 local_port((struct sock *)tp, tp));
	r = flow_get(&key);
	if (r) {
		r->counts.tlp_attempts++;
		r->counts.tlp_sent += left;
		/* A retransmit in between has done so already. */
		if (!is_counted(r, &sock))
			rebase(r, &sock, slot->total_retrans, slot->bytes_retrans);
		take_dsacks(r, &sock);
		r->last_cause_tlp = CAUSE_TLP;
		sample(r, &sock, now);
		seen_at(r, now);
		announce(r);
	}

	if (!event_wanted(near, now, false))
		return;
	event_fill(&e, &key, r, now, 'L');
	e.cause = CAUSE_TLP;
	e.segs = slot->segs;
	e.seq = slot->segs ? slot->seq : left ? slot->snd_nxt : 0;
	e.sent = !left ? SENT_NONE : slot->segs ? SENT_RETRANSMIT : SENT_NEW;
	e.state = sock.brief.state;
	event_send(&e);
}

#endif
