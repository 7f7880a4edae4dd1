/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes down what a source hands over, while it hands it over. */
#ifndef TCPRETOP_SRC_RECORD_H
#define TCPRETOP_SRC_RECORD_H

#include "src/source.h"

/*
 * A source that is `inner`, and writes to the file at path, "-" being standard output. It owns
 * inner from then on. NULL with *why filled on failure, and inner is still the caller's.
 *
 * What cannot be written ends the recording and not the source: it goes on, and source_trouble()
 * says what happened.
 */
struct source *record_open(struct source *inner, const char *path, struct failure *why);

/* The same, to what record_file_open() has opened at path, which is its own from then on; also if this
 * fails. */
struct source *record_start(struct source *inner, int fd, const char *path, struct failure *why);

/* Writes the end of the recording and closes its file; the source is to be closed still. */
void record_finish(struct source *s);

#endif
