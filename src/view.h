/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user wants to see. Keys and options change it; it changes nothing that is collected. */
#ifndef TCPRETOP_SRC_VIEW_H
#define TCPRETOP_SRC_VIEW_H

#include <stdbool.h>

#include "src/field.h"

struct event_sample;
struct filter;
struct model;

enum { FILTER_TEXT = 256 };

struct view {
	bool tlp;              /* tail loss probes are included */
	int family;            /* 0 both, else 4 or 6 */
	struct filter *filter; /* NULL: all; owned by whoever holds the view */
	char filter_text[FILTER_TEXT];
	enum field_id sort;
	bool reverse; /* against the column's own first direction */
	enum field_id columns[FIELDS];
	unsigned int ncolumns;
};

/* RETR, worst first, the default columns. */
void view_init(struct view *v);

/* Does the view let this event through: its TLPs, its family, its filter? */
bool view_shows_event(const struct view *v, const struct model *m, const struct event_sample *e);

#endif
