// SPDX-License-Identifier: GPL-2.0-only
#include "src/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/counts.h"
#include "src/group.h"
#include "src/model_parts.h"

void model_init(struct model *m, const struct source_info *info)
{
	memset(m, 0, sizeof(*m));
	pool_init(&m->flows, sizeof(struct flow), sizeof(struct flow_key));
	recents_init(m);
	m->info = *info;
	m->start_ns = info->start_ns;
	m->interval.now_ns = info->start_ns;
}

static struct flow *flow_add(struct model *m, const struct flow_sample *s, uint32_t hash)
{
	struct flow *f = pool_add(&m->flows, &s->key, hash);

	if (!f)
		return NULL;
	f->first_ns = s->rec.first_ns;
	f->tick = model_taken_tick(m);
	f->last_cause = f->last_cause_tlp = CAUSES; /* none yet */
	return f;
}

static void flow_free(struct model *m, struct flow *f)
{
	recent_drop(m, f);
	shared_drop(&m->shareds, f->shared);
	flow_clear(f);
	pool_remove(&m->flows, f);
}

/* A record that has counted nothing of the kind has no cause, but a zero, which is that of another. */
static uint8_t last_cause(const struct flow *f, const struct flow_rec *rec)
{
	return counts_shown(&rec->counts, false) ? rec->last_cause : f->last_cause;
}

static uint8_t last_cause_tlp(const struct flow *f, const struct flow_rec *rec)
{
	bool any = counts_shown(&rec->counts, true) || rec->counts.tlp_attempts;

	return any ? rec->last_cause_tlp : f->last_cause_tlp;
}

/* Sources may hand over a record again, for the sake of its owner or to be sure. */
static bool is_known(const struct flow *f, const struct flow_sample *s, const struct counts *raw)
{
	return s->rec.change_ns == f->change_ns && s->rec.flags == f->flags &&
	       last_cause(f, &s->rec) == f->last_cause &&
	       last_cause_tlp(f, &s->rec) == f->last_cause_tlp && s->rec.last_err == f->last_err &&
	       !memcmp(raw, &s->rec.counts, sizeof(*raw));
}

/* What is told of a flow finds room or not, what it counted is counted. */
static int take_flow(struct model *m, const struct flow_sample *s, uint32_t hash)
{
	struct flow *f = pool_find(&m->flows, &s->key, hash);
	struct counts grown, raw;
	int err;

	if (!s->rec.first_ns)
		return flow_take_late_owner(m, f, s);
	if (!f)
		f = flow_add(m, s, hash);
	if (!f)
		return -ENOMEM;
	err = flow_take_owner(m, f, s);
	if (s->rec.first_ns < flow_raw_first_ns(f))
		return err;
	raw = flow_raw(f);
	if (s->rec.first_ns > flow_raw_first_ns(f)) {
		/* Evicted and made anew in the kernel's table: it counts from zero again. */
		memset(&raw, 0, sizeof(raw));
	} else if (s->rec.change_ns < f->change_ns || is_known(f, s, &raw)) {
		return err;
	}
	grown = counts_growth(&s->rec.counts, &raw);
	if (recent_add_growth(m, f, &grown, &s->rec))
		return -ENOMEM;
	f->tick = model_taken_tick(m);
	f->change_ns = s->rec.change_ns;
	f->last_ns = s->rec.last_ns;
	f->flags = s->rec.flags;
	f->last_err = s->rec.last_err;
	f->last_cause = last_cause(f, &s->rec);
	f->last_cause_tlp = last_cause_tlp(f, &s->rec);
	if (flow_take_sock(m, f, &s->rec.sock))
		err = -ENOMEM;
	if (s->rec.sample_ns) /* 0 asks for a new sample, and the last one is still there */
		f->sample_ns = s->rec.sample_ns;
	return err;
}

static int newest_first(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? 1 : a > b ? -1 : 0;
}

/*
 * The kernel's table evicts by age, so flows beyond its size that changed longest ago are no longer
 * there and would stay here for ever. Not each tick, unless they are many: it visits every flow. One
 * that is still there would be counted again when it goes on: the table's size is the least it holds.
 */
static void forget_old(struct model *m)
{
	size_t most = m->info.max_flows, n = 0;
	struct flow *f, *next;
	uint64_t *ages, oldest;

	/* A recording may say anything. */
	if (most && most < m->interval.tracked)
		most = m->interval.tracked < UINT32_MAX ? m->interval.tracked : UINT32_MAX;
	if (m->keep_all || !most || model_flows(m) <= most + most / 4 ||
	    (m->tick % HISTORY && model_flows(m) <= 2 * most))
		return;
	ages = malloc(model_flows(m) * sizeof(*ages));
	if (!ages)
		return;
	for (f = pool_next(&m->flows, NULL); f; f = pool_next(&m->flows, f))
		ages[n++] = f->change_ns;
	qsort(ages, n, sizeof(*ages), newest_first);
	oldest = ages[most];
	free(ages);
	for (f = pool_next(&m->flows, NULL); f; f = next) {
		next = pool_next(&m->flows, f);
		if (f->change_ns <= oldest)
			flow_free(m, f);
	}
}

/* So many flows before one is taken in, what it has of late begins to be fetched; the flow itself so many
 * before that, and as many before that its place. */
enum { AHEAD = 8, HASHES = 3 * AHEAD };

static void expect_recent(const struct model *m, const struct flow_sample *s, uint32_t hash)
{
	const struct flow *f = pool_find(&m->flows, &s->key, hash);

	if (f)
		recent_expect(m, f);
}

static int take_flows(struct model *m, const struct flow_sample *s, size_t n)
{
	uint32_t hashes[HASHES];
	int err = 0;

	for (size_t i = 0; i < n + HASHES; i++) {
		uint32_t *hash = &hashes[i % HASHES];

		if (i >= HASHES && take_flow(m, &s[i - HASHES], *hash))
			err = -ENOMEM;
		if (i >= 2 * AHEAD && i - 2 * AHEAD < n)
			expect_recent(m, &s[i - 2 * AHEAD], hashes[(i - 2 * AHEAD) % HASHES]);
		if (i >= AHEAD && i - AHEAD < n)
			pool_expect(&m->flows, hashes[(i - AHEAD) % HASHES]);
		if (i < n) {
			*hash = pool_hash(&m->flows, &s[i].key);
			pool_expect_place(&m->flows, *hash);
		}
	}
	return err;
}

int model_tick(struct model *m, const struct snapshot *s)
{
	int err = take_flows(m, s->flows, s->nflows);

	if (s->more)
		return err;
	m->tick++;
	m->realtime_offset_ns = s->realtime_offset_ns;
	totals_take(m, s);
	recents_age(m);
	forget_old(m);
	return err;
}

int model_read_part(struct model *m, struct source *s, bool *more)
{
	struct snapshot part;
	int err = source_tick(s, &part);

	*more = !err && part.more;
	if (err)
		return err;
	err = model_tick(m, &part);
	if (!part.more)
		m->info = s->info;
	return err ? MODEL_FULL : 0;
}

int model_read(struct model *m, struct source *s)
{
	bool more, full = false;

	do {
		int err = model_read_part(m, s, &more);

		if (err < 0)
			return err;
		full |= err == MODEL_FULL;
	} while (more);
	return full ? MODEL_FULL : 0;
}

void model_zero(struct model *m)
{
	struct flow *f;

	for (f = pool_next(&m->flows, NULL); f; f = pool_next(&m->flows, f)) {
		flow_zero(f);
		recent_clear(m, f);
	}
	totals_zero(m);
}

void model_free(struct model *m)
{
	struct flow *f, *next;

	for (f = pool_next(&m->flows, NULL); f; f = next) {
		next = pool_next(&m->flows, f);
		flow_free(m, f);
	}
	pool_free(&m->flows);
	recents_free(m);
}

size_t model_flows(const struct model *m)
{
	return m->flows.slab.n;
}

/*
 * A sample is taken before the timer's handler counts what expired. Had nothing been acknowledged
 * since, the next timeout, of twice that length, would have come: then the row is over.
 */
unsigned int flow_timeouts(const struct model *m, const struct flow *f)
{
	double next = 2 * (double)f->sock.rto_us / 1e6;

	if (!(f->flags & FLOW_SAMPLED))
		return 0;
	if (!(f->flags & FLOW_CLOSED) && model_age(m, f->last_ns) > next + 1)
		return 0;
	/* The first SYNs follow at one pace (tcp_syn_linear_timeouts). */
	if (f->last_cause == CAUSE_SYN && f->sock.state == STATE_SYN_SENT)
		return (unsigned int)flow_raw(f).segs[CAUSE_SYN];
	return f->last_cause == CAUSE_RTO && f->sock.backoff ? f->sock.backoff + 1u : 0;
}

bool flow_waits(const struct model *m, const struct flow *f)
{
	if (f->is_group)
		return flow_group(f)->waits;
	return !(f->flags & FLOW_CLOSED) && flow_timeouts(m, f);
}

/* One that waits for a timer that has backed off is silent, but in the worst of trouble. */
bool flow_is_quiet(const struct model *m, const struct flow *f, uint64_t quiet_ns)
{
	uint64_t now = m->interval.now_ns;

	if (now <= f->last_ns || now - f->last_ns <= quiet_ns)
		return false;
	return !flow_waits(m, f);
}

double model_unixtime(const struct model *m, uint64_t ns)
{
	return (double)((int64_t)ns + m->realtime_offset_ns) / 1e9;
}

double model_age(const struct model *m, uint64_t ns)
{
	uint64_t now = m->interval.now_ns;

	return now > ns ? (double)(now - ns) / 1e9 : 0;
}

const struct flow *model_next(const struct model *m, const struct flow *f)
{
	return pool_next(&m->flows, f);
}

const struct flow *model_find(const struct model *m, const struct flow_key *key)
{
	return pool_find(&m->flows, key, pool_hash(&m->flows, key));
}
