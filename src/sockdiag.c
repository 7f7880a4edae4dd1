// SPDX-License-Identifier: GPL-2.0-only
#include "src/sockdiag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum { ANSWER = 8192 };

/* The states of those that have a peer, as a mask. */
#define CONNECTIONS (((2U << STATE_NEW_SYN_RECV) - 1) & ~(1U << STATE_LISTEN))

/* Up to here every kernel tells that can run our programs: 5.4 added the last one. */
#define LEAST_INFO (offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof(uint32_t))

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static void fill_request(struct nlmsghdr *h, const struct flow_key *key, uint8_t family,
			 uint16_t flags)
{
	struct inet_diag_req_v2 *r = NLMSG_DATA(h);

	h->nlmsg_len = NLMSG_LENGTH(sizeof(*r));
	h->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	r->sdiag_family = family;
	r->sdiag_protocol = IPPROTO_TCP;
	r->idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_CONG - 1);
	r->id.idiag_sport = htons(key->lport);
	r->id.idiag_dport = htons(key->rport);
	memcpy(r->id.idiag_src, key->laddr, sizeof(r->id.idiag_src));
	memcpy(r->id.idiag_dst, key->raddr, sizeof(r->id.idiag_dst));
	r->id.idiag_cookie[0] = r->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	r->idiag_states = flags & NLM_F_DUMP ? CONNECTIONS : UINT32_MAX;
}

/* Takes what is there at once. Bytes of the answer, or a negative errno. */
static int receive(int fd, void *answer)
{
	ssize_t len = recv(fd, answer, ANSWER, MSG_DONTWAIT);

	return len < 0 ? -errno : (int)len;
}

/* Sends a request and takes the answer, or the first part of it. */
static int exchange(int fd, const struct flow_key *key, uint8_t family, uint16_t flags,
		    void *answer)
{
	char request[256] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	struct nlmsghdr *h = (struct nlmsghdr *)request;

	fill_request(h, key, family, flags);
	return send(fd, h, h->nlmsg_len, 0) < 0 ? -errno : receive(fd, answer);
}

static int error_of(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(e->error)) || e->error >= 0 || e->error < -4095)
		return -EPROTO;
	return e->error;
}

/* An IPv4 flow may be that of an IPv6 socket. */
static bool is_address(const struct inet_diag_msg *m, const __be32 said[4], const uint8_t addr[16])
{
	const uint8_t *bytes = (const uint8_t *)said;

	if (m->idiag_family == AF_INET)
		return !memcmp(bytes, addr, 4);
	return !memcmp(bytes, addr, 16) ||
	       (!memcmp(bytes, mapped_prefix, 12) && !memcmp(bytes + 12, addr, 4));
}

/* inet_lookup() goes on to the listeners: what answers may not be the connection. */
static bool is_asked_for(const struct inet_diag_msg *m, const struct flow_key *key)
{
	return ntohs(m->id.idiag_sport) == key->lport && ntohs(m->id.idiag_dport) == key->rport &&
	       is_address(m, m->id.idiag_src, key->laddr) &&
	       is_address(m, m->id.idiag_dst, key->raddr);
}

static void take_info(const struct rtattr *attr, struct socket_look *look)
{
	size_t len = RTA_PAYLOAD(attr);
	struct tcp_info i = {0};

	if (len < LEAST_INFO)
		return;
	memcpy(&i, RTA_DATA(attr), len < sizeof(i) ? len : sizeof(i));
	look->has_info = true;
	look->ca_state = i.tcpi_ca_state;
	look->retransmits = i.tcpi_retransmits;
	look->backoff = i.tcpi_backoff;
	look->rto_us = i.tcpi_rto;
	look->rtt_us = i.tcpi_rtt;
	look->rttvar_us = i.tcpi_rttvar;
	look->min_rtt_us = i.tcpi_min_rtt;
	look->mss = i.tcpi_snd_mss;
	look->cwnd = i.tcpi_snd_cwnd;
	look->ssthresh = i.tcpi_snd_ssthresh;
	look->reordering = i.tcpi_reordering;
	look->unacked = i.tcpi_unacked;
	look->sacked = i.tcpi_sacked;
	look->lost = i.tcpi_lost;
	look->retrans = i.tcpi_retrans;
	look->last_ack_ms = i.tcpi_last_ack_recv;
	look->last_sent_ms = i.tcpi_last_data_sent;
	look->snd_wnd = i.tcpi_snd_wnd;
	look->delivery_rate = i.tcpi_delivery_rate;
}

static void take_cong(const struct rtattr *attr, struct socket_look *look)
{
	size_t len = RTA_PAYLOAD(attr);

	if (len >= sizeof(look->cong))
		len = sizeof(look->cong) - 1;
	memcpy(look->cong, RTA_DATA(attr), len);
	look->cong[len] = '\0';
}

/* NLMSG_OK() takes lengths from 2 GiB on for negative ones. */
static bool is_whole(const struct nlmsghdr *h, size_t len)
{
	return len >= sizeof(*h) && h->nlmsg_len >= sizeof(*h) && h->nlmsg_len <= len &&
	       h->nlmsg_len % NLMSG_ALIGNTO == 0;
}

int sockdiag_parse(const void *answer, size_t len, const struct flow_key *key,
		   struct socket_look *look)
{
	const struct nlmsghdr *h = answer;
	const struct inet_diag_msg *m;
	const struct rtattr *attr;
	int left;

	memset(look, 0, sizeof(*look));
	if (!is_whole(h, len))
		return -EPROTO;
	if (h->nlmsg_type == NLMSG_ERROR)
		return error_of(h);
	if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY || h->nlmsg_len < NLMSG_LENGTH(sizeof(*m)))
		return -EPROTO;
	m = NLMSG_DATA(h);
	if (!is_asked_for(m, key))
		return m->idiag_state == STATE_LISTEN ? -ENOENT : -EPROTO;
	look->state = m->idiag_state;
	look->queued = m->idiag_wqueue;
	left = (int)NLMSG_PAYLOAD(h, sizeof(*m));
	for (attr = (const struct rtattr *)(m + 1); RTA_OK(attr, left);
	     attr = RTA_NEXT(attr, left)) {
		if (attr->rta_type == INET_DIAG_INFO)
			take_info(attr, look);
		else if (attr->rta_type == INET_DIAG_CONG)
			take_cong(attr, look);
	}
	return 0;
}

/* Of one part of a dump. -EAGAIN: what is asked for may be in the next one. */
static int find_in_part(const char *answer, int len, const struct flow_key *key,
			struct socket_look *look)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)answer;

	while (len > 0 && is_whole(h, (size_t)len)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return h->nlmsg_len >= NLMSG_LENGTH(sizeof(int32_t)) &&
					       *(const int32_t *)NLMSG_DATA(h) == 0
				       ? -ENOENT
				       : -EPROTONOSUPPORT;
		if (h->nlmsg_type == NLMSG_ERROR)
			return -EPROTONOSUPPORT;
		if (!sockdiag_parse(h, h->nlmsg_len, key, look))
			return 0;
		len -= (int)h->nlmsg_len;
		h = (const struct nlmsghdr *)((const char *)h + h->nlmsg_len);
	}
	return -EAGAIN;
}

/*
 * Among all connections with these ports. inet_lookup() does not find one that is bound to a device (a VRF,
 * link-local IPv6), because it wants to be told the device. A kernel without tcp_diag says ENOENT as well;
 * a dump tells them apart: it ends with 0, or with the same error.
 */
static int find_in_dump(int fd, const struct flow_key *key, uint8_t family,
			struct socket_look *look)
{
	char answer[ANSWER] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	int len = exchange(fd, key, family, NLM_F_DUMP, answer), err = -EAGAIN;

	while (len > 0 && err == -EAGAIN) {
		err = find_in_part(answer, len, key, look);
		if (err == -EAGAIN)
			len = receive(fd, answer);
	}
	return len < 0 ? len : err;
}

int sockdiag_look(int fd, const struct flow_key *key, struct socket_look *look)
{
	char answer[ANSWER] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	uint8_t family = key->family == 4 ? AF_INET : AF_INET6;
	int len = exchange(fd, key, family, 0, answer);
	int err = len < 0 ? len : sockdiag_parse(answer, (size_t)len, key, look);

	if (err == -ENOENT)
		err = find_in_dump(fd, key, family, look);
	if (err == -ENOENT && family == AF_INET)
		err = find_in_dump(fd, key, AF_INET6, look);
	return err;
}
