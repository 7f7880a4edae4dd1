/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user wants to see. Keys and options change it; it changes nothing that is collected. */
#ifndef TCPRETOP_SRC_VIEW_H
#define TCPRETOP_SRC_VIEW_H

#include <stdbool.h>

#include "src/field.h"

struct view {
	bool tlp;   /* tail loss probes are included */
	int family; /* 0 both, else 4 or 6 */
	enum field_id sort;
	bool reverse; /* against the column's own first direction */
	enum field_id columns[FIELDS];
	unsigned int ncolumns;
};

/* RETR, worst first, the default columns. */
void view_init(struct view *v);

#endif
