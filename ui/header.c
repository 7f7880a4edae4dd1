// SPDX-License-Identifier: GPL-2.0-only
/* Three lines on top: who and what, how bad it is, and how far the figures can be trusted. */
#include "ui/parts.h"

#include <stdio.h>

#include "src/format.h"
#include "ui/line.h"
#include "ui/spark.h"

enum { LEAST_SPARK = 8, MOST_SPARK = 60 };

static bool has_figures(const struct state *s)
{
	return s->model.tick > 0;
}

/* The group that the flows belong to. It may take half of the line. */
static void add_within(struct line *l, const struct state *s)
{
	enum { MOST_CELLS = 40 };
	const struct group_key *within = &s->view.within;
	const char *way = group_ways[within->by].name;
	int room = s->frame.w / 2 - text_width(way) - 2;
	char label[VALUE_TEXT], fitting[VALUE_TEXT];

	if (!group_label(within, label, sizeof(label)))
		snprintf(label, sizeof(label), "not known");
	text_shorten(label, room < MOST_CELLS ? room : MOST_CELLS, SHORTEN_ADDRESS, fitting,
		     sizeof(fitting));
	snprintf(label, sizeof(label), "%s:", way);
	line_add(l, 0, ROLE_PROBE, label, 0, "%s", fitting)->right = true;
}

static void add_group(struct line *l, const struct state *s)
{
	if (s->view.within.by)
		add_within(l, s);
	else if (s->view.group)
		line_add(l, 3, ROLE_PROBE, "group:", 0, "%s", group_ways[s->view.group].name)
			->right = true;
}

/* That rows are hidden is said where only little can be, and leaves room for how many. */
static void add_filter(struct line *l, const struct state *s)
{
	enum { MOST_CELLS = 48 };
	const char *filter = s->view.filter_text;
	int room = s->frame.w < 100 ? 6 + s->frame.w / 10 : s->frame.w / 4;
	char fitting[4 * MOST_CELLS + 1];

	if (!*filter) {
		line_add(l, 9, ROLE_TEXT, "filter:", 0, "none")->right = true;
		return;
	}
	text_shorten(filter, room < MOST_CELLS ? room : MOST_CELLS, SHORTEN_END, fitting,
		     sizeof(fitting));
	line_add(l, 1, ROLE_PROBE, "filter:", 0, "%s", fitting)->right = true;
}

static void add_order(struct line *l, const struct state *s)
{
	const struct field *f = &fields[s->view.sort];
	const char *arrow = f->ascending != s->view.reverse ? "↑" : "↓";

	line_add(l, 1, ROLE_TEXT, "sort:", 0, "%s %s", f->title, arrow)->right = true;
	if (state_is_held(s))
		line_add(l, 5, ROLE_PROBE, "", 0, "order held")->right = true;
	/* Probes that are counted are said where only little can be: else RETR is more than the rates. */
	line_add(l, s->view.tlp ? 1 : 4, s->view.tlp ? ROLE_PROBE : ROLE_TEXT, "TLP:", 8, "%s",
		 s->view.tlp ? "on" : "off")
		->right = true;
	add_filter(l, s);
	add_group(l, s);
	line_add(l, 2, ROLE_TEXT, "flows", 0, "%zu of %zu", s->table.nmatches, s->table.nflows)
		->right = true;
}

static void draw_title(const struct state *s, int y)
{
	const struct model *m = &s->model;
	struct line l = {.n = 0};
	char up[32];

	format_span((m->interval.now_ns - m->start_ns) / 1000000000, up, sizeof(up));
	line_add(&l, 4, ROLE_TITLE, "", 0, "tcpretop");
	line_add(&l, 6, ROLE_TEXT, "", 0, "%.40s", m->info.host);
	line_add(&l, 8, ROLE_LABEL, "", 0, "%.40s", m->info.release);
	if (s->replay.on)
		replay_add_title(s, &l);
	else if (s->paused)
		line_add(&l, 0, ROLE_PAUSED, "", 0, " PAUSED ");
	else if (s->replay.live && !*s->links.bad)
		line_add(&l, 5, ROLE_PROBE, "", 0, "live");
	else if (!s->replay.live)
		line_add(&l, 5, ROLE_TEXT, "every", 0, "%.*f s", s->delay < 100 ? 1 : 0, s->delay);
	links_add_title(s, &l);
	/* After `z` it is not the time since the start. */
	line_add(&l, 7, ROLE_TEXT, m->start_ns == m->info.start_ns ? "up" : "counting", 0, "%s",
		 up);
	add_order(&l, s);
	line_fit(&l, s->frame.w);
	line_draw(&l, &s->pen, y, 0, s->frame.w);
}

static double per_second(const struct state *s, double n)
{
	return s->model.interval.elapsed > 0 ? n / s->model.interval.elapsed : 0;
}

/* Causes that are there nearly always, and those that would only be noise until they appear. */
static bool is_listed(const struct state *s, unsigned int cause)
{
	if (cause == CAUSE_TLP)
		return false;
	return cause <= CAUSE_SYNACK || s->model.interval.sum.segs[cause];
}

/* Beside causes that there have been, the others go first where there is no room. */
static int never_seen(const struct counts *sum, unsigned int cause)
{
	return !sum->segs[cause] && counts_shown(sum, true) ? 10 : 0;
}

static void add_causes(struct line *l, const struct state *s)
{
	static const int priority[CAUSES] =
		{[CAUSE_RTO] = 1, [CAUSE_FAST] = 2,   [CAUSE_RACK] = 7,
		 [CAUSE_SYN] = 5, [CAUSE_SYNACK] = 6, [CAUSE_PROBE] = 9,
		 [CAUSE_MTU] = 9, [CAUSE_FAILED] = 8, [CAUSE_OTHER] = 9};
	const struct counts *last = &s->model.interval.last, *sum = &s->model.interval.sum;

	for (unsigned int cause = 0; cause < CAUSES; cause++) {
		char rate[16];
		int label = text_width(cause_name(cause));

		if (!is_listed(s, cause))
			continue;
		if (cause_is_known(&s->model.info, cause))
			format_count(per_second(s, (double)last->segs[cause]), 5, rate,
				     sizeof(rate));
		else
			snprintf(rate, sizeof(rate), "?");
		line_add(l, priority[cause] + never_seen(sum, cause),
			 last->segs[cause] ? ROLE_TEXT : ROLE_QUIET, cause_name(cause),
			 label + 1 + 5, "%s", rate);
	}
}

static void add_waits(struct line *l, const struct state *s)
{
	const struct counts *last = &s->model.interval.last;
	double wait = per_second(s, (double)last->rto_wait_us / 1e6);
	char probes[16];

	format_count(per_second(s, (double)last->tlp_attempts), 5, probes, sizeof(probes));
	if (s->model.info.tlp_way == TLP_NONE)
		snprintf(probes, sizeof(probes), "?");
	line_add(l, 3, last->tlp_attempts ? ROLE_PROBE : ROLE_QUIET, "│ TLP", 13, "%s/s", probes);
	line_add(l, 4, wait > 0 ? ROLE_TEXT : ROLE_QUIET, "│ RTO wait", 0, "%.*f s/s",
		 wait < 99.95 ? 1 : 0, wait);
}

static void make_spark(const struct state *s, int cells, char *buf, size_t size)
{
	const struct model *m = &s->model;
	double values[MOST_SPARK] = {0};

	for (int i = 0; i < cells && (uint64_t)i < m->tick && i < HISTORY; i++) {
		const struct segs *slot = &m->history[(m->tick - (uint64_t)i) % HISTORY];
		uint64_t n = slot->retrans + slot->synack + (s->view.tlp ? slot->tlp : 0);

		values[cells - 1 - i] = history_bar(m, (unsigned int)i, (double)n);
	}
	spark_text(values, cells, buf, size);
}

static void draw_rates(const struct state *s, int y)
{
	struct line l = {.n = 0};
	struct part *spark;
	char rate[24];
	int left;

	format_count(per_second(s, (double)counts_shown(&s->model.interval.last, s->view.tlp)), 9,
		     rate, sizeof(rate));
	line_add(&l, 0, ROLE_TITLE, "retransmits", 21, "%s/s", rate);
	spark = line_add(&l, 2, ROLE_SPARK, "", LEAST_SPARK, "%s", "");
	add_causes(&l, s);
	add_waits(&l, s);
	left = line_fit(&l, s->frame.w);
	if (spark->shown) {
		int cells = LEAST_SPARK + left;

		spark->width = cells < MOST_SPARK ? cells : MOST_SPARK;
		make_spark(s, spark->width, spark->text, sizeof(spark->text));
	}
	line_draw(&l, &s->pen, y, 0, s->frame.w);
}

static void add_coverage(struct line *l, const struct state *s)
{
	const struct coverage *c = &s->model.interval.coverage;
	bool is_whole = c->netns && !c->unread && c->seen == c->kernel;
	char share[24], kernel[32], seen[32];

	format_coverage(c, share, sizeof(share));
	format_count((double)c->kernel, 11, kernel, sizeof(kernel));
	format_count((double)c->seen, 11, seen, sizeof(seen));
	line_add(l, 0, is_whole ? ROLE_GOOD : ROLE_WARN, "coverage", 0, "%s", share);
	line_add(l, 3, ROLE_LABEL, "", 0, "(kernel %s, seen %s)", kernel, seen);
	if (c->unread)
		line_add(l, 1, ROLE_WARN, "", 0, "%u namespace%s unread", c->unread,
			 c->unread == 1 ? "" : "s");
}

static void draw_trust(const struct state *s, int y)
{
	const struct interval *i = &s->model.interval;
	struct line l = {.n = 0};
	char tracked[24], most[24], evicted[24], lost[24];

	format_count((double)i->tracked, 9, tracked, sizeof(tracked));
	format_count(s->model.info.max_flows, 9, most, sizeof(most));
	format_count((double)i->evicted, 9, evicted, sizeof(evicted));
	format_count((double)i->events_lost, 9, lost, sizeof(lost));
	add_coverage(&l, s);
	line_add(&l, 5, ROLE_TEXT, "tracked", 0, "%s/%s", tracked, most);
	line_add(&l, 4, i->evicted ? ROLE_WARN : ROLE_TEXT, "evicted", 0, "%s", evicted);
	line_add(&l, 2, i->events_lost ? ROLE_WARN : ROLE_TEXT, "events lost", 0, "%s", lost);
	line_add(&l, 6, ROLE_TEXT, "cost", 0, "%.1f %% CPU", i->cost * 100);
	line_fit(&l, s->frame.w);
	line_draw(&l, &s->pen, y, 0, s->frame.w);
}

/* Before the first look there is nothing to say, and zeros would be a lie. */
static void draw_waiting(const struct state *s, int y)
{
	struct line l = {.n = 0};

	line_add(&l, 0, ROLE_TEXT, "", 0, "collecting: first figures in %.1f s", s->delay);
	line_fit(&l, s->frame.w);
	line_draw(&l, &s->pen, y, 0, s->frame.w);
}

void header_draw(const struct state *s)
{
	int y = s->frame.header.y;

	draw_title(s, y);
	if (!has_figures(s)) {
		draw_waiting(s, y + 1);
		return;
	}
	draw_rates(s, y + 1);
	draw_trust(s, y + 2);
}
