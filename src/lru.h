/* SPDX-License-Identifier: GPL-2.0-only */
/* How the kernel's LRU hash uses its entries (kernel/bpf/bpf_lru_list.c). */
#ifndef TCPRETOP_SRC_LRU_H
#define TCPRETOP_SRC_LRU_H

#include <stdint.h>

/* LOCAL_FREE_TARGET: so many free entries a CPU takes for itself at once, by evicting if need be,
 * and another one does not get them. */
enum { LRU_FREE_OF_CPU = 128 };

/* Entries that a table needs so that so many are in use at least before one is evicted. */
static inline uint32_t lru_entries(uint32_t used, unsigned int cpus)
{
	return used + cpus * LRU_FREE_OF_CPU;
}

#endif
