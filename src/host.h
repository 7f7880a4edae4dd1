/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What only somebody with rights sees of this host: namespaces and cgroups of all users. Root asks
 * its helper; whoever has none looks for themselves, as far as they are let.
 */
#ifndef TCPRETOP_SRC_HOST_H
#define TCPRETOP_SRC_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "src/cgroups.h"
#include "src/command.h"
#include "src/netns.h"

struct counters;
struct helper;
struct host;

/* Looks at what there is now: the books of the namespaces begin. The helper stays the caller's, and
 * may be NULL; so do the counters. NULL with *err a negative errno. */
struct host *host_open(struct helper *helper, struct counters *counters, int *err);

/* As counters_coverage(). Nothing is known once the helper has gone. */
struct coverage host_coverage(struct host *h);

/* As those of netns.h; a socket is one of NETLINK_SOCK_DIAG. */
const char *host_netns_name(const struct host *h, uint32_t netns);
unsigned int host_names_version(const struct host *h);
int host_netns_socket(struct host *h, uint32_t netns);

/* As those of cgroups.h. */
const struct cgroup_info *host_cgroup(struct host *h, uint64_t id, uint64_t now_ns);
bool host_knows_cgroups(const struct host *h);

/* As command_read(). */
int host_command(struct host *h, int32_t pid, struct command *c);

/* NULL is fine. */
void host_close(struct host *h);

#endif
