// SPDX-License-Identifier: GPL-2.0-only
#include "src/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sort_by {
	const struct model *m;
	const struct view *v;
};

/* Is there anything to show of this flow, as the view counts? */
static bool is_shown(const struct flow *f, const struct view *v)
{
	if (v->family && v->family != f->key.family)
		return false;
	return counts_shown(&f->sum, v->tlp) || (v->tlp && f->sum.tlp_attempts);
}

/* Equal rows keep one order from frame to frame: the worse first, then by key. */
static int compare_ties(const struct flow *a, const struct flow *b, bool tlp)
{
	uint64_t na = counts_shown(&a->sum, tlp), nb = counts_shown(&b->sum, tlp);

	if (na != nb)
		return na > nb ? -1 : 1;
	return memcmp(&a->key, &b->key, sizeof(a->key));
}

static int compare_rows(const void *left, const void *right, void *arg)
{
	const struct flow *a = *(const struct flow *const *)left;
	const struct flow *b = *(const struct flow *const *)right;
	const struct sort_by *by = arg;
	int order = field_order(by->v->sort, by->m, by->v, a, b);

	return order ? order : compare_ties(a, b, by->v->tlp);
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

int table_build(struct table *t, const struct model *m, const struct view *v, bool recent_only)
{
	struct sort_by by = {m, v};
	const struct flow *f;

	t->nrows = t->nflows = 0;
	if (reserve(t, m->nflows))
		return -ENOMEM;
	for (f = m->flows; f; f = f->hh.next)
		if (is_shown(f, v) && !(recent_only && flow_is_quiet(m, f, HISTORY_NS)))
			t->rows[t->nrows++] = f;
	t->nflows = t->nrows;
	qsort_r(t->rows, t->nrows, sizeof(*t->rows), compare_rows, &by);
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
