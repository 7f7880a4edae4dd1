/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program prints, and to know why it could not. */
#ifndef TCPRETOP_SRC_OUT_H
#define TCPRETOP_SRC_OUT_H

#include <stdio.h>

#include "src/failure.h"

struct out {
	FILE *f; /* fully buffered */
	int fd;
	int stop_fd; /* when readable, a write that would block is given up; -1 for none */
	int err;     /* of the first write that failed, 0 for none; what comes later is dropped */
};

/* Opens /dev/null in place of each of the descriptors 0 to 2 that is closed, lest another file take
 * its number. Fails if that is standard output. 0 or -1 with *why filled. */
int out_reserve(struct failure *why);

/* Starts writing to descriptor fd. SIGPIPE and SIGXFSZ are ignored from then on. 0 or a negative
 * errno. */
int out_open(struct out *o, int fd);

/* Hands on what was printed. 0, or the negative errno of the first write that failed; -EPIPE also
 * where nothing was to be written, but nobody reads any more. */
int out_flush(struct out *o);

/* Flushes and frees; the descriptor is closed as well. The error as out_flush(), or close(2)'s. */
int out_close(struct out *o);

/* The exit status for a negative errno of the above. A reader that left is no failure, as head(1)
 * does, and neither is being told to stop while it did not read. Fills *why for the others. */
int out_status(int err, struct failure *why);

/* "; what to do" about an errno of a write. */
const char *out_advice(int err);

#endif
