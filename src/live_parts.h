/* SPDX-License-Identifier: GPL-2.0-only */
/* The live source as its parts share it, and what they ask of each other. */
#ifndef TCPRETOP_SRC_LIVE_PARTS_H
#define TCPRETOP_SRC_LIVE_PARTS_H

#include <time.h>

#include "src/live_changes.h"
#include "src/live_counters.h"
#include "src/live_probes.h"
#include "src/source.h"

/* Entries of one batch read, and flows of one part of a snapshot: larger than any bucket of the
 * kernel's hash, and small enough to stay in the processor's cache. */
#define BATCH 128

struct batch {
	uint64_t ids[BATCH];
	struct flow_rec recs[BATCH];
};

/* How far the snapshot under way has come. */
enum stage { STAGE_BEGIN, STAGE_FIRST_BATCH, STAGE_NEXT_BATCH, STAGE_CHANGES, STAGE_OWNERS };

/* The last time that all records were read, and not only those announced as changed. */
struct full_read {
	uint64_t at_ns, tracked, inserts, unannounced;
};

struct live {
	struct source source;
	struct probes probes;
	struct counters counters;
	struct helper *helper; /* NULL without; the caller's */
	struct host *host;
	int64_t timens_ns;     /* of our CLOCK_MONOTONIC, more than that of the kernel's programs */
	uint64_t start_cpu_ns; /* what starting took */
	struct failure trouble; /* with the helper */

	/* Reading the table */
	struct changes changes;
	size_t next_change; /* of those not yet read */
	uint64_t unannounced;
	struct full_read full;
	struct batch *batch;
	struct flow_sample *part; /* BATCH of them at most */
	size_t npart;
	enum stage stage;
	uint64_t position; /* where the next batch begins */
	uint64_t began_ns, tracked, inserts;
	uint64_t owners_ns; /* when the owners of all flows were last handed over */
	bool all_owners;    /* they are this time */
	uint64_t last_read_ns;
	uint64_t evicted;

	/* Whose it is */
	struct owners *owners;
	struct places *places;
	struct unowned *unowned; /* room for the most of them, or NULL while there are none */
	size_t nunowned;

	/* Events */
	struct ring_buffer *ring;
	struct event_sample *events; /* of the drain that is under way */
	size_t nevents, event_capacity;
};

/* source_tick() and source_drain() of it. */
int live_tick(struct source *s, struct snapshot *snap);
int live_drain(struct source *s, event_fn *fn, void *arg);

/* Takes one event of the ring; arg is struct live. 0; -EAGAIN: it was the last of this drain; or another
 * negative errno. */
int live_take_event(void *arg, void *data, size_t size);

/* Fills the owner of a flow of the part, and remembers it while its process is still looked for. */
void live_find_owner(struct live *l, struct flow_sample *s);

/* Adds to the part the owners found since their flows were handed over, as many as find room there;
 * those that nobody holds are forgotten. */
void live_take_found(struct live *l);

/* Fill the owner of an event: its process as far as it is known yet, and where it belongs. A process not
 * known is looked for: asked again after owners_search(), it may be. */
void live_find_event_process(struct live *l, struct event_sample *e);
void live_find_event_place(struct live *l, struct event_sample *e, uint64_t now);

/* Ours; live_host_ns() is the clock of all that the kernel's programs write. */
uint64_t live_clock_ns(clockid_t clock);
uint64_t live_host_ns(const struct live *l);

/* CPU time of this process and of the helper. */
uint64_t live_cpu_ns(const struct live *l);

#endif
