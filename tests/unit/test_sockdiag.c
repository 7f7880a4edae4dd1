// SPDX-License-Identifier: GPL-2.0-only
/* Answers of NETLINK_SOCK_DIAG: whole ones, short ones, and those about something else. */
#include "src/sockdiag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { ANSWER = 1024 };

struct answer {
	char bytes[ANSWER] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *h;
	struct inet_diag_msg *m;
};

static const struct flow_key key4 = {
	.family = 4,
	.lport = 443,
	.rport = 51442,
	.laddr = {10, 0, 0, 17},
	.raddr = {198, 51, 100, 20},
};

static const struct flow_key key6 = {
	.family = 6,
	.lport = 443,
	.rport = 51442,
	.laddr = {0x20, 0x01, 0x0d, 0xb8, [15] = 1},
	.raddr = {0x20, 0x01, 0x0d, 0xb8, [15] = 2},
};

/* The answer about the socket of a key, as one of AF_INET or AF_INET6, without attributes. */
static void begin(struct answer *a, const struct flow_key *key, uint8_t family)
{
	uint8_t *src, *dst;

	memset(a, 0, sizeof(*a));
	a->h = (struct nlmsghdr *)a->bytes;
	a->m = NLMSG_DATA(a->h);
	a->h->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	a->h->nlmsg_len = NLMSG_LENGTH(sizeof(*a->m));
	a->m->idiag_family = family;
	a->m->idiag_state = STATE_ESTABLISHED;
	a->m->idiag_wqueue = 5792;
	a->m->id.idiag_sport = htons(key->lport);
	a->m->id.idiag_dport = htons(key->rport);
	src = (uint8_t *)a->m->id.idiag_src;
	dst = (uint8_t *)a->m->id.idiag_dst;
	if (family == AF_INET6 && key->family == 4) {
		src[10] = src[11] = dst[10] = dst[11] = 0xff;
		src += 12;
		dst += 12;
	}
	memcpy(src, key->laddr, key->family == 4 ? 4 : 16);
	memcpy(dst, key->raddr, key->family == 4 ? 4 : 16);
}

/* The kernel's macro makes of a negative int what it aligns with. */
static size_t aligned(size_t len)
{
	return (len + NLMSG_ALIGNTO - 1) / NLMSG_ALIGNTO * NLMSG_ALIGNTO;
}

static void add(struct answer *a, uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = (struct nlattr *)(a->bytes + aligned(a->h->nlmsg_len));

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(sizeof(*attr) + len);
	memcpy((char *)attr + sizeof(*attr), data, len);
	a->h->nlmsg_len = (uint32_t)(aligned(a->h->nlmsg_len) + aligned(attr->nla_len));
}

/* Every field a number of its own. */
static struct tcp_info some_info(void)
{
	return (struct tcp_info){
		.tcpi_state = 1,
		.tcpi_ca_state = 4,
		.tcpi_retransmits = 3,
		.tcpi_backoff = 5,
		.tcpi_rto = 1001,
		.tcpi_snd_mss = 1002,
		.tcpi_unacked = 1003,
		.tcpi_sacked = 1004,
		.tcpi_lost = 1005,
		.tcpi_retrans = 1006,
		.tcpi_last_data_sent = 1007,
		.tcpi_last_ack_recv = 1008,
		.tcpi_rtt = 1009,
		.tcpi_rttvar = 1010,
		.tcpi_snd_ssthresh = 1011,
		.tcpi_snd_cwnd = 1012,
		.tcpi_reordering = 1013,
		.tcpi_min_rtt = 1015,
		.tcpi_delivery_rate = 1016,
		.tcpi_snd_wnd = 1019,
	};
}

static int parse(const struct answer *a, const struct flow_key *key, struct socket_look *look)
{
	return sockdiag_parse(a->bytes, a->h->nlmsg_len, key, look);
}

static void whole_answer(void **state)
{
	struct tcp_info info = some_info();
	struct socket_look look;
	struct answer a;

	(void)state;
	begin(&a, &key4, AF_INET);
	add(&a, INET_DIAG_CONG, "cubic", 6);
	add(&a, INET_DIAG_INFO, &info, sizeof(info));
	assert_int_equal(parse(&a, &key4, &look), 0);
	assert_true(look.has_info);
	assert_int_equal(look.state, STATE_ESTABLISHED);
	assert_int_equal(look.queued, 5792);
	assert_string_equal(look.cong, "cubic");
	assert_int_equal(look.ca_state, 4);
	assert_int_equal(look.retransmits, 3);
	assert_int_equal(look.backoff, 5);
	assert_int_equal(look.rto_us, 1001);
	assert_int_equal(look.mss, 1002);
	assert_int_equal(look.unacked, 1003);
	assert_int_equal(look.sacked, 1004);
	assert_int_equal(look.lost, 1005);
	assert_int_equal(look.retrans, 1006);
	assert_int_equal(look.last_sent_ms, 1007);
	assert_int_equal(look.last_ack_ms, 1008);
	assert_int_equal(look.rtt_us, 1009);
	assert_int_equal(look.rttvar_us, 1010);
	assert_int_equal(look.ssthresh, 1011);
	assert_int_equal(look.cwnd, 1012);
	assert_int_equal(look.reordering, 1013);
	assert_int_equal(look.min_rtt_us, 1015);
	assert_int_equal(look.delivery_rate, 1016);
	assert_int_equal(look.snd_wnd, 1019);
}

static void families(void **state)
{
	struct socket_look look;
	struct answer a;

	(void)state;
	begin(&a, &key6, AF_INET6);
	assert_int_equal(parse(&a, &key6, &look), 0);
	begin(&a, &key4, AF_INET6);
	assert_int_equal(parse(&a, &key4, &look), 0);
	/* the prefix is part of a mapped address */
	((uint8_t *)a.m->id.idiag_src)[0] = 0x20;
	assert_int_equal(parse(&a, &key4, &look), -EPROTO);
}

/* Younger kernels tell more, older ones less. */
static void lengths_of_info(void **state)
{
	enum { LEAST = offsetof(struct tcp_info, tcpi_snd_wnd) + 4, MORE = 64 };
	char info[sizeof(struct tcp_info) + MORE] = {0};
	struct tcp_info known = some_info();
	struct socket_look look;
	struct answer a;

	(void)state;
	memcpy(info, &known, sizeof(known));
	begin(&a, &key4, AF_INET);
	add(&a, INET_DIAG_INFO, info, sizeof(info));
	assert_int_equal(parse(&a, &key4, &look), 0);
	assert_int_equal(look.snd_wnd, 1019);
	begin(&a, &key4, AF_INET);
	add(&a, INET_DIAG_INFO, info, LEAST);
	assert_int_equal(parse(&a, &key4, &look), 0);
	assert_true(look.has_info);
	assert_int_equal(look.snd_wnd, 1019);
	begin(&a, &key4, AF_INET);
	add(&a, INET_DIAG_INFO, info, LEAST - 4);
	assert_int_equal(parse(&a, &key4, &look), 0);
	assert_false(look.has_info);
	assert_int_equal(look.rto_us, 0);
}

/* TIME_WAIT and request sockets have no tcp_info. */
static void state_alone(void **state)
{
	struct socket_look look;
	struct answer a;

	(void)state;
	begin(&a, &key4, AF_INET);
	a.m->idiag_state = 6;
	assert_int_equal(parse(&a, &key4, &look), 0);
	assert_int_equal(look.state, 6);
	assert_false(look.has_info);
}

static void other_sockets(void **state)
{
	struct socket_look look;
	struct answer a;

	(void)state;
	begin(&a, &key4, AF_INET);
	a.m->id.idiag_dport = 0;
	a.m->id.idiag_dst[0] = 0;
	a.m->idiag_state = STATE_LISTEN;
	assert_int_equal(parse(&a, &key4, &look), -ENOENT);
	begin(&a, &key4, AF_INET);
	a.m->id.idiag_sport = 1;
	assert_int_equal(parse(&a, &key4, &look), -EPROTO);
	begin(&a, &key4, AF_INET);
	a.m->id.idiag_dst[0] = 1;
	assert_int_equal(parse(&a, &key4, &look), -EPROTO);
}

static void errors(void **state)
{
	struct socket_look look;
	struct answer a;
	int *error;

	(void)state;
	begin(&a, &key4, AF_INET);
	a.h->nlmsg_type = NLMSG_ERROR;
	error = NLMSG_DATA(a.h);
	*error = -ENOENT;
	assert_int_equal(parse(&a, &key4, &look), -ENOENT);
	*error = -EPERM;
	assert_int_equal(parse(&a, &key4, &look), -EPERM);
	*error = 0; /* an acknowledgement that nobody asked for */
	assert_int_equal(parse(&a, &key4, &look), -EPROTO);
	*error = 5;
	assert_int_equal(parse(&a, &key4, &look), -EPROTO);
	*error = INT32_MIN;
	assert_int_equal(parse(&a, &key4, &look), -EPROTO);
	a.h->nlmsg_len = 0x80000000 + NLMSG_LENGTH(sizeof(*error));
	assert_int_equal(sockdiag_parse(a.bytes, 64, &key4, &look), -EPROTO);
	a.h->nlmsg_len = NLMSG_LENGTH(0);
	assert_int_equal(parse(&a, &key4, &look), -EPROTO);
	a.h->nlmsg_type = NLMSG_DONE;
	assert_int_equal(parse(&a, &key4, &look), -EPROTO);
}

/* Cut anywhere, it is refused, or what is missing is not known. */
static void cut_answers(void **state)
{
	struct tcp_info info = some_info();
	struct socket_look look;
	struct answer a;
	uint32_t whole;

	(void)state;
	begin(&a, &key4, AF_INET);
	add(&a, INET_DIAG_INFO, &info, sizeof(info));
	whole = a.h->nlmsg_len;
	for (uint32_t len = 0; len < whole; len++)
		assert_int_equal(sockdiag_parse(a.bytes, len, &key4, &look), -EPROTO);
	for (uint32_t len = 0; len < whole; len++) {
		int err;

		a.h->nlmsg_len = len;
		err = sockdiag_parse(a.bytes, whole, &key4, &look);
		if (len < NLMSG_LENGTH(sizeof(*a.m)) || len % NLMSG_ALIGNTO)
			assert_int_equal(err, -EPROTO);
		else
			assert_false(look.has_info);
	}
}

static void long_name(void **state)
{
	static const char name[] = "a name much longer than any";
	struct socket_look look;
	struct answer a;

	(void)state;
	begin(&a, &key4, AF_INET);
	add(&a, INET_DIAG_CONG, name, sizeof(name));
	assert_int_equal(parse(&a, &key4, &look), 0);
	assert_int_equal(strlen(look.cong), sizeof(look.cong) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_answer),    cmocka_unit_test(families),
		cmocka_unit_test(lengths_of_info), cmocka_unit_test(state_alone),
		cmocka_unit_test(other_sockets),   cmocka_unit_test(errors),
		cmocka_unit_test(cut_answers),     cmocka_unit_test(long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
