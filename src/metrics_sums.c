// SPDX-License-Identifier: GPL-2.0-only
#include "src/metrics_sums.h"

#include <stdlib.h>
#include <string.h>

#include "src/counts.h"
#include "src/metrics.h"

#define HOUR UINT64_C(3600000000000)

static struct metrics_sum *find(const struct metrics_sums *s, const char *label)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->all[i]->label, label))
			return s->all[i];
	return NULL;
}

static struct metrics_sum *oldest(const struct metrics_sums *s)
{
	struct metrics_sum *found = s->all[0];

	for (size_t i = 1; i < s->n; i++)
		if (s->all[i]->last_ns < found->last_ns)
			found = s->all[i];
	return found;
}

/* Room for all of them from the start: there are few. */
static struct metrics_sum *add(struct metrics_sums *s)
{
	struct metrics_sum *sum;

	if (!s->all)
		s->all = calloc(METRICS_LABELS, sizeof(struct metrics_sum *));
	sum = s->all ? malloc(sizeof(*sum)) : NULL;
	if (sum)
		s->all[s->n++] = sum;
	return sum;
}

static struct metrics_sum *make(struct metrics_sums *s, const char *label, uint64_t now_ns)
{
	struct metrics_sum *sum;

	if (s->n < METRICS_LABELS) {
		sum = add(s);
	} else {
		sum = oldest(s);
		if (sum->last_ns + HOUR >= now_ns)
			sum = NULL;
	}
	if (!sum)
		return &s->other;
	memset(sum, 0, sizeof(*sum));
	memcpy(sum->label, label, strnlen(label, sizeof(sum->label) - 1));
	return sum;
}

/* A stranger's "other" is none of its own. */
static struct metrics_sum *choose(struct metrics_sums *s, const char *label, uint64_t now_ns)
{
	struct metrics_sum *sum;

	if (!strcmp(label, METRICS_OTHER))
		return &s->other;
	sum = find(s, label);
	return sum ? sum : make(s, label, now_ns);
}

void metrics_sums_add(struct metrics_sums *s, const char *label, uint64_t segs,
		      uint64_t rto_wait_us, uint64_t now_ns)
{
	struct metrics_sum *sum = choose(s, label, now_ns);

	sum->segs = count_sum(sum->segs, segs);
	sum->rto_wait_us = count_sum(sum->rto_wait_us, rto_wait_us);
	sum->last_ns = now_ns;
}

void metrics_sums_free(struct metrics_sums *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->all[i]);
	free(s->all);
	memset(s, 0, sizeof(*s));
}
