/* SPDX-License-Identifier: GPL-2.0-only */
/* A pretended source to be recorded: some flows, owners and events, everything from its number. */
#ifndef TCPRETOP_TESTS_UNIT_RECORDED_H
#define TCPRETOP_TESTS_UNIT_RECORDED_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/record.h"
#include "src/replay.h"
#include "tests/unit/flows.h"

enum { MOST_SAMPLES = 4096 };

struct pretended {
	struct source source; /* first: the ops get its address */
	size_t nflows;        /* of each tick, in parts of at most 256 */
	uint64_t interval_ns; /* between two ticks */
	unsigned int tick;
	size_t handed; /* of the snapshot under way */
	unsigned int events_left;
	struct flow_sample part[256];
};

/* Every byte of a field is something else. */
static inline void fill(void *to, size_t len, unsigned int seed)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)to)[i] = (uint8_t)(seed * 31 + i * 7 + 1);
}

static inline void fill_counts(struct counts *c, unsigned int seed)
{
	__u64 *n = (__u64 *)c;

	fill(c, sizeof(*c), seed);
	for (size_t i = 0; i < sizeof(*c) / sizeof(*n); i++)
		n[i] %= COUNTS_MOST;
}

static inline struct owner pretended_owner(unsigned int n)
{
	static const char *const cgroups[] = {"/", "/system.slice/nginx.service", "/x\033[2J", ""};
	struct owner o = {0};

	if (n % 4 == 3)
		return o;
	o.pid = (int32_t)(1000 + n);
	o.others = (uint16_t)(n % 3);
	memcpy(o.comm, "nginx", 5);
	o.cgroup = cgroups[n % 3];
	o.unit = n % 2 ? "nginx.service" : NULL;
	o.netns = "host";
	o.user = cgroups[3];
	return o;
}

static inline struct flow_sample pretended_flow(unsigned int n, unsigned int tick, uint64_t now)
{
	struct flow_sample s = {.key = numbered_key(n)};
	struct flow_rec *r = &s.rec;

	r->first_ns = START + n;
	r->last_ns = r->change_ns = r->sample_ns = now - n;
	fill_counts(&r->counts, n + tick);
	fill(&r->sock, offsetof(struct sock_sample, pad), n);
	memcpy(r->sock.cong, "cubic", 5);
	r->last_err = n % 2 ? -12 : 1;
	r->last_cause = (uint8_t)(n % CAUSES);
	r->last_cause_tlp = CAUSE_TLP;
	r->flags = FLOW_SAMPLED;
	s.owner = pretended_owner(n);
	return s;
}

static inline struct event_sample pretended_event(unsigned int n, uint64_t now)
{
	struct event_sample e = {.event = {.time_ns = now + n, .key = numbered_key(n)}};

	e.event.inode = n;
	e.event.cgroup = ~0ULL;
	e.event.uid = ~0u;
	e.event.seq = 0x80000000u + n;
	e.event.segs = n % 45;
	e.event.err = -(int32_t)(n % 100);
	e.event.kind = "RLS"[n % 3];
	e.event.cause = (uint8_t)(n % CAUSES);
	e.event.state = STATE_ESTABLISHED;
	e.event.sent = (uint8_t)(n % 4);
	e.owner = pretended_owner(n);
	return e;
}

static inline int pretended_tick(struct source *s, struct snapshot *snap)
{
	struct pretended *p = (struct pretended *)s;
	uint64_t now;
	size_t n = 0;

	if (!p->handed)
		p->tick++;
	now = START + p->tick * p->interval_ns;
	for (; n < 256 && p->handed < p->nflows; n++)
		p->part[n] = pretended_flow((unsigned int)p->handed++, p->tick, now);
	memset(snap, 0, sizeof(*snap));
	snap->flows = p->part;
	snap->nflows = n;
	snap->more = p->handed < p->nflows;
	if (snap->more)
		return 0;
	p->handed = 0;
	p->events_left = p->tick % 4;
	snap->now_ns = now;
	snap->realtime_offset_ns = -(int64_t)p->tick;
	fill_counts(&snap->totals.counts, p->tick);
	snap->totals.inserts = p->nflows;
	snap->totals.insert_failed = p->tick + 1;
	snap->totals.events_lost = p->nflows > 100 ? p->tick + 2 : 0;
	snap->totals.events_left_out = p->tick + 3;
	snap->totals.netns_failed = p->tick + 4;
	snap->tracked = p->nflows;
	snap->evicted = p->tick;
	snap->cpu_ns = p->tick * 1000;
	snap->coverage = (struct coverage){p->tick * 5, p->tick * 6, 3, 1};
	return 0;
}

static inline int pretended_drain(struct source *s, event_fn *fn, void *arg)
{
	struct pretended *p = (struct pretended *)s;
	int n = (int)p->events_left;

	for (; p->events_left; p->events_left--) {
		struct event_sample e = pretended_event(p->tick * 10 + p->events_left,
							START + p->tick * p->interval_ns);

		fn(arg, &e);
	}
	return n;
}

static inline void pretended_close(struct source *s)
{
	free(s);
}

static inline struct source *pretended_open(size_t nflows)
{
	static const struct source_ops ops = {.tick = pretended_tick,
					      .drain = pretended_drain,
					      .close = pretended_close};
	struct pretended *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->source.ops = &ops;
	p->source.info = (struct source_info){.host = "web-17",
					      .release = "6.12.0",
					      .start_ns = START,
					      .max_flows = 65536,
					      .tlp_way = TLP_KPROBE,
					      .undos_known = true,
					      .probes = 3,
					      .probes_wanted = 4};
	p->nflows = nflows;
	p->interval_ns = SECOND;
	return &p->source;
}

/* What a source handed over, told as numbers. */
struct told {
	unsigned int ticks, events;
	size_t nflows;
	uint64_t sum; /* of all bytes of all samples, in their order */
};

static inline void tell(struct told *t, const void *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		__builtin_mul_overflow(t->sum ^ ((const uint8_t *)from)[i], 0x100000001b3ULL,
				       &t->sum);
}

static inline void tell_text(struct told *t, const char *text)
{
	tell(t, text ? text : "\1", text ? strlen(text) + 1 : 1);
}

static inline void tell_owner(struct told *t, const struct owner *o)
{
	tell(t, &o->pid, sizeof(o->pid));
	tell(t, o->comm, sizeof(o->comm));
	tell(t, &o->others, sizeof(o->others));
	tell_text(t, o->cgroup);
	tell_text(t, o->unit);
	tell_text(t, o->netns);
	tell_text(t, o->user);
}

static inline void tell_event(void *arg, const struct event_sample *e)
{
	struct told *t = arg;

	t->events++;
	tell(t, &e->event, sizeof(e->event));
	tell_owner(t, &e->owner);
}

static inline int tell_tick(struct told *t, struct source *s)
{
	struct snapshot snap;
	int err;

	do {
		err = source_tick(s, &snap);
		if (err)
			return err;
		t->nflows += snap.nflows;
		for (size_t i = 0; i < snap.nflows; i++) {
			tell(t, &snap.flows[i].key, sizeof(snap.flows[i].key));
			tell(t, &snap.flows[i].rec, sizeof(snap.flows[i].rec));
			tell_owner(t, &snap.flows[i].owner);
		}
	} while (snap.more);
	t->ticks++;
	tell(t, &snap.now_ns, sizeof(snap.now_ns));
	tell(t, &snap.realtime_offset_ns, sizeof(snap.realtime_offset_ns));
	tell(t, &snap.totals, sizeof(snap.totals));
	tell(t, &snap.tracked, sizeof(snap.tracked));
	tell(t, &snap.evicted, sizeof(snap.evicted));
	tell(t, &snap.cpu_ns, sizeof(snap.cpu_ns));
	tell(t, &snap.coverage, sizeof(snap.coverage));
	return 0;
}

/* Drains and ticks so often, or, of a recording, to its end. */
static inline struct told tell_all(struct source *s, unsigned int ticks)
{
	struct told t = {0};
	struct due due = {.state = DUE_TICK, .fd = -1};

	for (unsigned int i = 0; i < ticks; i++) {
		bool recorded = source_due(s, &due);

		source_drain(s, tell_event, &t);
		if ((recorded && due.state != DUE_TICK) || tell_tick(&t, s))
			break;
	}
	return t;
}

/* A file that has no name, with these bytes, read from its beginning. */
static inline int file_of(const void *data, size_t len)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET))
		abort();
	return fd;
}

#endif
