// SPDX-License-Identifier: GPL-2.0-only
/* The help: made from the key table and the columns, so that it cannot fall behind them. */
#include "ui/parts.h"

#include <curses.h>

#include <string.h>

enum { KEY_CELLS = 14, INDENT = 2 };

/* Draws what is within the screen of a text that may be longer. */
struct page {
	const struct state *s;
	struct rect room;
	int line; /* of the text, the next to be written */
};

static int line_y(const struct page *p)
{
	int y = p->line - p->s->help_top;

	return y >= 0 && y < p->room.h ? p->room.y + y : -1;
}

static void heading(struct page *p, const char *text)
{
	int y;

	if (p->line > 0)
		p->line++;
	y = line_y(p);
	if (y >= 0)
		draw_text(&p->s->pen, y, p->room.x, p->room.w, p->s->pen.theme.plain[ROLE_TITLE],
			  text);
	p->line++;
}

static void entry(struct page *p, enum role role, const char *word, const char *text)
{
	int y = line_y(p), x = p->room.x + INDENT;
	const ink *inks = p->s->pen.theme.plain;

	if (y >= 0) {
		draw_text(&p->s->pen, y, x, KEY_CELLS, inks[role], word);
		draw_text(&p->s->pen, y, x + KEY_CELLS, p->room.w - INDENT - KEY_CELLS,
			  inks[ROLE_TEXT], text);
	}
	p->line++;
}

static void write_keys(struct page *p)
{
	for (const struct binding *b = bindings; b->action; b++) {
		char names[40];

		if (b->group)
			heading(p, b->group);
		key_labels(b, names, sizeof(names));
		entry(p, ROLE_KEY, names, b->help);
	}
}

static void write_signs(struct page *p)
{
	heading(p, "Signs");
	entry(p, ROLE_BAD, "!!",
	      "serious: ≥ 100 segments/s, ratio ≥ 5 %, or half of the time waiting");
	entry(p, ROLE_WARN, "!", "worth a look: ≥ 10 segments/s, ratio ≥ 1 %, or waiting");
	entry(p, ROLE_QUIET, "·", "quiet for 10 s; gone from here after 60 s");
	entry(p, ROLE_QUIET, "×", "closed");
	entry(p, ROLE_SPARK, "▁▂▃▄▅▆▇█", "1 2 5 10 30 100 300 1000 segments in an interval");
	entry(p, ROLE_TEXT, "R>", "event: a segment was sent again");
	entry(p, ROLE_PROBE, "L>", "event: a tail loss probe was due");
	entry(p, ROLE_TEXT, "S>", "event: a SYN-ACK was sent again");
	entry(p, ROLE_GOOD, "coverage", "segments seen / growth of the kernel's own RetransSegs");
}

static void write_groups(struct page *p)
{
	heading(p, "Groups");
	for (int by = 0; by < GROUPS; by++)
		entry(p, ROLE_KEY, group_ways[by].name, group_ways[by].help);
}

static void write_columns(struct page *p)
{
	heading(p, "Columns");
	for (int id = 0; id < FIELDS; id++)
		entry(p, ROLE_KEY, fields[id].title, fields[id].help);
}

void help_draw(struct state *s)
{
	struct page p = {.s = s, .room = s->frame.body, .line = 0};

	p.room.x += 1;
	p.room.w -= 1;
	write_keys(&p);
	write_signs(&p);
	write_groups(&p);
	write_columns(&p);
	s->help_lines = p.line;
}

static void turn(struct state *s, int lines)
{
	int most = s->help_lines - s->frame.body.h;

	s->help_top += lines;
	if (s->help_top > most)
		s->help_top = most;
	if (s->help_top < 0)
		s->help_top = 0;
}

void help_key(struct state *s, int key)
{
	switch (key_action(key)) {
	case ACT_UP:
		turn(s, -1);
		break;
	case ACT_DOWN:
		turn(s, 1);
		break;
	case ACT_PAGE_UP:
		turn(s, -s->frame.body.h);
		break;
	case ACT_PAGE_DOWN:
	case ACT_PAUSE: /* the space bar turns pages, as in every pager */
		turn(s, s->frame.body.h);
		break;
	case ACT_FIRST:
		s->help_top = 0;
		break;
	case ACT_LAST:
		turn(s, s->help_lines);
		break;
	case ACT_HELP:
	case ACT_BACK:
	case ACT_QUIT:
		s->overlay = OVERLAY_NONE;
		break;
	default:
		break;
	}
}
