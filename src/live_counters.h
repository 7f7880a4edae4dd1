/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel programs count on each CPU apart: the totals, and the segments of each namespace. */
#ifndef TCPRETOP_SRC_LIVE_COUNTERS_H
#define TCPRETOP_SRC_LIVE_COUNTERS_H

#include "src/live_probes.h"
#include "src/netns.h"

struct counters {
	const struct probes *probes;
	struct netns_seen *seen; /* as counters_netns() read it last */
	uint64_t *per_cpu;       /* values of ncpus each, for all namespaces that find room */
	struct near_netns *near; /* one of each CPU */
	struct totals *totals;   /* one of each CPU */
	size_t ncpus;
};

/* *c starts zeroed; the probes stay the caller's. 0 or a negative errno: counters_close() also then. */
int counters_open(struct counters *c, const struct probes *p);

/* Sums up the totals of all CPUs. 0 or a negative errno. */
int counters_totals(struct counters *c, struct totals *sum);

/* Reads the segments seen in each namespace. Returns how many namespaces, 0 if they cannot be read. */
size_t counters_netns(struct counters *c);

void counters_close(struct counters *c);

#endif
