// SPDX-License-Identifier: GPL-2.0-only
/* The table: its head, its rows, and what stands there when there are none. */
#include "ui/parts.h"

#include <stdio.h>
#include <string.h>

#include "src/format.h"
#include "ui/severity.h"
#include "ui/spark.h"

static bool is_text(enum field_id id)
{
	return fields[id].unit >= UNIT_TEXT;
}

static size_t rows_shown(const struct state *s)
{
	size_t rest = s->table.nrows - s->top;

	return rest < (size_t)s->frame.rows.h ? rest : (size_t)s->frame.rows.h;
}

/* Texts that the rows on the screen hold; what was needed once stays, for the sake of calm. */
static void note_needs(struct state *s)
{
	for (size_t i = 0; i < rows_shown(s); i++) {
		for (int id = 0; id < FIELDS; id++) {
			struct value val;
			int cells;

			if (!is_text(id) || id == FIELD_HISTORY)
				continue;
			field_get(id, &s->model, &s->view, s->table.rows[s->top + i], &val);
			cells = text_width(val.text);
			if (cells > s->need[id])
				s->need[id] =
					(unsigned char)(cells < UINT8_MAX ? cells : UINT8_MAX);
		}
	}
}

static int arrow_x(const struct column *c)
{
	return is_text(c->id) ? c->x + text_width(fields[c->id].title) : c->x + c->width;
}

static void draw_head(const struct state *s)
{
	const struct rect *r = &s->frame.head;
	const struct theme *t = &s->pen.theme;

	draw_fill(&s->pen, r->y, r->x, r->w, t->plain[ROLE_HEAD], " ");
	for (unsigned int i = 0; i < s->columns.n; i++) {
		const struct column *c = &s->columns.column[i];
		const struct field *f = &fields[c->id];
		bool sorted = c->id == s->view.sort;
		const char *arrow = f->ascending != s->view.reverse ? "↑" : "↓";
		ink how = t->plain[sorted ? ROLE_HEAD_SORT : ROLE_HEAD];

		if (sorted)
			draw_fill(&s->pen, r->y, c->x, c->width + 1, how, " ");
		if (is_text(c->id))
			draw_text(&s->pen, r->y, c->x, c->width, how, f->title);
		else
			draw_right(&s->pen, r->y, c->x, c->width, how, f->title);
		/* in the gap, where it moves no title */
		if (sorted)
			draw_text(&s->pen, r->y, arrow_x(c), 1, how, arrow);
	}
}

static void history_text(const struct state *s, const struct flow *f, int cells, char *buf,
			 size_t size)
{
	double values[HISTORY];

	if (cells > HISTORY)
		cells = HISTORY;
	for (int i = 0; i < cells; i++)
		values[cells - 1 - i] = field_bar(&s->model, &s->view, f, (unsigned int)i);
	spark_text_by_steps(values, cells, buf, size);
}

static enum role cell_role(enum field_id id, const struct value *val, const struct flow *f)
{
	if (!val->known)
		return ROLE_QUIET;
	if (id == FIELD_HISTORY)
		return ROLE_SPARK;
	return severity_role(severity_of(id, val, f));
}

static enum shorten shorten_how(enum field_id id)
{
	if (fields[id].unit == UNIT_ADDR)
		return SHORTEN_ENDPOINT;
	if (id == FIELD_GROUP)
		return SHORTEN_ADDRESS;
	return id == FIELD_PROCESS ? SHORTEN_PROCESS : SHORTEN_END;
}

static void draw_cell(const struct state *s, const struct flow *f, const struct column *c, int y,
		      bool quiet, const ink *inks)
{
	struct value val;
	char text[SPARK_TEXT], fitting[SPARK_TEXT];
	ink how;

	field_get(c->id, &s->model, &s->view, f, &val);
	how = inks[quiet ? ROLE_QUIET : cell_role(c->id, &val, f)];
	if (c->id == FIELD_HISTORY) {
		history_text(s, f, c->width, text, sizeof(text));
		draw_text(&s->pen, y, c->x, c->width, how, text);
		return;
	}
	field_text(c->id, &val, (unsigned int)c->width, text, sizeof(text));
	if (is_text(c->id)) {
		text_shorten(text, c->width, shorten_how(c->id), fitting, sizeof(fitting));
		draw_text(&s->pen, y, c->x, c->width, how, fitting);
	} else {
		draw_right(&s->pen, y, c->x, c->width, how, text);
	}
}

/* Colour is never the only sign: how bad it is, and that it is over, also stands before the row. */
static void draw_mark(const struct state *s, const struct flow *f, int y, bool quiet,
		      const ink *inks)
{
	enum severity worst = SEVERITY_FINE;
	const char *mark = " ";

	if (links_has_lost(s, f)) {
		mark = "?";
	} else if (quiet) {
		mark = f->flags & FLOW_CLOSED ? "×" : "·";
	} else {
		worst = severity_of_flow(&s->model, &s->view, f);
		mark = worst == SEVERITY_BAD ? "!!" : worst == SEVERITY_WARN ? "!" : " ";
	}
	draw_text(&s->pen, y, s->frame.rows.x, MARK_CELLS,
		  inks[quiet ? ROLE_QUIET : severity_role(worst)], mark);
}

/* Of no more interest. A group whose flows are all closed may get new ones at any time. */
static bool is_over(const struct state *s, const struct flow *f)
{
	return flow_is_quiet(&s->model, f, QUIET_NS) || (f->flags & FLOW_CLOSED && !flow_group(f));
}

static void draw_row(const struct state *s, size_t row, int y)
{
	const struct rect *r = &s->frame.rows;
	const struct flow *f = s->table.rows[row];
	const struct theme *t = &s->pen.theme;
	bool selected = s->selection.on && s->selection.row == row;
	const ink *inks = selected ? t->selected : t->plain;
	bool quiet = is_over(s, f) || links_has_lost(s, f);

	if (selected)
		draw_fill(&s->pen, y, r->x, r->w, inks[ROLE_TEXT], " ");
	draw_mark(s, f, y, quiet, inks);
	for (unsigned int i = 0; i < s->columns.n; i++)
		draw_cell(s, f, &s->columns.column[i], y, quiet, inks);
}

static void quiet_text(const struct state *s, char *buf, size_t size)
{
	const struct model *m = &s->model;
	uint64_t seconds = table_quiet_seconds(m, &s->view);
	char span[32];

	if (seconds < 100)
		snprintf(span, sizeof(span), "%u s", (unsigned int)seconds);
	else
		format_span(seconds, span, sizeof(span));
	snprintf(buf, size, "no %sretransmits %s%s; %u of %u probes attached",
		 view_family_word(&s->view), seconds ? "in " : "yet", seconds ? span : "",
		 m->info.probes, m->info.probes_wanted);
}

static void none_match_text(const struct state *s, char *buf, size_t size)
{
	if (s->view.within.by && !*s->view.filter_text)
		snprintf(buf, size, "no flow of this group is left: Esc goes back to the groups");
	else
		snprintf(buf, size, "the filter shows none of %zu flows: F4 changes it",
			 s->table.nflows);
}

static void draw_centred(const struct state *s, const char *text, int y)
{
	const struct rect *r = &s->frame.rows;
	int width = text_width(text) < r->w ? text_width(text) : r->w;

	draw_text(&s->pen, y, r->x + (r->w - width) / 2, width, s->pen.theme.plain[ROLE_LABEL],
		  text);
}

/* Takes a second line where it has to, behind the first half. */
static void draw_sentence(const struct state *s, char *text, int y)
{
	char *half = strstr(text, "; ");

	if (!half)
		half = strstr(text, ": ");
	if (half && text_width(text) > s->frame.rows.w) {
		draw_centred(s, half + 2, y + 1);
		half[1] = '\0';
	}
	draw_centred(s, text, y);
}

/* An empty table says why it is empty. */
static void draw_empty(const struct state *s)
{
	const struct rect *r = &s->frame.rows;
	char text[160];

	if (s->model.tick == 0)
		snprintf(text, sizeof(text),
			 "collecting: first figures in %.1f s; %u of %u probes"
			 " attached",
			 s->delay, s->model.info.probes, s->model.info.probes_wanted);
	else if (s->table.nflows > 0 && s->table.nmatches == 0)
		none_match_text(s, text, sizeof(text));
	else if (!s->view.tlp && !s->view.family && s->model.interval.last.segs[CAUSE_TLP])
		snprintf(text, sizeof(text), "nothing but tail loss probes: l shows them");
	else
		quiet_text(s, text, sizeof(text));
	draw_sentence(s, text, r->y + r->h / 3);
}

void table_draw(struct state *s)
{
	note_needs(s);
	layout_columns(&s->columns, &s->view, &s->frame.rows, s->need);
	draw_head(s);
	for (size_t i = 0; i < rows_shown(s); i++)
		draw_row(s, s->top + i, s->frame.rows.y + (int)i);
	if (s->table.nrows == 0)
		draw_empty(s);
}

void table_sort_neighbour(struct state *s, int step)
{
	int n = (int)s->columns.n, at = 0;

	if (n == 0)
		return;
	while (at < n && s->columns.column[at].id != s->view.sort)
		at++;
	at += step;
	if (at >= 0 && at < n)
		table_sort_by(s, s->columns.column[at].id);
}

void table_sort_by(struct state *s, enum field_id id)
{
	s->view.reverse = id == s->view.sort && !s->view.reverse;
	s->view.sort = id;
	state_update(s);
}
