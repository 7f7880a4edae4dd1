// SPDX-License-Identifier: GPL-2.0-only
/* A snapshot of the kernel's table: the records that changed, read part by part, and what was counted. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "src/host.h"
#include "src/live_owner.h"
#include "src/live_parts.h"
#include "src/lru.h"
#include "src/trim.h"

/* A record may be written while it is read: what changed shortly before is handed over again. Long
 * enough for a CPU that the hypervisor takes away in the middle of it. */
#define OVERLAP_NS 50000000
/* A socket may get another owner. */
#define OWNERS_NS 5000000000ULL
/* A full table is counted again so often. */
#define COUNT_NS 10000000000ULL

static uint64_t since(const struct live *l)
{
	return l->last_read_ns > OVERLAP_NS ? l->last_read_ns - OVERLAP_NS : 0;
}

/* What was said of a flow's owner holds for a while, unless its socket is another. */
static bool needs_owner(const struct live *l, const struct flow_rec *rec)
{
	return l->all_owners || rec->identity_ns >= since(l);
}

/* What is current with the last event goes where the rest of the sample is. The programs keep the
 * socket's total_retrans as the base of what they count next. */
static void merge_sample(struct flow_rec *rec, uint32_t tick_ns)
{
	const struct sock_brief *brief = &rec->brief;
	struct sock_sample *sock = &rec->sock;

	sock->srtt_us = brief->srtt_us;
	sock->rto_us = (uint32_t)((uint64_t)brief->rto * tick_ns / 1000);
	sock->cwnd = brief->cwnd;
	sock->total_retrans = rec->base_segs;
	sock->data_segs_out = brief->data_segs_out;
	sock->snd_wnd = brief->snd_wnd;
	sock->state = brief->state;
	sock->ca_state = brief->ca_state;
	sock->backoff = brief->backoff;
}

/* The programs write the later time alone, and their events' clock may be one jiffy behind. */
static void merge_times(struct flow_rec *rec)
{
	if (rec->last_ns < rec->first_ns)
		rec->last_ns = rec->first_ns;
	if (rec->change_ns < rec->last_ns)
		rec->change_ns = rec->last_ns;
}

/* Not one that is being made just now: its key may be half written. */
static void take_record(struct live *l, uint64_t id, const struct flow_rec *rec)
{
	struct flow_sample *s;

	changes_seen(&l->changes, id, rec->announced);
	if (!rec->last_ns || flow_id(l->probes.mix, &rec->key) != id)
		return;
	s = &l->part[l->npart++];
	s->key = rec->key;
	s->rec = *rec;
	merge_times(&s->rec);
	merge_sample(&s->rec, l->probes.tick_ns);
	memset(&s->owner, 0, sizeof(s->owner));
	if (needs_owner(l, rec))
		live_find_owner(l, s);
}

/* When nobody counts them: as many as were there and came since, up to the size of the table. */
static uint64_t tracked_now(const struct live *l)
{
	uint64_t tracked = l->full.tracked + l->inserts - l->full.inserts, most;

	if (l->inserts <= l->probes.max_flows)
		return l->inserts;
	most = lru_entries(l->probes.max_flows, (unsigned int)l->counters.ncpus);
	return tracked < most ? tracked : most;
}

/* The announced ones do not do: the first time, when some got lost, or once the table may be full and
 * nobody has counted for a while what is in it. */
static bool needs_all(const struct live *l, bool lost)
{
	uint64_t made = l->inserts - l->full.inserts;

	if (lost || !l->full.at_ns || l->unannounced != l->full.unannounced)
		return true;
	return l->inserts > l->probes.max_flows && made &&
	       (made > l->probes.max_flows / 16 || l->began_ns - l->full.at_ns >= COUNT_NS);
}

/* A look-up of its own costs as much as two or three records of all read at once, and an empty place
 * there a small part of one. */
static bool is_cheaper_to_read_all(const struct live *l)
{
	return 5 * (uint64_t)l->changes.last.n > 2 * tracked_now(l) + l->probes.max_flows / 32;
}

/* Records are only ever made and evicted. Those made are read before those that are there, so that
 * one made in between does not look like an eviction. */
static int begin(struct live *l)
{
	struct totals totals = {0};
	bool lost;
	int err;

	/* What is announced in the round that begins changed later. */
	l->began_ns = live_host_ns(l);
	lost = changes_take(&l->changes) < 0;
	err = counters_totals(&l->counters, &totals);
	if (err)
		return err;
	l->inserts = totals.inserts;
	l->unannounced = totals.unannounced;
	if (l->inserts > l->probes.max_flows / 4)
		l->changes.reader->evicts = 1;
	l->stage = needs_all(l, lost) || is_cheaper_to_read_all(l) ? STAGE_FIRST_BATCH
								   : STAGE_CHANGES;
	l->tracked = l->stage == STAGE_CHANGES ? tracked_now(l) : 0;
	l->next_change = 0;
	owners_search(l->owners, live_clock_ns(CLOCK_MONOTONIC));
	l->all_owners = l->began_ns - l->owners_ns >= OWNERS_NS;
	if (l->all_owners)
		l->owners_ns = l->began_ns;
	return 0;
}

static void end_of_flows(struct live *l)
{
	l->stage = STAGE_OWNERS;
	owners_search(l->owners, live_clock_ns(CLOCK_MONOTONIC));
}

/* The next of those announced. One that is not there any more was evicted. */
static int read_changes(struct live *l)
{
	struct flow_rec *rec = l->batch->recs;
	const struct id_list *changed = &l->changes.last;

	while (l->next_change < changed->n && l->npart < BATCH) {
		const uint64_t *id = &changed->ids[l->next_change++];

		if (!bpf_map_lookup_elem(l->probes.flows_fd, id, rec))
			take_record(l, *id, rec);
		else if (errno != ENOENT)
			return -errno;
	}
	if (l->next_change == changed->n)
		end_of_flows(l);
	return 0;
}

/* Since the last snapshot: by its round, or so shortly before that it was announced too late for it. */
static bool has_changed(const struct live *l, const struct flow_rec *rec)
{
	return !l->full.at_ns || rec->announced + 1 >= (uint32_t)l->changes.reader->round ||
	       rec->change_ns >= since(l) || rec->last_ns >= since(l);
}

/* The next part of the table. */
static int read_batch(struct live *l)
{
	uint64_t *from = l->stage == STAGE_FIRST_BATCH ? NULL : &l->position, next;
	__u32 n = BATCH;
	int err = bpf_map_lookup_batch(l->probes.flows_fd, from, &next, l->batch->ids,
				       l->batch->recs, &n, NULL);

	if (err && err != -ENOENT)
		return err;
	for (__u32 i = 0; i < n; i++)
		if (has_changed(l, &l->batch->recs[i]))
			take_record(l, l->batch->ids[i], &l->batch->recs[i]);
	l->tracked += n;
	l->position = next;
	l->stage = STAGE_NEXT_BATCH;
	if (!err)
		return 0;
	l->full = (struct full_read){l->began_ns, l->tracked, l->inserts, l->unannounced};
	end_of_flows(l);
	return 0;
}

static int end(struct live *l, struct snapshot *snap)
{
	int err = counters_totals(&l->counters, &snap->totals);

	if (l->inserts > l->tracked + l->evicted)
		l->evicted = l->inserts - l->tracked;
	changes_end(&l->changes);
	if (!l->last_read_ns)
		trim_memory(); /* what starting has left */
	l->last_read_ns = l->began_ns;
	snap->now_ns = l->began_ns;
	snap->tracked = l->tracked;
	snap->evicted = l->evicted;
	snap->realtime_offset_ns = (int64_t)(live_clock_ns(CLOCK_REALTIME) - live_host_ns(l));
	snap->coverage = host_coverage(l->host);
	snap->cpu_ns = live_cpu_ns(l) - l->start_cpu_ns;
	l->stage = STAGE_BEGIN;
	return err;
}

int live_tick(struct source *s, struct snapshot *snap)
{
	struct live *l = (struct live *)s;
	int err = l->stage == STAGE_BEGIN ? begin(l) : 0;

	memset(snap, 0, sizeof(*snap));
	l->npart = 0;
	if (!err && l->stage != STAGE_OWNERS) {
		err = l->stage == STAGE_CHANGES ? read_changes(l) : read_batch(l);
		snap->more = true;
	} else if (!err) {
		live_take_found(l);
		snap->more = l->npart == BATCH;
	}
	snap->flows = l->part;
	snap->nflows = l->npart;
	if (!err && !snap->more)
		err = end(l, snap);
	if (err)
		l->stage = STAGE_BEGIN;
	return err;
}
