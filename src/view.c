// SPDX-License-Identifier: GPL-2.0-only
#include "src/view.h"

#include <string.h>

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
