/* SPDX-License-Identifier: GPL-2.0-only */
/* The order that rows had, to be kept while somebody moves among them. */
#ifndef TCPRETOP_SRC_ORDER_H
#define TCPRETOP_SRC_ORDER_H

#include "src/table.h"

struct held_row {
	struct flow_key key;
	struct group_key group;
	size_t rank;
};

struct order {
	struct held_row *rows; /* owned; by key, to be found */
	size_t n;              /* 0: none is held */
};

/* Remembers the first `most` rows as they stand. 0 or -ENOMEM (none is held). */
int order_take(struct order *o, const struct table *t, size_t most);

/* Puts those rows back in their order, before all others, which keep theirs. Those that are gone
 * leave no gap. 0 or -ENOMEM (the rows stay as they are). */
int order_apply(const struct order *o, struct table *t);

/* Forgets it; the memory goes, too. */
void order_drop(struct order *o);

#endif
