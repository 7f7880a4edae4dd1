// SPDX-License-Identifier: GPL-2.0-only
/* tcpretop -c: silent until the end, then the flows or groups and their counts, worst first. */
#include "src/modes.h"

#include <inttypes.h>
#include <string.h>

#include "src/csv.h"
#include "src/table.h"
#include "src/format.h"
#include "src/json.h"

/* So often flows are taken over from the kernel's table, before it evicts them. */
enum { POLL_MS = 1000 };

static void print_groups(const struct view *v, const struct table *t, FILE *f)
{
	fprintf(f, "\n%-25s %-11s %s\n", "GROUP", "RETRANSMITS", "FLOWS");
	for (size_t i = 0; i < t->nrows; i++) {
		const struct group *g = flow_group(t->rows[i]);
		uint64_t n = flow_shown(t->rows[i], v->tlp);
		char label[4096]; /* PATH_MAX */

		if (!g)
			continue;
		if (!group_label(&g->key, label, sizeof(label)))
			strcpy(label, "-");
		fprintf(f, "%-25s %11" PRIu64 " %5zu\n", label, n, g->nflows);
	}
}

static void print_text(const struct view *v, const struct table *t, bool hosts, FILE *f)
{
	fprintf(f, "\n%-25s %-25s %-10s%s\n", "LADDR:LPORT", "RADDR:RPORT", "RETRANSMITS",
		hosts ? " HOST" : "");
	for (size_t i = 0; i < t->nrows; i++) {
		uint64_t n = flow_shown(t->rows[i], v->tlp);
		const char *host = flow_owner(t->rows[i]).host;
		char laddr[ADDR_TEXT], raddr[ADDR_TEXT];

		format_endpoint(&t->rows[i]->key, false, true, laddr, sizeof(laddr));
		format_endpoint(&t->rows[i]->key, true, true, raddr, sizeof(raddr));
		fprintf(f, "%-20s <-> %-20s %10" PRIu64, laddr, raddr, n);
		if (host)
			fprintf(f, " %s", host);
		fputc('\n', f);
	}
}

static void print_json(const struct model *m, const struct table *t, FILE *f)
{
	for (size_t i = 0; i < t->nrows; i++)
		json_row(f, m, t->rows[i], true);
	json_interval(f, m, NULL);
}

static void print_csv(const struct model *m, const struct options *o, const struct table *t,
		      FILE *f)
{
	struct view v = csv_view(o);

	v.whole_run = true;
	csv_flow_header(f, &v);
	for (size_t i = 0; i < t->nrows; i++)
		csv_flow(f, m, &v, t->rows[i]);
}

static int print_counts(const struct model *m, const struct options *o, FILE *f,
			struct failure *why)
{
	struct view v = o->view;
	struct table t = {0};

	v.whole_run = true;
	if (table_build(&t, m, &v, o->output == OUTPUT_TEXT ? ROWS_COUNTED : ROWS_ALL)) {
		table_free(&t);
		return fail(why, EXIT_RUNTIME, "no memory to sort %zu flows", model_flows(m));
	}
	if (o->output == OUTPUT_TEXT && o->view.group)
		print_groups(&v, &t, f);
	else if (o->output == OUTPUT_TEXT)
		print_text(&v, &t, m->info.hosts, f);
	else if (o->output == OUTPUT_JSON)
		print_json(m, &t, f);
	else
		print_csv(m, o, &t, f);
	table_free(&t);
	return 0;
}

/* Returns the error of the output, or 0; *why tells whether anything else failed. */
static int collect(struct pace *p, struct source *s, struct model *m, long intervals,
		   struct out *out, struct failure *why)
{
	struct wake w = {0};
	int err = out_flush(out);

	while (!err && !w.stop && intervals) {
		err = pace_wait(p, -1, POLL_MS, &w);
		if (err) {
			fail(why, EXIT_RUNTIME, "cannot wait: %s", strerror(-err));
			return 0;
		}
		if (w.end)
			return 0;
		if (p->recorded && !w.tick)
			continue;
		if (take_snapshot(s, m, why))
			return 0;
		if (w.tick && intervals > 0)
			intervals--;
		err = out_flush(out); /* is anybody still there? */
	}
	return err;
}

int mode_count(struct source *s, const struct options *o, struct out *out, struct failure *why)
{
	long intervals = o->iterations;
	struct model m;
	struct loop loop;
	struct pace pace;
	int err;

	if (open_pace(&pace, &loop, s, o, why))
		return why->status;
	if (o->delay_given && intervals < 0 && !pace.recorded)
		intervals = 1;
	out->stop_fd = loop.signal_fd;
	model_init(&m, &s->info);
	m.keep_all = true;
	if (o->output == OUTPUT_TEXT)
		fputs(TRACING_LINE, out->f);
	err = collect(&pace, s, &m, intervals, out, why);
	if (!err && !why->status && !print_counts(&m, o, out->f, why))
		err = out_flush(out);
	model_free(&m);
	return close_pace(&loop, out, err, why);
}
