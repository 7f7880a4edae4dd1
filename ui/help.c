// SPDX-License-Identifier: GPL-2.0-only
/* The help: made from the key table and the columns, so that it cannot fall behind them. */
#include "ui/parts.h"
#include "ui/sheet.h"

enum { KEY_CELLS = 14, INDENT = 2, ENTRY_BYTES = 256 };

static void heading(struct sheet *sh, const char *text)
{
	sh->line += sh->line > 0;
	sheet_put(sh, sh->line++, 0, sh->room.w, ROLE_TITLE, text);
}

static void entry(struct sheet *sh, enum role role, const char *word, const char *text)
{
	char spelled[ENTRY_BYTES];

	text_spell(sh->pen, word, spelled, sizeof(spelled));
	sheet_put(sh, sh->line, INDENT, KEY_CELLS, role, spelled);
	text_spell(sh->pen, text, spelled, sizeof(spelled));
	sheet_wrap(sh, INDENT + KEY_CELLS, ROLE_TEXT, spelled);
}

static void write_keys(struct sheet *sh)
{
	for (const struct binding *b = bindings; b->action; b++) {
		char names[40];

		if (b->group)
			heading(sh, b->group);
		key_labels(b, names, sizeof(names));
		entry(sh, ROLE_KEY, names, b->help);
	}
}

static void write_signs(struct sheet *sh)
{
	heading(sh, "Signs");
	entry(sh, ROLE_BAD, "!!",
	      "serious: ≥ 100 segments/s, ratio ≥ 5 %, half of the time waiting, or ≥ 3 "
	      "timeouts in a row");
	entry(sh, ROLE_WARN, "!", "worth a look: ≥ 10 segments/s, ratio ≥ 1 %, or waiting");
	entry(sh, ROLE_QUIET, "·", "quiet for 10 s; gone from here after 60 s");
	entry(sh, ROLE_QUIET, "×", "closed");
	entry(sh, ROLE_SPARK, "▁▂▃▄▅▆▇█", "1 2 5 10 30 100 300 1000 segments in an interval");
	entry(sh, ROLE_TEXT, "R>", "event: a segment was sent again");
	entry(sh, ROLE_PROBE, "L>", "event: a tail loss probe was due");
	entry(sh, ROLE_TEXT, "S>", "event: a SYN-ACK was sent again");
	entry(sh, ROLE_GOOD, "coverage", "segments seen / growth of the kernel's own RetransSegs");
}

static void write_groups(struct sheet *sh)
{
	heading(sh, "Groups");
	for (int by = 0; by < GROUPS; by++)
		entry(sh, ROLE_KEY, group_ways[by].name, group_ways[by].help);
}

static void write_columns(struct sheet *sh)
{
	heading(sh, "Columns");
	for (int id = 0; id < FIELDS; id++)
		entry(sh, ROLE_KEY, fields[id].title, fields[id].help);
}

void help_draw(struct state *s)
{
	struct sheet sh = {.pen = &s->pen, .room = s->frame.body, .top = s->help_top};

	sh.room.x += 1;
	sh.room.w -= 1;
	write_keys(&sh);
	write_signs(&sh);
	write_groups(&sh);
	write_columns(&sh);
	s->help_lines = sh.line;
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
