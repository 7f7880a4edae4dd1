// SPDX-License-Identifier: GPL-2.0-only
#include "src/flow.h"

#include <errno.h>
#include <stdlib.h>
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

uint64_t flow_raw_first_ns(const struct flow *f)
{
	return f->apart ? f->apart->first_ns : f->first_ns;
}

/* Beside this sum. 0, or -ENOMEM with nothing changed. */
static int set_raw(struct flow *f, const struct counts *sum, uint64_t first_ns,
		   const struct counts *raw)
{
	bool same = first_ns == f->first_ns && !memcmp(raw, sum, sizeof(*raw));
	struct apart *a = f->apart;

	if (!a && same)
		return 0;
	if (!a)
		a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	if (tally_set(&a->raw, raw)) {
		if (!f->apart)
			free(a);
		return -ENOMEM;
	}
	a->first_ns = first_ns;
	f->apart = a;
	return 0;
}

int flow_count(struct flow *f, const struct counts *grown, const struct flow_rec *rec)
{
	struct counts before = flow_sum(f), sum = before;

	counts_add(&sum, grown);
	if (tally_set(&f->sum, &sum))
		return -ENOMEM;
	if (!set_raw(f, &sum, rec->first_ns, &rec->counts))
		return 0;
	tally_set(&f->sum, &before);
	return -ENOMEM;
}

void flow_zero(struct flow *f)
{
	static const struct counts nothing;
	const struct counts raw = flow_raw(f);

	if (!set_raw(f, &nothing, flow_raw_first_ns(f), &raw))
		tally_set(&f->sum, &nothing);
}

void flow_clear(struct flow *f)
{
	if (f->apart)
		tally_clear(&f->apart->raw);
	free(f->apart);
	f->apart = NULL;
	tally_clear(&f->sum);
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
