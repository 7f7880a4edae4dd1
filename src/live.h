/* SPDX-License-Identifier: GPL-2.0-only */
/* The live source: loads the kernel programs and reads their maps. Only it uses libbpf. */
#ifndef TCPRETOP_SRC_LIVE_H
#define TCPRETOP_SRC_LIVE_H

#include "src/hooks.h"
#include "src/source.h"

struct live_options {
	uint32_t max_flows;
	bool events;           /* events are wanted at all */
	uint32_t event_ration; /* at most so many a CPU and 100 ms; 0 for all of them */
	uint32_t ring_bytes;   /* size of the event ring; a power of two, whole pages */
	bool verbose;          /* libbpf's own log goes to stderr */
	struct hooks *hooks; /* filled with how they fared, also on failure; NULL: not asked for */
	bool tlp_way_given;  /* else the best way that this kernel lets us attach */
	enum tlp_way tlp_way;
};

/*
 * Loads, attaches and starts counting. NULL with *why filled on failure: EXIT_NOT_PERMITTED without
 * privileges, EXIT_KERNEL_LACKS where the kernel cannot do it. The caller closes the source.
 */
struct source *live_open(const struct live_options *o, struct failure *why);

#endif
