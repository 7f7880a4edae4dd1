// SPDX-License-Identifier: GPL-2.0-only
#include "src/slab.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { WORD_BITS = 64, WORDS = SLAB_CHUNK / WORD_BITS };

struct slab_chunk {
	uint64_t used[WORDS]; /* a bit for each thing */
	uint64_t n;
	char things[];
};

static size_t chunk_bytes(const struct slab *s)
{
	return sizeof(struct slab_chunk) + SLAB_CHUNK * s->size;
}

static bool reserve(struct slab *s, uint32_t n)
{
	struct slab_chunk **chunks;

	if (n <= s->capacity)
		return true;
	chunks = realloc(s->chunks, 2 * n * sizeof(struct slab_chunk *));
	if (!chunks)
		return false;
	s->chunks = chunks;
	s->capacity = 2 * n;
	return true;
}

/* Those at the beginning first, so that those at the end become empty. */
static struct slab_chunk *chunk_with_room(struct slab *s)
{
	void *at;

	while (s->full < s->nchunks && s->chunks[s->full] && s->chunks[s->full]->n == SLAB_CHUNK)
		s->full++;
	if (s->full < s->nchunks && s->chunks[s->full])
		return s->chunks[s->full];
	if (!reserve(s, s->full + 1))
		return NULL;
	at = mmap(NULL, chunk_bytes(s), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	s->chunks[s->full] = at;
	if (s->full == s->nchunks)
		s->nchunks++;
	return at;
}

uint32_t slab_take(struct slab *s)
{
	struct slab_chunk *c = chunk_with_room(s);
	unsigned int word = 0, bit;

	if (!c)
		return 0;
	while (c->used[word] == UINT64_MAX)
		word++;
	bit = (unsigned int)__builtin_ctzll(~c->used[word]);
	c->used[word] |= UINT64_C(1) << bit;
	c->n++;
	s->n++;
	bit += word * WORD_BITS;
	memset(&c->things[bit * s->size], 0, s->size);
	return s->full * SLAB_CHUNK + bit + 1;
}

void *slab_at(const struct slab *s, uint32_t number)
{
	uint32_t at = number - 1;

	return &s->chunks[at / SLAB_CHUNK]->things[at % SLAB_CHUNK * s->size];
}

const void *slab_near(const struct slab *s, uint32_t number, uint32_t after)
{
	return (number - 1) % SLAB_CHUNK + after < SLAB_CHUNK ? slab_at(s, number + after) : NULL;
}

void slab_give(struct slab *s, uint32_t number)
{
	uint32_t chunk = (number - 1) / SLAB_CHUNK, at = (number - 1) % SLAB_CHUNK;
	struct slab_chunk *c = s->chunks[chunk];

	c->used[at / WORD_BITS] &= ~(UINT64_C(1) << at % WORD_BITS);
	c->n--;
	s->n--;
	if (chunk < s->full)
		s->full = chunk;
	if (c->n)
		return;
	munmap(c, chunk_bytes(s));
	s->chunks[chunk] = NULL;
	while (s->nchunks && !s->chunks[s->nchunks - 1])
		s->nchunks--;
}

uint32_t slab_next(const struct slab *s, uint32_t number)
{
	for (uint32_t at = number; at / SLAB_CHUNK < s->nchunks;) {
		const struct slab_chunk *c = s->chunks[at / SLAB_CHUNK];
		uint64_t used = c ? c->used[at % SLAB_CHUNK / WORD_BITS] >> at % WORD_BITS : 0;

		if (used)
			return at + (uint32_t)__builtin_ctzll(used) + 1;
		at += c ? WORD_BITS - at % WORD_BITS : SLAB_CHUNK - at % SLAB_CHUNK;
	}
	return 0;
}

void slab_free(struct slab *s)
{
	for (uint32_t i = 0; i < s->nchunks; i++)
		if (s->chunks[i])
			munmap(s->chunks[i], chunk_bytes(s));
	free(s->chunks);
	*s = (struct slab){.size = s->size};
}
