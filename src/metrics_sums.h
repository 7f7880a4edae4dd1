/* SPDX-License-Identifier: GPL-2.0-only */
/* Counts by one label, which has few values. */
#ifndef TCPRETOP_SRC_METRICS_SUMS_H
#define TCPRETOP_SRC_METRICS_SUMS_H

#include <stddef.h>
#include <stdint.h>

#define METRICS_OTHER "other"

/* All that Linux systems name cgroups, also within each other; a text of them all has room in METRICS_MOST. */
enum { METRICS_LABEL_TEXT = 1024 };

struct metrics_sum {
	char label[METRICS_LABEL_TEXT]; /* fit to be shown */
	uint64_t segs;                  /* sent again, TLPs and SYN-ACKs included */
	uint64_t rto_wait_us;
	uint64_t last_ns; /* when it last grew */
};

/* Starts zeroed. */
struct metrics_sums {
	struct metrics_sum **all; /* in the order of their first count, but for those replaced */
	size_t n;
	struct metrics_sum other; /* of all that found no room */
};

/* Adds to the label. One without room goes to `other`, unless there is another that has not grown
 * for an hour: it takes its place, and starts from zero. */
void metrics_sums_add(struct metrics_sums *s, const char *label, uint64_t segs,
		      uint64_t rto_wait_us, uint64_t now_ns);

void metrics_sums_free(struct metrics_sums *s);

#endif
