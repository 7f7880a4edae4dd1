/* SPDX-License-Identifier: GPL-2.0-only */
/* How often a SYN-ACK was sent again, of each request for itself. */
#ifndef TCPRETOP_BPF_SYNACK_BPF_H
#define TCPRETOP_BPF_SYNACK_BPF_H

#include "flow.bpf.h"

/*
 * SYN-ACK retransmits that had no event. num_retrans counts those of a request, but only after the
 * event: the request's timer and a repeated SYN may be at it on two CPUs at once, and both see the
 * same number. So events are counted, of each request for itself, and num_retrans is what there
 * are at least. Requests that were under way before the record was made do not know which of
 * theirs are ours.
 */
static __always_inline void heal_synacks(struct flow_rec *r, __u32 netns, __u32 num_retrans)
{
	__u32 missed = num_retrans > r->req_retrans ? num_retrans - r->req_retrans : 0;

	if (!missed || !r->counts.segs[CAUSE_SYNACK])
		return;
	__sync_fetch_and_add(&r->req_retrans, missed);
	netns_add(netns, missed);
	add(&r->counts.segs[CAUSE_SYNACK], missed);
	add_total(offsetof(struct totals, counts.segs[CAUSE_SYNACK]), missed);
	add(&r->counts.unattributed, missed);
	add_total(offsetof(struct totals, counts.unattributed), missed);
}

static __always_inline void count_synack(struct flow_rec *r, __u32 netns, __u32 isn,
					 __u32 num_retrans)
{
	if (r->req_isn != isn) {
		r->req_isn = isn;
		/* The first one that is counted of this client says nothing of those before it. */
		r->req_retrans = r->counts.segs[CAUSE_SYNACK] ? 0 : num_retrans;
	}
	heal_synacks(r, netns, num_retrans);
	__sync_fetch_and_add(&r->req_retrans, 1);
	add(&r->counts.segs[CAUSE_SYNACK], 1);
}

#endif
