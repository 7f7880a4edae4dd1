// SPDX-License-Identifier: GPL-2.0-only
/* One frame: all parts into curses' picture of the screen, then one update of the terminal. */
#include "ui/parts.h"

#include <curses.h>

#include <stdio.h>

static void draw_too_small(const struct state *s)
{
	const struct frame *f = &s->frame;
	char need[48], have[48];

	snprintf(need, sizeof(need), "tcpretop needs %d×%d", LEAST_COLUMNS, LEAST_LINES);
	snprintf(have, sizeof(have), "this is %d×%d", f->w, f->h);
	draw_text(&s->pen, 0, 0, f->w, s->pen.theme.plain[ROLE_TEXT], need);
	if (f->h > 1)
		draw_text(&s->pen, 1, 0, f->w, s->pen.theme.plain[ROLE_TEXT], have);
}

static void draw_parts(struct state *s)
{
	/* a menu may have been opened or closed */
	state_layout(s, s->frame.h, s->frame.w);
	header_draw(s);
	if (s->overlay == OVERLAY_HELP) {
		help_draw(s);
	} else if (s->detail.on) {
		detail_draw(s);
	} else {
		table_draw(s);
		events_draw(s);
		menu_draw(s);
		columns_draw(s);
	}
	footer_draw(s);
}

static void show(void)
{
	wnoutrefresh(stdscr);
	doupdate();
}

void frame_draw_events(struct state *s)
{
	const struct rect *r = &s->frame.events;

	if (s->overlay != OVERLAY_NONE || s->detail.on || s->frame.too_small || s->redraw_all) {
		frame_draw(s);
		return;
	}
	for (int i = 0; i < r->h; i++)
		draw_fill(&s->pen, r->y + i, r->x, r->w, s->pen.theme.plain[ROLE_TEXT], " ");
	events_draw(s);
	show();
}

void frame_draw(struct state *s)
{
	erase();
	if (s->frame.too_small)
		draw_too_small(s);
	else
		draw_parts(s);
	if (s->redraw_all)
		clearok(curscr, TRUE);
	s->redraw_all = false;
	show();
}
