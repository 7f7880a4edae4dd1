/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The flows as they are known: sums since the start, the last interval, a history. Knows no column,
 * no colour and no clock: time comes with each snapshot.
 */
#ifndef TCPRETOP_SRC_MODEL_H
#define TCPRETOP_SRC_MODEL_H

#include "src/counts.h"
#include "src/hash.h"
#include "src/source.h"
#include "src/words.h"

enum { HISTORY = 60 };

/* Flows that closed or went quiet stay for one history window. */
#define HISTORY_NS 60000000000ULL

/* Segments of the last interval, or of one history slot. */
struct segs {
	uint64_t retrans; /* TLP and SYN-ACK excluded */
	uint64_t tlp;
	uint64_t synack;
};

struct group;

/* Flows that closed or went quiet leave it after a history window, of time and of ticks. */
enum flow_list {
	LIST_NONE,
	LIST_RECENT,
	LIST_WAITING, /* quiet for so long, but waiting for a timer that has backed off */
};

struct flow {
	struct flow_key key;
	UT_hash_handle hh;          /* beside the key: a look-up reads both */
	struct flow *newer, *older; /* in the model's list of those that changed lately */
	struct counts sum;          /* since the start, or the last model_zero() */
	struct counts *before;      /* what the source counts less sum; NULL: they are the same */
	uint64_t raw_first_ns;      /* which incarnation of the kernel's record it counts in */
	uint64_t first_ns;          /* first seen */
	uint64_t last_ns;           /* last retransmit or probe */
	uint64_t change_ns;         /* last change of anything, by the source */
	uint64_t sample_ns;         /* when .sock was read */
	uint64_t tick;              /* model's tick at which it last changed */
	struct sock_sample sock;    /* valid if flags & FLOW_SAMPLED, but for .state */
	struct owner owner;
	uint64_t owner_inode;   /* of the last socket seen in this flow */
	int32_t last_err;       /* of the last send that failed; 0 or a negative errno */
	uint8_t flags;          /* FLOW_* of bpf/tcpretop.h */
	uint8_t last_cause;     /* of the last segment sent again, TLPs left out */
	uint8_t last_cause_tlp; /* TLPs included */
	uint8_t list;           /* enum flow_list */
	uint32_t interval_at; /* from 1: which of the model's intervals is its own; 0: its sum is */
	uint16_t *hist_retrans;    /* by tick % HISTORY: segments but TLP; saturating */
	uint16_t *hist_tlp;        /* NULL, as the other: there were none */
	const struct group *group; /* that this sums up, in a row of the table; NULL in the model */
};

/* The whole host in the last interval and since the start. */
struct interval {
	uint64_t now_ns;
	double elapsed;     /* seconds since the tick before */
	struct counts last; /* growth within */
	struct counts sum;  /* since the start, or the last model_zero() */
	uint64_t tracked, evicted, events_lost, events_left_out;
	struct coverage last_coverage, coverage; /* within; since the start */
	double cost; /* CPU time of the observer / elapsed time, 0.01 is 1 % of one core */
};

struct model {
	struct flow *flows; /* uthash, by key */
	size_t nflows;
	struct flow *recent, *waiting; /* utlist, the last that changed first */
	struct counts *intervals;      /* growth of the flows that changed in this tick */
	uint32_t nintervals, interval_capacity;
	bool keep_all; /* never forget a flow; else those long quiet, once there are too many */
	uint64_t tick; /* counts snapshots; 0 before the first */
	bool in_parts; /* more is to come of this snapshot */
	int64_t realtime_offset_ns;
	struct source_info info;
	struct interval interval;
	struct segs history[HISTORY]; /* of the host, by tick % HISTORY */
	struct totals raw;            /* what the source last said */
	struct counts zero;           /* raw.counts at the last model_zero() */
	uint64_t raw_cpu_ns;
	uint64_t start_ns;        /* of the counting: source start, or the last model_zero() */
	uint64_t last_retrans_ns; /* last tick that saw any; 0 for none yet */
};

/* Takes over what the source says of itself. The model starts zeroed. */
void model_init(struct model *m, const struct source_info *info);

/* Takes in a snapshot or a part of one. 0 or -ENOMEM, with all that found room counted. */
int model_tick(struct model *m, const struct snapshot *s);

/* Takes in the source's next snapshot, all parts of it. 0, a negative errno of the source, or
 * MODEL_FULL: some flows found no memory. */
enum { MODEL_FULL = 1 };
int model_read(struct model *m, struct source *s);

/* The flow with this key, or NULL. */
const struct flow *model_find(const struct model *m, const struct flow_key *key);

/* Those not quiet for a history window, and some that are: the next after f, the first after NULL.
 * Those that changed in the last interval come first. NULL at the end. */
const struct flow *model_next_recent(const struct model *m, const struct flow *f);

/* Counts from now: sums and histories start again, what is known of the flows stays. */
void model_zero(struct model *m);

/* Frees what the model holds, not the model. */
void model_free(struct model *m);

/* Growth of the flow, or of a group, in the last interval. Valid until the next tick. */
const struct counts *flow_interval(const struct model *m, const struct flow *f);

/* History of the flow, ticks_ago 0 being the last interval; 0 beyond what is known. */
unsigned int flow_history(const struct model *m, const struct flow *f, unsigned int ticks_ago,
			  bool with_tlp);

/* Retransmitted / data segments sent over the life of the socket; negative where not known. */
double flow_ratio(const struct flow *f);

/* Orders two flows by one of their ends as people read a list of hosts: IPv4 before IPv6, addresses
 * by their bytes, ports as numbers. < 0, 0, > 0 */
int flow_key_order(const struct flow_key *a, const struct flow_key *b, bool remote);

/* Timeouts in a row without an answer, by the last sample. 0 of an open flow for which the next one
 * must have come. */
unsigned int flow_timeouts(const struct model *m, const struct flow *f);

/* Without a retransmit or probe for quiet_ns before the last snapshot, and not waiting for the next
 * timeout. */
bool flow_is_quiet(const struct model *m, const struct flow *f, uint64_t quiet_ns);

/* Seconds since the epoch of a time of the source. */
double model_unixtime(const struct model *m, uint64_t ns);

/* Seconds from a time of the source to the last snapshot; 0 if it is later. */
double model_age(const struct model *m, uint64_t ns);

#endif
