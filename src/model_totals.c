// SPDX-License-Identifier: GPL-2.0-only
/* The whole host: totals since the start, the last interval, a history. */
#include <stdlib.h>
#include <string.h>

#include "src/counts.h"
#include "src/model_parts.h"

static struct coverage coverage_since(const struct coverage *now, const struct coverage *before)
{
	struct coverage c = *now;

	c.seen = count_growth(now->seen, before->seen);
	c.kernel = count_growth(now->kernel, before->kernel);
	return c;
}

static int shortest_first(const void *left, const void *right)
{
	float a = *(const float *)left, b = *(const float *)right;

	return (a > b) - (a < b);
}

static void take_length(struct model *m)
{
	float known[HISTORY] = {0};
	size_t n = 0;

	m->lengths[m->tick % HISTORY] = (float)m->interval.elapsed;
	for (int i = 0; i < HISTORY; i++)
		if (m->lengths[i] > 0)
			known[n++] = m->lengths[i];
	qsort(known, n, sizeof(*known), shortest_first);
	m->usual_length = n ? known[n / 2] : 0;
}

void totals_take(struct model *m, const struct snapshot *s)
{
	struct interval *i = &m->interval;
	struct segs *h = &m->history[m->tick % HISTORY];
	uint64_t elapsed_ns = count_growth(s->now_ns, i->now_ns);

	i->now_ns = s->now_ns;
	i->elapsed = (double)elapsed_ns / 1e9;
	i->last = counts_growth(&s->totals.counts, &m->raw.counts);
	i->sum = counts_growth(&s->totals.counts, &m->zero.counts);
	i->tracked = s->tracked;
	i->evicted = count_growth(s->evicted, m->zero_evicted);
	i->events_lost = count_growth(s->totals.events_lost, m->zero.events_lost);
	i->events_left_out = count_growth(s->totals.events_left_out, m->zero.events_left_out);
	i->last_coverage = coverage_since(&s->coverage, &m->raw_coverage);
	i->coverage = coverage_since(&s->coverage, &m->zero_coverage);
	i->cost = elapsed_ns ? (double)count_growth(s->cpu_ns, m->raw_cpu_ns) / (double)elapsed_ns
			     : 0;
	m->raw = s->totals;
	m->raw_coverage = s->coverage;
	m->raw_evicted = s->evicted;
	m->raw_cpu_ns = s->cpu_ns;
	h->retrans = counts_retrans(&i->last);
	h->tlp = i->last.segs[CAUSE_TLP];
	h->synack = i->last.segs[CAUSE_SYNACK];
	if (counts_shown(&i->last, true))
		m->last_retrans_ns = s->now_ns;
	take_length(m);
}

void totals_zero(struct model *m)
{
	memset(m->history, 0, sizeof(m->history));
	memset(m->lengths, 0, sizeof(m->lengths));
	memset(&m->interval.sum, 0, sizeof(m->interval.sum));
	memset(&m->interval.last, 0, sizeof(m->interval.last));
	m->interval.evicted = m->interval.events_lost = m->interval.events_left_out = 0;
	m->zero = m->raw;
	m->zero_evicted = m->raw_evicted;
	m->zero_coverage = m->raw_coverage;
	m->interval.coverage = coverage_since(&m->raw_coverage, &m->zero_coverage);
	m->start_ns = m->interval.now_ns;
	m->last_retrans_ns = 0;
}

double history_bar(const struct model *m, unsigned int ticks_ago, double n)
{
	double usual = m->usual_length, length;

	if (n <= 0 || ticks_ago >= m->tick)
		return n;
	length = m->lengths[(m->tick - ticks_ago) % HISTORY];
	if (length <= 1.5 * usual)
		return n;
	n *= usual / length;
	return n < 1 ? 1 : n;
}
