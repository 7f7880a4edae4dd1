/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows to show: those flows of the model that the view lets through, in its order. */
#ifndef TCPRETOP_SRC_TABLE_H
#define TCPRETOP_SRC_TABLE_H

#include "src/model.h"
#include "src/view.h"

struct table {
	const struct flow *
		*rows; /* owned by the table; the flows by the model, until its next tick */
	size_t nrows;
	size_t nflows;   /* flows that there are to show, before any filter */
	size_t nmatches; /* those of them that are shown, or summed up in what is shown */
	size_t wanted;   /* rows that the user of the table needs in order; 0 is all */
	size_t nsorted;  /* rows that are; the others follow in no order */
	size_t capacity;
	struct groups groups; /* rows that stand for groups, until the next table_build() */
};

/*
 * Of the flows of the view's family, or of their groups. A group sums up all its flows that count
 * for something, also those quiet for long, as its counts are since the start; and all of them are
 * shown as the flows of one group.
 */
enum table_rows {
	ROWS_RECENT, /* those that count for something, but not those quiet for a history window and since the last look */
	ROWS_CHANGED, /* those that changed in the last interval */
	ROWS_COUNTED, /* those of which something was sent again */
	ROWS_ALL,
};

/* Builds the rows anew, in the view's order; equal ones by count, then by address or name. 0 or -ENOMEM (the
 * table is then empty). */
int table_build(struct table *t, const struct model *m, const struct view *v,
		enum table_rows which);

/* Puts all rows in order, if they are not. 0 or -ENOMEM (they stay as they are). */
int table_sort_all(struct table *t, const struct model *m, const struct view *v);

/* Of an empty table: for how many seconds there has been nothing to show. At least for the time that
 * rows stay. */
uint64_t table_quiet_seconds(const struct model *m, const struct view *v);

/* Row of the flow with this key, or -1. */
long table_find(const struct table *t, const struct flow_key *key);

/* Row of the group with this key, or -1. */
long table_find_group(const struct table *t, const struct group_key *key);

void table_free(struct table *t);

#endif
