// SPDX-License-Identifier: GPL-2.0-only
/* JSON Lines and CSV, byte for byte. */
#include "src/csv.h"
#include "src/filter.h"
#include "src/json.h"
#include "tests/unit/flows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* after our own: it makes a macro of fail() */

#define EPOCH_OFFSET (1700000000 * (int64_t)SECOND)

struct capture {
	FILE *f;
	char *text;
	size_t size;
};

static void capture_begin(struct capture *c)
{
	c->f = open_memstream(&c->text, &c->size);
	assert_non_null(c->f);
}

static void capture_end(struct capture *c, const char *expected)
{
	fclose(c->f);
	assert_string_equal(c->text, expected);
	free(c->text);
}

static struct flow_key key4(void)
{
	return (struct flow_key){
		.netns = 4026531840,
		.lport = 443,
		.rport = 51442,
		.family = 4,
		.laddr = {10, 0, 0, 17},
		.raddr = {198, 51, 100, 20},
	};
}

static struct flow_key key6(void)
{
	return (struct flow_key){
		.netns = 4026531840,
		.lport = 22,
		.rport = 40000,
		.family = 6,
		.laddr = {0x20, 0x01, 0x0d, 0xb8, [15] = 1},
		.raddr = {0x20, 0x01, 0x0d, 0xb8, [15] = 2},
	};
}

static void test_string(void **state)
{
	struct capture c;

	(void)state;
	capture_begin(&c);
	json_string(c.f, "plain");
	json_string(c.f, "");
	json_string(c.f, "q\" b\\ s/ \n\t\x01\x1f\x7f");
	json_string(c.f, "\xc3\xa9\xe2\x82\xac");
	capture_end(&c, "\"plain\"\"\""
			"\"q\\\" b\\\\ s/ \\u000a\\u0009\\u0001\\u001f\\u007f\""
			"\"\xc3\xa9\xe2\x82\xac\"");
}

static void event_says(const struct event_sample *e, const char *what)
{
	struct capture c;

	capture_begin(&c);
	json_event(c.f, e, 0);
	fclose(c.f);
	assert_non_null(strstr(c.text, what));
	free(c.text);
}

static void test_event(void **state)
{
	struct event_sample e = {
		.event =
			{
				.key = key4(),
				.kind = 'R',
				.cause = CAUSE_FAST,
				.state = STATE_ESTABLISHED,
				.seq = 3112041,
				.segs = 2,
			},
		.owner = {.pid = 812, .comm = "ng\"inx\x1b"},
	};
	struct capture c;

	(void)state;
	capture_begin(&c);
	json_event(c.f, &e, 1700000001.25);
	capture_end(&c,
		    "{\"type\":\"event\",\"schema\":1,\"time\":1700000001.250000,\"kind\":\"R\","
		    "\"cause\":\"FAST\",\"netns\":4026531840,\"family\":4,\"laddr\":\"10.0.0.17\","
		    "\"lport\":443,\"raddr\":\"198.51.100.20\",\"rport\":51442,"
		    "\"state\":\"ESTABLISHED\",\"seq\":3112041,\"segs\":2,\"pid\":812,"
		    "\"comm\":\"ng\\\"inx?\",\"cgroup\":null,\"error\":null}\n");
	e.event.cause = CAUSE_FAILED;
	e.event.err = -EPERM;
	event_says(&e, "\"error\":\"EPERM\"");
	e.event.err = 1;
	event_says(&e, "\"error\":\"XMIT_DROP\"");
	e.event.err = -4000;
	event_says(&e, "\"error\":\"?\"");
}

static struct event_sample probe_event(uint8_t sent)
{
	struct event_sample e = {.event.key = key6()};

	e.event.kind = 'L';
	e.event.cause = CAUSE_TLP;
	e.event.state = STATE_ESTABLISHED;
	e.event.sent = sent;
	return e;
}

/* The tail of a probe's line, from "seq" on. */
static void probe(uint8_t sent, uint32_t segs, const char *expected)
{
	struct event_sample e = probe_event(sent);
	struct capture c;

	e.event.seq = 7;
	e.event.segs = segs;
	capture_begin(&c);
	json_event(c.f, &e, 0);
	fclose(c.f);
	assert_non_null(strstr(c.text, "\"laddr\":\"2001:db8::1\",\"lport\":22,"));
	assert_string_equal(strstr(c.text, "\"seq\""), expected);
	free(c.text);
}

static void test_probes(void **state)
{
	(void)state;
	probe(SENT_RETRANSMIT, 1,
	      "\"seq\":7,\"segs\":1,\"pid\":null,\"comm\":null,\"cgroup\":null,"
	      "\"sent\":\"retransmit\",\"error\":null}\n");
	probe(SENT_NEW, 0,
	      "\"seq\":7,\"segs\":0,\"pid\":null,\"comm\":null,\"cgroup\":null,"
	      "\"sent\":\"new\",\"error\":null}\n");
	probe(SENT_NONE, 0,
	      "\"seq\":null,\"segs\":0,\"pid\":null,\"comm\":null,\"cgroup\":null,"
	      "\"sent\":\"none\",\"error\":null}\n");
	probe(SENT_UNKNOWN, 1,
	      "\"seq\":7,\"segs\":1,\"pid\":null,\"comm\":null,\"cgroup\":null,"
	      "\"sent\":null,\"error\":null}\n");
}

/* A flow of ten segments of all sorts, and then a tick in which two more were sent again. */
static void fill_model(struct model *m, enum tlp_way way)
{
	static const struct source_info info = {.host = "h", .start_ns = 10 * SECOND};
	struct flow_sample s = {
		.key = key4(),
		.rec =
			{
				.first_ns = 11 * SECOND,
				.last_ns = 11 * SECOND + SECOND / 2,
				.counts =
					{
						.segs = {[CAUSE_RTO] = 1,
							 [CAUSE_FAST] = 4,
							 [CAUSE_TLP] = 3,
							 [CAUSE_SYNACK] = 2},
						.bytes = 9000,
						.tlp_bytes = 300,
						.rto_wait_us = 204500,
						.tlp_attempts = 5,
						.tlp_sent = 4,
						.unattributed = 1,
						.spurious = 5,
						.dsacks = 4,
						.undos = 1,
					},
				.last_err = -EPERM,
				.flags = FLOW_SAMPLED,
				.last_cause = CAUSE_FAST,
				.sock = {.total_retrans = 8,
					 .data_segs_out = 64,
					 .srtt_us = 38000,
					 .rto_us = 238000,
					 .rttvar_us = 9000,
					 .cwnd = 4,
					 .ssthresh = 7,
					 .packets_out = 10,
					 .retrans_out = 1,
					 .sacked_out = 3,
					 .lost_out = 2,
					 .mss = 1448,
					 .backoff = 2,
					 .cong = "cubic",
					 .state = STATE_ESTABLISHED,
					 .ca_state = 3},
			},
		.owner = {.pid = 812, .comm = "nginx"},
	};
	struct snapshot snap = {
		.now_ns = 12 * SECOND,
		.realtime_offset_ns = EPOCH_OFFSET,
		.flows = &s,
		.nflows = 1,
		.totals = {.counts = s.rec.counts, .events_lost = 2},
		.evicted = 3,
		.coverage = {.seen = 10, .kernel = 11, .netns = 1},
	};

	model_init(m, &info);
	m->info.tlp_way = way;
	m->info.undos_known = way != TLP_NONE;
	m->info.errors_unknown = way == TLP_NONE;
	assert_int_equal(model_tick(m, &snap), 0);
	s.rec.counts.segs[CAUSE_FAST] += 2;
	s.rec.last_ns = 12 * SECOND + SECOND / 4;
	snap.totals.counts.segs[CAUSE_FAST] += 2;
	snap.totals.events_lost = 7;
	snap.evicted = 9;
	snap.coverage.seen = snap.coverage.kernel = 13;
	snap.now_ns = 13 * SECOND;
	assert_int_equal(model_tick(m, &snap), 0);
}

static void test_flow(void **state)
{
	struct model m;
	struct capture c;

	(void)state;
	fill_model(&m, TLP_TIMER);
	capture_begin(&c);
	json_flow(c.f, &m, only_flow(&m), false);
	capture_end(&c,
		    "{\"type\":\"flow\",\"netns\":4026531840,\"family\":4,\"laddr\":\"10.0.0.17\","
		    "\"lport\":443,\"raddr\":\"198.51.100.20\",\"rport\":51442,\"pid\":812,"
		    "\"comm\":\"nginx\",\"cgroup\":null,\"retrans\":7,\"retrans_interval\":2,"
		    "\"tlp\":3,\"tlp_attempts\":5,\"tlp_sent\":4,\"synack\":2,"
		    "\"by_cause\":{\"RTO\":1,\"FAST\":6,\"RACK\":0,\"TLP\":3,\"SYN\":0,"
		    "\"SYNACK\":2,\"PROBE\":0,\"MTU\":0,\"FAILED\":0,\"OTHER\":0},"
		    "\"bytes_retrans\":9000,\"ratio\":0.125000,\"rto_wait_ms\":204.500,"
		    "\"srtt_us\":38000,\"rto_us\":238000,\"cwnd\":4,\"ca_state\":\"Recovery\","
		    "\"state\":\"ESTABLISHED\",\"first_seen\":1700000011.000000,"
		    "\"last_seen\":1700000012.250000,\"spurious\":5,\"dsacks\":4,\"undos\":1,"
		    "\"rttvar_us\":9000,\"backoff\":2,\"ssthresh\":7,\"in_flight\":6,"
		    "\"mss\":1448,\"cc\":\"cubic\",\"last_error\":\"EPERM\"}\n");
	capture_begin(&c);
	json_flow(c.f, &m, only_flow(&m), true);
	fclose(c.f);
	assert_non_null(strstr(c.text, "\"retrans\":7,\"retrans_interval\":7,"));
	free(c.text);
	model_free(&m);
}

static void test_unknown_is_null(void **state)
{
	struct model m;
	struct capture c;

	(void)state;
	fill_model(&m, TLP_NONE);
	only_flow(&m)->flags = 0;
	only_flow(&m)->last_err = 0;
	only_flow(&m)->pid = 0;
	only_flow(&m)->sock.state = STATE_SYN_RECV;
	capture_begin(&c);
	json_flow(c.f, &m, only_flow(&m), false);
	capture_end(&c,
		    "{\"type\":\"flow\",\"netns\":4026531840,\"family\":4,\"laddr\":\"10.0.0.17\","
		    "\"lport\":443,\"raddr\":\"198.51.100.20\",\"rport\":51442,\"pid\":null,"
		    "\"comm\":null,\"cgroup\":null,\"retrans\":7,\"retrans_interval\":2,"
		    "\"tlp\":3,\"tlp_attempts\":null,\"tlp_sent\":null,\"synack\":2,"
		    "\"by_cause\":{\"RTO\":1,\"FAST\":6,\"RACK\":null,\"TLP\":3,\"SYN\":0,"
		    "\"SYNACK\":2,\"PROBE\":0,\"MTU\":0,\"FAILED\":null,\"OTHER\":0},"
		    "\"bytes_retrans\":9000,\"ratio\":null,\"rto_wait_ms\":204.500,"
		    "\"srtt_us\":null,\"rto_us\":null,\"cwnd\":null,\"ca_state\":null,"
		    "\"state\":\"SYN_RECV\",\"first_seen\":1700000011.000000,"
		    "\"last_seen\":1700000012.250000,\"spurious\":5,\"dsacks\":4,"
		    "\"undos\":null,\"rttvar_us\":null,\"backoff\":null,\"ssthresh\":null,"
		    "\"in_flight\":null,\"mss\":null,\"cc\":null,\"last_error\":null}\n");
	only_flow(&m)->sock.state = 0;
	capture_begin(&c);
	json_flow(c.f, &m, only_flow(&m), false);
	fclose(c.f);
	assert_non_null(strstr(c.text, "\"state\":null,"));
	free(c.text);
	m.tick = 0;
	capture_begin(&c);
	json_interval(c.f, &m, NULL);
	fclose(c.f);
	assert_non_null(strstr(c.text, "\"type\":\"interval\",\"time\":null,"));
	free(c.text);
	model_free(&m);
}

static void test_interval(void **state)
{
	struct interval before = {.evicted = 3, .events_lost = 2};
	struct model m;
	struct capture c;

	(void)state;
	fill_model(&m, TLP_TIMER);
	capture_begin(&c);
	json_interval(c.f, &m, &before);
	capture_end(&c, "{\"type\":\"interval\",\"time\":1700000013.000000,\"elapsed\":1.000000,"
			"\"totals\":{\"retrans\":2,\"tlp\":0,\"tlp_attempts\":0,\"tlp_sent\":0,"
			"\"synack\":0,\"failed\":0,\"by_cause\":{\"RTO\":0,\"FAST\":2,\"RACK\":0,"
			"\"TLP\":0,\"SYN\":0,\"SYNACK\":0,\"PROBE\":0,\"MTU\":0,\"FAILED\":0,"
			"\"OTHER\":0}},\"flows\":1,\"evicted\":6,\"events_lost\":5,"
			"\"unattributed\":0,\"coverage\":{\"seen\":3,\"kernel\":2}}\n");
	/* A recording may say that it went back. */
	before = (struct interval){.evicted = 10, .events_lost = 10};
	capture_begin(&c);
	json_interval(c.f, &m, &before);
	fclose(c.f);
	assert_non_null(strstr(c.text, ",\"evicted\":0,\"events_lost\":0,"));
	free(c.text);
	m.interval.coverage.netns = 0;
	capture_begin(&c);
	json_interval(c.f, &m, NULL);
	capture_end(&c, "{\"type\":\"interval\",\"time\":1700000013.000000,\"elapsed\":3.000000,"
			"\"totals\":{\"retrans\":7,\"tlp\":3,\"tlp_attempts\":5,\"tlp_sent\":4,"
			"\"synack\":2,\"failed\":0,\"by_cause\":{\"RTO\":1,\"FAST\":6,\"RACK\":0,"
			"\"TLP\":3,\"SYN\":0,\"SYNACK\":2,\"PROBE\":0,\"MTU\":0,\"FAILED\":0,"
			"\"OTHER\":0}},\"flows\":1,\"evicted\":9,\"events_lost\":7,"
			"\"unattributed\":1,\"coverage\":{\"seen\":null,\"kernel\":null}}\n");
	m.info.errors_unknown = true;
	capture_begin(&c);
	json_interval(c.f, &m, NULL);
	fclose(c.f);
	assert_non_null(strstr(c.text, "\"failed\":null,"));
	assert_non_null(strstr(c.text, "\"FAILED\":null,"));
	free(c.text);
	model_free(&m);
}

static void has_coverage(const struct coverage *cov, const char *wanted)
{
	struct interval before = {.evicted = 0};
	struct capture c;
	struct model m;

	fill_model(&m, TLP_TIMER);
	m.interval.last_coverage = *cov;
	capture_begin(&c);
	json_interval(c.f, &m, &before);
	fclose(c.f);
	assert_non_null(strstr(c.text, wanted));
	free(c.text);
	model_free(&m);
}

/* Where counters could not be read that is said, and nothing of nothing is not all of it. */
static void test_unread(void **state)
{
	(void)state;
	has_coverage(&(struct coverage){.netns = 1, .seen = 2, .kernel = 2},
		     "\"coverage\":{\"seen\":2,\"kernel\":2}}");
	has_coverage(&(struct coverage){.netns = 1, .seen = 2, .kernel = 2, .unread = 3},
		     "\"coverage\":{\"seen\":2,\"kernel\":2,\"unread\":3}}");
	has_coverage(&(struct coverage){.netns = 1, .unread = 3},
		     "\"coverage\":{\"seen\":null,\"kernel\":null,\"unread\":3}}");
}

static void test_csv(void **state)
{
	static const enum field_id columns[] = {FIELD_RETR, FIELD_RATIO,   FIELD_RTT,
						FIELD_CWND, FIELD_PROCESS, FIELD_RADDR};
	const struct shared *known;
	struct shared other;
	struct view v;
	struct model m;
	struct capture c;
	struct flow *f;

	(void)state;
	view_init(&v);
	memcpy(v.columns, columns, sizeof(columns));
	v.ncolumns = sizeof(columns) / sizeof(*columns);
	fill_model(&m, TLP_TIMER);
	capture_begin(&c);
	csv_flow_header(c.f, &v);
	f = only_flow(&m);
	csv_flow(c.f, &m, &v, f);
	f->flags = 0;
	known = f->shared;
	other = *known;
	strcpy(other.comm, "a\"b,c");
	f->shared = &other;
	csv_flow(c.f, &m, &v, f);
	f->shared = known;
	f->pid = 0;
	csv_flow(c.f, &m, &v, f);
	capture_end(&c, "time,RETR,RATIO,RTT,CWND,PROCESS,RADDR:RPORT\n"
			"1700000013.000000,9,0.125,0.038,4,nginx/812,198.51.100.20:51442\n"
			"1700000013.000000,9,,,,\"a\"\"b,c/812\",198.51.100.20:51442\n"
			"1700000013.000000,9,,,,,198.51.100.20:51442\n");
	model_free(&m);
}

/* A cluster within a container has such paths: no line of a program's output ends in the middle. */
static void test_csv_long_path(void **state)
{
	static const enum field_id columns[] = {FIELD_CGROUP};
	const struct shared *known;
	char wanted[1024], path[401];
	struct shared other;
	struct view v;
	struct model m;
	struct capture c;
	struct flow *f;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	strcpy(path + sizeof(path) - 5, "tail");
	view_init(&v);
	v.columns_given = true;
	memcpy(v.columns, columns, sizeof(columns));
	v.ncolumns = 1;
	fill_model(&m, TLP_TIMER);
	f = only_flow(&m);
	known = f->shared;
	other = *known;
	other.cgroup = path;
	f->shared = &other;
	capture_begin(&c);
	csv_flow(c.f, &m, &v, f);
	snprintf(wanted, sizeof(wanted), "1700000013.000000,%s\n", path);
	capture_end(&c, wanted);
	assert_true(filter_row_holds("xtail", &m, &v, f));
	f->shared = known;
	model_free(&m);
}

static void test_csv_event(void **state)
{
	struct event_sample e = probe_event(SENT_NONE);
	struct capture c;

	(void)state;
	e.owner = (struct owner){.pid = 9, .comm = "a,b"};
	capture_begin(&c);
	csv_event_header(c.f, false);
	csv_event(c.f, &e, 1.5);
	capture_end(&c, "time,kind,cause,netns,family,laddr,lport,raddr,rport,state,seq,segs,pid,"
			"comm,cgroup,sent\n"
			"1.500000,L,TLP,4026531840,6,2001:db8::1,22,2001:db8::2,40000,ESTABLISHED,,"
			"0,9,\"a,b\",,none\n");
	e.owner.host = "db1";
	capture_begin(&c);
	csv_event_header(c.f, true);
	csv_event(c.f, &e, 1.5);
	capture_end(&c, "time,kind,cause,netns,family,laddr,lport,raddr,rport,state,seq,segs,pid,"
			"comm,cgroup,sent,host\n"
			"1.500000,L,TLP,4026531840,6,2001:db8::1,22,2001:db8::2,40000,ESTABLISHED,,"
			"0,9,\"a,b\",,none,db1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_string),          cmocka_unit_test(test_event),
		cmocka_unit_test(test_probes),          cmocka_unit_test(test_flow),
		cmocka_unit_test(test_interval),        cmocka_unit_test(test_unread),
		cmocka_unit_test(test_unknown_is_null), cmocka_unit_test(test_csv),
		cmocka_unit_test(test_csv_long_path),   cmocka_unit_test(test_csv_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
