/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A source that is other hosts: recordings that come while they are made, shown as they come. What
 * several of them tell is one picture, with the number of its host in each flow's key and its name
 * in each owner, and their times are ours; a single one keeps its own. Several files are played
 * together, each at the time that its host's wall clock had.
 */
#ifndef TCPRETOP_SRC_FLEET_H
#define TCPRETOP_SRC_FLEET_H

#include "src/source.h"

enum { FLEET_MOST = 64 };

struct fleet_host {
	const char *name;
	bool by_ssh; /* else it is a file, "-" being standard input */
	int fd;      /* of that if it is open already, and stays the caller's; 0: it is not */
};

struct fleet_options {
	const struct fleet_host *hosts;
	size_t nhosts;      /* FLEET_MOST at most */
	double delay;       /* seconds between two ticks, of those by ssh */
	uint32_t max_flows; /* there; 0: as they like */
	bool events;        /* source_drain() has any */
	bool returns;       /* also a single host is tried again when it has gone */
};

/*
 * Connects, and waits until it is known of all, or for some seconds of any, how that went. The names
 * must outlive it. NULL with *why filled where there is nothing to be shown.
 */
struct source *fleet_open(const struct fleet_options *o, struct failure *why);

#endif
