/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user wants to see. Keys and options change it; it changes nothing that is collected. */
#ifndef TCPRETOP_SRC_VIEW_H
#define TCPRETOP_SRC_VIEW_H

#include <stdbool.h>

#include "src/field.h"
#include "src/group.h"

struct event_sample;
struct filter;
struct names;

enum { FILTER_TEXT = 256 };

struct view {
	bool tlp;              /* tail loss probes are included */
	bool whole_run;        /* rates are those since the start, not of the last interval */
	int family;            /* 0 both, else 4 or 6 */
	struct filter *filter; /* NULL: all; owned by whoever holds the view */
	char filter_text[FILTER_TEXT];
	enum field_id sort;
	bool reverse; /* against the column's own first direction */
	enum field_id columns[FIELDS];
	unsigned int ncolumns;
	bool columns_given;      /* by the user: all of them are wanted, known or not */
	enum group_by group;     /* what a row is */
	struct names *names;     /* stand for addresses; NULL: addresses do; not owned */
	struct group_key within; /* only what belongs to this group, flow by flow; or GROUP_FLOW */
};

/* RETR, worst first, the default columns. */
void view_init(struct view *v);

/* Columns that the user did not choose for this run tell the host of a flow where there are several, and
 * only there; one column stays. */
void view_fit_host(struct view *v, bool several);

/* What the rows are: flows also where those of one group are shown. */
enum group_by view_rows(const struct view *v);

/* The columns for these rows. Groups lead with FLOWS and GROUP and leave out what is not known of
 * them, unless the user chose the columns. Returns how many there are. */
unsigned int view_columns(const struct view *v, enum field_id ids[FIELDS]);

/* "IPv4 ", "IPv6 ", or "" where both are shown. */
const char *view_family_word(const struct view *v);

/* If rows of this kind cannot be sorted by the view's field: by RETR. */
void view_settle_sort(struct view *v);

/* Does the view let this flow through: its filter, the one group? Its family is left to the caller. */
bool view_shows_flow(const struct view *v, const struct model *m, const struct flow *f);

/* Does the view let this event through: its TLPs, its family, its filter? */
bool view_shows_event(const struct view *v, const struct model *m, const struct event_sample *e);

#endif
