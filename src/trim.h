/* SPDX-License-Identifier: GPL-2.0-only */
/* libbpf holds the kernel's types several times over while it loads an object: 10 MB and more. */
#ifndef TCPRETOP_SRC_TRIM_H
#define TCPRETOP_SRC_TRIM_H

#include <stdlib.h> /* __GLIBC__ */
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Gives back to the system what has been freed, which glibc keeps. */
static inline void trim_memory(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

#endif
