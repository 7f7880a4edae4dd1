/* SPDX-License-Identifier: GPL-2.0-only */
/* Small files: what the kernel and others tell in them, and those of our own. */
#ifndef TCPRETOP_SRC_SMALLFILE_H
#define TCPRETOP_SRC_SMALLFILE_H

#include <stddef.h>

/* The file, or its first size - 1 bytes, NUL-terminated: how many these are, or a negative errno.
 * Does not wait for what is no file. size is INT_MAX at most. */
int smallfile_read(const char *path, char *buf, size_t size);

/* All of it, into a file that is open. 0, or a negative errno. */
int smallfile_write(int fd, const char *data, size_t len);

#endif
