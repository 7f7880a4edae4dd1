// SPDX-License-Identifier: GPL-2.0-only
#include "src/flows.h"

#include <stdlib.h>
#include <string.h>

#include "src/hash.h"

enum { FEWEST_CHAINS = 64 };

void flows_init(struct flows *t)
{
	*t = (struct flows){.slab.size = sizeof(struct flow)};
}

uint32_t flow_hash(const struct flow_key *key)
{
	return hash_bytes(key, sizeof(*key));
}

static uint32_t *chain_of(const struct flows *t, uint32_t hash)
{
	return &t->chains[hash & (t->nchains - 1)];
}

static struct flow *flow_at(const struct flows *t, uint32_t number)
{
	return number ? slab_at(&t->slab, number) : NULL;
}

struct flow *flows_find(const struct flows *t, const struct flow_key *key, uint32_t hash)
{
	struct flow *f = t->nchains ? flow_at(t, *chain_of(t, hash)) : NULL;

	while (f && memcmp(&f->key, key, sizeof(*key)) != 0)
		f = flow_at(t, f->next);
	return f;
}

static void chain_up(struct flows *t, struct flow *f, uint32_t hash)
{
	uint32_t *chain = chain_of(t, hash);

	f->next = *chain;
	*chain = f->number;
}

/* As many chains as flows, or more: each step along one is a cache miss. */
static bool make_chains(struct flows *t)
{
	uint32_t n = t->nchains ? 2 * t->nchains : FEWEST_CHAINS;
	uint32_t *chains;

	if (t->slab.n < t->nchains)
		return true;
	chains = calloc(n, sizeof(*chains));
	if (!chains)
		return t->nchains; /* longer ones, then */
	free(t->chains);
	t->chains = chains;
	t->nchains = n;
	for (struct flow *f = flows_next(t, NULL); f; f = flows_next(t, f))
		chain_up(t, f, flow_hash(&f->key));
	return true;
}

struct flow *flows_add(struct flows *t, const struct flow_key *key, uint32_t hash)
{
	uint32_t number = make_chains(t) ? slab_take(&t->slab) : 0;
	struct flow *f = flow_at(t, number);

	if (!f)
		return NULL;
	f->key = *key;
	f->number = number;
	chain_up(t, f, hash);
	return f;
}

void flows_remove(struct flows *t, struct flow *f)
{
	uint32_t *at = chain_of(t, flow_hash(&f->key));

	while (*at != f->number)
		at = &flow_at(t, *at)->next;
	*at = f->next;
	slab_give(&t->slab, f->number);
}

struct flow *flows_next(const struct flows *t, const struct flow *f)
{
	return flow_at(t, slab_next(&t->slab, f ? f->number : 0));
}

void flows_expect(const struct flows *t, const uint32_t *hash, size_t n)
{
	for (size_t i = 0; t->nchains && i < n; i++)
		__builtin_prefetch(chain_of(t, hash[i]));
	for (size_t i = 0; t->nchains && i < n; i++) {
		const char *f = (const char *)flow_at(t, *chain_of(t, hash[i]));

		for (size_t at = 0; f && at < sizeof(struct flow); at += 64)
			__builtin_prefetch(f + at, 1);
	}
}

void flows_free(struct flows *t)
{
	slab_free(&t->slab);
	free(t->chains);
	t->chains = NULL;
	t->nchains = 0;
}
