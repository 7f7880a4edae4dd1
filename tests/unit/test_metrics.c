// SPDX-License-Identifier: GPL-2.0-only
/* Counters for Prometheus: what they add up to, that they never go back, and how many there are. */
#include "src/metrics_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/metrics.h"
#include "tests/unit/flows.h"

enum { MANY = 10000, CGROUPS = 1000 };

#define HOUR (3600 * SECOND)

static struct flow_sample sample(unsigned int n, const char *cgroup, uint64_t segs, uint64_t now)
{
	struct flow_sample s = numbered_sample(n, now);

	s.key.raddr[1] = (uint8_t)(n >> 8); /* subnets */
	s.rec.first_ns = START;
	s.rec.counts.segs[CAUSE_RTO] = segs;
	s.rec.counts.rto_wait_us = segs * 200000;
	s.rec.counts.bytes = segs * 1000;
	s.owner.cgroup = cgroup;
	return s;
}

static void take(struct metrics *m, const struct flow_sample *s, size_t n, uint64_t now)
{
	struct snapshot snap = {.now_ns = now, .flows = s, .nflows = n, .tracked = n};

	for (size_t i = 0; i < n; i++)
		snap.totals.counts.segs[CAUSE_RTO] += s[i].rec.counts.segs[CAUSE_RTO];
	assert_int_equal(metrics_take(m, &snap), 0);
}

static void start(struct metrics *m, unsigned int ways)
{
	memset(m, 0, sizeof(*m));
	start_model(&m->model, 65536);
	m->ways = ways;
}

static char *written(const struct metrics *m)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	metrics_write(m, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void assert_has(const char *text, const char *line)
{
	if (!strstr(text, line))
		print_error("no '%s'\n", line);
	assert_non_null(strstr(text, line));
}

static uint64_t sum_of(const struct metrics_sums *s)
{
	uint64_t sum = s->other.segs;

	for (size_t i = 0; i < s->n; i++)
		sum += s->all[i]->segs;
	return sum;
}

static void few_series_of_many_flows(void **state)
{
	static struct flow_sample s[MANY];
	static char cgroups[CGROUPS][32];
	struct metrics m;
	size_t lines = 0;
	char *text;

	(void)state;
	for (unsigned int i = 0; i < MANY; i++) {
		snprintf(cgroups[i % CGROUPS], sizeof(cgroups[0]), "/slice/%u", i % CGROUPS);
		s[i] = sample(i, cgroups[i % CGROUPS], 1 + i % 7, START + SECOND);
	}
	start(&m, 1u << GROUP_CGROUP | 1u << GROUP_SUBNET);
	take(&m, s, MANY, START + SECOND);
	assert_int_equal(m.by[GROUP_CGROUP].n, METRICS_LABELS);
	assert_int_equal(sum_of(&m.by[GROUP_CGROUP]), m.model.raw.counts.segs[CAUSE_RTO]);
	assert_int_equal(sum_of(&m.by[GROUP_SUBNET]), m.model.raw.counts.segs[CAUSE_RTO]);
	text = written(&m);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines += at[1] != '#';
	assert_true(lines < 4 * (METRICS_LABELS + 1) + 40);
	free(text);
	metrics_free(&m);
}

/* The same sample again adds nothing; `z` and an evicted record take nothing away. */
static void they_only_grow(void **state)
{
	struct flow_sample s = sample(1, "/a", 5, START + SECOND);
	struct metrics m;
	char *text;

	(void)state;
	start(&m, METRICS_DEFAULT);
	take(&m, &s, 1, START + SECOND);
	take(&m, &s, 1, START + 2 * SECOND);
	s = sample(1, "/a", 8, START + 3 * SECOND);
	take(&m, &s, 1, START + 3 * SECOND);
	s = sample(1, "/a", 2, START + 4 * SECOND);
	s.rec.first_ns = START + 4 * SECOND;
	take(&m, &s, 1, START + 4 * SECOND);
	text = written(&m);
	assert_has(text, "tcpretop_cgroup_retransmitted_segments_total{cgroup=\"/a\"} 10\n");
	assert_has(text, "tcpretop_cgroup_rto_wait_seconds_total{cgroup=\"/a\"} 2.000000\n");
	assert_has(text, "tcpretop_retransmitted_bytes_total 10000\n");
	assert_has(text, "tcpretop_updated_time_seconds 1004.000000\n");
	free(text);
	metrics_free(&m);
}

/* What a container is called is its owner's choice. */
static void strangers_labels(void **state)
{
	struct flow_sample s[] = {sample(1, "/a\"b\\c\n} 1", 1, START + SECOND),
				  sample(2, "other", 2, START + SECOND),
				  sample(3, NULL, 4, START + SECOND)};
	struct metrics m;
	char *text;

	(void)state;
	start(&m, METRICS_DEFAULT);
	take(&m, s, 3, START + SECOND);
	text = written(&m);
	assert_has(text, "segments_total{cgroup=\"/a\\\"b\\\\c?} 1\"} 1\n");
	assert_has(text, "segments_total{cgroup=\"other\"} 2\n");
	assert_has(text, "segments_total{cgroup=\"unknown\"} 4\n");
	assert_null(strstr(strstr(text, "segments_total{cgroup=\"other\"") + 1,
			   "segments_total{cgroup=\"other\""));
	free(text);
	metrics_free(&m);
}

/* A host on which containers come and go does not end with the first 64. */
static void the_forgotten_make_room(void **state)
{
	struct metrics_sums s = {0};
	char label[16];

	(void)state;
	for (unsigned int i = 0; i < METRICS_LABELS; i++) {
		snprintf(label, sizeof(label), "/%u", i);
		metrics_sums_add(&s, label, 1, 0, START + i);
	}
	metrics_sums_add(&s, "/new", 3, 0, START + HOUR);
	assert_int_equal(s.other.segs, 3);
	metrics_sums_add(&s, "/new", 4, 0, START + HOUR + 1);
	assert_int_equal(s.other.segs, 3);
	assert_int_equal(s.n, METRICS_LABELS);
	assert_string_equal(s.all[0]->label, "/new");
	assert_int_equal(s.all[0]->segs, 4);
	metrics_sums_free(&s);
}

/* A cluster within a container has long paths that begin alike. */
static void long_paths_are_told_apart(void **state)
{
	char one[601], other[601];
	struct flow_sample s[2];
	struct metrics m;

	(void)state;
	memset(one, 'x', sizeof(one) - 1);
	memcpy(other, one, sizeof(one));
	one[599] = '1';
	one[600] = other[600] = '\0';
	start(&m, 1u << GROUP_CGROUP);
	s[0] = sample(0, one, 1, START + SECOND);
	s[1] = sample(1, other, 2, START + SECOND);
	take(&m, s, 2, START + SECOND);
	assert_int_equal(m.by[GROUP_CGROUP].n, 2);
	metrics_free(&m);
}

static void ways_by_name(void **state)
{
	unsigned int ways;

	(void)state;
	assert_true(metrics_ways("cgroup", &ways) && ways == 1u << GROUP_CGROUP);
	assert_true(metrics_ways("subnet,cgroup", &ways) &&
		    ways == (1u << GROUP_CGROUP | 1u << GROUP_SUBNET));
	assert_true(metrics_ways("none", &ways) && !ways);
	assert_false(metrics_ways("", &ways));
	assert_false(metrics_ways("cgroup,", &ways));
	assert_false(metrics_ways("flow", &ways));
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		cmocka_unit_test(few_series_of_many_flows),
		cmocka_unit_test(they_only_grow),
		cmocka_unit_test(strangers_labels),
		cmocka_unit_test(long_paths_are_told_apart),
		cmocka_unit_test(the_forgotten_make_room),
		cmocka_unit_test(ways_by_name),
	};

	return cmocka_run_group_tests_name("metrics", cases, NULL, NULL);
}
