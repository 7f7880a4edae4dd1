/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of one flow, in half the room as long as they are small. */
#ifndef TCPRETOP_SRC_TALLY_H
#define TCPRETOP_SRC_TALLY_H

#include "src/counts.h"

enum { COUNTERS = sizeof(struct counts) / sizeof(__u64) };

/* All zero is nothing counted. */
struct tally {
	union {
		struct {
			uint32_t small[COUNTERS];
			uint32_t is_large; /* one of them is above UINT32_MAX */
		};
		struct counts *large; /* owned */
	};
};

struct counts tally_get(const struct tally *t);

/* As counts_shown(), without a look at the other counters. */
uint64_t tally_shown(const struct tally *t, bool with_tlp);

/* 0, or -ENOMEM with nothing changed. Never fails for what it had before, or less. */
int tally_set(struct tally *t, const struct counts *c);

/* Back to nothing counted. */
void tally_clear(struct tally *t);

#endif
