// SPDX-License-Identifier: GPL-2.0-only
#include "src/csv.h"

#include <math.h>
#include <string.h>

#include "src/format.h"
#include "src/sanitise.h"

/* One field, in quotes if it needs them. */
static void csv_text(FILE *f, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, f);
		return;
	}
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

static void csv_clean(FILE *f, const char *text)
{
	char clean[4096]; /* PATH_MAX */

	sanitise(text, sizeof(clean), clean, sizeof(clean));
	csv_text(f, clean);
}

/* Counts stay exact, measures have nine digits. */
static void csv_number(FILE *f, double n)
{
	fprintf(f, n == rint(n) && fabs(n) < 1e15 ? "%.0f" : "%.9g", n);
}

void csv_flow_header(FILE *f, const struct view *v)
{
	enum field_id ids[FIELDS];
	unsigned int n = view_columns(v, ids);

	fputs("time", f);
	for (unsigned int i = 0; i < n; i++) {
		fputc(',', f);
		csv_text(f, fields[ids[i]].title);
	}
	fputc('\n', f);
}

void csv_flow(FILE *f, const struct model *m, const struct view *v, const struct flow *flow)
{
	enum field_id ids[FIELDS];
	unsigned int n = view_columns(v, ids);

	fprintf(f, "%.6f", model_unixtime(m, m->interval.now_ns));
	for (unsigned int i = 0; i < n; i++) {
		enum field_id id = ids[i];
		struct value val;

		fputc(',', f);
		field_get(id, m, v, flow, &val);
		if (!val.known)
			continue;
		if (fields[id].unit == UNIT_TEXT || fields[id].unit == UNIT_ADDR)
			csv_text(f, val.text);
		else
			csv_number(f, val.number);
	}
	fputc('\n', f);
}

void csv_event_header(FILE *f, bool hosts)
{
	fprintf(f,
		"time,kind,cause,netns,family,laddr,lport,raddr,rport,state,seq,segs,pid,comm,"
		"cgroup,sent%s\n",
		hosts ? ",host" : "");
}

void csv_event(FILE *f, const struct event_sample *sample, double time)
{
	static const char *const sent[] = {"", "retransmit", "new", "none"};
	const struct event *e = &sample->event;
	const struct flow_key *k = &e->key;
	char laddr[ADDR_TEXT], raddr[ADDR_TEXT], comm[64];

	format_address(k, false, laddr, sizeof(laddr));
	format_address(k, true, raddr, sizeof(raddr));
	fprintf(f, "%.6f,%c,%s,%u,%u,%s,%u,%s,%u,%s,", time, e->kind, cause_name(e->cause),
		k->netns, k->family, laddr, k->lport, raddr, k->rport, state_name(e->state));
	if (e->segs || e->sent == SENT_NEW)
		fprintf(f, "%u", e->seq);
	fprintf(f, ",%u,", e->segs);
	if (sample->owner.pid > 0) {
		sanitise(sample->owner.comm, sizeof(sample->owner.comm), comm, sizeof(comm));
		fprintf(f, "%d,", sample->owner.pid);
		csv_text(f, comm);
	} else {
		fputc(',', f);
	}
	fputc(',', f);
	if (sample->owner.cgroup)
		csv_clean(f, sample->owner.cgroup);
	fprintf(f, ",%s%s", sent[e->sent & 3], sample->owner.host ? "," : "");
	if (sample->owner.host)
		csv_clean(f, sample->owner.host);
	fputc('\n', f);
}
