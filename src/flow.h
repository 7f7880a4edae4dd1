/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One flow of the model. There may be a million of them: what only some have, or only for a while, is
 * kept apart, and what many have in common is shared.
 */
#ifndef TCPRETOP_SRC_FLOW_H
#define TCPRETOP_SRC_FLOW_H

#include "src/look.h"
#include "src/pool.h"
#include "src/prefetch.h"
#include "src/shared.h"
#include "src/source.h"
#include "src/tally.h"

/* What the source's record counts, where that is not the flow's sum: it was made anew, or the sums
 * began later. */
struct apart {
	uint64_t first_ns; /* which incarnation of the record */
	struct tally raw;
};

struct flow {
	struct pooled pooled;
	struct flow_key key;
	uint32_t recent;       /* number of its struct recent in the model; 0: long quiet */
	struct tally sum;      /* since the start, or the last model_zero(): flow_sum() */
	struct flow_sock sock; /* valid if flags & FLOW_SAMPLED, but for .state */
	int32_t last_err;      /* of the last send that failed; 0 or a negative errno */
	uint32_t tick;         /* model's tick at which it last changed */
	int32_t pid;           /* of its owner, as in struct owner: flow_owner() */
	uint16_t others;
	uint8_t flags;          /* FLOW_* of bpf/tcpretop.h */
	uint8_t last_cause;     /* of the last segment sent again, TLPs left out; CAUSES: none */
	uint8_t last_cause_tlp; /* TLPs included */
	bool is_group;          /* it sums up a struct group, in a row of the table */
	bool listens;         /* .owner_inode is that of who listens: nobody has accepted it yet */
	uint64_t first_ns;    /* first seen */
	uint64_t last_ns;     /* last retransmit or probe */
	uint64_t change_ns;   /* last change of anything, by the source */
	uint64_t sample_ns;   /* when .sock was read */
	uint64_t owner_inode; /* of the last socket seen in this flow */
	const struct shared *shared; /* NULL: nothing of it is known */
	struct apart *apart;         /* NULL: the record counts what the sum does */
};

/* What was counted since the start, or the last model_zero(). */
struct counts flow_sum(const struct flow *f);

/* What the RETR column shows of it, as counts_shown(). */
uint64_t flow_shown(const struct flow *f, bool with_tlp);

/* What the source last said that it counted, and in which incarnation of its record. */
struct counts flow_raw(const struct flow *f);
uint64_t flow_raw_first_ns(const struct flow *f);

/* Tens of thousands of flows are in no cache: who visits them fetches the one so many later. */
enum { FLOWS_AHEAD = 8 };

/* Begins to fetch what a row of the table is chosen and sorted by; any address will do. */
static inline void flow_expect(const struct flow *f)
{
	prefetch(f, sizeof(*f));
}

/* Adds what the record has grown by. 0, or -ENOMEM with nothing counted. */
int flow_count(struct flow *f, const struct counts *grown, const struct flow_rec *rec);

/* Its sum begins anew. Without memory it goes on counting where it was. */
void flow_zero(struct flow *f);

/* Frees what its counters hold. */
void flow_clear(struct flow *f);

/* f->shared, or one that knows nothing. */
const struct shared *flow_shared(const struct flow *f);

/* Who owns it, as far as is known. The texts are the source's. */
struct owner flow_owner(const struct flow *f);

/* The last sample in the words of a look. What only a look can tell is 0. */
void flow_look(const struct flow *f, struct socket_look *look);

/* Retransmitted / data segments sent over the life of the socket; negative where not known. */
double flow_ratio(const struct flow *f);

/* Orders two flows by one of their ends as people read a list of hosts: IPv4 before IPv6, addresses
 * by their bytes, ports as numbers. < 0, 0, > 0 */
int flow_key_order(const struct flow_key *a, const struct flow_key *b, bool remote);

#endif
