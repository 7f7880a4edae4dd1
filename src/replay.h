/* SPDX-License-Identifier: GPL-2.0-only */
/* A source that hands over what was recorded. It needs no privileges and no kernel of its own. */
#ifndef TCPRETOP_SRC_REPLAY_H
#define TCPRETOP_SRC_REPLAY_H

#include "src/source.h"

/*
 * Opens the recording at path as replay_file() does, and waits for its header. Without `events`
 * source_drain() has none. NULL with *why filled: EXIT_BAD_RECORDING if there is nothing to be
 * shown.
 *
 * Where the recording is cut or damaged it ends, and source_trouble() says where and how.
 */
struct source *replay_open(const char *path, int opened, bool events, struct failure *why);

/* Opens the file of a recording, "-" being standard input; if it is `opened` already, which stays the
 * caller's, as one more descriptor of that; 0: it is not. *shown names it to the user. -1 with *why
 * filled. */
int replay_file(const char *path, int opened, const char **shown, struct failure *why);

/* The same as replay_open_fd() without any waiting: until source_due() says DUE_TICK for the first time, or
 * replay_header() 0, nothing is known of the host. NULL without memory. */
struct source *replay_start_fd(int fd, const char *shown, bool events);

/* 0 once the header has come; -EAGAIN before; else a negative errno, with the trouble known. */
int replay_header(struct source *s);

/* As replay_open(), from a descriptor, which is closed with the source and if this fails. `shown`
 * names the recording to the user. */
struct source *replay_open_fd(int fd, const char *shown, bool events, struct failure *why);

#endif
