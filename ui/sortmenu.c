// SPDX-License-Identifier: GPL-2.0-only
/* The sort menu: all fields, also those that the table does not show. */
#include "ui/parts.h"

#include <stdio.h>

void sort_menu_open(struct state *s)
{
	s->overlay = OVERLAY_SORT;
	s->menu_at = s->view.sort;
}

/* First entry to show so that the chosen one is in sight. */
static int first_shown(const struct state *s)
{
	int room = s->frame.body.h - 1;
	int top = s->menu_at - room / 2;

	if (top > FIELDS - room)
		top = FIELDS - room;
	return top < 0 ? 0 : top;
}

void sort_menu_draw(struct state *s)
{
	const struct rect *r = &s->frame.body;
	const struct theme *t = &s->pen.theme;
	int top = first_shown(s);

	draw_fill(&s->pen, r->y, r->x, MENU_CELLS, t->plain[ROLE_HEAD_SORT], " ");
	draw_text(&s->pen, r->y, r->x + 1, MENU_CELLS - 1, t->plain[ROLE_HEAD_SORT], "Sort by");
	for (int i = 1; i < r->h; i++) {
		int id = top + i - 1;
		bool chosen = id == s->menu_at;
		const ink *inks = chosen ? t->selected : t->plain;
		char text[32];

		draw_fill(&s->pen, r->y + i, r->x, MENU_CELLS, inks[ROLE_TEXT], " ");
		draw_text(&s->pen, r->y + i, r->x + MENU_CELLS - 1, 1, t->plain[ROLE_RULE], "│");
		if (id >= FIELDS)
			continue;
		snprintf(text, sizeof(text), "%s %s", id == (int)s->view.sort ? "▸" : " ",
			 fields[id].title);
		draw_text(&s->pen, r->y + i, r->x, MENU_CELLS - 1,
			  inks[chosen ? ROLE_KEY : ROLE_TEXT], text);
	}
}

static void move(struct state *s, int lines)
{
	int at = s->menu_at + lines;

	s->menu_at = at < 0 ? 0 : at >= FIELDS ? FIELDS - 1 : at;
}

void sort_menu_key(struct state *s, int key)
{
	if (key == '\r' || key == '\n') {
		s->overlay = OVERLAY_NONE;
		if ((int)s->view.sort != s->menu_at)
			table_sort_by(s, (enum field_id)s->menu_at);
		return;
	}
	switch (key_action(key)) {
	case ACT_UP:
		move(s, -1);
		break;
	case ACT_DOWN:
		move(s, 1);
		break;
	case ACT_PAGE_UP:
	case ACT_FIRST:
		move(s, -FIELDS);
		break;
	case ACT_PAGE_DOWN:
	case ACT_LAST:
		move(s, FIELDS);
		break;
	case ACT_REVERSE:
		s->view.reverse = !s->view.reverse;
		state_update(s);
		break;
	case ACT_SORT_MENU:
	case ACT_BACK:
	case ACT_QUIT:
		s->overlay = OVERLAY_NONE;
		break;
	default:
		break;
	}
}
