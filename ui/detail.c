// SPDX-License-Identifier: GPL-2.0-only
#include "ui/detail.h"

#include <curses.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <wchar.h>

#include "src/evidence.h"
#include "src/format.h"
#include "ui/figures.h"
#include "ui/graph.h"
#include "ui/line.h"
#include "ui/parts.h"
#include "ui/section.h"
#include "ui/subject.h"

/* Cells. A file has no width of its own: as wide as the screen, within these. */
enum { LEAST_HINT = 60, LEAST_TEXT = 100, MOST_TEXT = 400, MOST_IDENTITY = 45 };

void detail_open(struct state *s)
{
	if (!s->selection.on)
		return;
	s->detail = (struct detail){.on = true, .due = true};
	s->detail.key = s->selection.key;
	s->detail.group = s->selection.group;
}

bool detail_open_flow(struct state *s, const struct flow_key *key)
{
	if (!model_find(&s->model, key))
		return false;
	s->detail = (struct detail){.on = true, .due = true, .key = *key};
	return true;
}

void detail_look(struct state *s, struct source *source)
{
	struct detail *d = &s->detail;
	const struct flow *f;

	if (!d->on || !d->due)
		return;
	d->due = false;
	if (d->group.by)
		return;
	f = model_find(&s->model, &d->key);
	/* What is gone would be looked for among all sockets, again and again. */
	d->look_err = f && f->flags & FLOW_CLOSED ? -ENOENT
						  : source_look(source, &d->key, &d->look);
	d->command_err = f && f->pid ? source_command(source, f->pid, &d->command) : -ENOENT;
}

void detail_scroll(struct state *s, long lines)
{
	long top = s->detail.top + lines;

	s->detail.top = top < 0 ? 0 : top > DETAIL_LINES ? DETAIL_LINES : (int)top;
}

void detail_hint(const struct state *s, char *buf, size_t size)
{
	int below = s->detail.lines - s->detail.top - (s->frame.body.h - 1);
	const char *rest = s->frame.w < LEAST_HINT ? ""
						   : "   l TLP   Space pause   s save   q quit";

	if (below > 0)
		snprintf(buf, size, "Esc back   ↓ %d more line%s%s", below, below == 1 ? "" : "s",
			 rest);
	else
		snprintf(buf, size, "Esc back%s%s", s->detail.top > 0 ? "   ↑ scroll" : "", rest);
}

static void draw_history(struct sheet *sh, const struct subject *who)
{
	const struct state *s = who->s;
	double values[HISTORY];
	struct graph g = {values, HISTORY, sh->room.h < 14 ? 2 : sh->room.h < 24 ? 3 : 5};

	for (unsigned int i = 0; i < HISTORY; i++)
		values[HISTORY - 1 - i] = field_bar(&s->model, &s->view, who->f, i);
	sheet_put(sh, sh->line++, 0, sh->room.w, ROLE_TITLE,
		  "Segments sent again in each interval, newest right");
	for (int up = g.lines - 1; up >= 0; up--, sh->line++) {
		int y = sheet_y(sh, sh->line);

		if (y >= 0)
			graph_draw_line(&g, sh->pen, up, y, sh->room.x, sh->room.w);
	}
	sh->line++;
}

static void draw_verdict(struct sheet *sh, const struct subject *who)
{
	const struct model *m = &who->s->model;
	const struct detail *d = &who->s->detail;
	const struct group *g = flow_group(who->f);
	struct evidence e;
	struct verdict v;

	if (g)
		evidence_of_group(m, g, &e);
	else
		evidence_of_flow(m, who->f, d->look_err ? NULL : &d->look, &e);
	if (!g && d->look_err == -ENOENT)
		e.closed = true;
	verdict_make(&e, &v);
	for (unsigned int i = 0; i < v.n; i++) {
		sheet_put(sh, sh->line, 0, 2, ROLE_TITLE, "▸");
		sheet_wrap(sh, 2, ROLE_TEXT, v.text[i]);
	}
}

static void draw_row(struct sheet *sh, const char *label, const char *text)
{
	sheet_put(sh, sh->line, 0, SECTION_LABEL, ROLE_LABEL, label);
	sheet_wrap(sh, SECTION_LABEL + 1, ROLE_TEXT, *text ? text : "-");
}

static void draw_field(struct sheet *sh, const struct subject *who, const char *label,
		       enum field_id id)
{
	struct value val;

	field_get(id, &who->s->model, &who->s->view, who->f, &val);
	draw_row(sh, label, val.known ? val.text : "");
}

static void draw_owner(struct sheet *sh, const struct subject *who)
{
	char text[sizeof(struct command) + 80];

	sheet_put(sh, sh->line++, 0, sh->room.w, ROLE_TITLE, "Owner");
	subject_process(who, text, sizeof(text));
	draw_row(sh, "PROCESS", text);
	if (who->f->pid) {
		subject_command(who, text, sizeof(text));
		draw_row(sh, "COMMAND", text);
	}
	draw_field(sh, who, "USER", FIELD_USER);
	draw_field(sh, who, "UNIT", FIELD_UNIT);
	draw_field(sh, who, "CGROUP", FIELD_CGROUP);
	draw_field(sh, who, "NETNS", FIELD_NETNS);
	subject_seen(who, text, sizeof(text));
	draw_row(sh, "SEEN", text);
}

/* "── 10.0.0.17:443 → 198.51.100.20:51442 ──": endpoints that find no room there get lines of their
 * own. Returns the cells of the rule that are left. */
static int draw_title(struct sheet *sh, const struct subject *who, const struct rect *r)
{
	const ink *inks = sh->pen->theme.plain;
	char local[ADDR_TEXT], remote[ADDR_TEXT], both[2 * ADDR_TEXT + 8];
	int w = r->w - 4;

	format_endpoint(&who->f->key, false, true, local, sizeof(local));
	format_endpoint(&who->f->key, true, true, remote, sizeof(remote));
	snprintf(both, sizeof(both), " %s → %s ", local, remote);
	draw_fill(sh->pen, r->y, r->x, r->w, inks[ROLE_RULE], "─");
	if (text_width(both) <= w)
		return w - draw_text(sh->pen, r->y, r->x + 3, w, inks[ROLE_FOCUS], both);
	draw_text(sh->pen, r->y, r->x + 3, w, inks[ROLE_FOCUS], " details ");
	sheet_put(sh, sh->line++, 0, sh->room.w, ROLE_FOCUS, local);
	snprintf(both, sizeof(both), "→ %s", remote);
	sheet_put(sh, sh->line++, 0, sh->room.w, ROLE_FOCUS, both);
	return 0;
}

/* In the rule, if it has so much room, else in lines of its own. */
static void draw_origin(struct sheet *sh, const struct subject *who, const struct rect *rule,
			int room)
{
	enum role role = who->live ? ROLE_GOOD : ROLE_WARN;
	char text[120], spaced[sizeof(text) + 2];

	subject_origin(who, text, sizeof(text));
	snprintf(spaced, sizeof(spaced), " %s ", text);
	if (text_width(spaced) + 3 <= room)
		draw_right(sh->pen, rule->y, rule->x, rule->w - 2, sh->pen->theme.plain[role],
			   spaced);
	else
		sheet_wrap(sh, 0, role, text);
}

/* Whose it is, in short; the whole of it stands at the end. */
static void draw_identity(struct sheet *sh, const struct subject *who)
{
	static const struct {
		enum field_id id;
		const char *label;
	} parts[] = {{FIELD_PROCESS, ""},
		     {FIELD_UNIT, "unit"},
		     {FIELD_USER, "user"},
		     {FIELD_NETNS, "netns"}};
	struct line l = {.n = 0};
	int y = sheet_y(sh, sh->line++);

	for (int i = 0; i < (int)(sizeof(parts) / sizeof(parts[0])); i++) {
		struct value val;
		char fitting[VALUE_TEXT];

		field_get(parts[i].id, &who->s->model, &who->s->view, who->f, &val);
		text_shorten(val.text, MOST_IDENTITY, SHORTEN_PROCESS, fitting, sizeof(fitting));
		if (val.known && *val.text)
			line_add(&l, i, ROLE_TEXT, parts[i].label, 0, "%s", fitting);
	}
	line_fit(&l, sh->room.w);
	if (y >= 0)
		line_draw(&l, sh->pen, y, sh->room.x, sh->room.w);
	sh->line++;
}

/* "── remote 198.51.100.20 · 14 flows ──" */
static void draw_group_title(const struct sheet *sh, const struct group *g, const struct rect *r)
{
	const ink *inks = sh->pen->theme.plain;
	const char *way = group_ways[g->key.by].name;
	char label[VALUE_TEXT], fitting[VALUE_TEXT], flows[48], text[VALUE_TEXT + 64];
	int room;

	if (!group_label(&g->key, label, sizeof(label)))
		snprintf(label, sizeof(label), "not known");
	snprintf(flows, sizeof(flows), " · %zu flow%s ", g->nflows, g->nflows == 1 ? "" : "s");
	room = r->w - 4 - text_width(way) - 2 - text_width(flows);
	text_shorten(label, room, SHORTEN_ADDRESS, fitting, sizeof(fitting));
	snprintf(text, sizeof(text), " %s %s%s", way, fitting, flows);
	draw_fill(sh->pen, r->y, r->x, r->w, inks[ROLE_RULE], "─");
	draw_text(sh->pen, r->y, r->x + 3, r->w - 4, inks[ROLE_FOCUS], text);
}

/* What can be said of many flows together: what was sent again, and what that means. */
static void draw_group(struct sheet *sh, const struct state *s, const struct flow *sum,
		       const struct rect *r)
{
	struct subject who = {.s = s, .f = sum};

	draw_group_title(sh, flow_group(sum), r);
	draw_verdict(sh, &who);
	sh->line++;
	draw_history(sh, &who);
	figures_of_group(sh, &who);
}

static void draw_flow(struct sheet *sh, const struct state *s, const struct flow *f,
		      const struct rect *r)
{
	struct subject who = subject_of(s, f);
	int room = draw_title(sh, &who, r);

	draw_verdict(sh, &who);
	draw_origin(sh, &who, r, room);
	draw_identity(sh, &who);
	draw_history(sh, &who);
	figures_of_flow(sh, &who);
	draw_owner(sh, &who);
}

static const struct flow *find_subject(const struct state *s)
{
	long row;

	if (!s->detail.group.by)
		return model_find(&s->model, &s->detail.key);
	row = table_find_group(&s->table, &s->detail.group);
	return row < 0 ? NULL : s->table.rows[row];
}

/* In this rectangle, from line `top` on. Returns how many lines there are, but for the title's. */
static int draw_into(const struct state *s, const struct pen *pen, const struct rect *r, int top)
{
	const struct flow *f = find_subject(s);
	struct sheet sh = {.pen = pen, .top = top};

	sh.room = (struct rect){r->y + 1, r->x + 1, r->h - 1, r->w - 2};
	if (f && flow_group(f))
		draw_group(&sh, s, f, r);
	else if (f)
		draw_flow(&sh, s, f, r);
	else
		sheet_wrap(&sh, 0, ROLE_TEXT,
			   !s->detail.group.by ? "This flow is no longer tracked."
			   : s->view.tlp       ? "No flow of this group counts now: none "
						 "has in the last minute, or since z."
					 : "No flow of this group counts now: none has in the "
					   "last minute, or since z. Tail loss probes are "
					   "left out: l counts them.");
	return sh.line;
}

static void draw_from(struct state *s, int top)
{
	const struct rect *r = &s->frame.body;

	for (int i = 0; i < r->h; i++)
		draw_fill(&s->pen, r->y + i, r->x, r->w, s->pen.theme.plain[ROLE_TEXT], " ");
	s->detail.lines = draw_into(s, &s->pen, r, top);
}

/* How far it can be scrolled is known when it has been written. */
void detail_draw(struct state *s)
{
	int most;

	draw_from(s, s->detail.top);
	most = s->detail.lines - (s->frame.body.h - 1);
	if (most < 0)
		most = 0;
	if (s->detail.top <= most)
		return;
	s->detail.top = most;
	draw_from(s, most);
}

/* As much of it as has been drawn, in lines without blanks at their ends. 0, or -EIO: a line is missing. */
static int write_window(WINDOW *window, FILE *f)
{
	for (int y = 0; y < getmaxy(window); y++) {
		wchar_t line[MOST_TEXT + 1];
		int n = mvwinnwstr(window, y, 0, line, MOST_TEXT);

		if (n < 0)
			return -EIO;
		while (n > 0 && line[n - 1] == L' ')
			n--;
		for (int i = 0; i < n; i++) {
			char bytes[MB_LEN_MAX];
			mbstate_t state = {0};
			size_t len = wcrtomb(bytes, line[i], &state);

			if (len == (size_t)-1)
				fputc('?', f);
			else
				fwrite(bytes, 1, len, f);
		}
		fputc('\n', f);
	}
	return 0;
}

int detail_write(const struct state *s, FILE *f)
{
	struct pen pen = s->pen;
	struct rect r = {.h = DETAIL_LINES, .w = s->frame.w};
	int lines = 1, err = 0;

	r.w = r.w < LEAST_TEXT ? LEAST_TEXT : r.w > MOST_TEXT ? MOST_TEXT : r.w;
	/* Into one line first, which tells how many there are. */
	for (int pass = 0; pass < 2; pass++) {
		pen.window = newpad(lines, r.w);
		if (!pen.window)
			return -ENOMEM;
		lines = draw_into(s, &pen, &r, 0) + 1;
		if (pass)
			err = write_window(pen.window, f);
		delwin(pen.window);
	}
	return err;
}
