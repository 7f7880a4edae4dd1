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

bool view_shows_event(const struct view *v, const struct model *m, const struct event_sample *e)
{
	bool probe = e->event.kind == 'L' || e->event.cause == CAUSE_TLP;

	if ((probe && !v->tlp) || (v->family && v->family != e->event.key.family))
		return false;
	return filter_event(v->filter, m, v, e);
}
