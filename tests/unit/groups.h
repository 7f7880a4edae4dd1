/* SPDX-License-Identifier: GPL-2.0-only */
/* Flows to be grouped, and what is said of the groups. To be included after all of ours. */
#ifndef TCPRETOP_TESTS_UNIT_GROUPS_H
#define TCPRETOP_TESTS_UNIT_GROUPS_H

#include <arpa/inet.h>
#include <string.h>

#include "src/field.h"
#include "tests/unit/tables.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

/* From 10.0.0.1 or 2001:db8::1 to `remote`, with n segments of one cause. */
static inline struct flow_sample flow_to(const char *remote, uint16_t lport, uint16_t rport,
					 enum cause cause, uint64_t n)
{
	static const uint8_t local[2][16] = {{10, 0, 0, 1}, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
	bool v6 = strchr(remote, ':');
	struct flow_sample s = {.key = {.netns = 4026531840, .lport = lport, .rport = rport}};

	s.key.family = v6 ? 6 : 4;
	memcpy(s.key.laddr, local[v6], 16);
	assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, remote, s.key.raddr), 1);
	s.rec.first_ns = s.rec.last_ns = s.rec.change_ns = START;
	s.rec.counts.segs[cause] = n;
	s.rec.last_cause = s.rec.last_cause_tlp = (uint8_t)cause;
	s.rec.sock.state = STATE_ESTABLISHED;
	return s;
}

/* Two hosts of one subnet, one of the next; IPv6 the same; two processes and one not known. */
static inline size_t mixed_flows(struct flow_sample s[7])
{
	s[0] = flow_to("198.51.100.20", 443, 40000, CAUSE_FAST, 10);
	s[1] = flow_to("198.51.100.20", 443, 40001, CAUSE_RTO, 20);
	s[2] = flow_to("198.51.100.99", 80, 40000, CAUSE_FAST, 3);
	s[3] = flow_to("198.51.101.20", 80, 5432, CAUSE_SYN, 4);
	s[4] = flow_to("2001:db8:1:2::5", 443, 40000, CAUSE_RTO, 5);
	s[5] = flow_to("2001:db8:1:2:ffff::6", 9000, 40000, CAUSE_SYNACK, 6);
	s[6] = flow_to("2001:db8:1:3::5", 443, 1, CAUSE_FAST, 7);
	s[0].owner = s[4].owner = (struct owner){.pid = 812, .comm = "nginx", .cgroup = "/web"};
	s[1].owner = (struct owner){.pid = 813, .comm = "nginx", .cgroup = "/web"};
	s[2].owner = (struct owner){.pid = 77, .comm = "sixteen letters.", .cgroup = "/db"};
	s[6].owner = s[2].owner;
	s[6].key.netns = 7;
	s[6].owner.netns = "web";
	s[0].key.host = s[1].key.host = s[4].key.host = 1;
	s[0].owner.host = s[1].owner.host = s[4].owner.host = "east";
	s[6].key.host = 2;
	s[6].owner.host = "west";
	return 7;
}

static inline void take_mixed(struct fixture *x)
{
	struct flow_sample s[7];

	assert_int_equal(tick_with(&x->m, s, mixed_flows(s)), 0);
}

static inline void build(struct fixture *x, enum group_by by, enum table_rows which)
{
	x->v.group = by;
	assert_int_equal(table_build(&x->t, &x->m, &x->v, which), 0);
}

struct expected {
	const char *label; /* "-" for what is not known */
	double flows, retr;
};

static inline double number(const struct fixture *x, size_t row, enum field_id id)
{
	struct value val;

	field_get(id, &x->m, &x->v, x->t.rows[row], &val);
	assert_int_equal(val.known, val.number >= 0);
	return val.number;
}

static inline const char *text(const struct fixture *x, size_t row, enum field_id id,
			       struct value *val)
{
	field_get(id, &x->m, &x->v, x->t.rows[row], val);
	return val->known ? val->text : "-";
}

/* None of these is known of the first row. */
static inline void assert_unknown(const struct fixture *x, const enum field_id *ids, size_t n)
{
	struct value val;

	for (size_t i = 0; i < n; i++)
		assert_string_equal(text(x, 0, ids[i], &val), "-");
}

/* The rows are these, in this order; one without a label ends them. */
static inline void assert_groups(const struct fixture *x, const struct expected *e)
{
	struct value val;
	size_t n = 0;

	for (; e[n].label; n++) {
		assert_true(n < x->t.nrows);
		assert_string_equal(text(x, n, FIELD_GROUP, &val), e[n].label);
		assert_true(number(x, n, FIELD_FLOWS) == e[n].flows);
		assert_true(number(x, n, FIELD_RETR) == e[n].retr);
		assert_int_equal(table_find_group(&x->t, &flow_group(x->t.rows[n])->key), n);
	}
	assert_int_equal(x->t.nrows, n);
}

/* A flow with all that can be summed, times n. */
static inline struct flow_sample rich_flow(uint16_t rport, uint64_t n)
{
	struct flow_sample s = flow_to("198.51.100.20", 443, rport, CAUSE_FAST, 10 * n);

	s.rec.counts.segs[CAUSE_TLP] = n;
	s.rec.counts.segs[CAUSE_SYNACK] = 2 * n;
	s.rec.counts.bytes = 1000 * n;
	s.rec.counts.tlp_bytes = 100 * n;
	s.rec.counts.rto_wait_us = 200000 * n;
	s.rec.counts.tlp_attempts = 3 * n;
	s.rec.counts.tlp_sent = 2 * n;
	s.rec.flags = FLOW_SAMPLED;
	s.rec.sock.total_retrans = (uint32_t)(11 * n);
	s.rec.sock.data_segs_out = n == 1 ? 1100 : UINT32_MAX;
	s.rec.sock.srtt_us = s.rec.sock.rto_us = s.rec.sock.cwnd = 1000;
	return s;
}

#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, make_fixture, free_fixture)

#endif
