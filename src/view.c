// SPDX-License-Identifier: GPL-2.0-only
#include "src/view.h"

#include <string.h>

#include "src/filter.h"

void view_init(struct view *v)
{
	static const enum field_id shown[] = {
		FIELD_RETR,  FIELD_RETR_RATE, FIELD_RATIO,   FIELD_RTO_WAIT,
		FIELD_RTT,   FIELD_CWND,      FIELD_CAUSE,   FIELD_STATE,
		FIELD_LADDR, FIELD_RADDR,     FIELD_PROCESS, FIELD_HISTORY,
	};

	memset(v, 0, sizeof(*v));
	v->sort = FIELD_RETR;
	v->ncolumns = sizeof(shown) / sizeof(*shown);
	memcpy(v->columns, shown, sizeof(shown));
}

static bool names(const struct view *v, enum field_id id)
{
	for (unsigned int i = 0; i < v->ncolumns; i++) {
		if (v->columns[i] == id)
			return true;
	}
	return false;
}

static void drop_column(struct view *v, enum field_id id)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < v->ncolumns; i++) {
		if (v->columns[i] != id)
			v->columns[n++] = v->columns[i];
	}
	v->ncolumns = n;
}

void view_fit_host(struct view *v, bool several)
{
	unsigned int at = 0;

	if (v->columns_given)
		return;
	if (!several) {
		if (v->ncolumns > 1)
			drop_column(v, FIELD_HOST);
		return;
	}
	if (names(v, FIELD_HOST))
		return;
	while (at < v->ncolumns && v->columns[at] != FIELD_LADDR)
		at++;
	memmove(&v->columns[at + 1], &v->columns[at], (v->ncolumns - at) * sizeof(*v->columns));
	v->columns[at] = FIELD_HOST;
	v->ncolumns++;
}

const char *view_family_word(const struct view *v)
{
	return v->family == 4 ? "IPv4 " : v->family == 6 ? "IPv6 " : "";
}

enum group_by view_rows(const struct view *v)
{
	return v->within.by ? GROUP_FLOW : v->group;
}

unsigned int view_columns(const struct view *v, enum field_id ids[FIELDS])
{
	enum group_by rows = view_rows(v);
	unsigned int n = 0;

	if (rows != GROUP_FLOW && !v->columns_given && !names(v, FIELD_FLOWS))
		ids[n++] = FIELD_FLOWS;
	if (rows != GROUP_FLOW && !names(v, FIELD_GROUP))
		ids[n++] = FIELD_GROUP;
	for (unsigned int i = 0; i < v->ncolumns && n < FIELDS; i++) {
		if (v->columns_given || field_is_of(v->columns[i], rows))
			ids[n++] = v->columns[i];
	}
	return n;
}

void view_settle_sort(struct view *v)
{
	if (field_is_of(v->sort, view_rows(v)))
		return;
	v->sort = FIELD_RETR;
	v->reverse = false;
}

bool view_shows_flow(const struct view *v, const struct model *m, const struct flow *f)
{
	return (!v->within.by || group_has_flow(&v->within, f)) && filter_flow(v->filter, m, v, f);
}

bool view_shows_event(const struct view *v, const struct model *m, const struct event_sample *e)
{
	bool probe = e->event.kind == 'L' || e->event.cause == CAUSE_TLP;

	if ((probe && !v->tlp) || (v->family && v->family != e->event.key.family))
		return false;
	if (v->within.by && !group_has_event(&v->within, e))
		return false;
	return filter_event(v->filter, m, v, e);
}
