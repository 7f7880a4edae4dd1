/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters in the text format of Prometheus. */
#ifndef TCPRETOP_SRC_METRICS_TEXT_H
#define TCPRETOP_SRC_METRICS_TEXT_H

#include <stdio.h>

#include "src/group.h"
#include "src/metrics_sums.h"
#include "src/model.h"

/* All that is told. Starts zeroed, but for the model and the ways. */
struct metrics {
	struct model model;
	unsigned int ways; /* of grouping that are labels: 1 << enum group_by */
	struct metrics_sums by[GROUPS];
	uint64_t bytes, spurious; /* known flow by flow only: without what was evicted unseen */
};

/* Takes in a snapshot or a part of one. 0 or -ENOMEM, with all that found room counted. */
int metrics_take(struct metrics *m, const struct snapshot *s);

void metrics_write(const struct metrics *m, FILE *f);

void metrics_free(struct metrics *m);

#endif
