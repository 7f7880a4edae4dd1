/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many things of one size, to be found by their keys: in a slab, and their numbers in an open hash table
 * (linear probing). That has their hashes as well: hardly ever a thing is fetched only to see that it is
 * another. The handles of a library's hash table would take a fifth of a flow's room, and a cache miss for
 * each thing that is passed.
 */
#ifndef TCPRETOP_SRC_POOL_H
#define TCPRETOP_SRC_POOL_H

#include "src/slab.h"

struct pool_place {
	uint32_t hash;
	uint32_t number; /* 0: free */
};

/* How each of the things begins; its key comes next. */
struct pooled {
	struct pool_place place;
};

struct pool {
	struct slab slab;
	size_t key_size;
	struct pool_place *places;
	uint32_t nplaces; /* a power of two */
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
void pool_expect_place(const struct pool *p, uint32_t hash);
void pool_expect(const struct pool *p, uint32_t hash);

/* Removes all. */
void pool_free(struct pool *p);

#endif
