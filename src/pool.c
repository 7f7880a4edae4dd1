// SPDX-License-Identifier: GPL-2.0-only
#include "src/pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/hash.h"
#include "src/prefetch.h"

enum { FEWEST_PLACES = 64 };

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

static void *thing_at(const struct pool *p, uint32_t number)
{
	return number ? slab_at(&p->slab, number) : NULL;
}

static uint32_t place_for(const struct pool *p, uint32_t hash)
{
	return hash & (p->nplaces - 1);
}

static uint32_t place_after(const struct pool *p, uint32_t place)
{
	return (place + 1) & (p->nplaces - 1);
}

/* The first place from there on that holds this hash, or nothing. */
static uint32_t next_like(const struct pool *p, uint32_t place, uint32_t hash)
{
	while (p->places[place].number && p->places[place].hash != hash)
		place = place_after(p, place);
	return place;
}

static uint32_t first_like(const struct pool *p, uint32_t hash)
{
	return next_like(p, place_for(p, hash), hash);
}

void *pool_find(const struct pool *p, const void *key, uint32_t hash)
{
	struct pooled *t;
	uint32_t place;

	if (!p->nplaces)
		return NULL;
	place = first_like(p, hash);
	while ((t = thing_at(p, p->places[place].number)) && memcmp(key_of(t), key, p->key_size))
		place = next_like(p, place_after(p, place), hash);
	return t;
}

static void put(struct pool *p, struct pool_place what)
{
	uint32_t place = place_for(p, what.hash);

	while (p->places[place].number)
		place = place_after(p, place);
	p->places[place] = what;
}

/* A quarter of the places stays free, or looking for what is not there would take long; a sixteenth
 * where there is no memory for more. */
static bool make_places(struct pool *p)
{
	uint32_t n = p->nplaces;
	struct pool_place *old = p->places, *more;

	if (p->slab.n < n - n / 4)
		return true;
	more = calloc(n ? 2 * (size_t)n : FEWEST_PLACES, sizeof(*more));
	if (!more)
		return p->slab.n < n - n / 16;
	p->places = more;
	p->nplaces = n ? 2 * n : FEWEST_PLACES;
	for (uint32_t i = 0; i < n; i++)
		if (old[i].number)
			put(p, old[i]);
	free(old);
	return true;
}

void *pool_add(struct pool *p, const void *key, uint32_t hash)
{
	uint32_t number = make_places(p) ? slab_take(&p->slab) : 0;
	struct pooled *t = thing_at(p, number);

	if (!t)
		return NULL;
	memcpy(key_of(t), key, p->key_size);
	t->place = (struct pool_place){hash, number};
	put(p, t->place);
	return t;
}

/* Places from one to the other, around the end. */
static uint32_t way(const struct pool *p, uint32_t from, uint32_t to)
{
	return (p->nplaces - from + to) & (p->nplaces - 1);
}

/* Those behind move up: nothing is looked for beyond a free place. */
static void free_place(struct pool *p, uint32_t place)
{
	uint32_t next = place;

	while (p->places[next = place_after(p, next)].number) {
		if (way(p, place_for(p, p->places[next].hash), next) < way(p, place, next))
			continue;
		p->places[place] = p->places[next];
		place = next;
	}
	p->places[place] = (struct pool_place){0};
}

void pool_remove(struct pool *p, void *thing)
{
	const struct pooled *t = thing;
	uint32_t place = first_like(p, t->place.hash);

	while (p->places[place].number != t->place.number)
		place = place_after(p, place);
	free_place(p, place);
	slab_give(&p->slab, t->place.number);
}

void *pool_next(const struct pool *p, const void *thing)
{
	const struct pooled *t = thing;

	return thing_at(p, slab_next(&p->slab, t ? t->place.number : 0));
}

void pool_expect_place(const struct pool *p, uint32_t hash)
{
	if (p->nplaces)
		__builtin_prefetch(&p->places[place_for(p, hash)]);
}

void pool_expect(const struct pool *p, uint32_t hash)
{
	if (p->nplaces)
		prefetch(thing_at(p, p->places[first_like(p, hash)].number), p->slab.size);
}

void pool_free(struct pool *p)
{
	slab_free(&p->slab);
	free(p->places);
	p->places = NULL;
	p->nplaces = 0;
}
