// SPDX-License-Identifier: GPL-2.0-only
#include "tests/screen/fake_source.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/screen/fake_script.h"

enum { SECOND = 1000000000, MOST_EVENTS = 20000, MOST_PER_FLOW = 4, PART = 3 };

static const uint64_t start_ns = 5000ULL * SECOND;
static const int64_t epoch_ns = 1767225600LL * SECOND; /* 2026-01-01 00:00:00 UTC */

struct fake {
	struct source source; /* first: the ops get its address */
	struct script *scripts;
	struct flow_sample *flows, *changed;
	size_t nflows;
	size_t nchanged, given; /* in this look, and of them those handed over already */
	int gate;               /* looks come in parts, each after a byte from there; or -1 */
	bool swap;              /* each look another flow is the worst */
	uint64_t look;
	struct snapshot totals;
	struct event_sample *events;
	size_t nevents;
};

static void set_address(struct flow_key *k, const char *text, uint8_t addr[16])
{
	k->family = strchr(text, ':') ? 6 : 4;
	inet_pton(k->family == 4 ? AF_INET : AF_INET6, text, addr);
}

static void start_flow(struct fake *f, size_t i)
{
	const struct script *s = &f->scripts[i];
	struct flow_sample *flow = &f->flows[i];

	flow->key.netns = 4026531840U;
	flow->key.lport = s->lport;
	flow->key.rport = s->rport;
	set_address(&flow->key, s->odd->local, flow->key.laddr);
	set_address(&flow->key, s->remote, flow->key.raddr);
	flow->rec.first_ns = start_ns + 1;
	flow->rec.flags = s->state == 1 || s->state == 8 ? FLOW_SAMPLED : 0;
	flow->rec.sock.state = s->state;
	flow->rec.sock.srtt_us = s->rtt_us;
	flow->rec.sock.rto_us = s->rtt_us + 200000;
	flow->rec.sock.cwnd = s->cwnd;
	flow->rec.sock.mss = 1448;
	flow->rec.sock.snd_wnd = 64240;
	memcpy(flow->rec.sock.cong, "cubic", sizeof("cubic"));
	flow->owner.pid = s->pid;
	memcpy(flow->owner.comm, s->comm, strnlen(s->comm, sizeof(flow->owner.comm)));
}

static void add_event(struct fake *f, size_t i, uint64_t when, uint32_t segs)
{
	const struct script *s = &f->scripts[i];
	struct event_sample *e;

	if (f->nevents == MOST_EVENTS)
		return;
	e = &f->events[f->nevents++];
	memset(e, 0, sizeof(*e));
	e->event.time_ns = when;
	e->event.key = f->flows[i].key;
	e->event.seq = 3112041 + (uint32_t)f->look * 1448;
	e->event.segs = segs;
	e->event.kind = s->cause == CAUSE_TLP ? 'L' : s->cause == CAUSE_SYNACK ? 'S' : 'R';
	e->event.cause = s->cause;
	e->event.state = s->state;
	e->event.sent = s->cause != CAUSE_TLP ? SENT_UNKNOWN
			: f->look % 3         ? SENT_RETRANSMIT
					      : SENT_NEW;
	e->event.err = s->cause == CAUSE_FAILED ? -105 : 0;
	e->owner = f->flows[i].owner;
}

static bool has_closed(const struct fake *f, size_t i)
{
	return f->scripts[i].odd->until && f->look > f->scripts[i].odd->until;
}

/* True at the look at which that is news. */
static bool close_flow(struct fake *f, size_t i)
{
	struct flow_rec *r = &f->flows[i].rec;

	if (f->look != f->scripts[i].odd->until + 1)
		return false;
	r->flags |= FLOW_CLOSED;
	r->sock.state = STATE_CLOSE;
	r->change_ns = start_ns + f->look * SECOND;
	return true;
}

/* The counts of one look: true if there are any. */
static bool play(struct fake *f, size_t i)
{
	const struct script *s = &f->scripts[i];
	struct flow_rec *r = &f->flows[i].rec;
	uint64_t now = start_ns + f->look * SECOND;
	uint32_t segs = s->burst;

	if (has_closed(f, i))
		return close_flow(f, i);
	if (f->swap)
		segs = 10 + 1000 * (f->look % f->nflows == i);
	else if (f->look % s->period)
		return false;
	r->counts.segs[s->cause] += segs;
	r->counts.bytes += segs * 1448ULL;
	r->counts.spurious = (r->counts.segs[s->cause] * s->odd->spurious + 99) / 100;
	r->counts.dsacks = r->counts.spurious;
	r->last_err = s->cause == CAUSE_FAILED ? -105 : 0;
	r->sample_ns = now - SECOND / 2;
	if (s->cause == CAUSE_TLP) {
		r->counts.tlp_attempts += segs + 1;
		r->counts.tlp_sent += segs + 1;
		r->counts.tlp_bytes += segs * 1448ULL;
	}
	if (s->cause == CAUSE_RTO || s->cause == CAUSE_SYN)
		r->counts.rto_wait_us += segs * 220000ULL;
	r->sock.total_retrans += segs;
	r->sock.data_segs_out += segs + s->sent;
	r->last_cause = r->last_cause_tlp = s->cause;
	r->last_ns = now - SECOND / 2;
	r->change_ns = now;
	for (uint32_t n = 0; n < MOST_PER_FLOW && n < segs; n++)
		add_event(f, i, now - SECOND / (n + 2), 1 + (s->cause == CAUSE_FAST));
	return true;
}

static void sum_up(struct fake *f)
{
	struct counts *sum = &f->totals.totals.counts;
	uint64_t segs = 0;

	memset(sum, 0, sizeof(*sum));
	for (size_t i = 0; i < f->nflows; i++) {
		const __u64 *from = (const __u64 *)&f->flows[i].rec.counts;

		for (size_t n = 0; n < sizeof(*sum) / sizeof(*from); n++)
			((__u64 *)sum)[n] += from[n];
	}
	for (int cause = 0; cause < CAUSES; cause++)
		segs += cause == CAUSE_FAILED ? 0 : sum->segs[cause];
	f->totals.coverage = (struct coverage){segs, segs, 1, 0};
}

static int by_time(const void *a, const void *b)
{
	const struct event_sample *ea = a, *eb = b;

	return (ea->event.time_ns > eb->event.time_ns) - (ea->event.time_ns < eb->event.time_ns);
}

static void begin_look(struct fake *f)
{
	f->look++;
	f->nchanged = f->given = 0;
	for (size_t i = 0; i < f->nflows; i++) {
		if (play(f, i))
			f->changed[f->nchanged++] = f->flows[i];
	}
	qsort(f->events, f->nevents, sizeof(f->events[0]), by_time);
	sum_up(f);
	f->totals.now_ns = start_ns + f->look * SECOND;
	f->totals.realtime_offset_ns = epoch_ns - (int64_t)start_ns;
	f->totals.tracked = f->nflows;
	f->totals.cpu_ns = f->look * SECOND / 500;
}

/* The first look comes at once, the first part of each as well. */
static size_t size_of_part(struct fake *f)
{
	size_t left = f->nchanged - f->given;
	char byte;

	if (f->gate < 0 || f->look == 1)
		return left;
	if (f->given && read(f->gate, &byte, 1) != 1)
		return left;
	return left < PART ? left : PART;
}

static int fake_tick(struct source *source, struct snapshot *snap)
{
	struct fake *f = (struct fake *)source;
	size_t n;

	if (f->given == f->nchanged)
		begin_look(f);
	n = size_of_part(f);
	*snap = f->totals;
	snap->flows = f->changed + f->given;
	snap->nflows = n;
	f->given += n;
	snap->more = f->given < f->nchanged;
	return 0;
}

static int fake_drain(struct source *source, event_fn *fn, void *arg)
{
	struct fake *f = (struct fake *)source;
	int n = (int)f->nevents;

	for (int i = 0; i < n; i++)
		fn(arg, &f->events[i]);
	f->nevents = 0;
	return n;
}

/* A socket that the script closed is gone; a request has no more than its state. */
static int fake_look(struct source *source, const struct flow_key *key, struct socket_look *look)
{
	const struct fake *f = (const struct fake *)source;
	const struct script *s;
	size_t i = 0;

	while (i < f->nflows && memcmp(&f->flows[i].key, key, sizeof(*key)) != 0)
		i++;
	if (i == f->nflows || has_closed(f, i))
		return -ENOENT;
	s = &f->scripts[i];
	*look = (struct socket_look){
		.state = s->state,
		.has_info = s->state != STATE_SYN_RECV,
		.retransmits = s->odd->timeouts,
		.backoff = s->odd->timeouts,
		.rto_us = s->rtt_us + 200000,
		.rtt_us = s->rtt_us,
		.rttvar_us = s->rtt_us / 4,
		.min_rtt_us = s->rtt_us / 2,
		.mss = 1448,
		.cwnd = s->cwnd,
		.ssthresh = 7,
		.reordering = 3,
		.unacked = 4,
		.last_ack_ms = s->odd->timeouts ? 12000 : 38,
		.last_sent_ms = 15,
		.snd_wnd = 64240,
		.queued = 5792,
		.delivery_rate = 1250000,
		.cong = "cubic",
	};
	return 0;
}

/* Full command lines: plain, long, with another's escape sequences, of a kernel thread. */
static int fake_command(struct source *source, int32_t pid, struct command *c)
{
	const struct fake *f = (const struct fake *)source;

	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < f->nflows; i++)
		if (f->flows[i].owner.pid == pid)
			memcpy(c->comm, f->flows[i].owner.comm, sizeof(c->comm));
	if (pid == 666)
		return -ESRCH;
	if (pid == 77)
		memcpy(c->comm, "vim", sizeof("vim"));
	if (pid == 31337)
		snprintf(c->line, sizeof(c->line), "\033[2Jevil \x9b --name=日本");
	else if (pid == 1999)
		for (int i = 0; i < 60; i++)
			snprintf(c->line + strlen(c->line), sizeof(c->line) - strlen(c->line),
				 "-Doption%d=value ", i);
	else if (pid != 611)
		snprintf(c->line, sizeof(c->line), "/usr/sbin/%s -c /etc/%s.conf", c->comm,
			 c->comm);
	return 0;
}

static void fake_close(struct source *source)
{
	struct fake *f = (struct fake *)source;

	free(f->scripts);
	free(f->flows);
	free(f->changed);
	free(f->events);
	free(f);
}

struct source *fake_source_open(const char *scene_name, size_t nflows, int gate)
{
	static const struct source_ops ops = {
		.tick = fake_tick,
		.drain = fake_drain,
		.close = fake_close,
		.look = fake_look,
		.command = fake_command,
	};
	static const struct source_info info = {
		.host = "web-17",
		.release = "6.12.0",
		.start_ns = 5000ULL * SECOND,
		.max_flows = 65536,
		.tlp_way = TLP_FENTRY,
		.probes = 4,
		.probes_wanted = 4,
	};
	const struct scene *scene = scene_find(scene_name);
	struct fake *f = scene ? calloc(1, sizeof(*f)) : NULL;

	if (!f)
		return NULL;
	f->source.ops = &ops;
	f->source.info = info;
	f->swap = scene->swap;
	f->gate = gate;
	f->nflows = nflows ? nflows : scene->nscripts;
	f->scripts = calloc(f->nflows + 1, sizeof(*f->scripts));
	f->flows = calloc(f->nflows + 1, sizeof(*f->flows));
	f->changed = calloc(f->nflows + 1, sizeof(*f->changed));
	f->events = calloc(MOST_EVENTS, sizeof(*f->events));
	if (!f->scripts || !f->flows || !f->changed || !f->events) {
		fake_close(&f->source);
		return NULL;
	}
	for (size_t i = 0; i < f->nflows; i++) {
		f->scripts[i] = scene_script(scene, i);
		start_flow(f, i);
	}
	return &f->source;
}
