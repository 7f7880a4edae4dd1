/* SPDX-License-Identifier: GPL-2.0-only */
/* Whom we work for: what is made belongs to them, and the rights that we keep are theirs. */
#ifndef TCPRETOP_SRC_CALLER_H
#define TCPRETOP_SRC_CALLER_H

#include <sys/types.h>

struct caller {
	uid_t uid;
	gid_t gid;
};

/* Of root the one who called sudo(8), as that left it in the environment; else who we are. */
struct caller caller_find(void);

/* Nobody: whoever becomes it owns nothing. */
struct caller caller_nobody(void);

#endif
