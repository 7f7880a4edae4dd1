/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The flows as they are known: sums since the start, the last interval, a history. Knows no column,
 * no colour and no clock: time comes with each snapshot.
 */
#ifndef TCPRETOP_SRC_MODEL_H
#define TCPRETOP_SRC_MODEL_H

#include "src/flow.h"
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

/* The whole host in the last interval and since the start. */
struct interval {
	uint64_t now_ns;
	double elapsed;     /* seconds since the tick before */
	struct counts last; /* growth within */
	struct counts sum;  /* since the start, or the last model_zero() */
	uint64_t tracked;
	uint64_t evicted, events_lost, events_left_out; /* as .sum */
	struct coverage last_coverage, coverage;        /* within; as .sum */
	double cost; /* CPU time of the observer / elapsed time, 0.01 is 1 % of one core */
};

struct model {
	struct pool flows; /* struct flow, by key */
	struct shareds shareds;
	struct slab recents;             /* struct recent */
	struct slab wide;                /* struct wide_history */
	struct recent *recent, *waiting; /* utlist, the last that changed first */
	bool keep_all; /* never forget a flow; else those long quiet, once there are too many */
	uint32_t tick; /* counts whole snapshots; 0 before the first */
	int64_t realtime_offset_ns;
	struct source_info info;
	struct interval interval;
	struct segs history[HISTORY]; /* of the host, by tick % HISTORY */
	float lengths[HISTORY];       /* of the intervals, in seconds; 0: there was none */
	float usual_length;           /* their median */
	struct totals raw, zero; /* what the source last said, and before the last model_zero() */
	struct coverage raw_coverage, zero_coverage;
	uint64_t raw_evicted, zero_evicted;
	uint64_t raw_cpu_ns;
	uint64_t start_ns;        /* of the counting: source start, or the last model_zero() */
	uint64_t last_retrans_ns; /* last tick that saw any; 0 for none yet */
};

/* Takes over what the source says of itself. */
void model_init(struct model *m, const struct source_info *info);

/* Takes in a snapshot or a part of one. 0 or -ENOMEM, with all that found room counted. */
int model_tick(struct model *m, const struct snapshot *s);

/* Takes in the source's next snapshot, all parts of it. 0, a negative errno of the source, or
 * MODEL_FULL: some flows found no memory. */
enum { MODEL_FULL = 1 };
int model_read(struct model *m, struct source *s);

/* The same of its next part alone; *more: there are others, and what is asked meanwhile of flows that
 * were in those before is of the interval to come, all else of the last one. */
int model_read_part(struct model *m, struct source *s, bool *more);

/* The flow with this key, or NULL. */
const struct flow *model_find(const struct model *m, const struct flow_key *key);

/* How many flows there are. */
size_t model_flows(const struct model *m);

/* All flows, in no order: the next after f, the first after NULL. NULL at the end. */
const struct flow *model_next(const struct model *m, const struct flow *f);

/* Those not quiet for a history window, and some that are, in no order: the next after f, the first
 * after NULL. NULL at the end. */
const struct flow *model_next_recent(const struct model *m, const struct flow *f);

/* Those that changed in the last interval, the last one first; else the same. */
const struct flow *model_next_changed(const struct model *m, const struct flow *f);

/* Counts from now: sums and histories start again, what is known of the flows stays. */
void model_zero(struct model *m);

/* Frees what the model holds, not the model. */
void model_free(struct model *m);

/* Growth of the flow, or of a group, in the last interval. */
struct counts flow_interval(const struct model *m, const struct flow *f);

/* History of the flow, ticks_ago 0 being the last interval; 0 beyond what is known. */
unsigned int flow_history(const struct model *m, const struct flow *f, unsigned int ticks_ago,
			  bool with_tlp);

/* How high the bar of n segments in that interval is: n, but where it was much longer than usual, as after a
 * pause, as many as there were in the usual time, and at least 1. Else it would tower for its length alone. */
double history_bar(const struct model *m, unsigned int ticks_ago, double n);

/* Adds the same to sums by ticks ago: segments but TLP, and TLP. */
void flow_add_history(const struct model *m, const struct flow *f, uint32_t retrans[HISTORY],
		      uint32_t tlp[HISTORY]);

/* Timeouts in a row without an answer, by the last sample. 0 of an open flow for which the next one
 * must have come. */
unsigned int flow_timeouts(const struct model *m, const struct flow *f);

/* It is open, and after timeouts in a row the next one may still come; of a group: one of its flows. */
bool flow_waits(const struct model *m, const struct flow *f);

/* Without a retransmit or probe for quiet_ns before the last snapshot, and not waiting for the next
 * timeout. */
bool flow_is_quiet(const struct model *m, const struct flow *f, uint64_t quiet_ns);

/* Seconds since the epoch of a time of the source. */
double model_unixtime(const struct model *m, uint64_t ns);

/* Seconds from a time of the source to the last snapshot; 0 if it is later. */
double model_age(const struct model *m, uint64_t ns);

#endif
