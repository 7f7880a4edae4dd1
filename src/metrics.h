/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a source tells, for Prometheus: counters since the start, by few labels. Never one of a flow:
 * there are at most METRICS_LABELS of each way of grouping, and the rest is summed up in "other".
 */
#ifndef TCPRETOP_SRC_METRICS_H
#define TCPRETOP_SRC_METRICS_H

#include <stdbool.h>

#include "src/failure.h"
#include "src/group.h"
#include "src/metrics_file.h"
#include "src/source.h"

enum { METRICS_LABELS = 64 };

/* Ways of grouping that are labels: a bit for each, 1 << enum group_by. */
enum { METRICS_DEFAULT = 1 << GROUP_CGROUP };

/* A list of them, as "cgroup,subnet"; "none" is 0. False if there is something else in it. */
bool metrics_ways(const char *list, unsigned int *ways);

/*
 * A source that is `inner` and keeps the file up to date, at most once a second. It owns both from
 * then on. NULL with *why filled if the file cannot be written, and both are still the caller's.
 *
 * When it cannot be written any more, source_trouble() says so, and what it holds is old.
 */
struct source *metrics_open(struct source *inner, struct metrics_file *file, unsigned int ways,
			    struct failure *why);

#endif
