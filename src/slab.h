/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Room for many things of one size, in chunks of their own that go back to the system when they are
 * empty: among others on the heap they would not. A thing is named by a number, half of a pointer.
 */
#ifndef TCPRETOP_SRC_SLAB_H
#define TCPRETOP_SRC_SLAB_H

#include <stddef.h>
#include <stdint.h>

/* Things of one chunk. */
enum { SLAB_CHUNK = 1024 };

struct slab_chunk;

/* Starts zeroed, but for .size. */
struct slab {
	size_t size;                /* of one thing: a multiple of 8 */
	size_t n;                   /* things in use */
	struct slab_chunk **chunks; /* NULL where one went back */
	uint32_t nchunks, capacity;
	uint32_t full; /* so many at the beginning have no room */
};

/* The number of a new thing, which is zeroed; 0 without memory. */
uint32_t slab_take(struct slab *s);

/* Valid until slab_give(). */
void *slab_at(const struct slab *s, uint32_t number);

/* So many after it, in use or not; NULL where that would be in another chunk. */
const void *slab_near(const struct slab *s, uint32_t number, uint32_t after);

void slab_give(struct slab *s, uint32_t number);

/* The next one in use after this, the first after 0; 0 at the end. */
uint32_t slab_next(const struct slab *s, uint32_t number);

/* Gives back all things. */
void slab_free(struct slab *s);

#endif
