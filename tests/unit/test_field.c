// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/field.h"
#include "src/model.h"
#include "src/sanitise.h"
#include "src/view.h"
#include "tests/unit/flows.h"
#include "tests/unit/random.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

/* A model with flow 0, in trouble, and flow 1, of which next to nothing is known. */
static int make_flows(void **state)
{
	struct flow_sample s[2] = {numbered_sample(0, START), numbered_sample(1, START)};
	struct counts *c = &s[0].rec.counts;

	if (make_model(state))
		return -1;
	s[0].owner = (struct owner){.pid = 812, .comm = "nginx\x1b[1m", .others = 3};
	s[0].owner.cgroup = "/system.slice/ng\tinx.service";
	s[0].owner.unit = "ng\tinx.service";
	s[0].owner.netns = "web\x1b";
	s[0].owner.host = "a\nb";
	s[0].owner.user = "www-data";
	s[0].rec.flags = FLOW_SAMPLED;
	s[0].rec.sock = (struct sock_sample){
		.state = STATE_ESTABLISHED,
		.ca_state = 3,
		.total_retrans = 1234567,
		.data_segs_out = 40000000,
		.srtt_us = 38400,
		.rto_us = 240000,
		.rttvar_us = 9100,
		.backoff = 3,
		.cwnd = 4,
		.ssthresh = 7,
		.packets_out = 10,
		.lost_out = 6,
		.mss = 1448,
		.cong = "cu\tbic",
	};
	s[0].rec.last_cause = CAUSE_FAST;
	s[0].rec.last_cause_tlp = CAUSE_TLP;
	c->segs[CAUSE_FAST] = 1234560;
	c->segs[CAUSE_SYNACK] = 3;
	c->segs[CAUSE_TLP] = 4;
	c->rto_wait_us = 4200000;
	c->bytes = 10 * 1024;
	c->tlp_bytes = 1024;
	c->spurious = 17;
	s[1].rec.last_cause = s[1].rec.last_cause_tlp = CAUSE_SYN;
	s[1].rec.counts.segs[CAUSE_SYN] = 1;
	return tick_with(*state, s, 2);
}

/* What is shown of both flows; the width is the column's own. */
static const struct {
	enum field_id id;
	const char *known, *known_tlp, *unknown;
} cells[] = {
	{FIELD_RETR, "1,235k", "1,235k", "1"},
	{FIELD_RETR_RATE, "1,235k", "1,235k", "1"},
	{FIELD_TLP, "4", "4", "0"},
	{FIELD_SYNACK, "3", "3", "0"},
	{FIELD_RATIO, "3.1%", "3.1%", "-"},
	{FIELD_RTO_WAIT, "4.2 s", "4.2 s", "0"},
	{FIELD_RTO_WAIT_RATE, "4.2 s", "4.2 s", "0"},
	{FIELD_BYTES, "9.0 KiB", "10.0 KiB", "0 B"},
	{FIELD_SPURIOUS, "17", "17", "0"},
	{FIELD_RTT, "38ms", "38ms", "-"},
	{FIELD_RTTVAR, "9.1ms", "9.1ms", "-"},
	{FIELD_RTO, "240ms", "240ms", "-"},
	{FIELD_BACKOFF, "3", "3", "-"},
	{FIELD_CWND, "4", "4", "-"},
	{FIELD_SSTHRESH, "7", "7", "-"},
	{FIELD_IN_FLIGHT, "4", "4", "-"},
	{FIELD_MSS, "1,448", "1,448", "-"},
	{FIELD_CC, "cu?bic", "cu?bic", "-"},
	{FIELD_CAUSE, "FAST", "TLP", "SYN"},
	{FIELD_STATE, "ESTABLISHED", "ESTABLISHED", "-"},
	{FIELD_CA_STATE, "Recovery", "Recovery", "-"},
	{FIELD_LADDR, "10.0.0.1:443", "10.0.0.1:443", "[2001:db8::1]:443"},
	{FIELD_RADDR, "198.51.0.0:40000", "198.51.0.0:40000", "[2001:db8::1]:40001"},
	{FIELD_PROCESS, "nginx?[1m/812+3", "nginx?[1m/812+3", "-"},
	{FIELD_USER, "www-data", "www-data", "-"},
	{FIELD_UNIT, "ng?inx.service", "ng?inx.service", "-"},
	{FIELD_CGROUP, "/system.slice/ng?inx.service", "/system.slice/ng?inx.service", "-"},
	{FIELD_NETNS, "web?", "web?", "4026531840"},
	{FIELD_HOST, "a?b", "a?b", "-"},
	{FIELD_AGE, "1.0 s", "1.0 s", "1.0 s"},
	{FIELD_FLOWS, "-", "-", "-"},
	{FIELD_GROUP, "-", "-", "-"},
};

static void check_cell(const struct model *m, bool tlp, unsigned int flow, enum field_id id,
		       const char *want)
{
	struct view v;
	struct value val;
	char text[128];

	view_init(&v);
	v.tlp = tlp;
	field_get(id, m, &v, find_flow(m, flow), &val);
	field_text(id, &val, fields[id].width, text, sizeof(text));
	if (strcmp(text, want))
		print_error("%s\n", fields[id].title);
	assert_string_equal(text, want);
	assert_int_equal(val.known, strcmp(want, "-") != 0);
}

static void cells_as_listed(void **state)
{
	/* All but the history, which is no text. */
	assert_int_equal(sizeof(cells) / sizeof(cells[0]), FIELDS - 1);
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		check_cell(*state, false, 0, cells[i].id, cells[i].known);
		check_cell(*state, true, 0, cells[i].id, cells[i].known_tlp);
		check_cell(*state, false, 1, cells[i].id, cells[i].unknown);
		check_cell(*state, true, 1, cells[i].id, cells[i].unknown);
	}
}

static double number_of(const struct model *m, bool tlp, unsigned int flow, enum field_id id)
{
	struct view v;
	struct value val;

	view_init(&v);
	v.tlp = tlp;
	field_get(id, m, &v, find_flow(m, flow), &val);
	assert_true(val.known);
	return val.number;
}

static void probes_are_included_at_once(void **state)
{
	struct model *m = *state;
	static const enum field_id ids[] = {FIELD_RETR, FIELD_RETR_RATE, FIELD_HISTORY};

	/* The history saturates; the probes come on top. */
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_true(number_of(m, true, 0, ids[i]) - number_of(m, false, 0, ids[i]) == 4);
	/* In the next interval nothing happens: the rate is of that, the count and history stay. */
	tick_with(m, NULL, 0);
	assert_true(number_of(m, true, 0, FIELD_RETR_RATE) == 0);
	assert_true(number_of(m, true, 0, FIELD_RETR) == 1234567);
	assert_true(number_of(m, true, 1, FIELD_HISTORY) == 1);
	assert_true(number_of(m, true, 0, FIELD_AGE) == 2);
}

/* The two are written one after the other, and read in between. */
static void probe_bytes_ahead_of_bytes(void **state)
{
	struct model *m = *state;
	struct flow_sample s = numbered_sample(2, START);

	s.rec.counts.segs[CAUSE_TLP] = 1;
	s.rec.counts.tlp_bytes = 100;
	tick_with(m, &s, 1);
	assert_true(number_of(m, false, 2, FIELD_BYTES) == 0);
	assert_true(number_of(m, true, 2, FIELD_BYTES) == 0);
}

static void rate_without_time(void **state)
{
	struct model *m = *state;

	m->interval.elapsed = 0;
	assert_true(number_of(m, false, 0, FIELD_RETR_RATE) == 0);
	assert_true(number_of(m, false, 0, FIELD_RTO_WAIT_RATE) == 0);
	m->interval.elapsed = 0.1;
	assert_true(fabs(number_of(m, false, 1, FIELD_RETR_RATE) - 10) < 1e-9);
	assert_true(fabs(number_of(m, false, 0, FIELD_RTO_WAIT_RATE) - 42) < 1e-9);
}

static bool is_number(enum field_id id)
{
	return fields[id].unit < UNIT_TEXT;
}

/* The column is as wide as any value needs, so that none is cut. */
static void any_number_fits(enum field_id id, double number)
{
	struct value val = {.known = true, .number = number};
	char text[128], narrow[128];

	field_text(id, &val, fields[id].width, text, sizeof(text));
	if (strlen(text) > fields[id].width)
		fail_msg("%s: \"%s\"", fields[id].title, text);
	/* Narrower than any number: whole all the same, and no wider than before. */
	field_text(id, &val, 1, narrow, sizeof(narrow));
	assert_true(strlen(narrow) <= strlen(text) && *narrow);
}

static void numbers_fit_their_columns(void **state)
{
	static const double extremes[] = {0,   1,          9.95, 999.5, 999999.5,
					  1e9, UINT32_MAX, 1e12, 1e15,  UINT64_MAX};
	struct random random = {5};

	(void)state;
	for (int id = 0; id < FIELDS; id++) {
		if (!is_number((enum field_id)id))
			continue;
		for (size_t i = 0; i < sizeof(extremes) / sizeof(extremes[0]); i++)
			any_number_fits((enum field_id)id, extremes[i]);
		for (int i = 0; i < 5000; i++)
			any_number_fits((enum field_id)id,
					(double)UINT64_MAX * pow(10, -24 * random_share(&random)));
	}
}

static void unknown_fits_anywhere(void **state)
{
	static const struct value unknown = {.known = false, .number = -1};
	char text[128];

	(void)state;
	for (int id = 0; id < FIELDS; id++) {
		field_text((enum field_id)id, &unknown, 1, text, sizeof(text));
		assert_string_equal(text, "-");
	}
}

static void longest_texts_are_whole(void **state)
{
	struct model *m = *state;
	struct flow_sample s = numbered_sample(3, START);
	const struct flow *f;
	struct view v;
	struct value val;

	view_init(&v);
	memset(s.key.laddr, 0x11, 16);
	s.key.lport = s.key.rport = 65535;
	s.key.laddr[1] = 0x12;
	s.owner.pid = INT32_MAX;
	memset(s.owner.comm, 'x', sizeof(s.owner.comm)); /* no NUL */
	tick_with(m, &s, 1);
	f = model_find(m, &s.key);
	assert_non_null(f);
	field_get(FIELD_PROCESS, m, &v, f, &val);
	assert_string_equal(val.text, "xxxxxxxxxxxxxxxx/2147483647");
	field_get(FIELD_LADDR, m, &v, f, &val);
	assert_string_equal(val.text, "[1112:1111:1111:1111:1111:1111:1111:1111]:65535");
	assert_int_equal(strlen(val.text), fields[FIELD_LADDR].max_width);
}

static void columns_make_sense(void **state)
{
	unsigned int priorities[GROUPS][256] = {0};
	char buf[128];

	(void)state;
	for (int id = 0; id < FIELDS; id++) {
		const struct field *f = &fields[id];

		assert_non_null(f->title);
		assert_non_null(f->help);
		assert_true(f->width <= f->max_width);
		assert_true(!is_number((enum field_id)id) || f->width == f->max_width);
		/* The title has room, and says the same in every encoding. */
		assert_true(strlen(f->title) <= f->width);
		assert_int_equal(sanitise(f->title, SIZE_MAX, buf, sizeof(buf)), strlen(f->title));
		assert_string_equal(buf, f->title);
		for (int by = 0; by < GROUPS; by++) {
			if (field_is_of((enum field_id)id, (enum group_by)by))
				assert_int_equal(priorities[by][f->priority]++, 0);
		}
		if (!is_number((enum field_id)id) && f->unit != UNIT_HISTORY)
			assert_true(f->ascending);
	}
}

static void fields_by_name(void **state)
{
	static const struct {
		const char *name;
		enum field_id id;
	} names[] = {
		{"RETR", FIELD_RETR},
		{"retr", FIELD_RETR},
		{"RETR/s", FIELD_RETR_RATE},
		{"retr/S", FIELD_RETR_RATE},
		{"rto wait", FIELD_RTO_WAIT},
		{"rtowait", FIELD_RTO_WAIT},
		{"RTO_WAIT", FIELD_RTO_WAIT},
		{"rto-wait/s", FIELD_RTO_WAIT_RATE},
		{"rto", FIELD_RTO},
		{" RTO ", FIELD_RTO},
		{"laddr", FIELD_LADDR},
		{"LADDR:LPORT", FIELD_LADDR},
		{"raddrrport", FIELD_RADDR},
		{"raddr", FIELD_RADDR},
		{"process", FIELD_PROCESS},
		{"", FIELDS},
		{" ", FIELDS},
		{"/", FIELDS},
		{"ret", FIELDS},
		{"RETRX", FIELDS},
		{"rto wait/", FIELDS},
		{"\xff", FIELDS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (field_find(names[i].name) != names[i].id)
			print_error("%s\n", names[i].name);
		assert_int_equal(field_find(names[i].name), names[i].id);
	}
	for (int id = 0; id < FIELDS; id++)
		assert_int_equal(field_find(fields[id].title), id);
}

/* Addresses of one family by their bytes, then the port as a number. */
static void order_of_endpoints(void **state)
{
	static const struct {
		uint8_t family, addr[16];
		uint16_t port;
	} ordered[] = {
		{4, {9, 255, 255, 255}, 65535}, {4, {10, 0, 0, 2}, 80}, {4, {10, 0, 0, 2}, 443},
		{4, {10, 0, 0, 2}, 10000},      {4, {10, 0, 0, 10}, 1}, {4, {192, 168, 0, 1}, 1},
		{6, {0, [15] = 1}, 1},          {6, {0x20, 0x01}, 1},   {6, {0xfe, 0x80}, 1},
	};
	enum { N = sizeof(ordered) / sizeof(ordered[0]) };
	const struct sort_key known = {0};
	struct flow f[N] = {0};
	struct view v;

	(void)state;
	view_init(&v);
	v.sort = FIELD_RADDR;
	for (int i = 0; i < N; i++) {
		f[i].key.family = ordered[i].family;
		memcpy(f[i].key.raddr, ordered[i].addr, 16);
		f[i].key.rport = ordered[i].port;
		f[i].key.lport = (uint16_t)(N - i);
	}
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			int order = field_order(&v, &known, &f[i], &known, &f[j]);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
}

#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, make_flows, free_model)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MODEL(cells_as_listed),
		WITH_MODEL(probes_are_included_at_once),
		WITH_MODEL(probe_bytes_ahead_of_bytes),
		WITH_MODEL(rate_without_time),
		cmocka_unit_test(numbers_fit_their_columns),
		cmocka_unit_test(unknown_fits_anywhere),
		WITH_MODEL(longest_texts_are_whole),
		cmocka_unit_test(columns_make_sense),
		cmocka_unit_test(fields_by_name),
		WITH_MODEL(order_of_endpoints),
	};

	return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
