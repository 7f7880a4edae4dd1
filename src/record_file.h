/* SPDX-License-Identifier: GPL-2.0-only */
/* The file that a recording goes to. */
#ifndef TCPRETOP_SRC_RECORD_FILE_H
#define TCPRETOP_SRC_RECORD_FILE_H

#include "src/failure.h"

/*
 * Opens it for writing; "-" is standard output, a descriptor of its own. A new file is for its
 * owner only: root hands it to the user who called sudo(8). Root follows no link, and takes no file
 * of anybody else's. A descriptor, or -1 with *why filled.
 */
int record_file_open(const char *path, struct failure *why);

/* A regular file that was there is emptied, when it is sure that there is something to be written; not
 * standard output. 0, or -1 with *why filled. */
int record_file_empty(int fd, const char *path, struct failure *why);

#endif
