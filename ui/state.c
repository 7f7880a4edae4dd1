// SPDX-License-Identifier: GPL-2.0-only
#include "ui/state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/filter.h"
#include "src/sanitise.h"

enum { HOLD_MS = 3000 };

void state_init(struct state *s, const struct source_info *info, const struct view *v, double delay)
{
	model_init(&s->model, info);
	held_ticks_init(&s->held_ticks, info->max_flows);
	s->view = *v;
	s->view.filter = NULL; /* that one is whose view it is; here its text is parsed anew */
	state_filter(s, v->filter_text);
	s->delay = delay;
	s->events.on = true;
	s->events.follow = true;
}

void state_free(struct state *s)
{
	filter_free(s->view.filter);
	order_drop(&s->hold.order);
	names_close(s->names);
	table_free(&s->table);
	held_ticks_free(&s->held_ticks);
	model_free(&s->model);
}

static size_t page(const struct state *s)
{
	return s->frame.rows.h > 0 ? (size_t)s->frame.rows.h : 1;
}

static bool is_visible(const struct state *s, size_t row)
{
	return row >= s->top && row - s->top < page(s);
}

static void clamp_top(struct state *s)
{
	size_t n = s->table.nrows, most = n > page(s) ? n - page(s) : 0;

	if (s->top > most)
		s->top = most;
}

static void scroll_to(struct state *s, size_t row)
{
	if (row < s->top)
		s->top = row;
	else if (row - s->top >= page(s))
		s->top = row - page(s) + 1;
}

static long find_selected(const struct state *s)
{
	const struct selection *sel = &s->selection;

	return sel->group.by ? table_find_group(&s->table, &sel->group)
			     : table_find(&s->table, &sel->key);
}

static void set_selection(struct state *s, size_t row)
{
	const struct flow *f = s->table.rows[row];
	struct selection *sel = &s->selection;

	sel->on = true;
	sel->row = row;
	sel->key = f->key;
	sel->group = flow_group(f) ? flow_group(f)->key : (struct group_key){.by = GROUP_FLOW};
}

/* The selection goes where its flow or group went. If that is gone, who took its place is selected. */
static void keep_selection(struct state *s)
{
	struct selection *sel = &s->selection;
	bool was_visible = is_visible(s, sel->row);
	long row;

	if (!sel->on)
		return;
	row = find_selected(s);
	if (row < 0 && s->table.nrows == 0) {
		sel->on = false;
		return;
	}
	if (row < 0)
		row = (long)(sel->row < s->table.nrows ? sel->row : s->table.nrows - 1);
	set_selection(s, (size_t)row);
	/* Whoever scrolled away from it is not called back. */
	if (was_visible)
		scroll_to(s, sel->row);
}

void state_layout(struct state *s, int lines, int columns)
{
	bool menu = s->overlay == OVERLAY_SORT || s->overlay == OVERLAY_GROUP ||
		    s->overlay == OVERLAY_COLUMNS;

	layout_frame(&s->frame, lines, columns, s->events.on, menu ? MENU_CELLS : 0);
}

bool state_is_held(const struct state *s)
{
	return s->hold.order.n > 0;
}

static bool may_hold(const struct state *s)
{
	const struct hold *h = &s->hold;
	const struct view *v = &s->view;

	return s->now_ms < h->until_ms && h->sort == v->sort && h->reverse == v->reverse &&
	       h->tlp == v->tlp && h->group == v->group && h->within.by == v->within.by &&
	       group_order(&h->within, &v->within) == 0;
}

/* Rows must not move away from under a finger: who moves among them has some seconds of rest. */
static void hold_order(struct state *s)
{
	struct hold *h = &s->hold;

	h->until_ms = s->now_ms + HOLD_MS;
	h->sort = s->view.sort;
	h->reverse = s->view.reverse;
	h->tlp = s->view.tlp;
	h->group = s->view.group;
	h->within = s->view.within;
	/* As far as that may be seen; what comes after it is sorted as ever. */
	if (order_take(&h->order, &s->table, s->top + 4 * (size_t)s->frame.h) < 0)
		state_notice(s, "out of memory: the order is not held");
}

static void keep_order(struct state *s)
{
	if (!state_is_held(s))
		return;
	if (!may_hold(s))
		order_drop(&s->hold.order);
	else if (order_apply(&s->hold.order, &s->table) < 0)
		state_notice(s, "out of memory: the order is not held");
}

bool state_end_hold(struct state *s)
{
	if (!state_is_held(s) || may_hold(s))
		return false;
	state_update(s);
	return true;
}

void state_update(struct state *s)
{
	/* Nobody has gone anywhere: no more rows are looked at than the screen has lines. */
	s->table.wanted = s->selection.on || s->top ? 0 : (size_t)s->frame.h;
	if (table_build(&s->table, &s->model, &s->view, ROWS_RECENT) < 0)
		state_notice(s, "out of memory: the table cannot be shown");
	keep_order(s);
	keep_selection(s);
	clamp_top(s);
	if (s->frame.events.h == 0)
		s->focus = PANE_TABLE;
}

void state_ticked(struct state *s, int full)
{
	if (full)
		state_notice(s, "out of memory: some flows are not shown");
	state_update(s);
	s->detail.due = true;
}

bool state_filter(struct state *s, const char *text)
{
	struct filter_error err;
	struct filter *filter = *text ? filter_parse(text, &err) : NULL;

	s->wrong[0] = '\0';
	if (*text && !filter) {
		snprintf(s->wrong, sizeof(s->wrong), "character %u: %s", err.at + 1, err.text);
		return false;
	}
	filter_free(s->view.filter);
	s->view.filter = filter;
	if (text != s->view.filter_text)
		snprintf(s->view.filter_text, sizeof(s->view.filter_text), "%s", text);
	state_update(s);
	return true;
}

/* Other events are shown: there may be fewer before the end of what is. */
static void settle_events(struct state *s)
{
	if (!s->events.follow)
		state_scroll_events(s, 0);
}

/* Other rows: what was selected is none of them, and their texts need other widths. */
static void change_rows(struct state *s)
{
	s->selection.on = false;
	s->top = 0;
	memset(s->need, 0, sizeof(s->need));
	view_settle_sort(&s->view);
	state_update(s);
	settle_events(s);
}

void state_group(struct state *s, enum group_by by)
{
	s->view.group = by;
	s->view.within.by = GROUP_FLOW;
	change_rows(s);
}

bool state_open_group(struct state *s)
{
	const struct selection *sel = &s->selection;

	if (!sel->on || !sel->group.by)
		return false;
	s->groups = (struct place){s->top, sel->row, s->view.sort, s->view.reverse};
	s->view.within = sel->group;
	change_rows(s);
	return true;
}

bool state_close_group(struct state *s)
{
	struct group_key group = s->view.within;

	if (!group.by)
		return false;
	s->view.within.by = GROUP_FLOW;
	s->view.sort = s->groups.sort;
	s->view.reverse = s->groups.reverse;
	change_rows(s);
	s->top = s->groups.top;
	s->selection = (struct selection){.on = true, .group = group, .row = s->groups.row};
	state_update(s);
	return true;
}

bool state_shows_event(const struct state *s, const struct event_sample *e)
{
	const struct selection *sel = &s->selection;

	if (!view_shows_event(&s->view, &s->model, e))
		return false;
	if (!s->events.of_selection || !sel->on)
		return true;
	return sel->group.by ? group_has_event(&sel->group, e)
			     : !memcmp(&sel->key, &e->event.key, sizeof(sel->key));
}

void state_follow(struct state *s, bool on)
{
	s->events.of_selection = on;
	settle_events(s);
}

void state_forget_widths(struct state *s)
{
	memset(s->need, 0, sizeof(s->need));
	s->events.local_width = s->events.remote_width = 0;
}

void state_show_names(struct state *s, bool on)
{
	struct resolver *resolver;
	int err = -ENOMEM;

	if (on && !s->names) {
		resolver = s->open_resolver(&err);
		s->names = resolver ? names_open(resolver) : NULL;
		if (!s->names)
			state_notice(s, "names cannot be looked up: %s", strerror(-err));
	}
	s->view.names = on ? s->names : NULL;
	state_forget_widths(s);
}

bool state_add_event(struct state *s, const struct event_sample *e)
{
	if (s->paused && !s->replay.on) {
		eventlog_add(&s->held, e);
		return s->events.on; /* that they are held is counted on the screen */
	}
	eventlog_add(&s->log, e);
	return s->events.on && s->events.follow && state_shows_event(s, e);
}

static void take_held_ticks(struct state *s)
{
	if (s->held_ticks.any)
		state_ticked(s, held_ticks_give(&s->held_ticks, &s->model));
}

void state_zero(struct state *s)
{
	take_held_ticks(s);
	model_zero(&s->model);
	state_update(s);
}

void state_pause(struct state *s, bool on)
{
	const struct event_sample *e;
	uint64_t first = s->held.count > EVENTLOG_SIZE ? s->held.count - EVENTLOG_SIZE : 0;

	s->paused = on;
	if (on)
		return;
	take_held_ticks(s);
	for (uint64_t i = first; (e = eventlog_get(&s->held, i)); i++)
		eventlog_add(&s->log, e);
	s->held.count = 0;
	settle_events(s); /* what was scrolled back to may have left the log */
}

/* A path may hold anything. */
void state_notice(struct state *s, const char *fmt, ...)
{
	char text[NOTICE_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sanitise(text, sizeof(text), s->notice, sizeof(s->notice));
}

/* Before anybody goes beyond the first screen. */
void state_sort_all(struct state *s)
{
	if (table_sort_all(&s->table, &s->model, &s->view) < 0)
		state_notice(s, "out of memory: the table is not sorted");
}

void state_select(struct state *s, size_t row)
{
	state_sort_all(s);
	if (row >= s->table.nrows)
		return;
	set_selection(s, row);
	scroll_to(s, row);
	hold_order(s);
	settle_events(s);
}

void state_move(struct state *s, long lines)
{
	long row, last = (long)s->table.nrows - 1;

	if (last < 0)
		return;
	/* The first step from no selection is onto the first row in sight. */
	if (s->selection.on)
		row = (long)s->selection.row + lines;
	else
		row = (long)s->top + (lines > 0 ? lines - 1 : 0);
	state_select(s, (size_t)(row < 0 ? 0 : row > last ? last : row));
}

void state_scroll(struct state *s, long lines)
{
	long top = (long)s->top + lines;

	state_sort_all(s);
	s->top = top < 0 ? 0 : (size_t)top;
	clamp_top(s);
}

uint64_t state_events_end(const struct state *s)
{
	return s->events.follow ? s->log.count : s->events.end;
}

/* The end after `n` more events of the view, older ones if back; stops where the log does. */
static uint64_t step_events(const struct state *s, uint64_t end, long n, bool back)
{
	while (n > 0) {
		const struct event_sample *e;

		if (back && end == 0)
			break;
		e = eventlog_get(&s->log, back ? end - 1 : end);
		if (!e)
			break;
		end = back ? end - 1 : end + 1;
		n -= state_shows_event(s, e);
	}
	return end;
}

void state_scroll_events(struct state *s, long lines)
{
	uint64_t oldest = s->log.count > EVENTLOG_SIZE ? s->log.count - EVENTLOG_SIZE : 0;
	uint64_t end = state_events_end(s), least;

	if (end < oldest)
		end = oldest;
	end = step_events(s, end, lines < 0 ? -lines : lines, lines < 0);
	/* The pane stays full as long as there is something to fill it with. */
	least = step_events(s, oldest, s->frame.events.h, false);
	if (end < least)
		end = least;
	s->events.end = end;
	s->events.follow = step_events(s, end, 1, false) == s->log.count &&
			   (lines > 0 || least == s->log.count);
}
