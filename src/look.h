/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One socket as it is now, asked for by its addresses. The names are those of struct tcp_info;
 * units are in the names, what counts segments has none. And what a look and a sample both tell.
 */
#ifndef TCPRETOP_SRC_LOOK_H
#define TCPRETOP_SRC_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/tcpretop.h"

struct socket_look {
	uint8_t state; /* TCP_ESTABLISHED … of include/net/tcp_states.h */
	bool has_info; /* what follows is known; TIME_WAIT and request sockets have only a state */
	uint8_t ca_state;
	uint8_t retransmits; /* timeouts in a row without an ACK of new data */
	uint8_t backoff;
	uint32_t rto_us, rtt_us, rttvar_us, min_rtt_us;
	uint32_t mss, cwnd, ssthresh, reordering;
	uint32_t unacked, sacked, lost, retrans; /* out now */
	uint32_t last_ack_ms, last_sent_ms;      /* ago: any ACK received, data sent */
	uint32_t snd_wnd;                        /* bytes that the peer takes */
	uint32_t queued;                         /* bytes written and not acknowledged yet */
	uint64_t delivery_rate;                  /* bytes per second */
	char cong[16];                           /* congestion control, NUL-terminated */
};

/* What is kept of a flow's last struct sock_sample, with the units and names that it has there. */
struct flow_sock {
	uint32_t total_retrans, data_segs_out;
	uint32_t srtt_us, rttvar_us, rto_us;
	uint32_t mss, cwnd, ssthresh, reordering;
	uint32_t packets_out, sacked_out, lost_out, retrans_out;
	uint32_t snd_wnd;
	uint8_t state;
	uint8_t ca_state;
	uint8_t backoff;
};

struct flow_sock sock_of_sample(const struct sock_sample *s);

/* Slow start threshold in segments; 0 as long as there is none (TCP_INFINITE_SSTHRESH). */
uint32_t sock_ssthresh(const struct flow_sock *s);
uint32_t look_ssthresh(const struct socket_look *look);

/* Segments on the way, as tcp_packets_in_flight() has it. */
uint32_t sock_in_flight(const struct flow_sock *s);
uint32_t look_in_flight(const struct socket_look *look);

#endif
