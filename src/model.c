// SPDX-License-Identifier: GPL-2.0-only
#include "src/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void model_init(struct model *m, const struct source_info *info)
{
	memset(m, 0, sizeof(*m));
	m->info = *info;
	m->start_ns = info->start_ns;
	m->interval.now_ns = info->start_ns;
}

static struct flow *flow_add(struct model *m, const struct flow_sample *s)
{
	struct flow *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->key = s->key;
	f->first_ns = s->rec.first_ns;
	f->raw_first_ns = s->rec.first_ns;
	f->tick = m->tick;
	HASH_ADD(hh, m->flows, key, sizeof(f->key), f);
	if (!f->hh.tbl) {
		free(f);
		return NULL;
	}
	m->nflows++;
	return f;
}

static void put_saturated(uint16_t *slot, uint64_t n)
{
	*slot = n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
}

/* Slots of the ticks in which the flow did not change still hold the window before. */
static void history_put(struct model *m, struct flow *f)
{
	uint64_t gap = m->tick - f->tick;

	for (uint64_t i = 0; i < gap && i < HISTORY; i++) {
		f->hist_retrans[(m->tick - i) % HISTORY] = 0;
		f->hist_tlp[(m->tick - i) % HISTORY] = 0;
	}
	put_saturated(&f->hist_retrans[m->tick % HISTORY], counts_shown(&f->last, false));
	put_saturated(&f->hist_tlp[m->tick % HISTORY], f->last.segs[CAUSE_TLP]);
}

/* Sources may hand over a record again, for the sake of its owner or to be sure. */
static bool is_known(const struct flow *f, const struct flow_sample *s)
{
	return s->rec.change_ns == f->change_ns && !memcmp(&f->raw, &s->rec.counts, sizeof(f->raw));
}

static void take_place(struct owner *to, const struct owner *from)
{
	if (from->cgroup) {
		to->cgroup = from->cgroup;
		to->unit = from->unit;
	}
	if (from->netns)
		to->netns = from->netns;
	if (from->user)
		to->user = from->user;
}

static void take_process(struct owner *to, const struct owner *from)
{
	to->pid = from->pid;
	to->others = from->others;
	memcpy(to->comm, from->comm, sizeof(to->comm));
}

/* A closed socket has no inode any more and keeps its owner; a new one does not inherit it. */
static void take_owner(struct flow *f, const struct flow_sample *s)
{
	uint64_t inode = s->rec.sock.inode;

	if (inode && inode != f->owner_inode) {
		f->owner = s->owner;
		f->owner_inode = inode;
		return;
	}
	take_place(&f->owner, &s->owner);
	if (s->owner.pid)
		take_process(&f->owner, &s->owner);
}

/* The owner of a socket that was handed over before. */
static int take_late_owner(struct flow *f, const struct flow_sample *s)
{
	if (f && f->owner_inode == s->rec.sock.inode)
		take_process(&f->owner, &s->owner);
	return 0;
}

/* A flow that was looked up ahead, or NULL: it may have come in meanwhile. */
static int take_flow(struct model *m, const struct flow_sample *s, unsigned int hash,
		     struct flow *f)
{
	static const struct counts nothing;

	if (!f)
		HASH_FIND_BYHASHVALUE(hh, m->flows, &s->key, sizeof(s->key), hash, f);
	if (!s->rec.first_ns)
		return take_late_owner(f, s);
	if (!f)
		f = flow_add(m, s);
	if (!f)
		return -ENOMEM;
	take_owner(f, s);
	if (s->rec.first_ns < f->raw_first_ns)
		return 0;
	if (s->rec.first_ns > f->raw_first_ns) {
		/* Evicted and made anew in the kernel's table: it counts from zero again. */
		f->raw_first_ns = s->rec.first_ns;
		f->raw = nothing;
	} else if (s->rec.change_ns < f->change_ns || is_known(f, s)) {
		return 0;
	}
	f->last = counts_growth(&s->rec.counts, &f->raw);
	f->change_ns = s->rec.change_ns;
	f->raw = s->rec.counts;
	counts_add(&f->sum, &f->last);
	history_put(m, f);
	f->tick = m->tick;
	f->last_ns = s->rec.last_ns;
	f->flags = s->rec.flags;
	f->last_err = s->rec.last_err;
	f->last_cause = s->rec.last_cause;
	f->last_cause_tlp = s->rec.last_cause_tlp;
	f->sock = s->rec.sock;
	if (s->rec.sample_ns) /* 0 asks for a new sample, and the last one is still there */
		f->sample_ns = s->rec.sample_ns;
	return 0;
}

static int newest_first(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? 1 : a > b ? -1 : 0;
}

/*
 * The kernel's table evicts by age, so flows beyond its size that changed longest ago are no longer
 * there and would stay here for ever. Not each tick: it visits every flow.
 */
static void forget_old(struct model *m)
{
	size_t most = m->info.max_flows, n = 0;
	struct flow *f, *next;
	uint64_t *ages, oldest;

	if (m->keep_all || m->tick % HISTORY || m->nflows <= most + most / 4)
		return;
	ages = malloc(m->nflows * sizeof(*ages));
	if (!ages)
		return;
	for (f = m->flows; f; f = f->hh.next)
		ages[n++] = f->change_ns;
	qsort(ages, n, sizeof(*ages), newest_first);
	oldest = ages[most];
	free(ages);
	HASH_ITER(hh, m->flows, f, next) {
		if (f->change_ns > oldest)
			continue;
		HASH_DEL(m->flows, f);
		free(f);
		m->nflows--;
	}
}

/* None where it went back: a recording may say anything. */
static uint64_t growth(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

static void take_totals(struct model *m, const struct snapshot *s)
{
	struct interval *i = &m->interval;
	struct segs *h = &m->history[m->tick % HISTORY];
	uint64_t elapsed_ns = growth(s->now_ns, i->now_ns);

	i->now_ns = s->now_ns;
	i->elapsed = (double)elapsed_ns / 1e9;
	i->last = counts_growth(&s->totals.counts, &m->raw.counts);
	i->sum = counts_growth(&s->totals.counts, &m->zero);
	i->tracked = s->tracked;
	i->evicted = s->evicted;
	i->events_lost = s->totals.events_lost;
	i->events_left_out = s->totals.events_left_out;
	i->last_coverage = s->coverage;
	i->last_coverage.seen = growth(s->coverage.seen, i->coverage.seen);
	i->last_coverage.kernel = growth(s->coverage.kernel, i->coverage.kernel);
	i->coverage = s->coverage;
	i->cost = elapsed_ns ? (double)growth(s->cpu_ns, m->raw_cpu_ns) / (double)elapsed_ns : 0;
	m->raw = s->totals;
	m->raw_cpu_ns = s->cpu_ns;
	h->retrans = counts_retrans(&i->last);
	h->tlp = i->last.segs[CAUSE_TLP];
	h->synack = i->last.segs[CAUSE_SYNACK];
	if (counts_shown(&i->last, true))
		m->last_retrans_ns = s->now_ns;
}

/* Flows looked up together, so that their cache misses overlap. */
enum { AHEAD = 16 };

static void prefetch_buckets(const struct model *m, const unsigned int *hash, size_t n)
{
	const UT_hash_table *t = m->flows ? m->flows->hh.tbl : NULL;

	for (size_t i = 0; t && i < n; i++)
		__builtin_prefetch(&t->buckets[hash[i] & (t->num_buckets - 1)]);
	for (size_t i = 0; t && i < n; i++)
		__builtin_prefetch(t->buckets[hash[i] & (t->num_buckets - 1)].hh_head);
}

static void prefetch_flow(const struct flow *f)
{
	for (size_t at = 0; f && at < sizeof(*f); at += 64)
		__builtin_prefetch((const char *)f + at, 1);
}

static int take_some(struct model *m, const struct flow_sample *s, size_t n)
{
	struct flow *found[AHEAD];
	unsigned int hash[AHEAD];
	int err = 0;

	for (size_t i = 0; i < n; i++)
		HASH_VALUE(&s[i].key, sizeof(s[i].key), hash[i]);
	prefetch_buckets(m, hash, n);
	for (size_t i = 0; i < n; i++) {
		HASH_FIND_BYHASHVALUE(hh, m->flows, &s[i].key, sizeof(s[i].key), hash[i], found[i]);
		prefetch_flow(found[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (take_flow(m, &s[i], hash[i], found[i]))
			err = -ENOMEM;
	return err;
}

int model_tick(struct model *m, const struct snapshot *s)
{
	int err = 0;

	if (!m->in_parts)
		m->tick++;
	for (size_t i = 0; i < s->nflows; i += AHEAD)
		if (take_some(m, &s->flows[i], s->nflows - i < AHEAD ? s->nflows - i : AHEAD))
			err = -ENOMEM;
	m->in_parts = s->more;
	if (s->more)
		return err;
	m->realtime_offset_ns = s->realtime_offset_ns;
	take_totals(m, s);
	forget_old(m);
	return err;
}

int model_read(struct model *m, struct source *s)
{
	struct snapshot part;
	bool full = false;

	do {
		int err = source_tick(s, &part);

		if (err)
			return err;
		full |= model_tick(m, &part) < 0;
	} while (part.more);
	return full ? MODEL_FULL : 0;
}

void model_zero(struct model *m)
{
	struct flow *f, *next;

	HASH_ITER(hh, m->flows, f, next) {
		memset(&f->sum, 0, sizeof(f->sum));
		memset(&f->last, 0, sizeof(f->last));
		memset(f->hist_retrans, 0, sizeof(f->hist_retrans));
		memset(f->hist_tlp, 0, sizeof(f->hist_tlp));
	}
	memset(m->history, 0, sizeof(m->history));
	memset(&m->interval.sum, 0, sizeof(m->interval.sum));
	memset(&m->interval.last, 0, sizeof(m->interval.last));
	m->zero = m->raw.counts;
	m->start_ns = m->interval.now_ns;
	m->last_retrans_ns = 0;
}

void model_free(struct model *m)
{
	struct flow *f, *next;

	HASH_ITER(hh, m->flows, f, next) {
		HASH_DEL(m->flows, f);
		free(f);
	}
	m->nflows = 0;
}

const struct counts *flow_interval(const struct model *m, const struct flow *f)
{
	static const struct counts nothing;

	return f->tick == m->tick ? &f->last : &nothing;
}

unsigned int flow_history(const struct model *m, const struct flow *f, unsigned int ticks_ago,
			  bool with_tlp)
{
	uint64_t tick = m->tick - ticks_ago;

	if (ticks_ago >= HISTORY || ticks_ago >= m->tick || tick > f->tick ||
	    f->tick - tick >= HISTORY)
		return 0;
	return f->hist_retrans[tick % HISTORY] + (with_tlp ? f->hist_tlp[tick % HISTORY] : 0u);
}

double flow_ratio(const struct flow *f)
{
	if (!(f->flags & FLOW_SAMPLED) || !f->sock.data_segs_out)
		return -1;
	return (double)f->sock.total_retrans / f->sock.data_segs_out;
}

int flow_key_order(const struct flow_key *a, const struct flow_key *b, bool remote)
{
	int order = (int)a->family - (int)b->family;

	if (!order)
		order = memcmp(remote ? a->raddr : a->laddr, remote ? b->raddr : b->laddr, 16);
	if (!order)
		order = remote ? (int)a->rport - (int)b->rport : (int)a->lport - (int)b->lport;
	return order;
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
		return f->raw.segs[CAUSE_SYN];
	return f->last_cause == CAUSE_RTO && f->sock.backoff ? f->sock.backoff + 1u : 0;
}

/* One that waits for a timer that has backed off is silent, but in the worst of trouble. */
bool flow_is_quiet(const struct model *m, const struct flow *f, uint64_t quiet_ns)
{
	uint64_t now = m->interval.now_ns;

	if (now <= f->last_ns || now - f->last_ns <= quiet_ns)
		return false;
	return f->flags & FLOW_CLOSED || !flow_timeouts(m, f);
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

const struct flow *model_find(const struct model *m, const struct flow_key *key)
{
	struct flow *f;

	HASH_FIND(hh, m->flows, key, sizeof(*key), f);
	return f;
}
