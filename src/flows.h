/* SPDX-License-Identifier: GPL-2.0-only */
/* All flows, to be found by their keys: chains of numbers, as the handles of a library's hash table would
 * be a fifth of a flow's room. */
#ifndef TCPRETOP_SRC_FLOWS_H
#define TCPRETOP_SRC_FLOWS_H

#include "src/flow.h"
#include "src/slab.h"

struct flows {
	struct slab slab;
	uint32_t *chains; /* the number of the first flow of each; 0: none */
	uint32_t nchains; /* a power of two */
};

void flows_init(struct flows *t);

uint32_t flow_hash(const struct flow_key *key);

/* The flow with this key, which has this hash; or NULL. */
struct flow *flows_find(const struct flows *t, const struct flow_key *key, uint32_t hash);

/* Makes one, zero but for the key, where there is none yet. NULL without memory. */
struct flow *flows_add(struct flows *t, const struct flow_key *key, uint32_t hash);

void flows_remove(struct flows *t, struct flow *f);

/* The next one after f in no order, the first after NULL; NULL at the end. */
struct flow *flows_next(const struct flows *t, const struct flow *f);

/* For those about to be looked up: their cache misses overlap. */
void flows_expect(const struct flows *t, const uint32_t *hash, size_t n);

/* Frees the memory of all flows. */
void flows_free(struct flows *t);

#endif
