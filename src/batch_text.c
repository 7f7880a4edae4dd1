// SPDX-License-Identifier: GPL-2.0-only
/* One report of -b as text: a summary, then the table. */
#include "src/modes.h"

#include <string.h>

#include "src/format.h"
#include "src/sanitise.h"
#include "src/table.h"

static bool is_text(enum field_id id)
{
	return fields[id].unit == UNIT_TEXT || fields[id].unit == UNIT_ADDR;
}

static unsigned int cells(const char *text)
{
	char copy[VALUE_TEXT];

	return sanitise(text, strlen(text), copy, sizeof(copy));
}

/* The text of one cell. A history is its sum here. */
static void cell_text(enum field_id id, const struct model *m, const struct view *v,
		      const struct flow *flow, char *buf, size_t size)
{
	struct value val;

	field_get(id, m, v, flow, &val);
	if (fields[id].unit == UNIT_HISTORY)
		format_count(val.number, fields[id].width, buf, size);
	else
		field_text(id, &val, is_text(id) ? 0 : fields[id].width, buf, size);
}

/* Numbers have their fixed width, text is as wide as its longest. */
static unsigned int column_width(enum field_id id, const struct model *m, const struct view *v,
				 const struct table *t, size_t rows)
{
	unsigned int width = cells(fields[id].title);
	char text[VALUE_TEXT];

	if (!is_text(id))
		return fields[id].width > width ? fields[id].width : width;
	for (size_t i = 0; i < rows; i++) {
		cell_text(id, m, v, t->rows[i], text, sizeof(text));
		if (cells(text) > width)
			width = cells(text);
	}
	return width;
}

/* Numbers stand to the right, text to the left, and no line ends in blanks. */
static void put_cell(FILE *f, const char *text, unsigned int width, bool left, bool last)
{
	int pad = (int)(width - cells(text));

	if (left)
		fprintf(f, "%s%*s", text, last ? 0 : pad, "");
	else
		fprintf(f, "%*s%s", pad, "", text);
	fputs(last ? "\n" : "  ", f);
}

static void put_table(const struct model *m, const struct view *v, const struct table *t,
		      size_t rows, FILE *f)
{
	enum field_id ids[FIELDS];
	unsigned int width[FIELDS], n = view_columns(v, ids);
	char text[VALUE_TEXT];

	for (unsigned int c = 0; c < n; c++) {
		width[c] = column_width(ids[c], m, v, t, rows);
		put_cell(f, fields[ids[c]].title, width[c], is_text(ids[c]), c + 1 == n);
	}
	for (size_t i = 0; i < rows; i++) {
		for (unsigned int c = 0; c < n; c++) {
			cell_text(ids[c], m, v, t->rows[i], text, sizeof(text));
			put_cell(f, text, width[c], is_text(ids[c]), c + 1 == n);
		}
	}
}

static void put_why_empty(const struct model *m, const struct view *v, const struct table *t,
			  FILE *f)
{
	const struct counts *c = &m->interval.sum;
	uint64_t quiet = table_quiet_seconds(m, v);
	char span[32];

	if (t->nflows && !t->nmatches) {
		fprintf(f, "the filter shows none of %zu flows\n", t->nflows);
		return;
	}
	if (!v->tlp && !v->family && c->segs[CAUSE_TLP] && !counts_shown(c, false)) {
		fputs("nothing but tail loss probes: -l includes them\n", f);
		return;
	}
	if (quiet < 60)
		snprintf(span, sizeof(span), "%u s", (unsigned int)quiet);
	else
		format_seconds((double)quiet, 0, span, sizeof(span));
	fprintf(f, "no %sretransmits in %s; %u of %u probes attached\n", view_family_word(v), span,
		m->info.probes, m->info.probes_wanted);
}

static double per_second(const struct interval *i, uint64_t n)
{
	return i->elapsed > 0 ? (double)n / i->elapsed : 0;
}

static void put_count(FILE *f, const char *before, double n, const char *after)
{
	char text[32];

	format_count(n, 0, text, sizeof(text));
	fprintf(f, "%s%s%s", before, text, after);
}

/* The one group that the flows belong to. */
static void put_within(const struct view *v, FILE *f)
{
	char label[VALUE_TEXT];

	if (!group_label(&v->within, label, sizeof(label)))
		snprintf(label, sizeof(label), "not known");
	fprintf(f, "  %s: %s", group_ways[v->within.by].name, label);
}

/* Rows of the table, and of how many. */
static void put_extent(const struct view *v, const struct table *t, size_t rows, FILE *f)
{
	if (v->within.by)
		put_within(v, f);
	if (view_rows(v))
		fprintf(f, "  group: %s %zu of %zu  flows %zu of %zu\n", group_ways[v->group].name,
			rows, t->nrows, t->nmatches, t->nflows);
	else
		fprintf(f, "  flows %zu of %zu\n", rows, t->nflows);
}

static void put_identity(const struct model *m, const struct options *o, FILE *f)
{
	uint64_t up = (m->interval.now_ns - m->info.start_ns) / 1000000000;
	char time[32], span[32];

	format_time(model_unixtime(m, m->interval.now_ns), true, time, sizeof(time));
	format_span(up, span, sizeof(span));
	fprintf(f, "tcpretop  %s  %s  every %.1f s  %s  up %s  sort: %s%s  TLP: %s", m->info.host,
		m->info.release, m->interval.elapsed, time, span, o->view.reverse ? "-" : "",
		fields[o->view.sort].title, o->view.tlp ? "on" : "off");
}

/* The causes that are always named, and those of the others that there are. */
static void put_rates(const struct model *m, const struct view *v, FILE *f)
{
	const unsigned int usual = 1 << CAUSE_RTO | 1 << CAUSE_FAST | 1 << CAUSE_RACK |
				   1 << CAUSE_SYN | 1 << CAUSE_SYNACK;
	const struct interval *i = &m->interval;

	put_count(f, "retransmits ", per_second(i, counts_shown(&i->last, v->tlp)), "/s");
	for (unsigned int c = 0; c < CAUSES; c++) {
		if (c == CAUSE_TLP || (!(usual & 1 << c) && !i->last.segs[c]))
			continue;
		fprintf(f, "  %s", cause_name(c));
		if (cause_is_known(&m->info, c))
			put_count(f, " ", per_second(i, i->last.segs[c]), "");
		else
			fputs(" ?", f);
	}
	if (m->info.tlp_way == TLP_NONE)
		fputs(" | TLP ?", f);
	else
		put_count(f, " | TLP ", per_second(i, i->last.tlp_attempts), "/s");
	fprintf(f, " | RTO wait %.1f s/s\n", per_second(i, i->last.rto_wait_us) / 1e6);
}

static void put_coverage(const struct coverage *c, FILE *f)
{
	char share[24];

	if (!c->netns) {
		fputs("coverage ? (the kernel's counters cannot be read)", f);
		return;
	}
	format_coverage(c, share, sizeof(share));
	fprintf(f, "coverage %s", share);
	put_count(f, " (kernel ", (double)c->kernel, "");
	put_count(f, ", seen ", (double)c->seen, ")");
	if (c->unread)
		fprintf(f, " %u namespace%s unread", c->unread, c->unread == 1 ? "" : "s");
}

static void put_trust(const struct model *m, FILE *f)
{
	const struct interval *i = &m->interval;

	put_coverage(&i->coverage, f);
	put_count(f, "  tracked ", (double)i->tracked, "");
	put_count(f, "/", m->info.max_flows, "");
	put_count(f, "  evicted ", (double)i->evicted, "");
	put_count(f, "  events lost ", (double)i->events_lost, "");
	fprintf(f, "  cost %.1f %% CPU\n", 100 * i->cost);
}

int batch_text(const struct model *m, const struct options *o, FILE *f)
{
	struct view v = o->view;
	struct table t = {.wanted = (size_t)o->rows};
	size_t rows;

	if (!v.columns_given) {
		v.ncolumns = 0;
		for (unsigned int c = 0; c < o->view.ncolumns; c++) {
			if (o->view.columns[c] != FIELD_HISTORY)
				v.columns[v.ncolumns++] = o->view.columns[c];
		}
	}
	if (table_build(&t, m, &v, ROWS_RECENT)) {
		table_free(&t);
		return -1;
	}
	rows = o->rows && (size_t)o->rows < t.nrows ? (size_t)o->rows : t.nrows;
	put_identity(m, o, f);
	put_extent(&v, &t, rows, f);
	put_rates(m, &v, f);
	put_trust(m, f);
	fputc('\n', f);
	if (rows)
		put_table(m, &v, &t, rows, f);
	else
		put_why_empty(m, &v, &t, f);
	table_free(&t);
	return 0;
}
