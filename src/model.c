// SPDX-License-Identifier: GPL-2.0-only
#include "src/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "src/counts.h"
#include "src/group.h"

void model_init(struct model *m, const struct source_info *info)
{
	memset(m, 0, sizeof(*m));
	pool_init(&m->flows, sizeof(struct flow), sizeof(struct flow_key));
	m->recents.size = sizeof(struct recent);
	m->wide.size = sizeof(struct wide_history);
	m->info = *info;
	m->start_ns = info->start_ns;
	m->interval.now_ns = info->start_ns;
}

/* The snapshot that is taken in. It counts when it is whole. */
static uint32_t taken_tick(const struct model *m)
{
	return m->tick + 1;
}

static struct flow *flow_add(struct model *m, const struct flow_sample *s, uint32_t hash)
{
	struct flow *f = pool_add(&m->flows, &s->key, hash);

	if (!f)
		return NULL;
	f->first_ns = s->rec.first_ns;
	f->tick = taken_tick(m);
	f->last_cause = f->last_cause_tlp = CAUSES; /* none yet */
	return f;
}

/* ---- What flows have that changed lately */

static struct recent *recent_of(const struct model *m, const struct flow *f)
{
	return f->recent ? slab_at(&m->recents, f->recent) : NULL;
}

static struct wide_history *wide_of(const struct model *m, const struct recent *r)
{
	return r->wide ? slab_at(&m->wide, r->wide) : NULL;
}

static unsigned int history_get(const struct model *m, const struct recent *r, int which,
				uint32_t slot)
{
	const struct wide_history *w = wide_of(m, r);

	return w ? w->slots[which][slot] : r->history[which][slot];
}

/* Without memory what is too large ends at 255. */
static void widen(struct model *m, struct recent *r)
{
	struct wide_history *w;

	r->wide = slab_take(&m->wide);
	w = wide_of(m, r);
	for (int which = 0; w && which < HISTORIES; which++)
		for (int slot = 0; slot < HISTORY; slot++)
			w->slots[which][slot] = r->history[which][slot];
}

static void put_slot(const struct model *m, struct recent *r, int which, uint32_t tick, uint64_t n)
{
	struct wide_history *w = wide_of(m, r);

	if (w)
		w->slots[which][tick % HISTORY] = n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
	else
		r->history[which][tick % HISTORY] = n < UINT8_MAX ? (uint8_t)n : UINT8_MAX;
}

/* Slots of the ticks in which the flow did not change still hold the window before. */
static void history_put(struct model *m, struct recent *r, const struct counts *last)
{
	uint64_t retrans = counts_shown(last, false), tlp = last->segs[CAUSE_TLP];
	uint32_t now = taken_tick(m), gap = now - r->flow->tick;

	if (!r->wide && (retrans > UINT8_MAX || tlp > UINT8_MAX))
		widen(m, r);
	for (uint32_t i = 1; i < gap && i < HISTORY; i++) {
		put_slot(m, r, HISTORY_RETRANS, now - i, 0);
		put_slot(m, r, HISTORY_TLP, now - i, 0);
	}
	put_slot(m, r, HISTORY_RETRANS, now, retrans);
	put_slot(m, r, HISTORY_TLP, now, tlp);
}

static void clear_recent(struct model *m, struct recent *r)
{
	memset(r->history, 0, sizeof(r->history));
	if (r->wide)
		slab_give(&m->wide, r->wide);
	r->wide = 0;
	tally_clear(&r->last);
}

static void list(struct model *m, struct recent *r, enum recent_list which)
{
	r->list = which;
	if (which == LIST_RECENT)
		DL_PREPEND2(m->recent, r, newer, older);
	else
		DL_PREPEND2(m->waiting, r, newer, older);
}

static void unlist(struct model *m, struct recent *r)
{
	if (r->list == LIST_RECENT)
		DL_DELETE2(m->recent, r, newer, older);
	else
		DL_DELETE2(m->waiting, r, newer, older);
}

static void relist(struct model *m, struct recent *r, enum recent_list which)
{
	unlist(m, r);
	list(m, r, which);
}

/* NULL without memory. */
static struct recent *make_recent(struct model *m, struct flow *f)
{
	struct recent *r;

	if (!f->recent) {
		f->recent = slab_take(&m->recents);
		if (!f->recent)
			return NULL;
		r = recent_of(m, f);
		r->flow = f;
		list(m, r, LIST_RECENT);
	}
	return recent_of(m, f);
}

static void free_recent(struct model *m, struct recent *r)
{
	struct flow *f = r->flow;

	unlist(m, r);
	clear_recent(m, r);
	slab_give(&m->recents, f->recent);
	f->recent = 0;
}

static bool is_recent(const struct model *m, const struct flow *f)
{
	return m->interval.now_ns <= f->change_ns + HISTORY_NS || m->tick - f->tick < HISTORY;
}

/* Of the recent ones, only those that leave the list are visited. */
static void age_lists(struct model *m)
{
	struct recent *r, *next;

	while (m->recent && !is_recent(m, m->recent->newer->flow))
		relist(m, m->recent->newer, LIST_WAITING);
	for (r = m->waiting; r; r = next) {
		next = r->older;
		if (flow_is_quiet(m, r->flow, HISTORY_NS))
			free_recent(m, r);
	}
}

/* ---- Counting */

static void flow_free(struct model *m, struct flow *f)
{
	if (f->recent)
		free_recent(m, recent_of(m, f));
	shared_drop(&m->shareds, f->shared);
	flow_clear(f);
	pool_remove(&m->flows, f);
}

/* 0, or -ENOMEM with nothing counted. */
static int add_growth(struct model *m, struct flow *f, struct recent *r, const struct counts *grown,
		      const struct flow_rec *rec)
{
	bool again = f->tick == taken_tick(m);
	struct counts before, last = *grown;

	/* A flow may come twice in a snapshot: it was announced again, or evicted and made anew. */
	if (again) {
		before = tally_get(&r->last);
		counts_add(&last, &before);
	}
	if (tally_set(&r->last, &last))
		return -ENOMEM;
	if (flow_count(f, grown, rec)) {
		if (again)
			tally_set(&r->last, &before);
		return -ENOMEM;
	}
	history_put(m, r, &last);
	return 0;
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

/* ---- Owners */

/* 0, or -ENOMEM: it keeps what it had. */
static int share(struct model *m, struct flow *f, const struct shared *what)
{
	const struct shared *taken;

	if (f->shared && !memcmp(f->shared, what, sizeof(*what)))
		return 0;
	taken = shared_take(&m->shareds, what);
	if (!taken)
		return -ENOMEM;
	shared_drop(&m->shareds, f->shared);
	f->shared = taken;
	return 0;
}

static void take_place(struct shared *to, const struct owner *from)
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

/* A number without its name says little, and is not taken alone. */
static int take_process(struct model *m, struct flow *f, struct shared *what,
			const struct owner *from)
{
	memset(what->comm, 0, sizeof(what->comm));
	memcpy(what->comm, from->comm, strnlen(from->comm, sizeof(what->comm)));
	if (share(m, f, what))
		return -ENOMEM;
	f->pid = from->pid;
	f->others = from->others;
	return 0;
}

static bool knows_anything(const struct owner *o)
{
	return o->pid || o->cgroup || o->netns || o->host || o->user;
}

/* A closed socket has no inode any more and keeps its owner; a new one does not inherit it, but of who
 * listened: until more is known, that is who accepted it. */
static int take_owner(struct model *m, struct flow *f, const struct flow_sample *s)
{
	uint64_t inode = s->rec.sock.inode;
	bool other = inode && inode != f->owner_inode, is_new = other && !f->listens;
	struct shared what;
	int err;

	if (!other && !knows_anything(&s->owner))
		return 0;
	what = *flow_shared(f);
	if (is_new)
		what.cgroup = what.unit = what.netns = what.host = what.user = NULL;
	take_place(&what, &s->owner);
	if (is_new || s->owner.pid)
		err = take_process(m, f, &what, &s->owner);
	else
		err = share(m, f, &what);
	if (!err && other) {
		f->owner_inode = inode;
		f->listens = s->rec.sock.state == STATE_SYN_RECV;
	}
	return err;
}

/* The owner of a socket that was handed over before. */
static int take_late_owner(struct model *m, struct flow *f, const struct flow_sample *s)
{
	struct shared what;

	if (!f || f->owner_inode != s->rec.sock.inode)
		return 0;
	what = *flow_shared(f);
	return take_process(m, f, &what, &s->owner);
}

static int take_sock(struct model *m, struct flow *f, const struct sock_sample *sock)
{
	struct shared what;
	size_t len = strnlen(sock->cong, sizeof(what.cong) - 1);

	f->sock = sock_of_sample(sock);
	if (!strncmp(flow_shared(f)->cong, sock->cong, sizeof(what.cong) - 1))
		return 0;
	what = *flow_shared(f);
	memset(what.cong, 0, sizeof(what.cong));
	memcpy(what.cong, sock->cong, len);
	return share(m, f, &what);
}

/* ---- Flows and their totals */

/* What is told of a flow finds room or not, what it counted is counted. */
static int take_flow(struct model *m, const struct flow_sample *s, uint32_t hash)
{
	struct flow *f = pool_find(&m->flows, &s->key, hash);
	struct counts grown, raw;
	struct recent *r;
	int err;

	if (!s->rec.first_ns)
		return take_late_owner(m, f, s);
	if (!f)
		f = flow_add(m, s, hash);
	if (!f)
		return -ENOMEM;
	err = take_owner(m, f, s);
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
	r = make_recent(m, f);
	if (!r || add_growth(m, f, r, &grown, &s->rec))
		return -ENOMEM;
	relist(m, r, LIST_RECENT);
	f->tick = taken_tick(m);
	f->change_ns = s->rec.change_ns;
	f->last_ns = s->rec.last_ns;
	f->flags = s->rec.flags;
	f->last_err = s->rec.last_err;
	f->last_cause = last_cause(f, &s->rec);
	f->last_cause_tlp = last_cause_tlp(f, &s->rec);
	if (take_sock(m, f, &s->rec.sock))
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

static void take_totals(struct model *m, const struct snapshot *s)
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

/* So many flows before one is looked up its memory begins to be fetched, and twice as many its chain. */
enum { AHEAD = 8 };

static int take_flows(struct model *m, const struct flow_sample *s, size_t n)
{
	uint32_t hashes[2 * AHEAD];
	int err = 0;

	for (size_t i = 0; i < n + 2 * AHEAD; i++) {
		uint32_t *hash = &hashes[i % (2 * AHEAD)];

		if (i >= 2 * AHEAD && take_flow(m, &s[i - 2 * AHEAD], *hash))
			err = -ENOMEM;
		if (i >= AHEAD && i - AHEAD < n)
			pool_expect(&m->flows, hashes[(i - AHEAD) % (2 * AHEAD)]);
		if (i < n) {
			*hash = pool_hash(&m->flows, &s[i].key);
			pool_expect_chain(&m->flows, *hash);
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
	take_totals(m, s);
	age_lists(m);
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
		if (f->recent)
			clear_recent(m, recent_of(m, f));
	}
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

void model_free(struct model *m)
{
	struct flow *f, *next;

	for (f = pool_next(&m->flows, NULL); f; f = next) {
		next = pool_next(&m->flows, f);
		flow_free(m, f);
	}
	pool_free(&m->flows);
	slab_free(&m->recents);
	slab_free(&m->wide);
}

size_t model_flows(const struct model *m)
{
	return m->flows.slab.n;
}

struct counts flow_interval(const struct model *m, const struct flow *f)
{
	static const struct counts nothing;

	if (f->tick < m->tick)
		return nothing;
	if (f->is_group)
		return flow_group(f)->last;
	return f->recent ? tally_get(&recent_of(m, f)->last) : nothing;
}

unsigned int flow_history(const struct model *m, const struct flow *f, unsigned int ticks_ago,
			  bool with_tlp)
{
	const struct recent *r = recent_of(m, f);
	uint32_t tick;

	if (!r || ticks_ago >= HISTORY || ticks_ago >= m->tick)
		return 0;
	tick = m->tick - ticks_ago;
	if (tick > f->tick || f->tick - tick >= HISTORY)
		return 0;
	return history_get(m, r, HISTORY_RETRANS, tick % HISTORY) +
	       (with_tlp ? history_get(m, r, HISTORY_TLP, tick % HISTORY) : 0);
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

/* Slots of the ticks since the flow last changed still hold the window before. */
void flow_add_history(const struct model *m, const struct flow *f, uint32_t retrans[HISTORY],
		      uint32_t tlp[HISTORY])
{
	const struct recent *r = recent_of(m, f);
	uint32_t known = m->tick < HISTORY ? m->tick : HISTORY;

	for (uint32_t ago = f->tick < m->tick ? m->tick - f->tick : 0; r && ago < known; ago++) {
		uint32_t tick = m->tick - ago;

		if (f->tick - tick >= HISTORY)
			break;
		retrans[ago] += history_get(m, r, HISTORY_RETRANS, tick % HISTORY);
		tlp[ago] += history_get(m, r, HISTORY_TLP, tick % HISTORY);
	}
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

const struct flow *model_next_recent(const struct model *m, const struct flow *f)
{
	uint32_t number = slab_next(&m->recents, f ? f->recent : 0);
	const struct recent *later = number ? slab_near(&m->recents, number, FLOWS_AHEAD) : NULL;

	if (later)
		flow_expect(later->flow);
	return number ? ((const struct recent *)slab_at(&m->recents, number))->flow : NULL;
}

const struct flow *model_next_changed(const struct model *m, const struct flow *f)
{
	const struct recent *r = f ? recent_of(m, f) : NULL, *next = r ? r->older : m->recent;

	return next && next->flow->tick >= m->tick ? next->flow : NULL;
}

const struct flow *model_find(const struct model *m, const struct flow_key *key)
{
	return pool_find(&m->flows, key, pool_hash(&m->flows, key));
}
