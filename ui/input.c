// SPDX-License-Identifier: GPL-2.0-only
/* Keys and clicks become changes of the state. */
#include "ui/parts.h"

#include <curses.h>

enum { WHEEL_LINES = 3 };

static void back(struct state *s)
{
	if (s->detail.on) {
		s->detail.on = false;
		return;
	}
	if (s->focus == PANE_EVENTS) {
		s->events.follow = true;
		s->events.found = 0;
		s->focus = PANE_TABLE;
		return;
	}
	if (state_close_group(s))
		return;
	s->selection.on = false;
	s->top = 0;
	s->hold.until_ms = 0;
}

static void toggle_tlp(struct state *s)
{
	s->view.tlp = !s->view.tlp;
	state_update(s);
	if (s->view.tlp && s->model.info.tlp_way == TLP_NONE)
		state_notice(s, "this kernel shows only those probes that retransmit");
}

static const char no_room[] = "no room for events: they need a few more lines";

static void toggle_events(struct state *s)
{
	s->events.on = !s->events.on;
	s->events.follow = true;
	state_layout(s, s->frame.h, s->frame.w);
	state_update(s);
	if (s->events.on && s->frame.events.h == 0)
		state_notice(s, "%s", no_room);
}

/* Without a selection it is the first row in sight that is followed. */
static void toggle_follow(struct state *s)
{
	if (!s->events.on)
		toggle_events(s);
	if (!s->events.of_selection && !s->selection.on)
		state_move(s, 1);
	state_follow(s, !s->events.of_selection);
}

static void other_pane(struct state *s)
{
	if (s->frame.events.h > 0)
		s->focus = s->focus == PANE_TABLE ? PANE_EVENTS : PANE_TABLE;
	else
		state_notice(s, "%s", s->events.on ? no_room : "the event pane is off: e shows it");
}

/* A page overlaps the last by a line, as in every pager. */
static void page(struct state *s, int direction)
{
	int h = s->focus == PANE_EVENTS ? s->frame.events.h : s->frame.rows.h;
	int lines = direction * (h > 1 ? h - 1 : 1);

	if (s->focus == PANE_EVENTS)
		state_scroll_events(s, lines);
	else
		state_move(s, lines);
}

static void line(struct state *s, int direction)
{
	if (s->focus == PANE_EVENTS)
		state_scroll_events(s, direction);
	else
		state_move(s, direction);
}

static void end(struct state *s, int direction)
{
	if (s->focus == PANE_EVENTS)
		state_scroll_events(s, direction * (long)EVENTLOG_SIZE);
	else if (s->table.nrows > 0)
		state_select(s, direction < 0 ? 0 : s->table.nrows - 1);
}

static void open_help(struct state *s)
{
	s->overlay = OVERLAY_HELP;
	s->help_top = 0;
}

/* The flow of the event that a search found; its row is selected if it has one. False if none is
 * marked, or that one is no longer shown. */
static bool open_found_event(struct state *s)
{
	const struct event_sample *e;
	long row;

	if (s->focus != PANE_EVENTS || !s->events.found)
		return false;
	e = eventlog_get(&s->log, s->events.found - 1);
	if (!e || !state_shows_event(s, e))
		return false;
	if (!detail_open_flow(s, &e->event.key)) {
		state_notice(s, "the flow of this event is no longer tracked");
		return true;
	}
	state_sort_all(s);
	row = table_find(&s->table, &e->event.key);
	if (row >= 0)
		state_select(s, (size_t)row);
	return true;
}

/* Enter: what there is behind the selected row. Without a selection it is the first in sight. */
static void open_selected(struct state *s)
{
	if (open_found_event(s))
		return;
	if (!s->selection.on)
		state_move(s, 1);
	if (!state_open_group(s))
		detail_open(s);
}

static void open_detail(struct state *s)
{
	if (open_found_event(s))
		return;
	if (!s->selection.on)
		state_move(s, 1);
	detail_open(s);
}

static void quit(struct state *s)
{
	s->quit = true;
}

static void redraw(struct state *s)
{
	s->redraw_all = true;
}

static void toggle_pause(struct state *s)
{
	state_pause(s, !s->paused);
}

static void reverse(struct state *s)
{
	s->view.reverse = !s->view.reverse;
	state_update(s);
}

static void toggle_names(struct state *s)
{
	state_show_names(s, !s->view.names);
}

static void open_group_menu(struct state *s)
{
	menu_open(s, OVERLAY_GROUP);
}

static void open_sort_menu(struct state *s)
{
	menu_open(s, OVERLAY_SORT);
}

static void detail_line(struct state *s, int direction)
{
	detail_scroll(s, direction);
}

static void detail_page(struct state *s, int direction)
{
	detail_scroll(s, direction * (s->frame.body.h > 2 ? s->frame.body.h - 2 : 1));
}

static void detail_end(struct state *s, int direction)
{
	detail_scroll(s, direction * DETAIL_LINES);
}

/* Actions that go one way or the other, -1 is up, left or back: in the table and the events, and in
 * details. NULL does nothing there. */
static const struct step {
	void (*in_table)(struct state *s, int direction);
	void (*in_detail)(struct state *s, int direction);
	int direction;
} steps[ACTIONS] = {
	[ACT_UP] = {line, detail_line, -1},
	[ACT_DOWN] = {line, detail_line, 1},
	[ACT_PAGE_UP] = {page, detail_page, -1},
	[ACT_PAGE_DOWN] = {page, detail_page, 1},
	[ACT_FIRST] = {end, detail_end, -1},
	[ACT_LAST] = {end, detail_end, 1},
	[ACT_SEARCH_NEXT] = {search_next, NULL, 1},
	[ACT_SEARCH_BACK] = {search_next, NULL, -1},
	[ACT_SORT_LEFT] = {table_sort_neighbour, NULL, -1},
	[ACT_SORT_RIGHT] = {table_sort_neighbour, NULL, 1},
};

/* The others, but for those of a replay. */
static const struct deed {
	void (*does)(struct state *s);
	bool in_detail; /* also while details are open */
} deeds[ACTIONS] = {
	[ACT_HELP] = {open_help, true},
	[ACT_QUIT] = {quit, true},
	[ACT_REDRAW] = {redraw, true},
	[ACT_BACK] = {back, true},
	[ACT_TLP] = {toggle_tlp, true},
	[ACT_PAUSE] = {toggle_pause, true},
	[ACT_ZERO] = {state_zero, true},
	[ACT_DELAY] = {delay_prompt_open, true},
	[ACT_SAVE] = {save_open, true},
	[ACT_SETTINGS] = {save_settings, true},
	[ACT_OPEN] = {open_selected, false},
	[ACT_DETAIL] = {open_detail, false},
	[ACT_COLUMNS] = {columns_open, false},
	[ACT_SEARCH] = {search_open, false},
	[ACT_FILTER] = {filter_prompt_open, false},
	[ACT_GROUP_MENU] = {open_group_menu, false},
	[ACT_SORT_MENU] = {open_sort_menu, false},
	[ACT_REVERSE] = {reverse, false},
	[ACT_NAMES] = {toggle_names, false},
	[ACT_EVENTS] = {toggle_events, false},
	[ACT_FOLLOW] = {toggle_follow, false},
	[ACT_PANE] = {other_pane, false},
};

/* Details are open, and what this key does is done in the table. */
static void point_back(struct state *s, int key)
{
	char label[16];

	key_label(key, label, sizeof(label));
	state_notice(s, "Esc first: %s works in the table", label);
}

/* False if the action does nothing here. */
static bool act(struct state *s, enum action action)
{
	const struct step *step = &steps[action];
	const struct deed *deed = &deeds[action];

	if (replay_act(s, action))
		return true;
	if (s->detail.on && step->in_detail)
		step->in_detail(s, step->direction);
	else if (!s->detail.on && step->in_table)
		step->in_table(s, step->direction);
	else if (deed->does && (deed->in_detail || !s->detail.on))
		deed->does(s);
	else
		return false;
	return true;
}

/* Who takes the keys while something is open over the table. */
static void (*const overlay_keys[OVERLAYS])(struct state *s, int key) = {
	[OVERLAY_HELP] = help_key,
	[OVERLAY_SORT] = menu_key,
	[OVERLAY_GROUP] = menu_key,
	[OVERLAY_DELAY] = delay_prompt_key,
	[OVERLAY_FILTER] = filter_prompt_key,
	[OVERLAY_SEARCH] = search_key,
	[OVERLAY_COLUMNS] = columns_key,
	[OVERLAY_SAVE] = save_key,
};

void key_pressed(struct state *s, int key)
{
	enum action action = key_action(key);

	s->notice[0] = '\0';
	if (overlay_keys[s->overlay])
		overlay_keys[s->overlay](s, key);
	else if (!act(s, action) && action != ACT_NONE)
		point_back(s, key);
}

static void click(struct state *s, int y, int x)
{
	const struct frame *f = &s->frame;
	const struct column *c;

	if (rect_holds(&f->head, y, x)) {
		c = layout_column_at(&s->columns, x);
		if (c)
			table_sort_by(s, c->id);
	} else if (rect_holds(&f->rows, y, x)) {
		s->focus = PANE_TABLE;
		state_select(s, s->top + (size_t)(y - f->rows.y));
	} else if (rect_holds(&f->events, y, x) || rect_holds(&f->event_title, y, x)) {
		s->focus = PANE_EVENTS;
	} else if (rect_holds(&f->footer, y, x)) {
		for (unsigned int i = 0; i < s->nbuttons; i++) {
			if (x >= s->buttons[i].x && x < s->buttons[i].x + s->buttons[i].width)
				act(s, s->buttons[i].action);
		}
	}
}

/* While something is open over the table. As Enter does, a press takes what is typed where that has been
 * shown already, and goes on to where it points unless there is something wrong with it. */
static void click_overlay(struct state *s, int y, int x)
{
	switch (s->overlay) {
	case OVERLAY_SORT:
	case OVERLAY_GROUP:
		menu_click(s, y, x);
		break;
	case OVERLAY_COLUMNS:
		columns_click(s, y, x);
		break;
	case OVERLAY_FILTER:
	case OVERLAY_SEARCH:
		key_pressed(s, '\r');
		if (s->overlay == OVERLAY_NONE)
			click(s, y, x);
		break;
	default:
		s->overlay = OVERLAY_NONE;
	}
}

static void wheel(struct state *s, int y, int x, int direction)
{
	if (rect_holds(&s->frame.events, y, x) || rect_holds(&s->frame.event_title, y, x))
		state_scroll_events(s, direction * WHEEL_LINES);
	else
		state_scroll(s, direction * WHEEL_LINES);
}

void mouse_pressed(struct state *s, const struct mouse *m)
{
	/* -1 is the wheel turned up, 1 down, 0 the button. */
	int turn = (m->deed == MOUSE_WHEEL_DOWN) - (m->deed == MOUSE_WHEEL_UP);

	if (s->frame.too_small)
		return;
	s->notice[0] = '\0';
	if (s->overlay != OVERLAY_NONE) {
		if (turn)
			key_pressed(s, turn < 0 ? KEY_UP : KEY_DOWN);
		else
			click_overlay(s, m->y, m->x);
	} else if (s->detail.on) {
		detail_scroll(s, turn * WHEEL_LINES);
	} else if (turn) {
		wheel(s, m->y, m->x, turn);
	} else {
		click(s, m->y, m->x);
	}
}
