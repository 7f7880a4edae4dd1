// SPDX-License-Identifier: GPL-2.0-only
/* Menus beside the table: the sort column, also of those that it does not show, and the grouping. */
#include "ui/parts.h"

#include <stdio.h>

enum { MOST_ENTRIES = FIELDS };

_Static_assert((int)GROUPS <= (int)MOST_ENTRIES, "each menu has room");

struct menu {
	const char *title, *keys; /* keys: for the footer */
	enum action opens;        /* it closes it, too */
	/* Fills in the entries; returns how many there are. */
	int (*list)(const struct state *s, int ids[MOST_ENTRIES]);
	const char *(*name)(int id);
	int (*current)(const struct state *s);
	void (*choose)(struct state *s, int id);
};

static int list_sort(const struct state *s, int ids[MOST_ENTRIES])
{
	int n = 0;

	for (int id = 0; id < FIELDS; id++) {
		if (field_is_of((enum field_id)id, view_rows(&s->view)))
			ids[n++] = id;
	}
	return n;
}

static const char *sort_name(int id)
{
	return fields[id].title;
}

static int current_sort(const struct state *s)
{
	return (int)s->view.sort;
}

static void choose_sort(struct state *s, int id)
{
	if (id != current_sort(s))
		table_sort_by(s, (enum field_id)id);
}

static int list_groups(const struct state *s, int ids[MOST_ENTRIES])
{
	(void)s;
	for (int by = 0; by < GROUPS; by++)
		ids[by] = by;
	return GROUPS;
}

static const char *group_name(int id)
{
	return group_ways[id].name;
}

static int current_group(const struct state *s)
{
	return (int)s->view.group;
}

static void choose_group(struct state *s, int id)
{
	state_group(s, (enum group_by)id);
	if (id != GROUP_FLOW)
		state_notice(s, "↑ ↓ select a group, Enter shows its flows, Esc comes back");
}

static const struct menu *open_menu(const struct state *s)
{
	static const struct menu sort = {"Sort by",
					 "Enter sort   Esc back   ↑ ↓ choose   r reverse",
					 ACT_SORT_MENU,
					 list_sort,
					 sort_name,
					 current_sort,
					 choose_sort};
	static const struct menu group = {"Group by",     "Enter group   Esc back   ↑ ↓ choose",
					  ACT_GROUP_MENU, list_groups,
					  group_name,     current_group,
					  choose_group};

	switch (s->overlay) {
	case OVERLAY_SORT:
		return &sort;
	case OVERLAY_GROUP:
		return &group;
	default:
		return NULL;
	}
}

void menu_open(struct state *s, enum overlay which)
{
	int ids[MOST_ENTRIES], n;
	const struct menu *m;

	s->overlay = which;
	s->menu_at = 0;
	m = open_menu(s);
	n = m ? m->list(s, ids) : 0;
	for (int i = 0; i < n; i++) {
		if (ids[i] == m->current(s))
			s->menu_at = i;
	}
}

const char *menu_keys(const struct state *s)
{
	const struct menu *m = open_menu(s);

	return m ? m->keys : NULL;
}

/* First entry to show so that the chosen one is in sight. */
static int first_shown(const struct state *s, int at, int n)
{
	int room = s->frame.body.h - 1;
	int top = at - room / 2;

	if (top > n - room)
		top = n - room;
	return top < 0 ? 0 : top;
}

static void draw_entry(const struct state *s, int y, const char *text, bool chosen)
{
	const struct rect *r = &s->frame.body;
	const struct theme *t = &s->pen.theme;
	const ink *inks = chosen ? t->selected : t->plain;

	draw_fill(&s->pen, y, r->x, MENU_CELLS, inks[ROLE_TEXT], " ");
	draw_text(&s->pen, y, r->x + MENU_CELLS - 1, 1, t->plain[ROLE_RULE], "│");
	draw_text(&s->pen, y, r->x, MENU_CELLS - 1, inks[chosen ? ROLE_KEY : ROLE_TEXT], text);
}

void menu_draw_list(struct state *s, const char *title, const char (*entries)[MENU_TEXT], int n,
		    int at)
{
	const struct rect *r = &s->frame.body;
	ink head = s->pen.theme.plain[ROLE_HEAD_SORT];
	int top = first_shown(s, at, n);

	draw_fill(&s->pen, r->y, r->x, MENU_CELLS, head, " ");
	draw_text(&s->pen, r->y, r->x + 1, MENU_CELLS - 1, head, title);
	for (int i = 1; i < r->h; i++) {
		int entry = top + i - 1;

		draw_entry(s, r->y + i, entry < n ? entries[entry] : "", entry < n && entry == at);
	}
}

int menu_entry_at(const struct state *s, int y, int x, int n, int at)
{
	const struct rect *r = &s->frame.body;
	const struct rect entries = {r->y + 1, r->x, r->h - 1, MENU_CELLS - 1};
	int entry = first_shown(s, at, n) + y - entries.y;

	return rect_holds(&entries, y, x) && entry < n ? entry : -1;
}

void menu_draw(struct state *s)
{
	const struct menu *m = open_menu(s);
	char entries[MOST_ENTRIES][MENU_TEXT];
	int ids[MOST_ENTRIES], n;

	if (!m)
		return;
	n = m->list(s, ids);
	for (int i = 0; i < n; i++)
		snprintf(entries[i], MENU_TEXT, "%s %s", ids[i] == m->current(s) ? "▸" : " ",
			 m->name(ids[i]));
	menu_draw_list(s, m->title, entries, n, s->menu_at);
}

bool menu_step(enum action action, int *at, int n)
{
	switch (action) {
	case ACT_UP:
		--*at;
		break;
	case ACT_DOWN:
		++*at;
		break;
	case ACT_PAGE_UP:
	case ACT_FIRST:
		*at = 0;
		break;
	case ACT_PAGE_DOWN:
	case ACT_LAST:
		*at = n - 1;
		break;
	default:
		return false;
	}
	*at = *at < 0 ? 0 : *at >= n ? n - 1 : *at;
	return true;
}

void menu_click(struct state *s, int y, int x)
{
	const struct menu *m = open_menu(s);
	int ids[MOST_ENTRIES], n = m ? m->list(s, ids) : 0;
	int entry = menu_entry_at(s, y, x, n, s->menu_at);

	s->overlay = OVERLAY_NONE;
	if (entry >= 0)
		m->choose(s, ids[entry]);
}

void menu_key(struct state *s, int key)
{
	const struct menu *m = open_menu(s);
	int ids[MOST_ENTRIES], n = m ? m->list(s, ids) : 0;
	enum action action = key_action(key);

	if (!m || menu_step(action, &s->menu_at, n))
		return;
	switch (action) {
	case ACT_OPEN:
		s->overlay = OVERLAY_NONE;
		m->choose(s, ids[s->menu_at]);
		break;
	case ACT_REVERSE:
		if (s->overlay == OVERLAY_SORT) {
			s->view.reverse = !s->view.reverse;
			state_update(s);
		}
		break;
	case ACT_BACK:
	case ACT_QUIT:
		s->overlay = OVERLAY_NONE;
		break;
	default:
		if (action == m->opens)
			s->overlay = OVERLAY_NONE;
		break;
	}
}
