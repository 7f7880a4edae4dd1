/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a socket belongs: the names of its cgroup, network namespace and user. Each is looked up
 * once and kept, so that they are known also when the cgroup has gone.
 */
#ifndef TCPRETOP_SRC_PLACE_H
#define TCPRETOP_SRC_PLACE_H

#include <stdint.h>

struct host;

#define NO_USER UINT32_MAX /* (uid_t)-1 is nobody's */

/* Raw text of strangers, or NULL where not known. Valid until places_close(). */
struct place {
	const char *cgroup; /* path in the v2 hierarchy */
	const char *unit;   /* systemd's unit, or the container */
	const char *netns;  /* "host", its name, the container, or else its inode number */
	const char *user;
};

struct places;

/* NULL without memory. The host stays the caller's. */
struct places *places_open(struct host *host);

/* cgroup is the kernel's id, 0 for none; uid may be NO_USER. now_ns bounds repeated searches. */
struct place places_find(struct places *p, uint64_t cgroup, uint32_t netns, uint32_t uid,
			 uint64_t now_ns);

void places_close(struct places *p);

#endif
