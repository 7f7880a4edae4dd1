/* SPDX-License-Identifier: GPL-2.0-only */
/* Whom we work for: what is made belongs to them, and the rights that we keep are theirs. */
#ifndef TCPRETOP_SRC_CALLER_H
#define TCPRETOP_SRC_CALLER_H

#include <stdbool.h>
#include <sys/types.h>

struct caller {
	uid_t uid;
	gid_t gid;
};

/* Of root the one who called sudo(8), as that left it in the environment; else who we are. */
struct caller caller_find(void);

/* Nobody: whoever becomes it owns nothing. */
struct caller caller_nobody(void);

/*
 * Root under sudo(8) takes the caller's rights, and gives them back: it could be led by links to what
 * they may not get at. Whoever else we are we stay. False if they cannot be had; caller_return() is
 * due all the same, with what was filled in. 0 or a negative errno: root's cannot be had back.
 */
bool caller_become(struct caller *was);
int caller_return(const struct caller *was);

#endif
