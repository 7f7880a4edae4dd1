/* SPDX-License-Identifier: GPL-2.0-only */
/* What is in no cache is asked for while other things are done. */
#ifndef TCPRETOP_SRC_PREFETCH_H
#define TCPRETOP_SRC_PREFETCH_H

#include <stddef.h>
#include <stdint.h>

/* Begins to fetch so many bytes; any address will do. */
static inline void prefetch(const void *what, size_t size)
{
	enum { CACHE_LINE = 64 };

	for (size_t at = 0; at < size; at += CACHE_LINE)
		__builtin_prefetch((const void *)((uintptr_t)what + at));
}

#endif
