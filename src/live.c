// SPDX-License-Identifier: GPL-2.0-only
#include "src/live.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "src/live_counters.h"
#include "src/live_owner.h"
#include "src/live_probes.h"
#include "src/netns.h"
#include "src/place.h"
#include "src/sanitise.h"
#include "src/sockdiag.h"
#include "src/trim.h"

/* Entries of one batch read, and flows of one part of a snapshot: larger than any bucket of the
 * kernel's hash, and small enough to stay in the processor's cache. */
#define BATCH 256
#define MAX_UNOWNED 4096

/* A record may be written while it is read: what changed shortly before is handed over again. Long
 * enough for a CPU that the hypervisor takes away in the middle of it. */
#define OVERLAP_NS 50000000
/* A socket may get another owner. */
#define OWNERS_NS 5000000000ULL
/* Events of one drain: more than the ring of -e holds, so that the last one leaves nothing. What
 * comes meanwhile waits: a reader slower than the kernel still comes back to its signals. */
#define MAX_DRAIN 131072

struct batch {
	struct flow_key keys[BATCH];
	struct flow_rec recs[BATCH];
};

/* A flow whose owner is still looked for. */
struct unowned {
	struct flow_key key;
	struct connector connector;
	uint64_t inode;
};

/* How far the snapshot under way has come. */
enum stage { STAGE_BEGIN, STAGE_FIRST_BATCH, STAGE_NEXT_BATCH, STAGE_OWNERS };

struct live {
	struct source source;
	struct probes probes;
	struct counters counters;
	struct ring_buffer *ring;
	struct netns_books *books;
	struct batch *batch;
	struct flow_sample *part; /* BATCH of them at most */
	size_t npart;
	struct unowned *unowned;
	size_t nunowned;
	enum stage stage;
	struct flow_key position; /* where the next batch begins */
	uint64_t began_ns, tracked, inserts;
	uint64_t owners_ns; /* when the owners of all flows were last handed over */
	bool all_owners;    /* they are this time */
	uint64_t last_read_ns;
	uint64_t start_cpu_ns; /* what starting took */
	uint64_t evicted;
	struct owners *owners;
	struct places *places;
	struct event_sample *events; /* of the drain that is under way */
	size_t nevents, event_capacity;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static struct coverage read_coverage(struct live *l)
{
	const struct netns_seen *seen = l->counters.seen;

	netns_read(l->books, seen, counters_netns(&l->counters));
	netns_enter(l->books, seen, counters_netns(&l->counters));
	return netns_coverage(l->books);
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
	u = &l->unowned[l->nunowned++];
	u->key = s->key;
	u->connector = s->rec.connector;
	u->inode = inode;
}

/* Keeps what changed since the last snapshot. A record without change_ns is being made just now. */
static void take_record(struct live *l, const struct flow_key *key, const struct flow_rec *rec)
{
	struct flow_sample *s;

	if (!rec->change_ns || rec->change_ns < since(l))
		return;
	s = &l->part[l->npart++];
	s->key = *key;
	s->rec = *rec;
	memset(&s->owner, 0, sizeof(s->owner));
	find_owner(l, s);
}

/* Records are only ever made and evicted. Those made are read before those that are there, so that
 * one made in between does not look like an eviction. */
static int begin(struct live *l)
{
	struct totals totals = {0};
	int err = counters_totals(&l->counters, &totals);

	if (err)
		return err;
	l->began_ns = clock_ns(CLOCK_MONOTONIC);
	l->inserts = totals.inserts;
	l->tracked = 0;
	l->stage = STAGE_FIRST_BATCH;
	owners_search(l->owners, l->began_ns);
	l->all_owners = l->began_ns - l->owners_ns >= OWNERS_NS;
	if (l->all_owners)
		l->owners_ns = l->began_ns;
	return 0;
}

/* The next part of the table. */
static int read_batch(struct live *l)
{
	struct flow_key *from = l->stage == STAGE_FIRST_BATCH ? NULL : &l->position;
	struct flow_key next;
	__u32 n = BATCH;
	int err = bpf_map_lookup_batch(l->probes.flows_fd, from, &next, l->batch->keys,
				       l->batch->recs, &n, NULL);

	if (err && err != -ENOENT)
		return err;
	for (__u32 i = 0; i < n; i++)
		take_record(l, &l->batch->keys[i], &l->batch->recs[i]);
	l->tracked += n;
	l->position = next;
	l->stage = err ? STAGE_OWNERS : STAGE_NEXT_BATCH;
	if (err)
		owners_search(l->owners, l->began_ns);
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
}

static int end(struct live *l, struct snapshot *snap)
{
	int err = counters_totals(&l->counters, &snap->totals);

	if (l->inserts > l->tracked + l->evicted)
		l->evicted = l->inserts - l->tracked;
	l->last_read_ns = l->began_ns;
	snap->now_ns = l->began_ns;
	snap->tracked = l->tracked;
	snap->evicted = l->evicted;
	snap->realtime_offset_ns = (int64_t)(clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC));
	snap->coverage = read_coverage(l);
	snap->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - l->start_cpu_ns;
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
		err = read_batch(l);
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
		size_t capacity = l->event_capacity ? 2 * l->event_capacity : 256;

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

/* Owners not known yet are looked for before the events are handed over. */
static int live_drain(struct source *s, event_fn *fn, void *arg)
{
	struct live *l = (struct live *)s;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	int err;

	l->nevents = 0;
	err = ring_buffer__consume(l->ring);
	if (err < 0 && err != -EAGAIN)
		return err;
	owners_search(l->owners, now);
	for (size_t i = 0; i < l->nevents; i++) {
		struct event_sample *e = &l->events[i];

		find_event_process(l, e);
		find_event_place(l, e, now);
		fn(arg, e);
	}
	return (int)l->nevents;
}

static int live_look(struct source *s, const struct flow_key *key, struct socket_look *look)
{
	struct live *l = (struct live *)s;
	int fd = netns_socket(l->books, key->netns, NETLINK_SOCK_DIAG), err;

	if (fd < 0)
		return fd;
	err = sockdiag_look(fd, key, look);
	close(fd);
	return err;
}

static int live_command(struct source *s, int32_t pid, struct command *c)
{
	(void)s;
	return command_read(pid, c);
}

static void live_close(struct source *s)
{
	struct live *l = (struct live *)s;

	ring_buffer__free(l->ring);
	counters_close(&l->counters);
	probes_close(&l->probes);
	places_close(l->places);
	netns_close(l->books);
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
	info->start_ns = clock_ns(CLOCK_MONOTONIC);
	l->start_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	info->max_flows = l->probes.max_flows;
	info->tlp_way = l->probes.tlp_way;
	info->undos_known = l->probes.has_undo;
	info->probes = l->probes.attached;
	info->probes_wanted = l->probes.wanted;
}

static int alloc_buffers(struct live *l)
{
	l->ring = ring_buffer__new(l->probes.events_fd, take_event, l, NULL);
	l->batch = malloc(sizeof(*l->batch));
	l->part = malloc(BATCH * sizeof(*l->part));
	l->books = netns_open();
	l->places = l->books ? places_open(l->books) : NULL;
	l->owners = owners_new();
	l->unowned = malloc(MAX_UNOWNED * sizeof(*l->unowned));
	if (!l->ring || !l->batch || !l->part || !l->places || !l->owners || !l->unowned)
		return -ENOMEM;
	return counters_open(&l->counters, &l->probes);
}

struct source *live_open(const struct live_options *o, struct failure *why)
{
	static const struct source_ops ops = {
		.tick = live_tick,
		.drain = live_drain,
		.close = live_close,
		.look = live_look,
		.command = live_command,
	};
	struct live *l = calloc(1, sizeof(*l));

	if (!l) {
		fail(why, EXIT_RUNTIME, "out of memory");
		return NULL;
	}
	l->source.ops = &ops;
	if (probes_open(&l->probes, o, why)) {
		free(l);
		return NULL;
	}
	if (alloc_buffers(l)) {
		fail(why, EXIT_RUNTIME, "out of memory; choose a smaller --max-flows");
		live_close(&l->source);
		return NULL;
	}
	if (o->hooks)
		o->hooks->err[HOOK_OWNERS] = owners_try();
	trim_memory();
	/* The books of the namespaces begin at once, not at the first tick. */
	read_coverage(l);
	fill_info(l);
	return &l->source;
}
