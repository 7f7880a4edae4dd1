/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which process holds a socket, by the inode of the socket's file. All open files are walked, but
 * only when an unknown inode was asked for, and never for more than a third of a percent of the time. The
 * walk has a thread of its own: who asks waits for it a few milliseconds at most.
 */
#ifndef TCPRETOP_SRC_LIVE_OWNER_H
#define TCPRETOP_SRC_LIVE_OWNER_H

#include "src/live_types.h"
#include "src/source.h"

struct owners;

/* NULL without memory. */
struct owners *owners_new(void);

/* Loads the iterator on a thread of its own, while the caller does other things; owners_loaded()
 * waits for its end: 0, or a negative errno if the walk cannot be had here. It takes rights which later
 * walks need no more. */
void owners_load(struct owners *o, const struct live_types *types);
int owners_loaded(struct owners *o);

/* Fills pid, comm and others as far as they are known, and otherwise remembers to look for them.
 * 0 is no inode. True if there is an owner. */
bool owners_get(struct owners *o, uint64_t inode, struct owner *owner);

/* Not known yet, and still looked for. */
bool owners_pending(const struct owners *o, uint64_t inode);

/* Takes what a walk has found, or begins one if it is time to. True if something was found. */
bool owners_search(struct owners *o, uint64_t now_ns);

void owners_free(struct owners *o);

#endif
