// SPDX-License-Identifier: GPL-2.0-only
/*
 * The viewer on a source that plays a script: what it shows depends on the number of looks taken,
 * and on nothing else. For the screen tests, and for looking at the screen without root.
 *
 *	fake_viewer [-d delay] [-n iterations] [-o column] [-g group] [-l] [--flows N] [--scene NAME] [-w FILE]
 *	            [--ascii] [--no-color] [--no-mouse] [--pid-file FILE]
 *	fake_viewer --settings …	the user's settings, before the options that follow
 *	fake_viewer --keys	the key table, one binding a line
 *	fake_viewer --columns	the titles of all fields, one a line
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/field.h"
#include "src/format.h"
#include "src/record.h"
#include "src/settings.h"
#include "ui/keys.h"
#include "ui/viewer.h"

enum { SECOND = 1000000000, MOST_EVENTS = 20000, MOST_PER_FLOW = 4 };

static const uint64_t start_ns = 5000ULL * SECOND;
static const int64_t epoch_ns = 1767225600LL * SECOND; /* 2026-01-01 00:00:00 UTC */

/* A flow: its endpoints, its owner, and `burst` segments by `cause` each `period` looks. */
struct script {
	const char *local, *remote;
	uint16_t lport, rport;
	const char *comm;
	int32_t pid;
	uint8_t cause, state;
	uint32_t burst, period, until; /* until: look after which it closes; 0 is never */
	uint32_t rtt_us, cwnd, sent;   /* sent: data segments a look */
	uint32_t spurious;             /* percent of them */
	uint8_t timeouts;              /* in a row, as a look says */
};

/* clang-format off */
static const struct script mixed[] = {
	{"10.0.0.17", "198.51.100.20", 443, 51442, "nginx", 812, CAUSE_FAST, 1, 212, 1, 0, 38000, 4, 6800, 0, 0},
	{"10.0.0.17", "198.51.100.77", 443, 40022, "nginx", 812, CAUSE_RACK, 1, 12, 1, 0, 12000, 22, 900, 0, 0},
	{"10.0.0.17", "203.0.113.9", 22, 60112, "sshd", 4402, CAUSE_RTO, 1, 1, 3, 0, 180000, 1, 2, 0, 4},
	{"10.0.0.17", "192.0.2.55", 38812, 5432, "postgres-client", 23901, CAUSE_SYN, 2, 1, 4, 0, 0, 10, 0, 0, 0},
	{"10.0.0.17", "203.0.113.200", 443, 1029, "nginx", 812, CAUSE_SYNACK, 3, 8, 1, 0, 0, 0, 0, 0, 0},
	{"10.0.0.17", "198.51.100.31", 443, 33441, "nginx", 812, CAUSE_TLP, 1, 3, 1, 0, 21000, 10, 60, 0, 0},
	{"2001:db8:17::443", "2001:db8:ffff:1234:5678:9abc:def0:1234", 443, 51000, "haproxy", 77, CAUSE_FAST, 1, 40, 1, 0, 95000, 9, 5000, 0, 0},
	{"2001:db8::1", "2001:db8::2", 179, 40001, "bird", 611, CAUSE_RTO, 1, 2, 1, 0, 250, 2, 50, 88, 0},
	{"10.0.0.17", "198.51.100.99", 8080, 50999, "java", 1999, CAUSE_FAST, 1, 90, 10, 0, 3100, 30, 400, 0, 0},
	{"10.0.0.17", "10.9.8.7", 2049, 811, "", 0, CAUSE_PROBE, 1, 1, 6, 0, 400, 10, 1, 0, 0},
	{"10.0.0.17", "192.0.2.80", 443, 62000, "nginx", 812, CAUSE_FAST, 1, 5, 1, 4, 52000, 7, 300, 0, 0},
	{"10.0.0.17", "192.0.2.81", 50412, 443, "日本語プロセス", 31337, CAUSE_RTO, 8, 1, 2, 0, 640000, 1, 12, 0, 0},
	{"10.0.0.17", "192.0.2.82", 50414, 443, "ev\033[31mil\x9b", 666, CAUSE_FAILED, 1, 1, 5, 0, 8000, 12, 40, 0, 0},
};
/* clang-format on */

static const struct script probes_only[] = {
	{"10.0.0.17", "198.51.100.31", 443, 33441, "nginx", 812, CAUSE_TLP, 1, 3, 1, 0, 21000, 10,
	 60, 0, 0},
};

struct fake {
	struct source source;
	struct script *scripts;
	struct flow_sample *flows, *changed;
	size_t nflows;
	bool swap; /* each look another flow is the worst */
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
	set_address(&flow->key, s->local, flow->key.laddr);
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

/* The counts of one look. */
static bool play(struct fake *f, size_t i)
{
	const struct script *s = &f->scripts[i];
	struct flow_rec *r = &f->flows[i].rec;
	uint64_t now = start_ns + f->look * SECOND;
	uint32_t segs = s->burst;

	if (s->until && f->look > s->until) {
		if (f->look == s->until + 1) {
			r->flags |= FLOW_CLOSED;
			r->sock.state = STATE_CLOSE;
			r->change_ns = now;
			return true;
		}
		return false;
	}
	if (f->swap)
		segs = 10 + 1000 * (f->look % f->nflows == i);
	else if (f->look % s->period)
		return false;
	r->counts.segs[s->cause] += segs;
	r->counts.bytes += segs * 1448ULL;
	r->counts.spurious = (r->counts.segs[s->cause] * s->spurious + 99) / 100;
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

static int fake_tick(struct source *source, struct snapshot *snap)
{
	struct fake *f = (struct fake *)source;
	size_t n = 0;

	f->look++;
	for (size_t i = 0; i < f->nflows; i++) {
		if (play(f, i))
			f->changed[n++] = f->flows[i];
	}
	qsort(f->events, f->nevents, sizeof(f->events[0]), by_time);
	sum_up(f);
	f->totals.now_ns = start_ns + f->look * SECOND;
	f->totals.realtime_offset_ns = epoch_ns - (int64_t)start_ns;
	f->totals.flows = f->changed;
	f->totals.nflows = n;
	f->totals.tracked = f->nflows;
	f->totals.cpu_ns = f->look * SECOND / 500;
	*snap = f->totals;
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
	size_t i = 0;

	while (i < f->nflows && memcmp(&f->flows[i].key, key, sizeof(*key)) != 0)
		i++;
	if (i == f->nflows || (f->scripts[i].until && f->look > f->scripts[i].until))
		return -ENOENT;
	*look = (struct socket_look){
		.state = f->scripts[i].state,
		.has_info = f->scripts[i].state != STATE_SYN_RECV,
		.retransmits = f->scripts[i].timeouts,
		.backoff = f->scripts[i].timeouts,
		.rto_us = f->scripts[i].rtt_us + 200000,
		.rtt_us = f->scripts[i].rtt_us,
		.rttvar_us = f->scripts[i].rtt_us / 4,
		.min_rtt_us = f->scripts[i].rtt_us / 2,
		.mss = 1448,
		.cwnd = f->scripts[i].cwnd,
		.ssthresh = 7,
		.reordering = 3,
		.unacked = 4,
		.last_ack_ms = f->scripts[i].timeouts ? 12000 : 38,
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

/* Flow n of a crowd: addresses and causes from its number. */
static struct script crowd_member(size_t n)
{
	static const uint8_t causes[] = {CAUSE_FAST, CAUSE_RTO, CAUSE_RACK, CAUSE_FAST, CAUSE_TLP};
	struct script s = mixed[n % 3];

	s.rport = (uint16_t)(1024 + n);
	s.cause = causes[n % sizeof(causes)];
	s.burst = 1 + (uint32_t)(n * 7919 % 100);
	s.period = 1 + (uint32_t)(n % 7);
	s.pid = 1000 + (int32_t)(n % 50);
	return s;
}

static struct source *fake_open(const char *scene, size_t nflows)
{
	static const struct source_ops ops = {
		.tick = fake_tick,
		.drain = fake_drain,
		.close = fake_close,
		.look = fake_look,
		.command = fake_command,
	};
	const struct script *from = mixed;
	size_t scripted = sizeof(mixed) / sizeof(mixed[0]);
	struct fake *f = calloc(1, sizeof(*f));

	if (strcmp(scene, "probes") == 0) {
		from = probes_only;
		scripted = 1;
	} else if (strcmp(scene, "empty") == 0) {
		scripted = 0;
	}
	f->swap = strcmp(scene, "swap") == 0;
	f->nflows = nflows ? nflows : scripted;
	f->scripts = calloc(f->nflows + 1, sizeof(*f->scripts));
	f->flows = calloc(f->nflows + 1, sizeof(*f->flows));
	f->changed = calloc(f->nflows + 1, sizeof(*f->changed));
	f->events = calloc(MOST_EVENTS, sizeof(*f->events));
	for (size_t i = 0; i < f->nflows; i++) {
		f->scripts[i] = i < scripted ? from[i] : crowd_member(i);
		start_flow(f, i);
	}
	f->source.ops = &ops;
	f->source.info = (struct source_info){
		.host = "web-17",
		.release = "6.12.0",
		.start_ns = start_ns,
		.max_flows = 65536,
		.tlp_way = TLP_FENTRY,
		.probes = 4,
		.probes_wanted = 4,
	};
	return &f->source;
}

static int print_keys(void)
{
	for (const struct binding *b = bindings; b->action; b++) {
		char names[64];

		key_labels(b, names, sizeof(names));
		printf("%s\t%s\n", names, b->help);
	}
	return 0;
}

static int print_columns(void)
{
	for (int id = 0; id < FIELDS; id++)
		printf("%s\n", fields[id].title);
	return 0;
}

static void write_pid(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f) {
		fprintf(f, "%d\n", getpid());
		fclose(f);
	}
}

/* Names for some addresses: plain, long, with another's escape sequences. They come at the second
 * look after the question. */
struct fake_resolver {
	struct resolver resolver;
	uint8_t addr[NAMES_ASKED][16], family[NAMES_ASKED];
	unsigned int n, works;
};

static int fake_ask(struct resolver *r, uint8_t family, const uint8_t addr[16])
{
	struct fake_resolver *f = (struct fake_resolver *)r;

	memcpy(f->addr[f->n], addr, 16);
	f->family[f->n++] = family;
	f->works = 0;
	return 0;
}

static const char *fake_name(uint8_t family, const uint8_t *addr)
{
	if (family == 6)
		return "a-host-with-a-name-so-long-that-no-column-holds-it.somewhere.example";
	if (addr[0] == 10)
		return "web-17.example";
	if (addr[0] == 203)
		return "e\033[31mvil.example";
	return addr[3] == 20 ? "client-20.example" : NULL;
}

static void fake_work(struct resolver *r, answer_fn *answer, void *arg)
{
	struct fake_resolver *f = (struct fake_resolver *)r;

	if (f->works++ == 0)
		return;
	while (f->n > 0) {
		f->n--;
		answer(arg, f->family[f->n], f->addr[f->n],
		       fake_name(f->family[f->n], f->addr[f->n]));
	}
}

static void fake_resolver_close(struct resolver *r)
{
	free(r);
}

static struct resolver *fake_resolver_open(int *err)
{
	static const struct resolver_ops ops = {fake_ask, fake_work, fake_resolver_close};
	struct fake_resolver *f = calloc(1, sizeof(*f));

	*err = -ENOMEM;
	if (!f)
		return NULL;
	f->resolver.ops = &ops;
	return &f->resolver;
}

static void warn(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "fake_viewer: %s\n", text);
}

static void load_settings(struct viewer_options *o)
{
	struct options from;

	options_init(&from);
	settings_load(&from, warn, NULL);
	o->view = from.view;
	o->delay = from.delay;
	o->event_pane = from.event_pane;
	o->theme = from.theme;
	o->resolve = from.resolve;
	o->ascii = from.ascii;
	o->no_color = from.no_color;
	o->color = from.color;
	o->mouse = from.mouse;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{"flows", required_argument, NULL, 'F'},
		{"scene", required_argument, NULL, 'S'},
		{"ascii", no_argument, NULL, 'A'},
		{"no-color", no_argument, NULL, 'C'},
		{"no-mouse", no_argument, NULL, 'M'},
		{"pid-file", required_argument, NULL, 'P'},
		{"keys", no_argument, NULL, 'K'},
		{"settings", no_argument, NULL, 'W'},
		{"columns", no_argument, NULL, 'L'},
		{"record", required_argument, NULL, 'w'},
		{NULL, 0, NULL, 0},
	};
	struct viewer_options o = {.delay = 1,
				   .iterations = -1,
				   .color = true,
				   .mouse = true,
				   .event_pane = true,
				   .open_resolver = fake_resolver_open};
	struct failure why = {0};
	struct source *source;
	const char *scene = "mixed", *record = NULL;
	size_t nflows = 0;
	int c, status;

	view_init(&o.view);
	while ((c = getopt_long(argc, argv, "d:n:o:g:lw:", longs, NULL)) != -1) {
		switch (c) {
		case 'd':
			o.delay = atof(optarg);
			break;
		case 'n':
			o.iterations = atol(optarg);
			break;
		case 'o':
			o.view.sort = field_find(optarg);
			break;
		case 'g':
			o.view.group = group_find(optarg);
			break;
		case 'w':
			record = optarg;
			break;
		case 'l':
			o.view.tlp = true;
			break;
		case 'F':
			nflows = (size_t)atol(optarg);
			break;
		case 'S':
			scene = optarg;
			break;
		case 'A':
			o.ascii = true;
			break;
		case 'C':
			o.color = false;
			break;
		case 'M':
			o.mouse = false;
			break;
		case 'P':
			write_pid(optarg);
			break;
		case 'W':
			load_settings(&o);
			break;
		case 'K':
			return print_keys();
		case 'L':
			return print_columns();
		default:
			return EXIT_USAGE;
		}
	}
	source = fake_open(scene, nflows);
	if (record)
		source = record_open(source, record, &why);
	if (!source)
		return EXIT_RUNTIME;
	status = viewer_run(source, &o, &why);
	if (record)
		record_finish(source);
	if (source_trouble(source) && !status) {
		why = *source_trouble(source);
		status = (int)why.status;
	}
	source_close(source);
	if (why.status)
		fprintf(stderr, "fake_viewer: %s\n", why.text);
	return status;
}
