/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that the user asked for by name, while we may be root, or have been. */
#ifndef TCPRETOP_SRC_NEWFILE_H
#define TCPRETOP_SRC_NEWFILE_H

#include <stdio.h>

struct helper;

/*
 * Makes a file that was not there, readable by its owner alone: never over another one, never
 * through a link. It belongs to who we are by then. A descriptor, or a negative errno.
 */
int newfile_make(const char *path);

/* The same as a stream, or NULL with errno; made by the helper, or if that is NULL with the rights and
 * for the user who called sudo. */
FILE *newfile_open(struct helper *helper, const char *path);

/* Closes it, and removes it if not all of it could be written. 0 or a negative errno. */
int newfile_close(FILE *f, struct helper *helper, const char *path);

#endif
