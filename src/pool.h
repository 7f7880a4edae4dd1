/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many things of one size, to be found by their keys: in a slab, and chained by their numbers. The
 * handles of a library's hash table would take a fifth of a flow's room.
 */
#ifndef TCPRETOP_SRC_POOL_H
#define TCPRETOP_SRC_POOL_H

#include "src/slab.h"

/* How each of the things begins; its key comes next. */
struct pooled {
	uint32_t next, number;
};

struct pool {
	struct slab slab;
	size_t key_size;
	uint32_t *chains; /* number of the first of each; 0: none */
	uint32_t nchains; /* a power of two */
};

/* Of things and keys of so many bytes, as of struct slab. Holds no memory yet. */
void pool_init(struct pool *p, size_t size, size_t key_size);

uint32_t pool_hash(const struct pool *p, const void *key);

/* The one with this key, which has this hash; or NULL. */
void *pool_find(const struct pool *p, const void *key, uint32_t hash);

/* Makes one, zero but for the key, where there is none yet. NULL without memory. */
void *pool_add(struct pool *p, const void *key, uint32_t hash);

void pool_remove(struct pool *p, void *thing);

/* The next one after this in no order, the first after NULL; NULL at the end. */
void *pool_next(const struct pool *p, const void *thing);

/* Begin to fetch what looking up a thing needs, in this order and some other things apart: then the
 * cache misses of many overlap. */
void pool_expect_chain(const struct pool *p, uint32_t hash);
void pool_expect(const struct pool *p, uint32_t hash);

/* Removes all. */
void pool_free(struct pool *p);

#endif
