// SPDX-License-Identifier: GPL-2.0-only
#include "src/eventlog.h"

void eventlog_add(struct eventlog *l, const struct event_sample *e)
{
	l->ring[l->count % EVENTLOG_SIZE] = *e;
	l->count++;
}

const struct event_sample *eventlog_get(const struct eventlog *l, uint64_t nth)
{
	if (nth >= l->count || l->count - nth > EVENTLOG_SIZE)
		return NULL;
	return &l->ring[nth % EVENTLOG_SIZE];
}
