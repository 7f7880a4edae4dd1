/* SPDX-License-Identifier: GPL-2.0-only */
/* The last events, for the event pane. */
#ifndef TCPRETOP_SRC_EVENTLOG_H
#define TCPRETOP_SRC_EVENTLOG_H

#include "src/source.h"

enum { EVENTLOG_SIZE = 2048 };

struct eventlog {
	struct event_sample ring[EVENTLOG_SIZE];
	uint64_t count; /* events ever added; the last EVENTLOG_SIZE of them are here */
};

void eventlog_add(struct eventlog *l, const struct event_sample *e);

/* The nth event ever added, from 0; NULL if it is no longer here, or not yet. */
const struct event_sample *eventlog_get(const struct eventlog *l, uint64_t nth);

#endif
