/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel programs count on each CPU apart: the totals, and the segments of each namespace. */
#ifndef TCPRETOP_SRC_LIVE_COUNTERS_H
#define TCPRETOP_SRC_LIVE_COUNTERS_H

#include "src/netns.h"

struct counters {
	int totals_fd, netns_fd, near_fd; /* the maps; the caller's */
	struct netns_seen *seen;          /* as read_seen() read it last */
	uint64_t *per_cpu;     /* values of ncpus each, for all namespaces that find room */
	struct near *near;     /* one of each CPU */
	struct totals *totals; /* one of each CPU */
	size_t ncpus;
};

/* *c starts zeroed but for the maps. 0 or a negative errno: counters_close() also then. */
int counters_open(struct counters *c);

/* Sums up the totals of all CPUs. 0 or a negative errno. */
int counters_totals(struct counters *c, struct totals *sum);

/* Reads what the kernel says of each namespace, and what was seen there just before and after. */
struct coverage counters_coverage(struct counters *c, struct netns_books *b);

void counters_close(struct counters *c);

#endif
