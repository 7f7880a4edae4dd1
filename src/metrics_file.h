/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that is replaced as a whole: written aside, then renamed, so that no reader sees half of it.
 * Everybody may read it.
 */
#ifndef TCPRETOP_SRC_METRICS_FILE_H
#define TCPRETOP_SRC_METRICS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/failure.h"

enum { METRICS_MOST = 1 << 20 /* bytes of a text */ };

struct metrics_file;

/*
 * Whatever is at the path must be a regular file, or nothing. `apart`: of root, that is going to
 * give up its rights. Then a process of its own writes this one file, and can do nothing else; start it
 * before there is any descriptor that it must not have. NULL with *why filled.
 */
struct metrics_file *metrics_file_open(const char *path, bool apart, struct failure *why);

/* 0 or a negative errno: what was there before is there still. -ETIMEDOUT: the process has not answered for
 * ten seconds, and must not be asked again. */
int metrics_file_write(struct metrics_file *f, const char *text, size_t len);

/* Says why it could not be written: the negative errno above. */
int metrics_file_fail(const struct metrics_file *f, int err, struct failure *why);

/* NULL is fine. */
void metrics_file_close(struct metrics_file *f);

#endif
