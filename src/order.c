// SPDX-License-Identifier: GPL-2.0-only
#include "src/order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A row and where it belongs. */
struct place {
	size_t rank, at;
	const struct flow *row;
};

static struct held_row name_row(const struct flow *row, size_t rank)
{
	struct held_row held = {.key = row->key, .rank = rank};
	const struct group *g = flow_group(row);

	if (g)
		held.group = g->key;
	return held;
}

/* Rows of one table are all flows or all groups of one way. */
static int compare_names(const void *left, const void *right)
{
	const struct held_row *a = left, *b = right;

	if (a->group.by != b->group.by)
		return a->group.by < b->group.by ? -1 : 1;
	if (a->group.by)
		return group_order(&a->group, &b->group);
	return memcmp(&a->key, &b->key, sizeof(a->key));
}

int order_take(struct order *o, const struct table *t, size_t most)
{
	size_t n = t->nrows < most ? t->nrows : most;

	order_drop(o);
	o->rows = malloc(n * sizeof(*o->rows) + 1);
	if (!o->rows)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		o->rows[i] = name_row(t->rows[i], i);
	qsort(o->rows, n, sizeof(*o->rows), compare_names);
	o->n = n;
	return 0;
}

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

int order_apply(const struct order *o, struct table *t)
{
	struct place *places;

	if (o->n == 0 || t->nrows == 0)
		return 0;
	places = malloc(t->nrows * sizeof(*places));
	if (!places)
		return -ENOMEM;
	for (size_t i = 0; i < t->nrows; i++) {
		struct held_row name = name_row(t->rows[i], 0);
		const struct held_row *held =
			bsearch(&name, o->rows, o->n, sizeof(name), compare_names);

		places[i] = (struct place){held ? held->rank : o->n, i, t->rows[i]};
	}
	qsort(places, t->nrows, sizeof(*places), compare_places);
	for (size_t i = 0; i < t->nrows; i++)
		t->rows[i] = places[i].row;
	free(places);
	return 0;
}

void order_drop(struct order *o)
{
	free(o->rows);
	o->rows = NULL;
	o->n = 0;
}
