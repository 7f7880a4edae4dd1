/* SPDX-License-Identifier: GPL-2.0-only */
/* Counting with struct counts. */
#ifndef TCPRETOP_SRC_COUNTS_H
#define TCPRETOP_SRC_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/tcpretop.h"

/* No counter gets there in the life of a host, and the sum of all in a struct has room. */
#define COUNTS_MOST (UINT64_C(1) << 56)

/* Not of a kernel, but of a recording: none is above COUNTS_MOST. */
bool counts_are_possible(const struct counts *c);

/* The sum, which ends at COUNTS_MOST. */
static inline uint64_t count_sum(uint64_t to, uint64_t n)
{
	return to < COUNTS_MOST && n < COUNTS_MOST - to ? to + n : COUNTS_MOST;
}

/* What came since then. A counter that went back, as only a recording may say, counts as unchanged. */
static inline uint64_t count_growth(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* Adds what was counted to a sum, each counter as count_sum(). */
void counts_add(struct counts *to, const struct counts *what);

/* Segments of counts: sum of all causes but TLP and SYN-ACK. */
uint64_t counts_retrans(const struct counts *c);

/* What the RETR column shows of counts: RetransSegs, without the TLPs unless with_tlp. */
uint64_t counts_shown(const struct counts *c, bool with_tlp);

/* What was counted since then, each counter as count_growth(). */
struct counts counts_growth(const struct counts *now, const struct counts *before);

#endif
