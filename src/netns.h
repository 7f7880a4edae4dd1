/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own RetransSegs, network namespace by namespace, held against what was seen there.
 * Namespaces are found through /proc/PID/ns/net and /run/netns and only ever read: no descriptor
 * stays open that would keep one alive.
 */
#ifndef TCPRETOP_SRC_NETNS_H
#define TCPRETOP_SRC_NETNS_H

#include "src/source.h"

struct netns_seen {
	uint32_t netns;
	uint64_t segs; /* since the start */
};

struct netns_books;

/* Finds the namespaces that there are now. NULL without memory. */
struct netns_books *netns_open(void);

/* Reads the kernel's counters of all known namespaces, and looks for those of which segments were
 * seen for the first time. */
void netns_read(struct netns_books *b, const struct netns_seen *seen, size_t n);

/* Enters what had been seen by the time of the reading. The first entry of the namespaces found by
 * netns_open() is where their books begin; all others began after it, at zero. */
void netns_enter(struct netns_books *b, const struct netns_seen *seen, size_t n);

/* "host" for the namespace of the first process, or the one that `ip netns` gave it; NULL without.
 * Valid until the next reading. */
const char *netns_name(const struct netns_books *b, uint32_t netns);

/* Another one after a reading that found names of namespaces changed. */
unsigned int netns_names_version(const struct netns_books *b);

struct netns_named {
	uint32_t netns;
	char name[64];
};

/* Those of which netns_name() knows the name, `most` of them at most; returns how many. */
size_t netns_list(const struct netns_books *b, struct netns_named *to, size_t most);

/* A netlink socket of this protocol in the namespace. It keeps the namespace alive: the caller closes
 * it at once. -ESRCH if no process or name leads there, or another negative errno. */
int netns_socket(struct netns_books *b, uint32_t netns, int protocol);

/* Sums over all namespaces. */
struct coverage netns_coverage(const struct netns_books *b);

void netns_close(struct netns_books *b);

#endif
