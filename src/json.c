// SPDX-License-Identifier: GPL-2.0-only
#include "src/json.h"

#include <inttypes.h>

#include "src/counts.h"
#include "src/format.h"
#include "src/group.h"
#include "src/sanitise.h"

void json_string(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fputc('\\', f);
		if (c < 0x20 || c == 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

/* The writers below put a comma first: each object begins with its type. */
static void put_string(FILE *f, const char *name, const char *text)
{
	fprintf(f, ",\"%s\":", name);
	json_string(f, text);
}

static void put_number(FILE *f, const char *name, uint64_t n)
{
	fprintf(f, ",\"%s\":%" PRIu64, name, n);
}

static void put_null(FILE *f, const char *name)
{
	fprintf(f, ",\"%s\":null", name);
}

static void put_value_if(FILE *f, bool known, uint64_t n)
{
	if (known)
		fprintf(f, "%" PRIu64, n);
	else
		fputs("null", f);
}

static void put_number_if(FILE *f, bool known, const char *name, uint64_t n)
{
	fprintf(f, ",\"%s\":", name);
	put_value_if(f, known, n);
}

static void put_time(FILE *f, const char *name, double seconds)
{
	fprintf(f, ",\"%s\":%.6f", name, seconds);
}

static void put_key(FILE *f, const struct flow_key *k)
{
	char addr[ADDR_TEXT];

	put_number(f, "netns", k->netns);
	put_number(f, "family", k->family);
	format_address(k, false, addr, sizeof(addr));
	put_string(f, "laddr", addr);
	put_number(f, "lport", k->lport);
	format_address(k, true, addr, sizeof(addr));
	put_string(f, "raddr", addr);
	put_number(f, "rport", k->rport);
}

static void put_clean(FILE *f, const char *name, const char *text)
{
	char clean[4096]; /* PATH_MAX */

	if (!text) {
		put_null(f, name);
		return;
	}
	sanitise(text, sizeof(clean), clean, sizeof(clean));
	put_string(f, name, clean);
}

static void put_owner(FILE *f, const struct owner *o)
{
	char comm[64];

	put_number_if(f, o->pid > 0, "pid", (uint64_t)o->pid);
	if (o->pid > 0) {
		sanitise(o->comm, sizeof(o->comm), comm, sizeof(comm));
		put_string(f, "comm", comm);
	} else {
		put_null(f, "comm");
	}
	put_clean(f, "cgroup", o->cgroup);
	if (o->host)
		put_clean(f, "host", o->host);
}

static void put_by_cause(FILE *f, const struct model *m, const struct counts *c)
{
	fputs(",\"by_cause\":{", f);
	for (unsigned int i = 0; i < CAUSES; i++) {
		fprintf(f, "%s\"%s\":", i ? "," : "", cause_name(i));
		put_value_if(f, cause_is_known(&m->info, i), c->segs[i]);
	}
	fputc('}', f);
}

static void put_probes(FILE *f, const struct model *m, const struct counts *c)
{
	bool known = m->info.tlp_way != TLP_NONE;

	put_number(f, "tlp", c->segs[CAUSE_TLP]);
	put_number_if(f, known, "tlp_attempts", c->tlp_attempts);
	put_number_if(f, known, "tlp_sent", c->tlp_sent);
	put_number(f, "synack", c->segs[CAUSE_SYNACK]);
}

/* What a probe put on the wire. */
static void put_sent(FILE *f, uint8_t sent)
{
	static const char *const names[] = {
		[SENT_RETRANSMIT] = "retransmit",
		[SENT_NEW] = "new",
		[SENT_NONE] = "none",
	};

	if (sent > SENT_UNKNOWN && sent < sizeof(names) / sizeof(*names))
		put_string(f, "sent", names[sent]);
	else
		put_null(f, "sent");
}

static void put_spurious(FILE *f, const struct model *m, const struct counts *c)
{
	put_number(f, "spurious", c->spurious);
	put_number(f, "dsacks", c->dsacks);
	put_number_if(f, m->info.undos_known, "undos", c->undos);
}

static void put_error(FILE *f, const char *name, int32_t err)
{
	put_clean(f, name, err ? error_name(err) : NULL);
}

void json_event(FILE *f, const struct event_sample *sample, double time)
{
	const struct event *e = &sample->event;
	char kind[] = {(char)e->kind, '\0'};

	fprintf(f, "{\"type\":\"event\",\"schema\":%d", JSON_SCHEMA);
	put_time(f, "time", time);
	put_string(f, "kind", kind);
	put_string(f, "cause", cause_name(e->cause));
	put_key(f, &e->key);
	put_string(f, "state", state_name(e->state));
	put_number_if(f, e->segs || e->sent == SENT_NEW, "seq", e->seq);
	put_number(f, "segs", e->segs);
	put_owner(f, &sample->owner);
	if (e->kind == 'L')
		put_sent(f, e->sent);
	put_error(f, "error", e->err);
	fputs("}\n", f);
}

static void put_ratio(FILE *f, double ratio)
{
	if (ratio >= 0)
		fprintf(f, ",\"ratio\":%.6f", ratio);
	else
		put_null(f, "ratio");
}

static void put_wait(FILE *f, uint64_t us)
{
	fprintf(f, ",\"rto_wait_ms\":%.3f", (double)us / 1000);
}

static void put_sample(FILE *f, const struct flow *flow, const struct counts *sum)
{
	const struct flow_sock *s = &flow->sock;
	bool known = flow->flags & FLOW_SAMPLED;

	put_ratio(f, known ? flow_ratio(flow) : -1);
	put_wait(f, sum->rto_wait_us);
	put_number_if(f, known && s->srtt_us, "srtt_us", s->srtt_us);
	put_number_if(f, known, "rto_us", s->rto_us);
	put_number_if(f, known, "cwnd", s->cwnd);
	put_clean(f, "ca_state", known ? ca_state_name(s->ca_state) : NULL);
	put_clean(f, "state", s->state ? state_name(s->state) : NULL);
}

static void put_more_sample(FILE *f, const struct flow *flow)
{
	const struct flow_sock *s = &flow->sock;
	bool known = flow->flags & FLOW_SAMPLED;

	put_number_if(f, known && s->srtt_us, "rttvar_us", s->rttvar_us);
	put_number_if(f, known, "backoff", s->backoff);
	put_number_if(f, known && sock_ssthresh(s), "ssthresh", s->ssthresh);
	put_number_if(f, known, "in_flight", sock_in_flight(s));
	put_number_if(f, known && s->mss, "mss", s->mss);
	put_clean(f, "cc", known ? flow_shared(flow)->cong : NULL);
}

void json_flow(FILE *f, const struct model *m, const struct flow *flow, bool whole_run)
{
	const struct owner owner = flow_owner(flow);
	const struct counts counts = flow_sum(flow), last = flow_interval(m, flow), *sum = &counts;

	fputs("{\"type\":\"flow\"", f);
	put_key(f, &flow->key);
	put_owner(f, &owner);
	put_number(f, "retrans", counts_retrans(sum));
	put_number(f, "retrans_interval", counts_retrans(whole_run ? sum : &last));
	put_probes(f, m, sum);
	put_by_cause(f, m, sum);
	put_number(f, "bytes_retrans", sum->bytes);
	put_sample(f, flow, sum);
	put_time(f, "first_seen", model_unixtime(m, flow->first_ns));
	put_time(f, "last_seen", model_unixtime(m, flow->last_ns));
	put_spurious(f, m, sum);
	put_more_sample(f, flow);
	put_error(f, "last_error", flow->last_err);
	fputs("}\n", f);
}

static void put_group_name(FILE *f, const struct group *g)
{
	char label[4096]; /* PATH_MAX */

	put_string(f, "by", group_ways[g->key.by].name);
	if (group_label(&g->key, label, sizeof(label)))
		put_string(f, "group", label);
	else
		put_null(f, "group");
	put_number(f, "flows", g->nflows);
}

/* What all flows of the group agree on, else null. */
static void put_common(FILE *f, const struct model *m, const struct flow *sum)
{
	const struct owner owner = flow_owner(sum);

	put_number_if(f, sum->key.netns, "netns", sum->key.netns);
	put_owner(f, &owner);
	if (m->info.hosts && !owner.host)
		put_null(f, "host");
	put_clean(f, "state", sum->sock.state ? state_name(sum->sock.state) : NULL);
}

/* What is counted flow by flow, and not by cause. */
static void put_flow_sums(FILE *f, const struct model *m, const struct group *g)
{
	const struct counts *sum = &g->sum;

	put_number(f, "bytes_retrans", sum->bytes);
	put_ratio(f, group_ratio(g));
	put_wait(f, sum->rto_wait_us);
	put_time(f, "first_seen", model_unixtime(m, g->flow.first_ns));
	put_time(f, "last_seen", model_unixtime(m, g->flow.last_ns));
	put_spurious(f, m, sum);
}

static void put_unknown_sums(FILE *f)
{
	static const char *const names[] = {"bytes_retrans", "ratio",     "rto_wait_ms",
					    "first_seen",    "last_seen", "spurious",
					    "dsacks",        "undos"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		put_null(f, names[i]);
}

static void json_group(FILE *f, const struct model *m, const struct group *g, bool whole_run)
{
	const struct counts *sum = &g->sum, last = flow_interval(m, &g->flow);

	fputs("{\"type\":\"group\"", f);
	put_group_name(f, g);
	put_common(f, m, &g->flow);
	put_number(f, "retrans", counts_retrans(sum));
	put_number(f, "retrans_interval", counts_retrans(whole_run ? sum : &last));
	put_probes(f, m, sum);
	put_by_cause(f, m, sum);
	if (g->key.by == GROUP_CAUSE)
		put_unknown_sums(f);
	else
		put_flow_sums(f, m, g);
	fputs("}\n", f);
}

void json_row(FILE *f, const struct model *m, const struct flow *row, bool whole_run)
{
	const struct group *g = flow_group(row);

	if (g)
		json_group(f, m, g, whole_run);
	else
		json_flow(f, m, row, whole_run);
}

void json_link(FILE *f, const struct model *m, const struct link_look *link)
{
	fputs("{\"type\":\"host\"", f);
	put_time(f, "time", model_unixtime(m, m->interval.now_ns));
	put_string(f, "host", link->host);
	put_string(f, "state", link_state_name(link->state));
	put_number(f, "silent", link->seconds);
	put_clean(f, "why", *link->why ? link->why : NULL);
	fputs("}\n", f);
}

void json_interval(FILE *f, const struct model *m, const struct interval *before)
{
	const struct interval *i = &m->interval;
	const struct counts *c = before ? &i->last : &i->sum;
	const struct coverage *cov = before ? &i->last_coverage : &i->coverage;

	fputs("{\"type\":\"interval\"", f);
	if (m->tick)
		put_time(f, "time", model_unixtime(m, i->now_ns));
	else
		put_null(f, "time"); /* there was no look */
	put_time(f, "elapsed", before ? i->elapsed : model_age(m, m->start_ns));
	fprintf(f, ",\"totals\":{\"retrans\":%" PRIu64, counts_retrans(c));
	put_probes(f, m, c);
	put_number_if(f, cause_is_known(&m->info, CAUSE_FAILED), "failed", c->segs[CAUSE_FAILED]);
	put_by_cause(f, m, c);
	fputc('}', f);
	put_number(f, "flows", model_flows(m));
	put_number(f, "evicted", count_growth(i->evicted, before ? before->evicted : 0));
	put_number(f, "events_lost",
		   count_growth(i->events_lost, before ? before->events_lost : 0));
	put_number(f, "unattributed", c->unattributed);
	fputs(",\"coverage\":{\"seen\":", f);
	put_value_if(f, coverage_is_known(cov), cov->seen);
	fputs(",\"kernel\":", f);
	put_value_if(f, coverage_is_known(cov), cov->kernel);
	if (cov->unread)
		put_number(f, "unread", cov->unread);
	fputs("}}\n", f);
}
