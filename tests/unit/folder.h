/* SPDX-License-Identifier: GPL-2.0-only */
/* A folder of a test's own, below $TMPDIR or, without one, where it runs. */
#ifndef TCPRETOP_TESTS_UNIT_FOLDER_H
#define TCPRETOP_TESTS_UNIT_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

/* Its path is written to path. 0, or -1. */
static inline int folder_make(char *path, size_t size)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(path, size, "%s/tcpretop-unit.XXXXXX", tmp ? tmp : ".");
	return mkdtemp(path) ? 0 : -1;
}

static inline int folder_remove_one(const char *path, const struct stat *st, int type,
				    struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

/* With all that is in it. 0, or -1. */
static inline int folder_remove(const char *path)
{
	return nftw(path, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
