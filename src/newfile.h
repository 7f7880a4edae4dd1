/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that the user asked for by name, while we may be root, or have been. */
#ifndef TCPRETOP_SRC_NEWFILE_H
#define TCPRETOP_SRC_NEWFILE_H

#include <stdio.h>

struct helper;

/*
 * Makes a file that was not there, readable by its owner alone: never over another one, never
 * through a link. It belongs to who we are by then, under sudo the user who called that. A descriptor,
 * or a negative errno.
 */
int newfile_make(const char *path);

/* The same as a stream, or NULL with errno; made by the helper, unless that is NULL. */
FILE *newfile_open(struct helper *helper, const char *path);

/* Closes it, and removes it if not all of it could be written, or is there to write: err says so, a
 * negative errno, else 0. The same is returned. */
int newfile_close(FILE *f, struct helper *helper, const char *path, int err);

#endif
