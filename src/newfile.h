/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that the user asked for by name, while we may be root. */
#ifndef TCPRETOP_SRC_NEWFILE_H
#define TCPRETOP_SRC_NEWFILE_H

#include <stdio.h>

/*
 * Makes a file that was not there, readable by its owner alone: never over another one, never
 * through a link. Under sudo it belongs to the user who called that. A stream, or NULL with errno.
 */
FILE *newfile_open(const char *path);

/* Closes it, and removes it if not all of it could be written. 0 or a negative errno. */
int newfile_close(FILE *f, const char *path);

#endif
