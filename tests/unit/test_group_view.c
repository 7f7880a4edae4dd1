// SPDX-License-Identifier: GPL-2.0-only
/* What is shown of groups: filtered, sorted, opened, in which columns, and how they are written. */
#include <stdio.h>

#include "src/csv.h"
#include "src/json.h"

#include "tests/unit/groups.h"

static void filtered(void **state)
{
	struct fixture *x = *state;
	struct filter_error err;

	take_mixed(x);
	x->v.filter = filter_parse("port 443 and ip", &err);
	assert_non_null(x->v.filter);
	build(x, GROUP_SUBNET, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"198.51.100.0/24", 2, 30}, {0}});
	assert_int_equal(x->t.nmatches, 2);
	assert_int_equal(x->t.nflows, 7);
}

static void sort_by(struct fixture *x, enum field_id id, bool reverse)
{
	x->v.sort = id;
	x->v.reverse = reverse;
}

static void sorting(void **state)
{
	struct fixture *x = *state;

	take_mixed(x);
	sort_by(x, FIELD_GROUP, false);
	build(x, GROUP_LPORT, ROWS_RECENT); /* as numbers */
	assert_groups(x, (struct expected[]){{"80", 2, 7}, {"443", 4, 42}, {"9000", 1, 6}, {0}});
	build(x, GROUP_SUBNET, ROWS_RECENT); /* as addresses */
	assert_groups(x, (struct expected[]){{"198.51.100.0/24", 3, 33},
					     {"198.51.101.0/24", 1, 4},
					     {"2001:db8:1:2::/64", 2, 11},
					     {"2001:db8:1:3::/64", 1, 7},
					     {0}});
	sort_by(x, FIELD_GROUP, true); /* what is not known is last both ways */
	build(x, GROUP_PROCESS, ROWS_RECENT);
	assert_groups(x, (struct expected[]){{"sixteen letters.", 2, 10},
					     {"nginx", 3, 35},
					     {"-", 2, 10},
					     {0}});
	sort_by(x, FIELD_FLOWS, true);
	build(x, GROUP_SUBNET, ROWS_RECENT); /* equal ones: the worse first */
	assert_groups(x, (struct expected[]){{"2001:db8:1:3::/64", 1, 7},
					     {"198.51.101.0/24", 1, 4},
					     {"2001:db8:1:2::/64", 2, 11},
					     {"198.51.100.0/24", 3, 33},
					     {0}});
}

/* Each group opened: its flows are those that it counts, and its events theirs. */
static void opened(void **state)
{
	struct fixture *x = *state;

	take_mixed(x);
	for (int by = GROUP_REMOTE; by < GROUPS; by++) {
		struct table groups = {0};

		x->v.group = (enum group_by)by;
		x->v.within.by = GROUP_FLOW;
		assert_int_equal(table_build(&groups, &x->m, &x->v, ROWS_RECENT), 0);
		for (size_t g = 0; g < groups.nrows; g++) {
			const struct group *group = flow_group(groups.rows[g]);
			double sum = 0;

			x->v.within = group->key;
			build(x, (enum group_by)by, ROWS_RECENT);
			assert_int_equal(x->t.nrows, group->nflows);
			assert_int_equal(x->t.nmatches, group->nflows);
			assert_int_equal(x->t.nflows, 7);
			for (size_t i = 0; i < x->t.nrows; i++) {
				const struct flow *f = x->t.rows[i];
				struct event_sample e = {.event.key = f->key,
							 .owner = flow_owner(f)};

				e.event.cause = f->last_cause;
				assert_null(flow_group(f));
				assert_true(view_shows_event(&x->v, &x->m, &e));
				sum += number(x, i, FIELD_RETR);
			}
			assert_true(sum == (double)counts_shown(&group->sum, false));
		}
		table_free(&groups);
	}
}

/* Of a flow with segments of several causes those of this one are counted, and sorted by. */
static void opened_cause(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[2] = {rich_flow(1, 1), rich_flow(2, 2)};

	s[0].rec.counts.segs[CAUSE_RTO] = 9;
	s[1].rec.counts.segs[CAUSE_RTO] = 4;
	tick_with(&x->m, s, 2);
	x->v.within = (struct group_key){.by = GROUP_CAUSE, .cause = CAUSE_RTO};
	build(x, GROUP_CAUSE, ROWS_RECENT);
	assert_int_equal(x->t.nrows, 2);
	assert_true(number(x, 0, FIELD_RETR) == 9);
	assert_true(number(x, 1, FIELD_RETR) == 4);
	assert_true(number(x, 1, FIELD_RETR_RATE) == 4);
	x->v.within.cause = CAUSE_MTU;
	build(x, GROUP_CAUSE, ROWS_RECENT);
	assert_int_equal(x->t.nrows, 0);
}

static void events_of_others(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[7];
	struct event_sample e = {.event.cause = CAUSE_FAST, .event.kind = 'R'};

	mixed_flows(s);
	take_mixed(x);
	e.event.key = s[0].key;
	e.owner = s[0].owner;
	for (int by = GROUP_REMOTE; by < GROUPS; by++) {
		size_t shown = 0;

		build(x, (enum group_by)by, ROWS_RECENT);
		for (size_t i = 0; i < x->t.nrows; i++) {
			x->v.within = flow_group(x->t.rows[i])->key;
			shown += view_shows_event(&x->v, &x->m, &e);
		}
		x->v.within.by = GROUP_FLOW;
		assert_int_equal(shown, 1);
	}
}

static void assert_columns(const struct view *v, const enum field_id *want, unsigned int n)
{
	enum field_id ids[FIELDS];

	assert_int_equal(view_columns(v, ids), n);
	assert_memory_equal(ids, want, n * sizeof(*want));
}

#define COLUMNS(v, ...)                                         \
	assert_columns(v, (const enum field_id[]){__VA_ARGS__}, \
		       sizeof((const enum field_id[]){__VA_ARGS__}) / sizeof(enum field_id))

static void columns(void **state)
{
	struct view v;

	(void)state;
	view_init(&v);
	assert_columns(&v, v.columns, v.ncolumns);
	v.group = GROUP_REMOTE;
	COLUMNS(&v, FIELD_FLOWS, FIELD_GROUP, FIELD_RETR, FIELD_RETR_RATE, FIELD_RATIO,
		FIELD_RTO_WAIT, FIELD_CAUSE, FIELD_STATE, FIELD_PROCESS, FIELD_HISTORY);
	v.within.by = GROUP_REMOTE;
	assert_columns(&v, v.columns, v.ncolumns);
	v.within.by = GROUP_FLOW;
	v.group = GROUP_CAUSE;
	COLUMNS(&v, FIELD_FLOWS, FIELD_GROUP, FIELD_RETR, FIELD_RETR_RATE, FIELD_STATE,
		FIELD_PROCESS);
	/* What the user chose stays as it is, but no row goes without its name. */
	v.columns_given = true;
	v.columns[0] = FIELD_RTT;
	v.ncolumns = 2;
	COLUMNS(&v, FIELD_GROUP, FIELD_RTT, FIELD_RETR_RATE);
	v.columns[1] = FIELD_GROUP;
	COLUMNS(&v, FIELD_RTT, FIELD_GROUP);
}

static void sort_of_other_rows(void **state)
{
	struct view v;

	(void)state;
	view_init(&v);
	v.sort = FIELD_RTT;
	v.reverse = true;
	view_settle_sort(&v);
	assert_int_equal(v.sort, FIELD_RTT);
	v.group = GROUP_REMOTE;
	view_settle_sort(&v);
	assert_int_equal(v.sort, FIELD_RETR);
	assert_false(v.reverse);
	v.sort = FIELD_FLOWS;
	view_settle_sort(&v);
	assert_int_equal(v.sort, FIELD_FLOWS);
	v.within.by = GROUP_REMOTE;
	view_settle_sort(&v);
	assert_int_equal(v.sort, FIELD_RETR);
}

static char *written(const struct fixture *x, bool json)
{
	size_t size;
	char *buf;
	FILE *f = open_memstream(&buf, &size);

	assert_non_null(f);
	if (json)
		json_row(f, &x->m, x->t.rows[0], false);
	else
		csv_flow(f, &x->m, &x->v, x->t.rows[0]);
	fclose(f);
	return buf;
}

static void assert_written(const struct fixture *x, bool json, const char *want)
{
	char *got = written(x, json);

	assert_string_equal(got, want);
	free(got);
}

static void written_out(void **state)
{
	struct fixture *x = *state;
	struct flow_sample s[2] = {rich_flow(1, 1), rich_flow(2, 1)};

	s[0].owner = s[1].owner = (struct owner){.pid = 812, .comm = "nginx", .cgroup = "/w"};
	s[1].rec.sock.state = STATE_CLOSE;
	s[1].rec.first_ns += SECOND / 2;
	s[1].rec.last_ns += SECOND;
	tick_with(&x->m, s, 2);
	x->m.info.tlp_way = TLP_FENTRY;
	x->m.info.undos_known = true;
	build(x, GROUP_REMOTE, ROWS_CHANGED);
	assert_written(
		x, true,
		"{\"type\":\"group\",\"by\":\"remote\",\"group\":\"198.51.100.20\",\"flows\":2,"
		"\"netns\":4026531840,\"pid\":812,\"comm\":\"nginx\",\"cgroup\":\"/w\","
		"\"state\":null,\"retrans\":20,\"retrans_interval\":20,\"tlp\":2,\"tlp_attempts\":6,"
		"\"tlp_sent\":4,\"synack\":4,\"by_cause\":{\"RTO\":0,\"FAST\":20,\"RACK\":0,"
		"\"TLP\":2,\"SYN\":0,\"SYNACK\":4,\"PROBE\":0,\"MTU\":0,\"FAILED\":0,\"OTHER\":0},"
		"\"bytes_retrans\":2000,\"ratio\":0.010000,\"rto_wait_ms\":400.000,"
		"\"first_seen\":1000.000000,\"last_seen\":1001.000000,\"spurious\":0,\"dsacks\":0,"
		"\"undos\":0}\n");
	assert_written(x, false, "1001.000000,2,198.51.100.20,24,24,0.01,0.4,FAST,,nginx/812,24\n");
	build(x, GROUP_CAUSE, ROWS_CHANGED);
	assert_written(
		x, true,
		"{\"type\":\"group\",\"by\":\"cause\",\"group\":\"FAST\",\"flows\":2,"
		"\"netns\":4026531840,\"pid\":812,\"comm\":\"nginx\",\"cgroup\":\"/w\","
		"\"state\":null,\"retrans\":20,\"retrans_interval\":20,\"tlp\":0,\"tlp_attempts\":0,"
		"\"tlp_sent\":0,\"synack\":0,\"by_cause\":{\"RTO\":0,\"FAST\":20,\"RACK\":0,"
		"\"TLP\":0,\"SYN\":0,\"SYNACK\":0,\"PROBE\":0,\"MTU\":0,\"FAILED\":0,\"OTHER\":0},"
		"\"bytes_retrans\":null,\"ratio\":null,\"rto_wait_ms\":null,\"first_seen\":null,"
		"\"last_seen\":null,\"spurious\":null,\"dsacks\":null,\"undos\":null}\n");
}

/* What has no name is null, and empty in CSV. */
static void written_unknown(void **state)
{
	static const enum field_id group_rtt[] = {FIELD_GROUP, FIELD_RTT};
	struct fixture *x = *state;
	struct flow_sample s = rich_flow(1, 1);
	char *json;

	tick_with(&x->m, &s, 1);
	build(x, GROUP_CGROUP, ROWS_ALL);
	json = written(x, true);
	assert_non_null(
		strstr(json, "{\"type\":\"group\",\"by\":\"cgroup\",\"group\":null,\"flows\":1,"));
	assert_non_null(strstr(json, ",\"tlp_attempts\":null,"));
	assert_non_null(strstr(json, ",\"undos\":null}"));
	free(json);
	x->v.columns_given = true;
	memcpy(x->v.columns, group_rtt, sizeof(group_rtt));
	x->v.ncolumns = 2;
	assert_written(x, false, "1001.000000,,\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TABLE(filtered),
		WITH_TABLE(sorting),
		WITH_TABLE(opened),
		WITH_TABLE(opened_cause),
		WITH_TABLE(events_of_others),
		cmocka_unit_test(columns),
		cmocka_unit_test(sort_of_other_rows),
		WITH_TABLE(written_out),
		WITH_TABLE(written_unknown),
	};

	return cmocka_run_group_tests_name("group view", tests, NULL, NULL);
}
