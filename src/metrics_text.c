// SPDX-License-Identifier: GPL-2.0-only
#include "src/metrics_text.h"

#include <inttypes.h>
#include <string.h>

#include "src/counts.h"
#include "src/group_key.h"
#include "src/words.h"

/* ---- Sums */

static void add_labels(struct metrics *m, const struct flow *f, const struct counts *grown)
{
	const struct owner owner = flow_owner(f);
	uint64_t segs = counts_shown(grown, true);
	char label[METRICS_LABEL_TEXT];
	struct group_key key;

	for (enum group_by by = 0; by < GROUPS; by++) {
		if (!(m->ways & 1u << by) || !(segs || grown->rto_wait_us))
			continue;
		group_key_make(&key, by, &f->key, &owner);
		if (!group_label(&key, label, sizeof(label)))
			strcpy(label, "unknown");
		metrics_sums_add(&m->by[by], label, segs, grown->rto_wait_us,
				 m->model.interval.now_ns);
	}
}

static void add_flows(struct metrics *m)
{
	struct counts grown;

	for (const struct flow *f = model_next_changed(&m->model, NULL); f;
	     f = model_next_changed(&m->model, f)) {
		grown = flow_interval(&m->model, f);
		add_labels(m, f, &grown);
		m->bytes = count_sum(m->bytes, grown.bytes);
		m->spurious = count_sum(m->spurious, grown.spurious);
	}
}

int metrics_take(struct metrics *m, const struct snapshot *s)
{
	int err = model_tick(&m->model, s);

	if (!s->more)
		add_flows(m);
	return err;
}

void metrics_free(struct metrics *m)
{
	model_free(&m->model);
	for (int by = 0; by < GROUPS; by++)
		metrics_sums_free(&m->by[by]);
}

/* ---- Text */

static void head(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP tcpretop_%s %s\n# TYPE tcpretop_%s %s\n", name, help, name, type);
}

static void put_count(FILE *f, const char *name, const char *type, const char *help, uint64_t n)
{
	head(f, name, type, help);
	fprintf(f, "tcpretop_%s %" PRIu64 "\n", name, n);
}

static void put_seconds(FILE *f, const char *name, const char *type, const char *help, double s)
{
	head(f, name, type, help);
	fprintf(f, "tcpretop_%s %.6f\n", name, s);
}

/* The text is UTF-8 without control characters. */
static void put_label(FILE *f, const char *name, const char *label, const char *text)
{
	fprintf(f, "tcpretop_%s{%s=\"", name, label);
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			fputc('\\', f);
		fputc(*text, f);
	}
	fputs("\"} ", f);
}

static void put_causes(FILE *f, const struct model *m)
{
	static const char name[] = "retransmitted_segments_total";

	head(f, name, "counter", "Segments sent again, by cause; their sum is RetransSegs.");
	for (unsigned int cause = 0; cause < CAUSES; cause++) {
		if (!cause_is_known(&m->info, cause))
			continue;
		put_label(f, name, "cause", cause_name(cause));
		fprintf(f, "%" PRIu64 "\n", (uint64_t)m->raw.counts.segs[cause]);
	}
}

/* What is known of this host at all. */
static void put_totals(FILE *f, const struct model *m)
{
	const struct totals *t = &m->raw;
	const struct interval *i = &m->interval;

	put_causes(f, m);
	put_seconds(f, "rto_wait_seconds_total", "counter",
		    "Time spent waiting for retransmission timers that then expired.",
		    (double)t->counts.rto_wait_us / 1e6);
	if (m->info.tlp_way != TLP_NONE) {
		put_count(f, "tlp_attempts_total", "counter",
			  "Times that the kernel wanted to send a tail loss probe.",
			  t->counts.tlp_attempts);
		put_count(f, "tlp_sent_total", "counter",
			  "Tail loss probes that left, old data or new.", t->counts.tlp_sent);
	}
	put_count(f, "unattributed_segments_total", "counter",
		  "Segments sent again whose event was not seen.", t->counts.unattributed);
	if (coverage_is_known(&i->coverage)) {
		put_count(f, "coverage_kernel_segments_total", "counter",
			  "Growth of the kernel's own RetransSegs, where it can be read.",
			  i->coverage.kernel);
		put_count(f, "coverage_seen_segments_total", "counter",
			  "Segments seen by tcpretop over the same time and namespaces.",
			  i->coverage.seen);
	}
	put_count(f, "coverage_unread_namespaces", "gauge",
		  "Network namespaces with retransmits whose RetransSegs cannot be read.",
		  i->coverage.unread);
}

/* Of tcpretop itself. */
static void put_self(FILE *f, const struct model *m)
{
	const struct interval *i = &m->interval;

	put_count(f, "flows", "gauge", "Flows in the kernel's table.", i->tracked);
	put_count(f, "flows_limit", "gauge", "Size of that table.", m->info.max_flows);
	put_count(f, "flows_evicted_total", "counter",
		  "Flows that the table had no more room for; the totals are exact all the same.",
		  i->evicted);
	put_count(f, "events_lost_total", "counter", "Events that the ring had no room for.",
		  i->events_lost);
	put_count(f, "probes_attached", "gauge", "Hooks that are attached.", m->info.probes);
	put_count(f, "probes_wanted", "gauge", "Hooks that tcpretop would like to attach.",
		  m->info.probes_wanted);
	put_seconds(f, "cpu_seconds_total", "counter", "CPU time that tcpretop has taken.",
		    (double)m->raw_cpu_ns / 1e9);
	if (!m->tick)
		return; /* nor is it known what time it is */
	put_seconds(f, "start_time_seconds", "gauge",
		    "When the counting began, in seconds since the epoch.",
		    model_unixtime(m, m->info.start_ns));
	put_seconds(f, "updated_time_seconds", "gauge",
		    "When these values were taken, in seconds since the epoch.",
		    model_unixtime(m, i->now_ns));
}

static void put_sum(FILE *f, const char *name, const char *way, const struct metrics_sum *s,
		    const char *label, bool waits)
{
	put_label(f, name, way, label);
	if (waits)
		fprintf(f, "%.6f\n", (double)s->rto_wait_us / 1e6);
	else
		fprintf(f, "%" PRIu64 "\n", s->segs);
}

static void put_sums(FILE *f, enum group_by by, const struct metrics_sums *sums, bool waits)
{
	const char *way = group_ways[by].name;
	char name[64];

	snprintf(name, sizeof(name), "%s_%s", way,
		 waits ? "rto_wait_seconds_total" : "retransmitted_segments_total");
	head(f, name, "counter",
	     waits ? "The waiting for timers, by what it is of."
		   : "Segments sent again, TLPs and SYN-ACKs included, by what they are of.");
	for (size_t i = 0; i < sums->n; i++)
		put_sum(f, name, way, sums->all[i], sums->all[i]->label, waits);
	put_sum(f, name, way, &sums->other, METRICS_OTHER, waits);
}

void metrics_write(const struct metrics *m, FILE *f)
{
	head(f, "build_info", "gauge", "Version of tcpretop; always 1.");
	put_label(f, "build_info", "version", VERSION);
	fputs("1\n", f);
	put_totals(f, &m->model);
	put_count(f, "retransmitted_bytes_total", "counter", "Payload bytes sent again.", m->bytes);
	put_count(f, "spurious_segments_total", "counter",
		  "Segments sent again that had arrived before.", m->spurious);
	for (enum group_by by = 0; by < GROUPS; by++) {
		if (!(m->ways & 1u << by))
			continue;
		put_sums(f, by, &m->by[by], false);
		put_sums(f, by, &m->by[by], true);
	}
	put_self(f, &m->model);
}
