/* SPDX-License-Identifier: GPL-2.0-only */
/* One flow or group whose details are drawn, and what is said of it in words. */
#ifndef TCPRETOP_UI_SUBJECT_H
#define TCPRETOP_UI_SUBJECT_H

#include "ui/state.h"

struct subject {
	const struct state *s;
	const struct flow *f;
	bool live;               /* sock is of just now, else the last sample */
	bool sampled;            /* sock is known at all */
	struct socket_look sock; /* of whichever it is */
};

/* Of a flow, with what the last look at its socket said. */
struct subject subject_of(const struct state *s, const struct flow *f);

/* Where the numbers of the connection come from: of now, or else of when, and why. */
void subject_origin(const struct subject *who, char *buf, size_t size);

/* The command line of the owner, if it is still the same process. */
void subject_command(const struct subject *who, char *buf, size_t size);

/* The process that owns the socket, and how many more hold it. */
void subject_process(const struct subject *who, char *buf, size_t size);

/* When it was seen first and last. */
void subject_seen(const struct subject *who, char *buf, size_t size);

#endif
