/* SPDX-License-Identifier: GPL-2.0-only */
/* What many flows have in common, kept once for as long as one of them has it. */
#ifndef TCPRETOP_SRC_SHARED_H
#define TCPRETOP_SRC_SHARED_H

/* The texts of struct owner, and of struct sock_sample. Compared byte by byte: texts in arrays are
 * zero to their end. */
struct shared {
	const char *cgroup;
	const char *unit;
	const char *netns;
	const char *host;
	const char *user;
	char comm[16];
	char cong[16];
};

/* Zeroed is empty. */
struct shareds {
	struct shared_entry *all;
};

/* The one that is equal to this, to be dropped once for each time; NULL without memory. */
const struct shared *shared_take(struct shareds *s, const struct shared *what);

/* NULL is fine. */
void shared_drop(struct shareds *s, const struct shared *what);

#endif
