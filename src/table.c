// SPDX-License-Identifier: GPL-2.0-only
#include "src/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Less room is never given back. */
enum { FEW_ROWS = 1024 };

/* A row with what it is sorted by, computed once and not at each comparison. */
struct sorted_row {
	struct sort_key key;
	uint64_t shown; /* counts_shown(), which decides between equals */
	const struct flow *flow;
};

static bool counts_at_all(const struct flow *f, const struct view *v)
{
	return flow_shown(f, v->tlp) || (v->tlp && flow_sum(f).tlp_attempts);
}

/* What changed since the last look is shown, however long ago that was. */
static uint64_t window_ns(const struct model *m)
{
	uint64_t elapsed_ns = (uint64_t)(m->interval.elapsed * 1e9);

	return elapsed_ns > HISTORY_NS ? elapsed_ns : HISTORY_NS;
}

/* Of a flow or a group. */
static bool is_row(const struct flow *f, const struct model *m, const struct view *v,
		   enum table_rows which)
{
	switch (which) {
	case ROWS_RECENT:
		return counts_at_all(f, v) && (v->within.by || !flow_is_quiet(m, f, window_ns(m)));
	case ROWS_CHANGED:
		return f->tick >= m->tick;
	case ROWS_COUNTED:
		return flow_shown(f, v->tlp) > 0;
	case ROWS_ALL:
		return true;
	}
	return false;
}

/* A flow that may be part of a row. */
static bool is_there(const struct flow *f, const struct model *m, const struct view *v,
		     enum table_rows which)
{
	if (v->family && v->family != f->key.family)
		return false;
	if (view_rows(v) == GROUP_FLOW || which == ROWS_COUNTED)
		return is_row(f, m, v, which);
	return which != ROWS_RECENT || counts_at_all(f, v);
}

uint64_t table_quiet_seconds(const struct model *m, const struct view *v)
{
	uint64_t up = m->interval.now_ns - m->start_ns;
	uint64_t window = up < window_ns(m) ? up : window_ns(m);
	uint64_t quiet = m->last_retrans_ns ? m->interval.now_ns - m->last_retrans_ns : up;

	/* When there was one of this family is not known. */
	return (v->family || quiet < window ? window : quiet) / 1000000000;
}

/* Equal rows keep one order from frame to frame. */
static int compare_ties(const struct sorted_row *a, const struct sorted_row *b)
{
	const struct flow_key *ka = &a->flow->key, *kb = &b->flow->key;
	int order;

	if (a->shown != b->shown)
		return a->shown > b->shown ? -1 : 1;
	if (flow_group(a->flow))
		return group_order(&flow_group(a->flow)->key, &flow_group(b->flow)->key);
	order = flow_key_order(ka, kb, false);
	if (!order)
		order = flow_key_order(ka, kb, true);
	if (!order)
		order = (ka->netns > kb->netns) - (ka->netns < kb->netns);
	return order ? order : (int)ka->host - (int)kb->host;
}

static int compare_rows(const void *left, const void *right, void *arg)
{
	const struct sorted_row *a = left, *b = right;
	const struct view *v = arg;
	int order = field_order(v, &a->key, a->flow, &b->key, b->flow);

	return order ? order : compare_ties(a, b);
}

static int reserve(struct table *t, size_t n)
{
	const struct flow **rows;

	if (n <= t->capacity)
		return 0;
	if (n < 2 * t->capacity)
		n = 2 * t->capacity;
	rows = realloc(t->rows, n * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	t->rows = rows;
	t->capacity = n;
	return 0;
}

/* After many more rows than there are now, as when a million flows were new. */
static void shrink(struct table *t)
{
	const struct flow **rows;

	if (t->capacity < FEW_ROWS || t->nrows > t->capacity / 4)
		return;
	rows = realloc(t->rows, t->capacity / 2 * sizeof(*rows));
	if (!rows)
		return;
	t->rows = rows;
	t->capacity /= 2;
}

/* Restores a heap in which the last in order is at the root, and only `at` may be out of place. */
static void sift_down(struct sorted_row *heap, size_t n, size_t at, const struct view *v)
{
	for (;;) {
		struct sorted_row moved = heap[at];
		size_t child = 2 * at + 1;

		if (child + 1 < n && compare_rows(&heap[child], &heap[child + 1], (void *)v) < 0)
			child++;
		if (child >= n || compare_rows(&moved, &heap[child], (void *)v) >= 0)
			return;
		heap[at] = heap[child];
		heap[child] = moved;
		at = child;
	}
}

/* Sorts no further than anybody looks: of thousands of rows a screen shows some dozens. */
static int sort_rows(struct table *t, const struct model *m, const struct view *v)
{
	size_t n = t->wanted && t->wanted < t->nrows ? t->wanted : t->nrows;
	struct sorted_row *best = calloc(n, sizeof(*best));

	if (!best)
		return -ENOMEM;
	for (size_t i = 0; i < t->nrows; i++) {
		struct sorted_row row = {.flow = t->rows[i]};

		if (i + FLOWS_AHEAD < t->nrows)
			flow_expect(t->rows[i + FLOWS_AHEAD]);
		row.shown = flow_shown(row.flow, v->tlp);
		field_sort_key(v->sort, m, v, row.flow, &row.key);
		if (i < n) {
			best[i] = row;
		} else if (compare_rows(&row, &best[0], (void *)v) < 0) {
			t->rows[i] = best[0].flow;
			best[0] = row;
			sift_down(best, n, 0, v);
		}
		if (i + 1 == n && n < t->nrows)
			for (size_t left = n / 2; left > 0; left--)
				sift_down(best, n, left - 1, v);
	}
	qsort_r(best, n, sizeof(*best), compare_rows, (void *)v);
	for (size_t i = 0; i < n; i++)
		t->rows[i] = best[i].flow;
	t->nsorted = n;
	free(best);
	return 0;
}

int table_sort_all(struct table *t, const struct model *m, const struct view *v)
{
	if (t->nsorted == t->nrows)
		return 0;
	t->wanted = 0;
	return sort_rows(t, m, v);
}

/* Those that may be rows. Only they are visited: most flows of a large table are quiet. */
static const struct flow *next_flow(const struct model *m, const struct view *v,
				    enum table_rows which, const struct flow *f)
{
	if (which == ROWS_ALL || which == ROWS_COUNTED || (which == ROWS_RECENT && v->within.by))
		return model_next(m, f);
	return which == ROWS_CHANGED ? model_next_changed(m, f) : model_next_recent(m, f);
}

static int collect_flows(struct table *t, const struct model *m, const struct view *v,
			 enum table_rows which)
{
	groups_free(&t->groups);
	for (const struct flow *f = next_flow(m, v, which, NULL); f;
	     f = next_flow(m, v, which, f)) {
		if (!is_there(f, m, v, which))
			continue;
		t->nflows++;
		if (!view_shows_flow(v, m, f))
			continue;
		if (reserve(t, t->nrows + 1))
			return -ENOMEM;
		t->rows[t->nrows++] = f;
	}
	t->nmatches = t->nrows;
	return 0;
}

static int collect_groups(struct table *t, const struct model *m, const struct view *v,
			  enum table_rows which)
{
	struct group *g;
	int err = 0;

	groups_begin(&t->groups, v->group);
	for (const struct flow *f = model_next(m, NULL); f; f = model_next(m, f)) {
		if (!is_there(f, m, v, which))
			continue;
		t->nflows++;
		if (!view_shows_flow(v, m, f))
			continue;
		t->nmatches++;
		err = err ? err : groups_add(&t->groups, m, f);
	}
	if (reserve(t, groups_end(&t->groups)) || err)
		return -ENOMEM;
	for (g = t->groups.all; g; g = g->hh.next) {
		if (is_row(&g->flow, m, v, which))
			t->rows[t->nrows++] = &g->flow;
	}
	return 0;
}

int table_build(struct table *t, const struct model *m, const struct view *v, enum table_rows which)
{
	int err;

	t->nrows = t->nflows = t->nmatches = t->nsorted = 0;
	if (view_rows(v) == GROUP_FLOW)
		err = collect_flows(t, m, v, which);
	else
		err = collect_groups(t, m, v, which);
	shrink(t);
	if (!err && t->nrows)
		err = sort_rows(t, m, v);
	if (err)
		t->nrows = t->nflows = t->nmatches = 0;
	return err;
}

long table_find(const struct table *t, const struct flow_key *key)
{
	for (size_t i = 0; i < t->nrows; i++)
		if (!memcmp(&t->rows[i]->key, key, sizeof(*key)))
			return (long)i;
	return -1;
}

long table_find_group(const struct table *t, const struct group_key *key)
{
	for (size_t i = 0; i < t->nrows; i++) {
		const struct group *g = flow_group(t->rows[i]);

		if (g && !group_order(&g->key, key))
			return (long)i;
	}
	return -1;
}

void table_free(struct table *t)
{
	groups_free(&t->groups);
	free(t->rows);
	memset(t, 0, sizeof(*t));
}
