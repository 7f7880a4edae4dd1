/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples of flows that nobody has asked for yet: of each flow the last one. */
#ifndef TCPRETOP_SRC_PENDING_H
#define TCPRETOP_SRC_PENDING_H

#include "src/source.h"

struct pending_flow;

/* Starts zeroed. */
struct pending {
	struct pending_flow *all;
};

/* 0 or -ENOMEM. Its counts are since the start: those of an older sample are among them. */
int pending_add(struct pending *p, const struct flow_sample *s);

/* Moves `most` samples, or all there are, to *to; returns how many. */
size_t pending_take(struct pending *p, struct flow_sample *to, size_t most);

void pending_free(struct pending *p);

#endif
