// SPDX-License-Identifier: GPL-2.0-only
#include "src/live.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "src/helper.h"
#include "src/host.h"
#include "src/live_changes.h"
#include "src/live_counters.h"
#include "src/live_owner.h"
#include "src/live_probes.h"
#include "src/live_types.h"
#include "src/lru.h"
#include "src/place.h"
#include "src/sanitise.h"
#include "src/sockdiag.h"
#include "src/timens.h"
#include "src/trim.h"

/* Entries of one batch read, and flows of one part of a snapshot: larger than any bucket of the
 * kernel's hash, and small enough to stay in the processor's cache. */
#define BATCH 128
#define MAX_UNOWNED 4096

/* A record may be written while it is read: what changed shortly before is handed over again. Long
 * enough for a CPU that the hypervisor takes away in the middle of it. */
#define OVERLAP_NS 50000000
/* A socket may get another owner. */
#define OWNERS_NS 5000000000ULL
/* A full table is counted again so often. */
#define COUNT_NS 10000000000ULL
/* Events of one drain: more than the ring of -e holds, so that the last one leaves nothing. What
 * comes meanwhile waits: a reader slower than the kernel still comes back to its signals. */
#define MAX_DRAIN 131072
/* Room for so many is kept. */
#define FEW_EVENTS 256

struct batch {
	uint64_t ids[BATCH];
	struct flow_rec recs[BATCH];
};

/* A flow whose owner is still looked for. */
struct unowned {
	struct flow_key key;
	struct connector connector;
	uint64_t inode;
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
	struct changes changes;
	size_t next_change; /* of those not yet read */
	uint64_t unannounced;
	struct full_read full;
	struct ring_buffer *ring;
	struct helper *helper; /* NULL without; the caller's */
	struct host *host;
	struct batch *batch;
	struct flow_sample *part; /* BATCH of them at most */
	size_t npart;
	struct unowned *unowned; /* room for MAX_UNOWNED, or NULL while there are none */
	size_t nunowned;
	enum stage stage;
	uint64_t position; /* where the next batch begins */
	uint64_t began_ns, tracked, inserts;
	int64_t timens_ns;  /* of our CLOCK_MONOTONIC, more than that of the kernel's programs */
	uint64_t owners_ns; /* when the owners of all flows were last handed over */
	bool all_owners;    /* they are this time */
	uint64_t last_read_ns;
	uint64_t start_cpu_ns; /* what starting took */
	uint64_t evicted;
	struct owners *owners;
	struct places *places;
	struct event_sample *events; /* of the drain that is under way */
	size_t nevents, event_capacity;
	struct failure trouble; /* with the helper */
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* The clock of all that the kernel's programs write. */
static uint64_t host_ns(const struct live *l)
{
	return clock_ns(CLOCK_MONOTONIC) - (uint64_t)l->timens_ns;
}

static uint64_t cpu_ns(const struct live *l)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) + (l->helper ? helper_cpu_ns(l->helper) : 0);
}

/* True if the owner is a process that holds the socket. Until one is found, and where none is found
 * any more, it is the one that connected it. */
static bool find_process(struct live *l, uint64_t inode, const struct connector *c,
			 struct owner *owner)
{
	if (owners_get(l->owners, inode, owner))
		return true;
	owner->pid = c->pid;
	memcpy(owner->comm, c->comm, sizeof(owner->comm));
	return false;
}

static void put_place(struct owner *owner, const struct place *place)
{
	owner->cgroup = place->cgroup;
	owner->unit = place->unit;
	owner->netns = place->netns;
	owner->user = place->user;
}

static void find_flow_place(struct live *l, struct flow_sample *s)
{
	const struct sock_sample *sock = &s->rec.sock;
	bool looked_at = sock->inode || s->rec.flags & FLOW_SAMPLED;
	struct place place = places_find(l->places, sock->cgroup, s->key.netns,
					 looked_at ? sock->uid : NO_USER, l->began_ns);

	put_place(&s->owner, &place);
}

static uint64_t since(const struct live *l)
{
	return l->last_read_ns > OVERLAP_NS ? l->last_read_ns - OVERLAP_NS : 0;
}

/* What was said of a flow's owner holds for a while, unless its socket is another. */
static void find_owner(struct live *l, struct flow_sample *s)
{
	uint64_t inode = s->rec.sock.inode;
	struct unowned *u;

	if (!l->all_owners && s->rec.identity_ns < since(l))
		return;
	find_flow_place(l, s);
	if (find_process(l, inode, &s->rec.connector, &s->owner) ||
	    !owners_pending(l->owners, inode) || l->nunowned == MAX_UNOWNED)
		return;
	if (!l->unowned)
		l->unowned = malloc(MAX_UNOWNED * sizeof(*l->unowned));
	if (!l->unowned)
		return;
	u = &l->unowned[l->nunowned++];
	u->key = s->key;
	u->connector = s->rec.connector;
	u->inode = inode;
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

/* Not one that is being made just now: its key may be half written. */
static void take_record(struct live *l, uint64_t id, const struct flow_rec *rec)
{
	struct flow_sample *s;

	changes_seen(&l->changes, id, rec->announced);
	if (!rec->change_ns || flow_id(l->probes.mix, &rec->key) != id)
		return;
	s = &l->part[l->npart++];
	s->key = rec->key;
	s->rec = *rec;
	merge_sample(&s->rec, l->probes.tick_ns);
	memset(&s->owner, 0, sizeof(s->owner));
	find_owner(l, s);
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
	l->began_ns = host_ns(l);
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
	owners_search(l->owners, clock_ns(CLOCK_MONOTONIC));
	l->all_owners = l->began_ns - l->owners_ns >= OWNERS_NS;
	if (l->all_owners)
		l->owners_ns = l->began_ns;
	return 0;
}

static void end_of_flows(struct live *l)
{
	l->stage = STAGE_OWNERS;
	owners_search(l->owners, clock_ns(CLOCK_MONOTONIC));
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
	       rec->change_ns >= since(l);
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

static void hand_over_owner(struct live *l, const struct unowned *u, const struct owner *owner)
{
	struct flow_sample *s = &l->part[l->npart++];

	memset(s, 0, sizeof(*s));
	s->key = u->key;
	s->rec.sock.inode = u->inode;
	s->owner = *owner;
}

/* The owners found since their flows were handed over; those that nobody holds are forgotten. */
static void take_found(struct live *l)
{
	size_t left = 0;

	for (size_t i = 0; i < l->nunowned; i++) {
		struct unowned u = l->unowned[i];
		struct owner owner = {0};
		bool room = l->npart < BATCH;

		if (room && find_process(l, u.inode, &u.connector, &owner))
			hand_over_owner(l, &u, &owner);
		else if (!room || owners_pending(l->owners, u.inode))
			l->unowned[left++] = u;
	}
	l->nunowned = left;
	if (!left) {
		free(l->unowned);
		l->unowned = NULL;
	}
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
	snap->realtime_offset_ns = (int64_t)(clock_ns(CLOCK_REALTIME) - host_ns(l));
	snap->coverage = host_coverage(l->host);
	snap->cpu_ns = cpu_ns(l) - l->start_cpu_ns;
	l->stage = STAGE_BEGIN;
	return err;
}

static int live_tick(struct source *s, struct snapshot *snap)
{
	struct live *l = (struct live *)s;
	int err = l->stage == STAGE_BEGIN ? begin(l) : 0;

	memset(snap, 0, sizeof(*snap));
	l->npart = 0;
	if (!err && l->stage != STAGE_OWNERS) {
		err = l->stage == STAGE_CHANGES ? read_changes(l) : read_batch(l);
		snap->more = true;
	} else if (!err) {
		take_found(l);
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

static bool find_event_process(struct live *l, struct event_sample *e)
{
	return find_process(l, e->event.inode, &e->event.connector, &e->owner);
}

static void find_event_place(struct live *l, struct event_sample *e, uint64_t now)
{
	const struct event *event = &e->event;
	struct place place =
		places_find(l->places, event->cgroup, event->key.netns, event->uid, now);

	put_place(&e->owner, &place);
}

static int take_event(void *arg, void *data, size_t size)
{
	struct live *l = arg;
	struct event_sample *e;

	if (size < sizeof(e->event))
		return -EINVAL;
	if (l->nevents == l->event_capacity) {
		size_t capacity = l->event_capacity ? 2 * l->event_capacity : FEW_EVENTS;

		e = realloc(l->events, capacity * sizeof(*e));
		if (!e)
			return -ENOMEM;
		l->events = e;
		l->event_capacity = capacity;
	}
	e = &l->events[l->nevents++];
	memset(e, 0, sizeof(*e));
	memcpy(&e->event, data, sizeof(e->event));
	find_event_process(l, e);
	return l->nevents < MAX_DRAIN ? 0 : -EAGAIN;
}

/* After a burst of them. */
static void give_back_events(struct live *l)
{
	struct event_sample *e;

	if (l->event_capacity <= FEW_EVENTS || l->nevents > l->event_capacity / 4)
		return;
	e = realloc(l->events, l->event_capacity / 2 * sizeof(*e));
	if (!e)
		return;
	l->events = e;
	l->event_capacity /= 2;
}

/* Owners not known yet are looked for before the events are handed over. */
static int live_drain(struct source *s, event_fn *fn, void *arg)
{
	struct live *l = (struct live *)s;
	uint64_t now = host_ns(l);
	int err;

	l->nevents = 0;
	err = ring_buffer__consume(l->ring);
	if (err < 0 && err != -EAGAIN)
		return err;
	owners_search(l->owners, clock_ns(CLOCK_MONOTONIC));
	for (size_t i = 0; i < l->nevents; i++) {
		struct event_sample *e = &l->events[i];

		find_event_process(l, e);
		find_event_place(l, e, now);
		fn(arg, e);
	}
	give_back_events(l);
	return (int)l->nevents;
}

static int live_look(struct source *s, const struct flow_key *key, struct socket_look *look)
{
	struct live *l = (struct live *)s;
	int fd = host_netns_socket(l->host, key->netns), err;

	if (fd < 0)
		return fd;
	err = sockdiag_look(fd, key, look);
	close(fd);
	return err;
}

static int live_command(struct source *s, int32_t pid, struct command *c)
{
	return host_command(((struct live *)s)->host, pid, c);
}

static const struct failure *live_trouble(struct source *s)
{
	struct live *l = (struct live *)s;

	if (!l->helper || !helper_is_gone(l->helper))
		return NULL;
	if (!l->trouble.status)
		fail(&l->trouble, EXIT_RUNTIME,
		     "the helper process has ended, or does not answer: coverage, and the names of "
		     "new cgroups, are no longer known; start tcpretop again");
	return &l->trouble;
}

static void live_close(struct source *s)
{
	struct live *l = (struct live *)s;

	ring_buffer__free(l->ring);
	changes_close(&l->changes);
	counters_close(&l->counters);
	probes_close(&l->probes);
	places_close(l->places);
	host_close(l->host);
	owners_free(l->owners);
	free(l->events);
	free(l->batch);
	free(l->part);
	free(l->unowned);
	free(l);
}

static void fill_info(struct live *l)
{
	struct source_info *info = &l->source.info;
	struct utsname name;

	if (!uname(&name)) {
		sanitise(name.nodename, sizeof(name.nodename), info->host, sizeof(info->host));
		sanitise(name.release, sizeof(name.release), info->release, sizeof(info->release));
	}
	info->start_ns = host_ns(l);
	l->start_cpu_ns = cpu_ns(l);
	info->max_flows = l->probes.max_flows;
	info->tlp_way = l->probes.tlp_way;
	info->undos_known = l->probes.has_undo;
	info->errors_unknown = !l->probes.has_err;
	info->probes = l->probes.attached;
	info->probes_wanted = l->probes.wanted;
}

static int alloc_buffers(struct live *l)
{
	int err;

	err = changes_open(&l->changes, l->probes.reader_fd, l->probes.changes_fd);
	if (err)
		return err;
	l->ring = ring_buffer__new(l->probes.events_fd, take_event, l, NULL);
	l->batch = malloc(sizeof(*l->batch));
	l->part = malloc(BATCH * sizeof(*l->part));
	if (!l->ring || !l->batch || !l->part)
		return -ENOMEM;
	l->counters.totals_fd = l->probes.totals_fd;
	l->counters.netns_fd = l->probes.netns_fd;
	l->counters.near_fd = l->probes.near_fd;
	err = counters_open(&l->counters);
	if (err)
		return err;
	l->host = host_open(l->helper, &l->counters, &err);
	if (!l->host)
		return err;
	l->places = places_open(l->host);
	return l->places ? 0 : -ENOMEM;
}

static int fail_buffers(struct failure *why, int err)
{
	if (err == -EPIPE)
		return fail(why, EXIT_RUNTIME,
			    "the helper process that reads other network namespaces ended at once; "
			    "try again, and see the kernel's log");
	if (err != -ENOMEM)
		return fail(why, EXIT_RUNTIME, "cannot read what the kernel programs count: %s",
			    strerror(-err));
	return fail(why, EXIT_RUNTIME, "out of memory; choose a smaller --max-flows");
}

/* Before Linux 5.11 maps count against it. libbpf would see to it, but not for several threads. */
static void lift_memory_limit(void)
{
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	setrlimit(RLIMIT_MEMLOCK, &all);
}

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"

static int fail_types(struct failure *why, int err)
{
	if (err == ENOMEM)
		return fail(why, EXIT_RUNTIME, "out of memory");
	if (access(KERNEL_TYPES, R_OK) && errno == EACCES)
		return fail(why, EXIT_NOT_PERMITTED,
			    "cannot read the kernel's types (" KERNEL_TYPES "): not permitted; "
			    "run it as root: sudo tcpretop; tcpretop --doctor tells more");
	return fail(why, EXIT_KERNEL_LACKS,
		    "this kernel has no BTF (" KERNEL_TYPES "): it says nothing of its types; "
		    "boot one built with CONFIG_DEBUG_INFO_BTF=y; tcpretop --doctor tells more");
}

static int load(struct live *l, const struct live_options *o, struct failure *why)
{
	struct live_types *types;
	int err, owners_err;

	l->owners = owners_new();
	if (!l->owners)
		return fail(why, EXIT_RUNTIME, "out of memory");
	lift_memory_limit();
	libbpf_set_print(NULL);
	types = live_types_read();
	if (!types)
		return fail_types(why, errno);
	owners_load(l->owners, types);
	err = probes_open(&l->probes, types, o, why);
	owners_err = owners_loaded(l->owners);
	live_types_free(types);
	if (o->hooks)
		o->hooks->err[HOOK_OWNERS] = owners_err;
	return err;
}

struct source *live_open(const struct live_options *o, struct failure *why)
{
	static const struct source_ops ops = {
		.tick = live_tick,
		.drain = live_drain,
		.close = live_close,
		.look = live_look,
		.command = live_command,
		.trouble = live_trouble,
	};
	struct live *l = calloc(1, sizeof(*l));
	int err;

	if (!l) {
		fail(why, EXIT_RUNTIME, "out of memory");
		return NULL;
	}
	l->source.ops = &ops;
	l->helper = o->helper;
	l->timens_ns = timens_offset();
	keep_large_apart();
	if (load(l, o, why)) {
		live_close(&l->source);
		return NULL;
	}
	err = alloc_buffers(l);
	if (err) {
		fail_buffers(why, err);
		live_close(&l->source);
		return NULL;
	}
	trim_memory();
	/* The books of the namespaces begin at once, not at the first tick. */
	host_coverage(l->host);
	fill_info(l);
	return &l->source;
}

bool live_reads(struct source *s)
{
	struct totals totals;

	return !counters_totals(&((struct live *)s)->counters, &totals);
}

size_t live_commands(bool only_read, const unsigned int **commands)
{
	enum { READING = 2 };
	static const unsigned int all[] = {
		BPF_MAP_LOOKUP_ELEM,  BPF_MAP_LOOKUP_BATCH, /* and beyond reading: */
		BPF_MAP_UPDATE_BATCH, BPF_MAP_DELETE_BATCH, BPF_ITER_CREATE,
	};

	*commands = all;
	return only_read ? READING : sizeof(all) / sizeof(*all);
}
