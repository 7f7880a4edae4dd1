/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows with something in common, summed up: rows of the table in place of their flows.
 *
 * What can be summed is a sum. What cannot, as a round trip time, is never averaged: it is not known
 * of a group. A text that all flows of a group agree on is the group's, too.
 */
#ifndef TCPRETOP_SRC_GROUP_H
#define TCPRETOP_SRC_GROUP_H

#include "src/hash.h"
#include "src/model.h"

enum group_by {
	GROUP_FLOW, /* each flow by itself */
	GROUP_REMOTE,
	GROUP_SUBNET,
	GROUP_LPORT,
	GROUP_RPORT,
	GROUP_PROCESS,
	GROUP_CGROUP,
	GROUP_NETNS,
	GROUP_HOST,
	GROUP_CAUSE, /* not of flows but of their segments: a flow may be in several */
	GROUPS
};

struct group_way {
	const char *name; /* in -g, the header and JSON */
	const char *help; /* one line */
};

extern const struct group_way group_ways[GROUPS];

/* What the flows of one group have in common. All that `by` does not look at is zero. */
struct group_key {
	struct flow_key part; /* of the flow's: a subnet's host bits are zero, too */
	char comm[16];        /* "" is the group of those whose process is not known */
	uint32_t cause;
	uint32_t by; /* enum group_by; GROUP_FLOW is no group */
	const char *
		text; /* of a cgroup its path, of a namespace or host its name; the source's, or NULL */
};

struct group {
	/* The members' first and last times, the last error of any; closed if all are. Never
	 * sampled. Its .sum and .shared are of those below. */
	struct flow flow;
	struct counts sum, last; /* growth in the interval of tick flow.tick */
	struct shared shared;    /* the texts that they agree on */
	struct group_key key;
	size_t nflows;
	bool waits;                            /* one of them does: flow_waits() */
	uint64_t total_retrans, data_segs_out; /* of the members' sockets */
	uint32_t hist_retrans[HISTORY];        /* by ticks ago: segments but TLP */
	uint32_t hist_tlp[HISTORY];
	UT_hash_handle hh;
};

/* The group that the flow of a row sums up, or NULL. */
static inline const struct group *flow_group(const struct flow *f)
{
	return f->is_group ? (const struct group *)f : NULL;
}

/* Zeroed is empty. Groups keep their memory from one summing up to the next. */
struct groups {
	struct group *all; /* uthash, by key */
	enum group_by by;
};

/* Starts to sum up: groups_add() each flow, then groups_end(). */
void groups_begin(struct groups *g, enum group_by by);

/* 0 or -ENOMEM. */
int groups_add(struct groups *g, const struct model *m, const struct flow *f);

/* Frees the groups that got no flow. Returns how many there are. */
size_t groups_end(struct groups *g);

void groups_free(struct groups *g);

/* The way of grouping of this name, in any letter case; GROUPS if there is none. */
enum group_by group_find(const char *name);

/* The group's name as text, sanitised. False where it is the group of what is not known. */
bool group_label(const struct group_key *k, char *buf, size_t size);

/* < 0, 0, > 0, as people read a list: addresses and ports by number, names by letter, what is not
 * known at the end. 0 is the same group. */
int group_order(const struct group_key *a, const struct group_key *b);

/* Do they belong to the group? An event does by its own cause and owner. */
bool group_has_flow(const struct group_key *k, const struct flow *f);
bool group_has_event(const struct group_key *k, const struct event_sample *e);

/* Retransmitted / data segments sent over the lives of all sockets; negative where not known. */
double group_ratio(const struct group *g);

/* As flow_history(). */
unsigned int group_history(const struct group *g, unsigned int ticks_ago, bool with_tlp);

#endif
