// SPDX-License-Identifier: GPL-2.0-only
/* Keys and clicks become changes of the state. */
#include "ui/parts.h"

#include <curses.h>

#include <limits.h>

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

static void toggle_events(struct state *s)
{
	s->events.on = !s->events.on;
	s->events.follow = true;
	state_layout(s, s->frame.h, s->frame.w);
	state_update(s);
	if (s->events.on && s->frame.events.h == 0)
		state_notice(s, "no room for events: they need a few more lines");
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

/* Enter: what there is behind the selected row. Without a selection it is the first in sight. */
static void open_selected(struct state *s)
{
	if (!s->selection.on)
		state_move(s, 1);
	if (!state_open_group(s))
		detail_open(s);
}

static void open_detail(struct state *s)
{
	if (!s->selection.on)
		state_move(s, 1);
	detail_open(s);
}

/* Keys that mean something else while details are open, or nothing. */
static bool act_on_detail(struct state *s, enum action action)
{
	int page = s->frame.body.h > 2 ? s->frame.body.h - 2 : 1;

	switch (action) {
	case ACT_UP:
		detail_scroll(s, -1);
		return true;
	case ACT_DOWN:
		detail_scroll(s, 1);
		return true;
	case ACT_PAGE_UP:
		detail_scroll(s, -page);
		return true;
	case ACT_PAGE_DOWN:
		detail_scroll(s, page);
		return true;
	case ACT_FIRST:
		detail_scroll(s, -DETAIL_LINES);
		return true;
	case ACT_LAST:
		detail_scroll(s, DETAIL_LINES);
		return true;
	case ACT_HELP:
	case ACT_QUIT:
	case ACT_REDRAW:
	case ACT_BACK:
	case ACT_TLP:
	case ACT_PAUSE:
	case ACT_ZERO:
	case ACT_DELAY:
		return false;
	default:
		return true;
	}
}

static void act(struct state *s, enum action action)
{
	if (replay_act(s, action) || (s->detail.on && act_on_detail(s, action)))
		return;
	switch (action) {
	case ACT_HELP:
		open_help(s);
		break;
	case ACT_QUIT:
		s->quit = true;
		break;
	case ACT_REDRAW:
		s->redraw_all = true;
		break;
	case ACT_BACK:
		back(s);
		break;
	case ACT_TLP:
		toggle_tlp(s);
		break;
	case ACT_PAUSE:
		state_pause(s, !s->paused);
		break;
	case ACT_ZERO:
		model_zero(&s->model);
		state_update(s);
		break;
	case ACT_DELAY:
		delay_prompt_open(s);
		break;
	case ACT_COLUMNS:
		columns_open(s);
		break;
	case ACT_SEARCH:
		search_open(s);
		break;
	case ACT_SEARCH_NEXT:
		search_next(s, 1);
		break;
	case ACT_SEARCH_BACK:
		search_next(s, -1);
		break;
	case ACT_FILTER:
		filter_prompt_open(s);
		break;
	case ACT_GROUP_MENU:
		menu_open(s, OVERLAY_GROUP);
		break;
	case ACT_SORT_MENU:
		menu_open(s, OVERLAY_SORT);
		break;
	case ACT_SORT_LEFT:
		table_sort_neighbour(s, -1);
		break;
	case ACT_SORT_RIGHT:
		table_sort_neighbour(s, 1);
		break;
	case ACT_REVERSE:
		s->view.reverse = !s->view.reverse;
		state_update(s);
		break;
	case ACT_NAMES:
		state_show_names(s, !s->view.names);
		break;
	case ACT_SAVE:
		save_open(s);
		break;
	case ACT_SETTINGS:
		save_settings(s);
		break;
	case ACT_EVENTS:
		toggle_events(s);
		break;
	case ACT_FOLLOW:
		toggle_follow(s);
		break;
	case ACT_PANE:
		other_pane(s);
		break;
	case ACT_OPEN:
		open_selected(s);
		break;
	case ACT_DETAIL:
		open_detail(s);
		break;
	case ACT_UP:
		line(s, -1);
		break;
	case ACT_DOWN:
		line(s, 1);
		break;
	case ACT_PAGE_UP:
		page(s, -1);
		break;
	case ACT_PAGE_DOWN:
		page(s, 1);
		break;
	case ACT_FIRST:
		end(s, -1);
		break;
	case ACT_LAST:
		end(s, 1);
		break;
	case ACT_STEP:
	case ACT_SLOWER:
	case ACT_FASTER:
	case ACT_JUMP_BACK:
	case ACT_JUMP_ON:
	case ACT_NONE:
	case ACTIONS:
		break;
	}
}

void key_pressed(struct state *s, int key)
{
	s->notice[0] = '\0';
	switch (s->overlay) {
	case OVERLAY_HELP:
		help_key(s, key);
		break;
	case OVERLAY_SORT:
	case OVERLAY_GROUP:
		menu_key(s, key);
		break;
	case OVERLAY_DELAY:
		delay_prompt_key(s, key);
		break;
	case OVERLAY_FILTER:
		filter_prompt_key(s, key);
		break;
	case OVERLAY_SAVE:
		save_key(s, key);
		break;
	case OVERLAY_COLUMNS:
		columns_key(s, key);
		break;
	case OVERLAY_SEARCH:
		search_key(s, key);
		break;
	default:
		act(s, key_action(key));
	}
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

static void wheel(struct state *s, int y, int x, int direction)
{
	if (rect_holds(&s->frame.events, y, x) || rect_holds(&s->frame.event_title, y, x))
		state_scroll_events(s, direction * WHEEL_LINES);
	else
		state_scroll(s, direction * WHEEL_LINES);
}

void mouse_pressed(struct state *s)
{
	MEVENT e;

	if (getmouse(&e) != OK || s->frame.too_small)
		return;
	s->notice[0] = '\0';
	if (s->overlay != OVERLAY_NONE) {
		if (e.bstate & BUTTON4_PRESSED)
			key_pressed(s, KEY_UP);
		else if (e.bstate & BUTTON5_PRESSED)
			key_pressed(s, KEY_DOWN);
		else
			s->overlay = OVERLAY_NONE;
		return;
	}
	if (s->detail.on) {
		if (e.bstate & BUTTON4_PRESSED)
			detail_scroll(s, -WHEEL_LINES);
		else if (e.bstate & BUTTON5_PRESSED)
			detail_scroll(s, WHEEL_LINES);
		return;
	}
	if (e.bstate & BUTTON4_PRESSED)
		wheel(s, e.y, e.x, -1);
	else if (e.bstate & BUTTON5_PRESSED)
		wheel(s, e.y, e.x, 1);
	else if (e.bstate & BUTTON1_PRESSED)
		click(s, e.y, e.x);
}
