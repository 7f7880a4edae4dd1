/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel and others tell in small files of text. */
#ifndef TCPRETOP_SRC_SMALLFILE_H
#define TCPRETOP_SRC_SMALLFILE_H

#include <stddef.h>

/* The file, or its first size - 1 bytes, NUL-terminated: how many these are, or a negative errno.
 * Does not wait for what is no file. size is INT_MAX at most. */
int smallfile_read(const char *path, char *buf, size_t size);

#endif
