/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers that are the same in every run, on every machine: splitmix64. */
#ifndef TCPRETOP_TESTS_UNIT_RANDOM_H
#define TCPRETOP_TESTS_UNIT_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state; /* the seed, to begin with */
};

/* It wraps around at each step, as it must. */
static inline uint64_t random_u64(struct random *r)
{
	uint64_t z;

	__builtin_add_overflow(r->state, 0x9e3779b97f4a7c15, &r->state);
	z = r->state;
	__builtin_mul_overflow(z ^ (z >> 30), 0xbf58476d1ce4e5b9, &z);
	__builtin_mul_overflow(z ^ (z >> 27), 0x94d049bb133111eb, &z);
	return z ^ (z >> 31);
}

/* 0 … n - 1 */
static inline unsigned int random_below(struct random *r, unsigned int n)
{
	return (unsigned int)(random_u64(r) % n);
}

/* At least 0, below 1. */
static inline double random_share(struct random *r)
{
	return (double)(random_u64(r) >> 11) * 0x1p-53;
}

#endif
