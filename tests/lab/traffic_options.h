/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TCPRETOP_TESTS_LAB_TRAFFIC_OPTIONS_H
#define TCPRETOP_TESTS_LAB_TRAFFIC_OPTIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_PIECES = 64, MAX_ADDRS = 8 };

struct piece {
	size_t len;
	bool marked;
};

/* One end of a group of flows. Times are milliseconds, sizes bytes; 0 is "not asked for". */
struct traffic_options {
	bool server, rst;
	int family; /* of the listener: 0 is both */
	int64_t port, sport;
	int64_t flows, ramp; /* ramp: connections started per second */
	int64_t gap, life, stall, go;
	int64_t again; /* -1: never */
	int64_t total, rate, mss, rcvbuf, sndbuf;
	const char *cc, *name;
	struct piece pieces[MAX_PIECES]; /* of a burst; none: only read */
	int npieces;
	struct sockaddr_in6 addrs[MAX_ADDRS]; /* or sockaddr_in, by family */
	int naddrs;
};

/* Ends the program with status 2 and a word on stderr when something is wrong. */
void traffic_options_parse(struct traffic_options *o, int argc, char **argv);

#endif
