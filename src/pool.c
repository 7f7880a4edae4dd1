// SPDX-License-Identifier: GPL-2.0-only
#include "src/pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/hash.h"

enum { FEWEST_CHAINS = 64, CACHE_LINE = 64 };

void pool_init(struct pool *p, size_t size, size_t key_size)
{
	*p = (struct pool){.slab.size = size, .key_size = key_size};
}

uint32_t pool_hash(const struct pool *p, const void *key)
{
	return hash_bytes(key, p->key_size);
}

static void *key_of(const struct pooled *thing)
{
	return (void *)(thing + 1);
}

static uint32_t *chain_of(const struct pool *p, uint32_t hash)
{
	return &p->chains[hash & (p->nchains - 1)];
}

static struct pooled *thing_at(const struct pool *p, uint32_t number)
{
	return number ? slab_at(&p->slab, number) : NULL;
}

void *pool_find(const struct pool *p, const void *key, uint32_t hash)
{
	struct pooled *t = p->nchains ? thing_at(p, *chain_of(p, hash)) : NULL;

	while (t && memcmp(key_of(t), key, p->key_size) != 0)
		t = thing_at(p, t->next);
	return t;
}

static void chain_up(struct pool *p, struct pooled *t, uint32_t hash)
{
	uint32_t *chain = chain_of(p, hash);

	t->next = *chain;
	*chain = t->number;
}

/* As many chains as things, or more: each step along one is a cache miss. */
static bool make_chains(struct pool *p)
{
	uint32_t n = p->nchains ? 2 * p->nchains : FEWEST_CHAINS;
	uint32_t *chains;

	if (p->slab.n < p->nchains)
		return true;
	chains = calloc(n, sizeof(*chains));
	if (!chains)
		return p->nchains; /* longer ones, then */
	free(p->chains);
	p->chains = chains;
	p->nchains = n;
	for (struct pooled *t = pool_next(p, NULL); t; t = pool_next(p, t))
		chain_up(p, t, pool_hash(p, key_of(t)));
	return true;
}

void *pool_add(struct pool *p, const void *key, uint32_t hash)
{
	uint32_t number = make_chains(p) ? slab_take(&p->slab) : 0;
	struct pooled *t = thing_at(p, number);

	if (!t)
		return NULL;
	memcpy(key_of(t), key, p->key_size);
	t->number = number;
	chain_up(p, t, hash);
	return t;
}

void pool_remove(struct pool *p, void *thing)
{
	const struct pooled *t = thing;
	uint32_t *at = chain_of(p, pool_hash(p, key_of(t)));

	while (*at != t->number)
		at = &thing_at(p, *at)->next;
	*at = t->next;
	slab_give(&p->slab, t->number);
}

void *pool_next(const struct pool *p, const void *thing)
{
	const struct pooled *t = thing;

	return thing_at(p, slab_next(&p->slab, t ? t->number : 0));
}

void pool_expect_chain(const struct pool *p, uint32_t hash)
{
	if (p->nchains)
		__builtin_prefetch(chain_of(p, hash));
}

void pool_expect(const struct pool *p, uint32_t hash)
{
	const char *t = p->nchains ? (const char *)thing_at(p, *chain_of(p, hash)) : NULL;

	for (size_t at = 0; t && at < p->slab.size; at += CACHE_LINE)
		__builtin_prefetch(t + at, 1);
}

void pool_free(struct pool *p)
{
	slab_free(&p->slab);
	free(p->chains);
	p->chains = NULL;
	p->nchains = 0;
}
