// SPDX-License-Identifier: GPL-2.0-only
/* What only flows have that changed lately: growth in the last interval, and a history. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "src/counts.h"
#include "src/group.h"
#include "src/model_parts.h"

/* Flows that closed or went quiet leave it after a history window, of time and of ticks. */
enum recent_list {
	LIST_RECENT,
	LIST_WAITING, /* quiet for so long, but waiting for a timer that has backed off */
};

/* Segments but TLP, and TLP. */
enum { HISTORY_RETRANS, HISTORY_TLP, HISTORIES };

/* Of a flow that has sent more than 255 again in one interval. Saturating. */
struct wide_history {
	uint16_t slots[HISTORIES][HISTORY];
};

/* What only a flow has that changed lately. */
struct recent {
	struct recent *newer, *older; /* in one of the model's lists of them */
	struct flow *flow;
	struct tally last;                   /* growth in the interval of tick flow->tick */
	uint8_t history[HISTORIES][HISTORY]; /* by tick % HISTORY, if .wide is 0 */
	uint32_t wide;                       /* number of a struct wide_history; 0: none is */
	uint32_t list;                       /* enum recent_list */
};

void recents_init(struct model *m)
{
	m->recents.size = sizeof(struct recent);
	m->wide.size = sizeof(struct wide_history);
}

void recents_free(struct model *m)
{
	slab_free(&m->recents);
	slab_free(&m->wide);
}

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
	uint32_t now = model_taken_tick(m), gap = now - r->flow->tick;

	if (!r->wide && (retrans > UINT8_MAX || tlp > UINT8_MAX))
		widen(m, r);
	for (uint32_t i = 1; i < gap && i < HISTORY; i++) {
		put_slot(m, r, HISTORY_RETRANS, now - i, 0);
		put_slot(m, r, HISTORY_TLP, now - i, 0);
	}
	put_slot(m, r, HISTORY_RETRANS, now, retrans);
	put_slot(m, r, HISTORY_TLP, now, tlp);
}

void recent_clear(struct model *m, const struct flow *f)
{
	struct recent *r = recent_of(m, f);

	if (!r)
		return;
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

void recent_drop(struct model *m, struct flow *f)
{
	struct recent *r = recent_of(m, f);

	if (!r)
		return;
	unlist(m, r);
	recent_clear(m, f);
	slab_give(&m->recents, f->recent);
	f->recent = 0;
}

static bool is_recent(const struct model *m, const struct flow *f)
{
	return m->interval.now_ns <= f->change_ns + HISTORY_NS || m->tick - f->tick < HISTORY;
}

/* Of the recent ones, only those that leave the list are visited. */
void recents_age(struct model *m)
{
	struct recent *r, *next;

	while (m->recent && !is_recent(m, m->recent->newer->flow))
		relist(m, m->recent->newer, LIST_WAITING);
	for (r = m->waiting; r; r = next) {
		next = r->older;
		if (flow_is_quiet(m, r->flow, HISTORY_NS))
			recent_drop(m, r->flow);
	}
}

void recent_expect(const struct model *m, const struct flow *f)
{
	prefetch(recent_of(m, f), sizeof(struct recent));
}

int recent_add_growth(struct model *m, struct flow *f, const struct counts *grown,
		      const struct flow_rec *rec)
{
	struct recent *r = make_recent(m, f);
	bool again = f->tick == model_taken_tick(m);
	struct counts before, last = *grown;

	if (!r)
		return -ENOMEM;
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
	relist(m, r, LIST_RECENT);
	return 0;
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

const struct flow *model_next_recent(const struct model *m, const struct flow *f)
{
	uint32_t number = slab_next(&m->recents, f ? f->recent : 0);
	const struct recent *later = number ? slab_near(&m->recents, number, FLOWS_AHEAD) : NULL;
	const struct recent *farther = number ? slab_near(&m->recents, number, 2 * FLOWS_AHEAD)
					      : NULL;

	if (farther)
		__builtin_prefetch(&farther->flow);
	if (later)
		flow_expect(later->flow);
	return number ? ((const struct recent *)slab_at(&m->recents, number))->flow : NULL;
}

const struct flow *model_next_changed(const struct model *m, const struct flow *f)
{
	const struct recent *r = f ? recent_of(m, f) : NULL, *next = r ? r->older : m->recent;

	return next && next->flow->tick >= m->tick ? next->flow : NULL;
}
