// SPDX-License-Identifier: GPL-2.0-only
#include "src/flow.h"

#include <string.h>

struct counts flow_sum(const struct flow *f)
{
	return tally_get(&f->sum);
}

uint64_t flow_shown(const struct flow *f, bool with_tlp)
{
	return tally_shown(&f->sum, with_tlp);
}

struct counts flow_raw(const struct flow *f)
{
	return tally_get(f->apart ? &f->apart->raw : &f->sum);
}

const struct shared *flow_shared(const struct flow *f)
{
	static const struct shared nothing;

	return f->shared ? f->shared : &nothing;
}

struct owner flow_owner(const struct flow *f)
{
	const struct shared *s = flow_shared(f);
	struct owner o = {
		.pid = f->pid,
		.others = f->others,
		.cgroup = s->cgroup,
		.unit = s->unit,
		.netns = s->netns,
		.host = s->host,
		.user = s->user,
	};

	memcpy(o.comm, s->comm, sizeof(o.comm));
	return o;
}

void flow_look(const struct flow *f, struct socket_look *look)
{
	const struct flow_sock *s = &f->sock;

	*look = (struct socket_look){
		.state = s->state,
		.has_info = true,
		.ca_state = s->ca_state,
		.backoff = s->backoff,
		.rto_us = s->rto_us,
		.rtt_us = s->srtt_us,
		.rttvar_us = s->rttvar_us,
		.mss = s->mss,
		.cwnd = s->cwnd,
		.ssthresh = s->ssthresh,
		.reordering = s->reordering,
		.unacked = s->packets_out,
		.sacked = s->sacked_out,
		.lost = s->lost_out,
		.retrans = s->retrans_out,
		.total_retrans = s->total_retrans,
		.snd_wnd = s->snd_wnd,
	};
	memcpy(look->cong, flow_shared(f)->cong, sizeof(look->cong) - 1);
}

double flow_ratio(const struct flow *f)
{
	if (!(f->flags & FLOW_SAMPLED) || !f->sock.data_segs_out)
		return -1;
	return (double)f->sock.total_retrans / f->sock.data_segs_out;
}

int flow_key_order(const struct flow_key *a, const struct flow_key *b, bool remote)
{
	int order = (int)a->family - (int)b->family;

	if (!order)
		order = memcmp(remote ? a->raddr : a->laddr, remote ? b->raddr : b->laddr, 16);
	if (!order)
		order = remote ? (int)a->rport - (int)b->rport : (int)a->lport - (int)b->lport;
	return order;
}
