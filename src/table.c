// SPDX-License-Identifier: GPL-2.0-only
#include "src/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/filter.h"

/* A row with what it is sorted by, computed once and not at each comparison. */
struct sorted_row {
	struct sort_key key;
	uint64_t shown; /* counts_shown(), which decides between equals */
	const struct flow *flow;
};

static bool is_row(const struct flow *f, const struct model *m, const struct view *v,
		   enum table_rows which)
{
	if (v->family && v->family != f->key.family)
		return false;
	switch (which) {
	case ROWS_RECENT:
		return (counts_shown(&f->sum, v->tlp) || (v->tlp && f->sum.tlp_attempts)) &&
		       !flow_is_quiet(m, f, HISTORY_NS);
	case ROWS_CHANGED:
		return f->tick == m->tick;
	case ROWS_ALL:
		return true;
	}
	return false;
}

/* Equal rows keep one order from frame to frame. */
static int compare_ties(const struct sorted_row *a, const struct sorted_row *b)
{
	const struct flow_key *ka = &a->flow->key, *kb = &b->flow->key;
	int order;

	if (a->shown != b->shown)
		return a->shown > b->shown ? -1 : 1;
	order = flow_key_order(ka, kb, false);
	if (!order)
		order = flow_key_order(ka, kb, true);
	return order ? order : (ka->netns > kb->netns) - (ka->netns < kb->netns);
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
	rows = realloc(t->rows, n * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	t->rows = rows;
	t->capacity = n;
	return 0;
}

static int sort_rows(struct table *t, const struct model *m, const struct view *v)
{
	struct sorted_row *sorted = malloc(t->nrows * sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < t->nrows; i++) {
		sorted[i].flow = t->rows[i];
		sorted[i].shown = counts_shown(&t->rows[i]->sum, v->tlp);
		field_sort_key(v->sort, m, v, t->rows[i], &sorted[i].key);
	}
	qsort_r(sorted, t->nrows, sizeof(*sorted), compare_rows, (void *)v);
	for (size_t i = 0; i < t->nrows; i++)
		t->rows[i] = sorted[i].flow;
	free(sorted);
	return 0;
}

int table_build(struct table *t, const struct model *m, const struct view *v, enum table_rows which)
{
	const struct flow *f;

	t->nrows = t->nflows = 0;
	if (reserve(t, m->nflows))
		return -ENOMEM;
	for (f = m->flows; f; f = f->hh.next) {
		if (!is_row(f, m, v, which))
			continue;
		t->nflows++;
		if (filter_flow(v->filter, m, v, f))
			t->rows[t->nrows++] = f;
	}
	if (t->nrows && sort_rows(t, m, v)) {
		t->nrows = t->nflows = 0;
		return -ENOMEM;
	}
	return 0;
}

long table_find(const struct table *t, const struct flow_key *key)
{
	for (size_t i = 0; i < t->nrows; i++)
		if (!memcmp(&t->rows[i]->key, key, sizeof(*key)))
			return (long)i;
	return -1;
}

void table_free(struct table *t)
{
	free(t->rows);
	memset(t, 0, sizeof(*t));
}
