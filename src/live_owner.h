/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which process holds a socket, by the inode of the socket's file. All open files are walked, but
 * only when an unknown inode was asked for, and at most once a second.
 */
#ifndef TCPRETOP_SRC_LIVE_OWNER_H
#define TCPRETOP_SRC_LIVE_OWNER_H

#include "src/source.h"

struct owners;

/* NULL without memory. */
struct owners *owners_new(void);

/* The owner as far as it is known, and otherwise remembers to look for it. 0 is no inode. */
struct owner owners_get(struct owners *o, uint64_t inode);

/* Not known yet, and still looked for. */
bool owners_pending(const struct owners *o, uint64_t inode);

/* Looks for what was asked for and not found, if it is time to. True if a walk was made. */
bool owners_search(struct owners *o, uint64_t now_ns);

void owners_free(struct owners *o);

#endif
