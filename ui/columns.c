// SPDX-License-Identifier: GPL-2.0-only
#include "ui/columns.h"

#include <stdio.h>
#include <string.h>

#include "ui/parts.h"

const char *columns_keys(void)
{
	return "Esc back   Space shows or hides   < > moves it   ↑ ↓ choose";
}

/* Groups lead with FLOWS and GROUP by themselves, unless the user named the columns. */
static bool is_offered(const struct state *s, enum field_id id)
{
	if (!field_is_of(id, view_rows(&s->view)) || id == FIELD_GROUP)
		return false;
	return fields[id].rows != OF_GROUPS || s->view.columns_given;
}

/* Places in the order of what is offered. Returns how many there are. */
static int list(const struct state *s, int places[FIELDS])
{
	int n = 0;

	for (int i = 0; i < FIELDS; i++) {
		if (is_offered(s, s->chooser.order[i]))
			places[n++] = i;
	}
	return n;
}

void columns_open(struct state *s)
{
	struct chooser *c = &s->chooser;
	unsigned int n = s->view.ncolumns;

	s->overlay = OVERLAY_COLUMNS;
	memset(c, 0, sizeof(*c));
	memcpy(c->order, s->view.columns, n * sizeof(c->order[0]));
	for (unsigned int i = 0; i < n; i++)
		c->shown[c->order[i]] = true;
	for (int id = 0; id < FIELDS; id++) {
		if (!c->shown[id])
			c->order[n++] = (enum field_id)id;
	}
}

/* The table has the columns of the list. */
static void take_over(struct state *s)
{
	const struct chooser *c = &s->chooser;

	s->view.ncolumns = 0;
	for (int i = 0; i < FIELDS; i++) {
		if (c->shown[c->order[i]])
			s->view.columns[s->view.ncolumns++] = c->order[i];
	}
}

static void toggle(struct state *s, enum field_id id)
{
	bool *shown = &s->chooser.shown[id];

	if (*shown && s->view.ncolumns == 1) {
		state_notice(s, "one column stays");
		return;
	}
	*shown = !*shown;
	take_over(s);
}

/* Past its neighbour in the list, and all between that are not offered for these rows. */
static void shift(struct state *s, const int *places, int n, int step)
{
	struct chooser *c = &s->chooser;
	int to = c->at + step;
	enum field_id moved = c->order[places[c->at]];

	if (to < 0 || to >= n)
		return;
	for (int i = places[c->at]; i != places[to]; i += step)
		c->order[i] = c->order[i + step];
	c->order[places[to]] = moved;
	c->at = to;
	take_over(s);
}

void columns_key(struct state *s, int key)
{
	struct chooser *c = &s->chooser;
	int places[FIELDS], n = list(s, places);
	enum action action = key_action(key);

	if (menu_step(action, &c->at, n))
		return;
	switch (action) {
	case ACT_PAUSE: /* the space bar */
		toggle(s, c->order[places[c->at]]);
		break;
	case ACT_SORT_LEFT:
		shift(s, places, n, -1);
		break;
	case ACT_SORT_RIGHT:
		shift(s, places, n, 1);
		break;
	case ACT_OPEN:
	case ACT_BACK:
	case ACT_QUIT:
	case ACT_COLUMNS:
		s->overlay = OVERLAY_NONE;
		break;
	default:
		break;
	}
}

/* The list stays where it is under the pointer: the cursor does not come along. */
void columns_click(struct state *s, int y, int x)
{
	struct chooser *c = &s->chooser;
	int places[FIELDS], n = list(s, places);
	int entry = menu_entry_at(s, y, x, n, c->at);

	if (entry < 0) {
		s->overlay = OVERLAY_NONE;
		return;
	}
	toggle(s, c->order[places[entry]]);
}

/* What the column under the cursor says, in the last line beside the list. */
static void draw_help(const struct state *s, enum field_id id)
{
	const struct rect *r = &s->frame.body;
	ink how = s->pen.theme.plain[ROLE_NOTICE];
	int y = r->y + r->h - 1, x = r->x + MENU_CELLS;
	char text[160], fitting[160];

	snprintf(text, sizeof(text), "%s: %s", fields[id].title, fields[id].help);
	text_shorten(text, r->w - MENU_CELLS - 2, SHORTEN_END, fitting, sizeof(fitting));
	draw_fill(&s->pen, y, x, r->w - MENU_CELLS, how, " ");
	draw_text(&s->pen, y, x + 1, r->w - MENU_CELLS - 1, how, fitting);
}

void columns_draw(struct state *s)
{
	const struct chooser *c = &s->chooser;
	char entries[FIELDS][MENU_TEXT];
	int places[FIELDS], n;

	if (s->overlay != OVERLAY_COLUMNS)
		return;
	n = list(s, places);
	for (int i = 0; i < n; i++) {
		enum field_id id = c->order[places[i]];

		snprintf(entries[i], MENU_TEXT, "[%c] %s", c->shown[id] ? 'x' : ' ',
			 fields[id].title);
	}
	menu_draw_list(s, "Columns", entries, n, c->at);
	draw_help(s, c->order[places[c->at]]);
}
