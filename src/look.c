// SPDX-License-Identifier: GPL-2.0-only
#include "src/look.h"

/* TCP_INFINITE_SSTHRESH of include/net/tcp.h: slow start has not ended yet. */
enum { INFINITE_SSTHRESH = 0x7fffffff };

static uint32_t ssthresh(uint32_t said)
{
	return said < INFINITE_SSTHRESH ? said : 0;
}

static uint32_t in_flight(uint32_t sent, uint32_t left_network)
{
	return sent > left_network ? sent - left_network : 0;
}

uint32_t sock_ssthresh(const struct flow_sock *s)
{
	return ssthresh(s->ssthresh);
}

uint32_t look_ssthresh(const struct socket_look *look)
{
	return ssthresh(look->ssthresh);
}

uint32_t sock_in_flight(const struct flow_sock *s)
{
	return in_flight(s->packets_out + s->retrans_out, s->sacked_out + s->lost_out);
}

uint32_t look_in_flight(const struct socket_look *look)
{
	return in_flight(look->unacked + look->retrans, look->sacked + look->lost);
}

struct flow_sock sock_of_sample(const struct sock_sample *s)
{
	return (struct flow_sock){
		.total_retrans = s->total_retrans,
		.data_segs_out = s->data_segs_out,
		.srtt_us = s->srtt_us,
		.rttvar_us = s->rttvar_us,
		.rto_us = s->rto_us,
		.mss = s->mss,
		.cwnd = s->cwnd,
		.ssthresh = s->ssthresh,
		.reordering = s->reordering,
		.packets_out = s->packets_out,
		.sacked_out = s->sacked_out,
		.lost_out = s->lost_out,
		.retrans_out = s->retrans_out,
		.snd_wnd = s->snd_wnd,
		.state = s->state,
		.ca_state = s->ca_state,
		.backoff = s->backoff,
	};
}
