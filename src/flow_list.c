// SPDX-License-Identifier: GPL-2.0-only
#include "src/flow_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sort_by {
	const struct model *m;
	const struct view *v;
};

static int by_address(const struct flow_key *a, const struct flow_key *b)
{
	int c = a->family - b->family;

	if (!c)
		c = memcmp(a->laddr, b->laddr, sizeof(a->laddr));
	if (!c)
		c = a->lport - b->lport;
	if (!c)
		c = memcmp(a->raddr, b->raddr, sizeof(a->raddr));
	if (!c)
		c = a->rport - b->rport;
	return c ? c : (a->netns > b->netns) - (a->netns < b->netns);
}

static int compare(const void *left, const void *right, void *arg)
{
	const struct flow *a = *(const struct flow *const *)left;
	const struct flow *b = *(const struct flow *const *)right;
	const struct sort_by *by = arg;
	int order = field_order(by->v->sort, by->m, by->v, a, b);

	return order ? order : by_address(&a->key, &b->key);
}

int flow_list_build(struct flow_list *l, const struct model *m, const struct view *v,
		    bool changed_only)
{
	struct sort_by by = {m, v};
	const struct flow *f;

	l->n = 0;
	l->flows = calloc(m->nflows + 1, sizeof(*l->flows));
	if (!l->flows)
		return -ENOMEM;
	for (f = m->flows; f; f = f->hh.next) {
		if (v->family && f->key.family != v->family)
			continue;
		if (!changed_only || f->tick == m->tick)
			l->flows[l->n++] = f;
	}
	qsort_r(l->flows, l->n, sizeof(*l->flows), compare, &by);
	return 0;
}

void flow_list_free(struct flow_list *l)
{
	free(l->flows);
	*l = (struct flow_list){0};
}
