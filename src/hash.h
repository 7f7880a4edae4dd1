/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uthash that does not exit without memory: what could not be added has no hh.tbl, and is the
 * caller's to free.
 *
 * Its own hash functions wrap around at every step, and mistakes with numbers could not be told from
 * that: this one folds products that have room for all their bits.
 */
#ifndef TCPRETOP_SRC_HASH_H
#define TCPRETOP_SRC_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t hash_word(uint32_t hash, uint32_t word)
{
	uint64_t product = (uint64_t)(hash ^ word ^ 0x9e3779b9) * 0x85ebca6b;

	return (uint32_t)(product & UINT32_MAX) ^ (uint32_t)(product >> 32);
}

static inline uint32_t hash_bytes(const void *key, size_t len)
{
	const char *at = key;
	uint32_t hash = (uint32_t)len, word;

	for (; len >= sizeof(word); len -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = hash_word(hash, word);
	}
	word = 0;
	memcpy(&word, at, len);
	return hash_word(hash, word);
}

#define HASH_FUNCTION(key, len, hash) ((hash) = hash_bytes(key, len))
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#endif
