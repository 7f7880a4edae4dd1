/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel programs of the live source: loading, attaching, the way to see tail loss probes. */
#ifndef TCPRETOP_SRC_LIVE_PROBES_H
#define TCPRETOP_SRC_LIVE_PROBES_H

#include "src/hooks.h"
#include "src/live.h"
#include "src/live_tlp.h"
#include "src/live_types.h"

struct retrans_bpf;

struct probes {
	struct retrans_bpf *retrans;
	struct tlp tlp;
	struct hooks hooks; /* all but HOOK_OWNERS */
	bool has_undo;      /* tcp_cong_state_set, Linux 5.16 */
	bool has_err;       /* third argument of tcp_retransmit_skb, Linux 6.17 */
	enum tlp_way tlp_way;
	unsigned int attached, wanted;
	__u64 mix[FLOW_WORDS]; /* of flow_id() */
	uint32_t tick_ns;      /* one jiffy */
	uint32_t max_flows; /* that are kept at least: the table has room for what the LRU strands, too */
	int flows_fd, totals_fd, netns_fd, near_fd, events_fd, reader_fd, changes_fd;
};

/* Loads and attaches. 0, or -1 with *why filled and nothing left behind. The types are used till then. */
int probes_open(struct probes *p, const struct live_types *types, const struct live_options *o,
		struct failure *why);

/* Detaches and unloads. */
void probes_close(struct probes *p);

#endif
