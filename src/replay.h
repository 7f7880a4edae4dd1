/* SPDX-License-Identifier: GPL-2.0-only */
/* A source that hands over what was recorded. It needs no privileges and no kernel of its own. */
#ifndef TCPRETOP_SRC_REPLAY_H
#define TCPRETOP_SRC_REPLAY_H

#include "src/source.h"

/*
 * Opens the recording at path, "-" being standard input, and waits for its header. Without `events`
 * source_drain() has none. NULL with *why filled: EXIT_BAD_RECORDING if there is nothing to be
 * shown.
 *
 * Where the recording is cut or damaged it ends, and source_trouble() says where and how.
 */
struct source *replay_open(const char *path, bool events, struct failure *why);

/* The same, from a descriptor, which is closed with the source and if this fails. `shown` names the
 * recording to the user. */
struct source *replay_open_fd(int fd, const char *shown, bool events, struct failure *why);

#endif
