/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples of flows that nobody has asked for yet: of each record the last one, as its counts are since
 * it was made. A flow whose record was evicted and made anew has several, up to three however often
 * that was. */
#ifndef TCPRETOP_SRC_PENDING_H
#define TCPRETOP_SRC_PENDING_H

#include "src/pool.h"
#include "src/source.h"

struct pending {
	struct pool first;   /* records that are over: of a flow the first of those that came, */
	struct pool between; /* and what all those after it have counted */
	struct pool flows;   /* the last one of each */
	struct pool owners;  /* that were found late: samples of nothing but that */
	uint64_t added;      /* samples so far */
};

/* Holds no memory yet. */
void pending_init(struct pending *p);

/* 0 or -ENOMEM. The texts of owners are still the source's. */
int pending_add(struct pending *p, const struct flow_sample *s);

/* Is there anything to be taken? */
bool pending_any(const struct pending *p);

/* Moves `most` samples, or all there are, to *to; returns how many. Those of a flow come in the order
 * in which they are to be taken in. */
size_t pending_take(struct pending *p, struct flow_sample *to, size_t most);

/* Leaves of more than twice as many flows only `most`, the last ones. */
void pending_forget_old(struct pending *p, size_t most);

/* Removes all. */
void pending_free(struct pending *p);

#endif
