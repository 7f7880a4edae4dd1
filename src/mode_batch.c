// SPDX-License-Identifier: GPL-2.0-only
/* tcpretop -b: a report every interval. */
#include "src/modes.h"

#include <string.h>

#include "src/csv.h"
#include "src/table.h"
#include "src/json.h"

/* What an output needs from one report to the next. */
struct batch {
	const struct options *o;
	struct view view; /* for CSV */
	struct interval before;
	bool again; /* not the first report */
};

/* Machine output: every flow or group that changed, whatever its count. */
static int print_changed(const struct batch *b, const struct model *m, FILE *f)
{
	struct table t = {0};
	int err = table_build(&t, m, &b->o->view, ROWS_CHANGED);

	for (size_t i = 0; i < t.nrows; i++) {
		if (b->o->output == OUTPUT_JSON)
			json_row(f, m, t.rows[i], false);
		else
			csv_flow(f, m, &b->view, t.rows[i]);
	}
	if (!err && b->o->output == OUTPUT_JSON)
		json_interval(f, m, &b->before);
	table_free(&t);
	return err;
}

/* A table of several hosts is whole only if all are there. */
static void print_lost(const struct batch *b, struct source *s, const struct model *m, FILE *f)
{
	struct link_look looks[FLEET_MOST];
	size_t n = m->info.hosts ? source_links(s, looks, FLEET_MOST) : 0;

	for (size_t i = 0; i < n; i++) {
		if (looks[i].state == LINK_LIVE)
			continue;
		if (b->o->output == OUTPUT_JSON)
			json_link(f, m, &looks[i]);
		else if (b->o->output == OUTPUT_TEXT)
			fprintf(f, "host %s: %s for %u s%s%s\n", looks[i].host,
				link_state_name(looks[i].state), looks[i].seconds,
				*looks[i].why ? ": " : "", looks[i].why);
	}
}

static int report(struct batch *b, struct source *s, const struct model *m, FILE *f,
		  struct failure *why)
{
	int err;

	if (b->o->output == OUTPUT_TEXT) {
		if (b->again)
			fputc('\n', f);
		err = batch_text(m, b->o, f);
	} else {
		err = print_changed(b, m, f);
	}
	print_lost(b, s, m, f);
	if (err)
		return fail(why, EXIT_RUNTIME, "no memory to sort %zu flows", model_flows(m));
	b->before = m->interval;
	b->again = true;
	return 0;
}

/* Returns the error of the output, or 0; *why tells whether anything else failed. */
static int run(struct pace *p, struct source *s, struct model *m, struct batch *b, struct out *out,
	       struct failure *why)
{
	long left = b->o->iterations;
	struct wake w = {0};
	int err = out_flush(out);

	while (!err && left) {
		err = pace_wait(p, -1, -1, &w);
		if (err) {
			fail(why, EXIT_RUNTIME, "cannot wait: %s", strerror(-err));
			return 0;
		}
		if (w.stop || w.end)
			return 0;
		if (!w.tick)
			continue;
		if (take_snapshot(s, m, why) || report(b, s, m, out->f, why))
			return 0;
		if (left > 0)
			left--;
		err = out_flush(out);
	}
	return err;
}

int mode_batch(struct source *s, const struct options *o, struct out *out, struct failure *why)
{
	struct batch b = {.o = o, .view = csv_view(o)};
	struct model m;
	struct loop loop;
	struct pace pace;
	int err;

	if (open_pace(&pace, &loop, s, o, why))
		return why->status;
	out->stop_fd = loop.signal_fd;
	model_init(&m, &s->info);
	if (o->output == OUTPUT_CSV)
		csv_flow_header(out->f, &b.view);
	err = run(&pace, s, &m, &b, out, why);
	model_free(&m);
	return close_pace(&loop, out, err, why);
}
