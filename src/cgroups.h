/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cgroups of the v2 hierarchy by the kernel's ids. Each is looked up once and kept, so that it is
 * known also when it has gone.
 */
#ifndef TCPRETOP_SRC_CGROUPS_H
#define TCPRETOP_SRC_CGROUPS_H

#include <stdbool.h>
#include <stdint.h>

/* Raw text of strangers, or NULL where not known. Valid until cgroups_close(). */
struct cgroup_info {
	char *path; /* NULL: it was gone before it was looked up */
	char *unit; /* systemd's, or the name of the container */
	char *pod;  /* or the container: who a network namespace is likely made for */
};

struct cgroups;

/* Looks at all that there are. NULL without memory. */
struct cgroups *cgroups_open(void);

/* NULL where it is not known yet: it may be asked for again. now_ns bounds repeated searches. */
const struct cgroup_info *cgroups_find(struct cgroups *all, uint64_t id, uint64_t now_ns);

/* Is there a v2 hierarchy? Without one nothing will ever be found. */
bool cgroups_known(const struct cgroups *all);

/* NULL is fine. */
void cgroups_close(struct cgroups *all);

#endif
