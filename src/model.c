// SPDX-License-Identifier: GPL-2.0-only
#include "src/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "src/group.h"

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

/* Slots of the ticks in which the flow did not change still hold the window before. Without memory
 * there is no history. */
static void put_slot(uint16_t **hist, const struct model *m, const struct flow *f, uint64_t n)
{
	uint64_t gap = m->tick - f->tick;

	if (!*hist && n)
		*hist = calloc(HISTORY, sizeof(**hist));
	if (!*hist)
		return;
	for (uint64_t i = 0; i < gap && i < HISTORY; i++)
		(*hist)[(m->tick - i) % HISTORY] = 0;
	(*hist)[m->tick % HISTORY] = n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
}

static void history_put(const struct model *m, struct flow *f, const struct counts *last)
{
	put_slot(&f->hist_retrans, m, f, counts_shown(last, false));
	put_slot(&f->hist_tlp, m, f, last->segs[CAUSE_TLP]);
}

static void free_history(struct flow *f)
{
	free(f->hist_retrans);
	free(f->hist_tlp);
	f->hist_retrans = f->hist_tlp = NULL;
}

static void unlist(struct model *m, struct flow *f)
{
	if (f->list == LIST_RECENT)
		DL_DELETE2(m->recent, f, newer, older);
	else if (f->list == LIST_WAITING)
		DL_DELETE2(m->waiting, f, newer, older);
	f->list = LIST_NONE;
}

static void list_recent(struct model *m, struct flow *f)
{
	unlist(m, f);
	DL_PREPEND2(m->recent, f, newer, older);
	f->list = LIST_RECENT;
}

static void list_waiting(struct model *m, struct flow *f)
{
	unlist(m, f);
	DL_PREPEND2(m->waiting, f, newer, older);
	f->list = LIST_WAITING;
}

static bool is_recent(const struct model *m, const struct flow *f)
{
	return m->interval.now_ns <= f->change_ns + HISTORY_NS || m->tick - f->tick < HISTORY;
}

/* Of the recent ones, only those that leave the list are visited. */
static void age_lists(struct model *m)
{
	struct flow *f, *next;

	while (m->recent && !is_recent(m, m->recent->newer))
		list_waiting(m, m->recent->newer);
	for (f = m->waiting; f; f = next) {
		next = f->older;
		if (!flow_is_quiet(m, f, HISTORY_NS))
			continue;
		unlist(m, f);
		free_history(f);
	}
}

static void flow_free(struct model *m, struct flow *f)
{
	unlist(m, f);
	HASH_DEL(m->flows, f);
	free_history(f);
	free(f->before);
	free(f);
}

/* Counters may be less than their sums: the differences are modulo 2^64, which the builtins say. */
enum { NCOUNTS = sizeof(struct counts) / sizeof(__u64) };

/* What the source last said. */
static struct counts flow_raw(const struct flow *f)
{
	struct counts raw = f->sum;
	__u64 *r = (__u64 *)&raw;

	for (int i = 0; f->before && i < NCOUNTS; i++)
		(void)__builtin_add_overflow(r[i], ((const __u64 *)f->before)[i], &r[i]);
	return raw;
}

/* 0 or -ENOMEM. */
static int set_raw(struct flow *f, const struct counts *raw)
{
	const __u64 *r = (const __u64 *)raw, *s = (const __u64 *)&f->sum;
	bool same = !memcmp(raw, &f->sum, sizeof(*raw));

	if (!same && !f->before)
		f->before = malloc(sizeof(*f->before));
	if (!same && !f->before)
		return -ENOMEM;
	for (int i = 0; f->before && i < NCOUNTS; i++)
		(void)__builtin_sub_overflow(r[i], s[i], &((__u64 *)f->before)[i]);
	return 0;
}

/* 0, or -ENOMEM with nothing counted. */
static int count_growth(struct flow *f, const struct counts *grown, const struct counts *raw)
{
	struct counts sum = f->sum;

	counts_add(&f->sum, grown);
	if (!set_raw(f, raw))
		return 0;
	f->sum = sum;
	return -ENOMEM;
}

/* Where the growth of the flow in this tick is summed up, unless it is its sum; NULL without memory. */
static struct counts *own_interval(struct model *m, struct flow *f)
{
	struct counts *grown;

	if (f->tick == m->tick && f->interval_at)
		return &m->intervals[f->interval_at - 1];
	if (m->nintervals == m->interval_capacity) {
		uint32_t capacity = m->interval_capacity ? 2 * m->interval_capacity : 64;

		grown = realloc(m->intervals, capacity * sizeof(*grown));
		if (!grown)
			return NULL;
		m->intervals = grown;
		m->interval_capacity = capacity;
	}
	grown = &m->intervals[m->nintervals++];
	memset(grown, 0, sizeof(*grown));
	f->interval_at = m->nintervals;
	return grown;
}

/* Sources may hand over a record again, for the sake of its owner or to be sure. */
static bool is_known(const struct flow *f, const struct flow_sample *s, const struct counts *raw)
{
	return s->rec.change_ns == f->change_ns && s->rec.flags == f->flags &&
	       s->rec.last_cause == f->last_cause && s->rec.last_cause_tlp == f->last_cause_tlp &&
	       s->rec.last_err == f->last_err && !memcmp(raw, &s->rec.counts, sizeof(*raw));
}

static void take_place(struct owner *to, const struct owner *from)
{
	if (from->cgroup) {
		to->cgroup = from->cgroup;
		to->unit = from->unit;
	}
	if (from->netns)
		to->netns = from->netns;
	if (from->host)
		to->host = from->host;
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
	struct counts grown, raw, *last;

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
	raw = flow_raw(f);
	if (s->rec.first_ns > f->raw_first_ns) {
		/* Evicted and made anew in the kernel's table: it counts from zero again. */
		memset(&raw, 0, sizeof(raw));
	} else if (s->rec.change_ns < f->change_ns || is_known(f, s, &raw)) {
		return 0;
	}
	grown = counts_growth(&s->rec.counts, &raw);
	/* All that a new flow has counted it counted in this tick. */
	last = f->tick == m->tick && !f->interval_at ? &f->sum : own_interval(m, f);
	if (!last || count_growth(f, &grown, &s->rec.counts))
		return -ENOMEM;
	f->raw_first_ns = s->rec.first_ns;
	f->change_ns = s->rec.change_ns;
	/* A flow may come twice in a snapshot: it was announced again, or evicted and made anew. */
	if (last != &f->sum)
		counts_add(last, &grown);
	history_put(m, f, last);
	f->tick = m->tick;
	list_recent(m, f);
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
 * there and would stay here for ever. Not each tick, unless they are many: it visits every flow.
 */
static void forget_old(struct model *m)
{
	size_t most = m->info.max_flows, n = 0;
	struct flow *f, *next;
	uint64_t *ages, oldest;

	if (m->keep_all || !most || m->nflows <= most + most / 4 ||
	    (m->tick % HISTORY && m->nflows <= 2 * most))
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
		flow_free(m, f);
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

/* After a tick that was much larger than the last one. */
static void shrink_intervals(struct model *m)
{
	struct counts *less;

	if (m->interval_capacity <= 64 || m->nintervals > m->interval_capacity / 4)
		return;
	less = realloc(m->intervals, m->interval_capacity / 2 * sizeof(*less));
	if (!less)
		return;
	m->intervals = less;
	m->interval_capacity /= 2;
}

int model_tick(struct model *m, const struct snapshot *s)
{
	int err = 0;

	if (!m->in_parts) {
		m->tick++;
		shrink_intervals(m);
		m->nintervals = 0;
	}
	for (size_t i = 0; i < s->nflows; i += AHEAD)
		if (take_some(m, &s->flows[i], s->nflows - i < AHEAD ? s->nflows - i : AHEAD))
			err = -ENOMEM;
	m->in_parts = s->more;
	if (s->more)
		return err;
	m->realtime_offset_ns = s->realtime_offset_ns;
	take_totals(m, s);
	age_lists(m);
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

/* Without memory it goes on counting where it was. */
static void flow_zero(struct flow *f)
{
	struct counts raw = flow_raw(f), sum = f->sum;

	memset(&f->sum, 0, sizeof(f->sum));
	if (set_raw(f, &raw))
		f->sum = sum;
	free_history(f);
}

void model_zero(struct model *m)
{
	struct flow *f, *next;

	HASH_ITER(hh, m->flows, f, next)
		flow_zero(f);
	if (m->intervals)
		memset(m->intervals, 0, m->nintervals * sizeof(*m->intervals));
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

	HASH_ITER(hh, m->flows, f, next)
		flow_free(m, f);
	m->nflows = 0;
	free(m->intervals);
	m->intervals = NULL;
	m->nintervals = m->interval_capacity = 0;
}

const struct counts *flow_interval(const struct model *m, const struct flow *f)
{
	static const struct counts nothing;

	if (f->tick != m->tick)
		return &nothing;
	if (f->group)
		return &f->group->last;
	return f->interval_at ? &m->intervals[f->interval_at - 1] : &f->sum;
}

unsigned int flow_history(const struct model *m, const struct flow *f, unsigned int ticks_ago,
			  bool with_tlp)
{
	uint64_t tick;

	if (ticks_ago >= HISTORY || ticks_ago >= m->tick)
		return 0;
	tick = m->tick - ticks_ago;
	if (tick > f->tick || f->tick - tick >= HISTORY)
		return 0;
	return (f->hist_retrans ? f->hist_retrans[tick % HISTORY] : 0u) +
	       (with_tlp && f->hist_tlp ? f->hist_tlp[tick % HISTORY] : 0u);
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
		return (unsigned int)flow_raw(f).segs[CAUSE_SYN];
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

const struct flow *model_next_recent(const struct model *m, const struct flow *f)
{
	if (!f)
		return m->recent ? m->recent : m->waiting;
	if (f->older || f->list == LIST_WAITING)
		return f->older;
	return m->waiting;
}

const struct flow *model_find(const struct model *m, const struct flow_key *key)
{
	struct flow *f;

	HASH_FIND(hh, m->flows, key, sizeof(*key), f);
	return f;
}
