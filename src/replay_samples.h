/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows and events as they lie in the frames of a recording. A checksum holds off accidents, not
 * strangers: everything is looked at before it is used.
 */
#ifndef TCPRETOP_SRC_REPLAY_SAMPLES_H
#define TCPRETOP_SRC_REPLAY_SAMPLES_H

#include "src/source.h"
#include "src/wire.h"

/* The last time that is one: a sum of two does not overflow. */
#define TIME_MOST (UINT64_C(1) << 62)

/* What owners refer to; number 1 is the first. Starts zeroed. */
struct texts {
	char **text;
	uint32_t n, capacity;
	size_t bytes; /* of all */
};

/* Takes over the texts of a payload. Those that it has stay where they are. 0; -EBADMSG if they are
 * not what they should be, -ENOMEM. */
int texts_take(struct texts *t, struct wire_in payload);

void texts_free(struct texts *t);

/* 0 if all samples of a payload, events or flows, are what they should be; else -EBADMSG. */
int samples_check(const struct texts *t, bool events, struct wire_in payload);

/* One sample of a payload that was checked. Texts of its owner are those of *t. */
struct flow_sample flow_take(const struct texts *t, struct wire_in sample);
struct event_sample event_take(const struct texts *t, struct wire_in sample);

#endif
