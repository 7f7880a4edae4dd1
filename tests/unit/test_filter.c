// SPDX-License-Identifier: GPL-2.0-only
#include "src/filter.h"
#include "src/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct model m;
	struct view v;
	struct flow f;
	struct shared shared;
};

static void make(struct fixture *x)
{
	const struct counts sum = {.segs[CAUSE_FAST] = 1500, .rto_wait_us = 4200000};

	memset(x, 0, sizeof(*x));
	view_init(&x->v);
	x->m.interval.elapsed = 1;
	x->m.tick = 1; /* in which the flow did not change */
	x->f.key = (struct flow_key){
		.netns = 4026531840,
		.family = 4,
		.laddr = {10, 0, 0, 17},
		.lport = 443,
		.raddr = {198, 51, 100, 20},
		.rport = 51442,
	};
	assert_int_equal(tally_set(&x->f.sum, &sum), 0);
	x->f.last_cause = CAUSE_FAST;
	x->f.flags = FLOW_SAMPLED;
	x->f.sock.state = STATE_ESTABLISHED;
	x->f.sock.data_segs_out = 30000;
	x->f.sock.total_retrans = 1500;
	x->f.sock.srtt_us = 38000;
	x->f.pid = 812;
	x->f.shared = &x->shared;
	strcpy(x->shared.comm, "nginx");
	x->shared.cgroup = "/system.slice/nginx.service";
	x->shared.netns = "web";
}

static const struct {
	const char *text;
	bool matches;
} matches[] = {
	{"host 10.0.0.17", true},
	{"host 198.51.100.20", true},
	{"host 10.0.0.18", false},
	{"host ::ffff:10.0.0.17", true},
	{"host 2001:db8::1", false},
	{"local host 10.0.0.17", true},
	{"remote host 10.0.0.17", false},
	{"src host 10.0.0.17", true},
	{"src 10.0.0.17", true},
	{"src 198.51.100.20", false},
	{"dst 198.51.100.20 and port 443", true},
	{"remote 10.0.0.17", false},
	{"dst host 198.51.100.20", true},
	{"net 198.51.100.0/24", true},
	{"net 198.51.100.16/28", true},
	{"net 198.51.100.32/28", false},
	{"local net 198.51.100.0/24", false},
	{"net 0.0.0.0/0", true},
	{"net ::/0", false},
	{"port 443", true},
	{"port 51442", true},
	{"remote port 443", false},
	{"dst port 51442", true},
	{"portrange 440-443", true},
	{"portrange 444-65535", true},
	{"portrange 443", true},
	{"local portrange 444-65535", false},
	{"src portrange 443-443", true},
	{"tcp", true},
	{"tcp port 443", true},
	{"tcp and dst port 51442", true},
	{"not tcp", false},
	{"\"tcp\"", false},
	{"process nginx", true},
	{"process NGINX", true},
	{"process ngin", false},
	{"process \"nginx\"", true},
	{"process 'nginx'", true},
	{"pid 812", true},
	{"pid 81", false},
	{"cgroup */nginx.service", true},
	{"cgroup /system.slice/*", true},
	{"cgroup */sshd.service", false},
	{"netns 4026531840", true},
	{"netns 4026531841", false},
	{"netns web", true},
	{"netns db", false},
	{"state established", true},
	{"state ESTAB", true},
	{"state Established", true},
	{"state SYN_SENT", false},
	{"state syn-sent", false},
	{"state fin-wait-1", false},
	{"state closed", false},
	{"not state time-wait", true},
	{"cause FAST", true},
	{"cause rto", false},
	{"ip", true},
	{"ip6", false},
	{"RETR > 1000", true},
	{"RETR > 1.5k", false},
	{"RETR >= 1.5k", true},
	{"RETR = 1500", true},
	{"RETR == 1500", true},
	{"RETR != 1500", false},
	{"retr<2k", true},
	{"RATIO > 4%", true},
	{"RATIO > 5%", false},
	{"RATIO >= 0.05", true},
	{"RTT > 20ms", true},
	{"RTT > 1s", false},
	/* As the columns have it. */
	{"RTT > 20 ms", true},
	{"RTT > 39 ms", false},
	{"RTT > 20 MS and ip", true},
	{"RATIO > 4 %", true},
	{"RATIO > 6 %", false},
	{"RETR > 1 K", true},
	{"RETR > 2 K", false},
	{"RETR > 3 nginx", true},
	{"RETR > 3 apache", false},
	{"RETR > 3 \"k\"", false},
	{"RTT <= 38000us", true},
	{"RTO WAIT > 4s", true},
	{"rtowait > 5s", false},
	{"RETR/s < 1/s", true},
	/* What is not known is neither more nor less. */
	{"RTO > 0", false},
	{"RTO <= 0", false},
	{"nginx", true},
	{"ngin", true},
	{"198.51", true},
	{"51442", true},
	{"ESTAB", true},
	{"apache", false},
	{"\"10.0.0.17:443\"", true},
	{"not ip6", true},
	{"!ip6", true},
	{"not not ip", true},
	{"ip and port 443", true},
	{"ip && port 80", false},
	{"ip port 443", true},
	{"ip6 or port 443", true},
	{"ip6 || port 80", false},
	/* not binds tighter than and, and tighter than or */
	{"ip6 and port 80 or nginx", true},
	{"nginx or ip6 and port 80", true},
	{"(nginx or ip6) and port 80", false},
	{"not (ip6 or port 80)", true},
	{"not ip6 and port 443", true},
};

static void matches_as_listed(void **state)
{
	struct fixture x;

	(void)state;
	make(&x);
	for (size_t i = 0; i < sizeof(matches) / sizeof(*matches); i++) {
		struct filter_error err;
		struct filter *f = filter_parse(matches[i].text, &err);

		if (!f)
			print_error("%s: %s at %u\n", matches[i].text, err.text, err.at);
		assert_non_null(f);
		if (filter_flow(f, &x.m, &x.v, &x.f) != matches[i].matches)
			print_error("%s\n", matches[i].text);
		assert_int_equal(filter_flow(f, &x.m, &x.v, &x.f), matches[i].matches);
		filter_free(f);
	}
	assert_true(filter_flow(NULL, &x.m, &x.v, &x.f));
}

static const struct {
	const char *text;
	unsigned int at;
	const char *says;
} errors[] = {
	{"", 0, "something to match"},
	{"   ", 3, "something to match"},
	{"host", 4, "address"},
	{"host nowhere", 5, "address"},
	{"host 10.0.0.256", 5, "address"},
	{"port 65536", 5, "65535"},
	{"port -1", 5, "65535"},
	{"port 0x50", 5, "65535"},
	{"net 10.0.0.0", 4, "network"},
	{"net 10.0.0.0/33", 4, "network"},
	{"net ::/129", 4, "network"},
	{"portrange 443-", 10, "8000-8099"},
	{"portrange 443-80", 10, "8000-8099"},
	{"portrange 1-65536", 10, "8000-8099"},
	{"local", 5, "host, net, port"},
	{"src nowhere", 4, "host, net, port"},
	{"FLOWS > 1", 0, "before they are grouped"},
	{"local process x", 6, "host, net, port"},
	{"state NOWHERE", 6, "TCP state"},
	{"cause LOVE", 6, "cause"},
	{"pid x", 4, "number of a process"},
	{"ip and", 6, "something to match"},
	{"ip and and ip", 7, "something to match"},
	{"or ip", 0, "something to match"},
	{"(ip", 0, "never closed"},
	{"ip)", 2, "the end"},
	{"(ip) )", 5, "the end"},
	{"\"ip", 0, "never closed"},
	{"'ip\"", 0, "never closed"},
	{"NOSUCH > 5", 0, "no such column"},
	{"RETR >", 6, "number"},
	{"RETR > x", 7, "number"},
	{"RETR > 5ms", 7, "a number, or one with k, M or G"},
	{"RTT > 5%", 6, "a number of seconds, or one with us, ms"},
	{"RATIO > 5k", 8, "a number, or one with %"},
	{"BYTES > 5s", 8, "MiB"},
	{"RETR/s > 5ms", 9, "/s"},
	{"CA > 5", 0, "text"},
	{"> 5", 0, "something to match"},
	{"not", 3, "something to match"},
};

static void errors_point_at_the_character(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		struct filter_error err = {.at = 999};

		assert_null(filter_parse(errors[i].text, &err));
		if (err.at != errors[i].at || !strstr(err.text, errors[i].says))
			print_error("'%s': %u %s\n", errors[i].text, err.at, err.text);
		assert_int_equal(err.at, errors[i].at);
		assert_non_null(strstr(err.text, errors[i].says));
	}
}

/* Whatever the unit, a number is the one that the column has. */
static void units_are_exact(void **state)
{
	struct fixture x;

	(void)state;
	make(&x);
	for (uint32_t ms = 1; ms <= 2000; ms++) {
		char text[64];
		struct filter *f;

		x.f.sock.rto_us = 1000 * ms;
		snprintf(text, sizeof(text), "RTO = %ums and RTO = %u us and not RTO < %u ms", ms,
			 1000 * ms, ms);
		f = filter_parse(text, &(struct filter_error){0});
		assert_non_null(f);
		if (!filter_flow(f, &x.m, &x.v, &x.f))
			print_error("'%s' does not hold\n", text);
		assert_true(filter_flow(f, &x.m, &x.v, &x.f));
		filter_free(f);
	}
}

static void deep_nesting_ends(void **state)
{
	struct filter_error err;
	char text[4096];

	(void)state;
	memset(text, '(', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_null(filter_parse(text, &err));
	for (size_t i = 0; i + 4 < sizeof(text); i += 4)
		memcpy(text + i, "not ", 4);
	assert_null(filter_parse(text, &err));
	memset(text, 'x', sizeof(text) - 1);
	assert_null(filter_parse(text, &err));
	assert_non_null(strstr(err.text, "too long"));
}

static void events_as_flows(void **state)
{
	struct filter_error err;
	struct filter *f = filter_parse("cause RTO and remote port 51442 and process nginx", &err);
	struct event_sample e = {.event.cause = CAUSE_RTO, .owner.pid = 812};
	struct fixture x;

	(void)state;
	make(&x);
	e.event.key = x.f.key;
	strcpy(e.owner.comm, "nginx");
	assert_non_null(f);
	assert_true(filter_event(f, &x.m, &x.v, &e));
	e.event.cause = CAUSE_FAST;
	assert_false(filter_event(f, &x.m, &x.v, &e));
	filter_free(f);
	/* Of a flow that the model does not know, no column is known. */
	f = filter_parse("RETR > 0", &err);
	assert_false(filter_event(f, &x.m, &x.v, &e));
	filter_free(f);
}

/* What an event says itself needs no flow, and goes before what its flow says of a later one. */
static void words_of_events(void **state)
{
	static const char *const own[] = {"web",        "nginx/812", "nginx.service", "www-data",
					  "shop.scope", "db1",       "RTO",           "SYN_SENT"};
	static const char *const others[] = {"FAST", "ESTABLISHED", "postgres", "later", "backup"};
	struct flow_sample flow = {.rec = {.first_ns = 1,
					   .last_ns = 1,
					   .last_cause = CAUSE_FAST,
					   .counts.segs[CAUSE_FAST] = 1,
					   .sock.state = STATE_ESTABLISHED},
				   .owner = {.pid = 901,
					     .comm = "postgres",
					     .cgroup = "/later.slice",
					     .unit = "later.scope",
					     .user = "backup"}};
	struct snapshot snap = {.now_ns = 1, .flows = &flow, .nflows = 1};
	struct event_sample e = {
		.event = {.kind = 'R', .cause = CAUSE_RTO, .state = STATE_SYN_SENT},
		.owner = {.pid = 812,
			  .comm = "nginx",
			  .cgroup = "/system.slice/nginx.service",
			  .unit = "shop.scope",
			  .netns = "web",
			  .host = "db1",
			  .user = "www-data"},
	};
	struct fixture x;

	(void)state;
	make(&x);
	model_init(&x.m, &(struct source_info){.max_flows = 1});
	flow.key = e.event.key = x.f.key;
	for (int known = 0; known < 2; known++) {
		for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
			assert_true(filter_event_holds(own[i], &x.m, &x.v, &e));
		for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
			assert_false(filter_event_holds(others[i], &x.m, &x.v, &e));
		assert_int_equal(model_tick(&x.m, &snap), 0);
	}
	assert_non_null(model_find(&x.m, &e.event.key));
	e.owner = (struct owner){0};
	assert_true(filter_event_holds("4026531840", &x.m, &x.v, &e));
	assert_false(filter_event_holds("nginx", &x.m, &x.v, &e));
	assert_true(filter_event_holds("postgres", &x.m, &x.v, &e)); /* the best that is known */
	model_free(&x.m);
}

static void texts_are_held(void **state)
{
	static const char *const held[] = {"198.51.100.20:51442", "NGINX", "stab", "fast", "web",
					   "system.slice"};
	static const char *const not_held[] = {"198.51.100.21", "(nginx)", "not nginx", "RTO"};
	struct event_sample e = {.event = {.kind = 'R', .cause = CAUSE_RTO}};
	struct group g = {.key = {.by = GROUP_LPORT, .part.lport = 443}};
	struct fixture x;

	(void)state;
	make(&x);
	for (size_t i = 0; i < sizeof(held) / sizeof(*held); i++)
		assert_true(filter_row_holds(held[i], &x.m, &x.v, &x.f));
	for (size_t i = 0; i < sizeof(not_held) / sizeof(*not_held); i++)
		assert_false(filter_row_holds(not_held[i], &x.m, &x.v, &x.f));

	/* An event's own cause, not that of its flow. */
	e.event.key = x.f.key;
	e.owner = flow_owner(&x.f);
	assert_true(filter_event_holds("51442", &x.m, &x.v, &e));
	assert_true(filter_event_holds("rto", &x.m, &x.v, &e));
	assert_false(filter_event_holds("fast", &x.m, &x.v, &e));

	/* A group has the texts of its columns and no address. */
	g.flow = x.f;
	memset(&g.flow.key, 0, sizeof(g.flow.key));
	g.flow.is_group = true;
	assert_true(filter_row_holds("443", &x.m, &x.v, &g.flow));
	assert_true(filter_row_holds("nginx/812", &x.m, &x.v, &g.flow));
	assert_false(filter_row_holds("0.0.0.0", &x.m, &x.v, &g.flow));
	assert_false(filter_row_holds("::", &x.m, &x.v, &g.flow));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_as_listed),
		cmocka_unit_test(errors_point_at_the_character),
		cmocka_unit_test(units_are_exact),
		cmocka_unit_test(deep_nesting_ends),
		cmocka_unit_test(events_as_flows),
		cmocka_unit_test(words_of_events),
		cmocka_unit_test(texts_are_held),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
