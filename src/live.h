/* SPDX-License-Identifier: GPL-2.0-only */
/* The live source: loads the kernel programs and reads their maps. Only it uses libbpf. */
#ifndef TCPRETOP_SRC_LIVE_H
#define TCPRETOP_SRC_LIVE_H

#include "src/hooks.h"
#include "src/source.h"

/* Where no event is wanted, a ring all the same: the programs name it. A multiple of every page size. */
enum { LIVE_SMALLEST_RING = 1 << 16 };

struct helper;

struct live_options {
	struct helper *helper; /* asked for what needs rights; NULL: we have none, or keep ours */
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

/* Whether its maps can be read with the rights that this thread has now: before Linux 5.19 (commit
 * c8644cd0efe7) only with CAP_BPF. */
bool live_reads(struct source *s);

/* The commands of bpf(2) that an open source goes on giving, or those of them that only read maps;
 * returns how many. */
size_t live_commands(bool only_read, const unsigned int **commands);

#endif
