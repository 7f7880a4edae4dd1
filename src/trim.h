/* SPDX-License-Identifier: GPL-2.0-only */
/* libbpf holds the kernel's types several times over while it loads an object: 10 MB and more. What it has
 * freed, and arrays that have grown, must not stay ours. */
#ifndef TCPRETOP_SRC_TRIM_H
#define TCPRETOP_SRC_TRIM_H

#include <stdlib.h> /* __GLIBC__ */
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum { LARGE_ALLOCATION = 1 << 16 };

/* From then on what is large is never on the heap, where it would leave gaps: once something larger
 * has been freed, glibc would put it there. And there is one heap, also for threads: those that help
 * to start would leave theirs behind. */
static inline void keep_large_apart(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, LARGE_ALLOCATION);
	mallopt(M_ARENA_MAX, 1);
#endif
}

/* Gives back to the system what has been freed, which glibc keeps. */
static inline void trim_memory(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

#endif
