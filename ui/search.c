// SPDX-License-Identifier: GPL-2.0-only
/* `/`, `n` and `N`: the next row or event that holds a text. */
#include "ui/parts.h"

#include <string.h>

#include "src/filter.h"

enum found { FOUND_NOTHING, FOUND, FOUND_BEYOND_END };

static bool row_holds(const struct state *s, size_t row)
{
	return filter_row_holds(s->search.text, &s->model, &s->view, s->table.rows[row]);
}

static bool event_holds(const struct state *s, uint64_t nth)
{
	const struct event_sample *e = eventlog_get(&s->log, nth);

	return e && state_shows_event(s, e) &&
	       filter_event_holds(s->search.text, &s->model, &s->view, e);
}

static void show_event(struct state *s, uint64_t nth)
{
	s->events.found = nth + 1;
	s->events.end = nth + 1;
	s->events.follow = false;
	state_scroll_events(s, 0);
}

/* Looks at all n places from `far` steps after `at` on, round the end. Returns how many steps from
 * `at` the first good one is, or -1. */
static long look_round(const struct state *s, uint64_t first, long n, long at, long far, int step)
{
	for (long end = far + n; far < end; far++) {
		uint64_t place = first + (uint64_t)((at + step * far + 2 * n) % n);

		if (s->focus == PANE_EVENTS ? event_holds(s, place) : row_holds(s, place))
			return far;
	}
	return -1;
}

/* From a row or event on; `far` is 1 to leave out that one. */
static enum found search(struct state *s, uint64_t from, long far, int step)
{
	uint64_t first = 0;
	long n, at;

	if (s->focus == PANE_EVENTS) {
		first = s->log.count > EVENTLOG_SIZE ? s->log.count - EVENTLOG_SIZE : 0;
		n = (long)(s->log.count - first);
	} else {
		state_sort_all(s);
		n = (long)s->table.nrows;
	}
	if (n == 0)
		return FOUND_NOTHING;
	at = from < first ? 0 : (long)(from - first);
	at = at < n ? at : n - 1;
	far = look_round(s, first, n, at, far, step);
	if (far < 0)
		return FOUND_NOTHING;
	at += step * far;
	if (s->focus == PANE_EVENTS)
		show_event(s, first + (uint64_t)((at + 2 * n) % n));
	else
		state_select(s, (size_t)((at + 2 * n) % n));
	return at < 0 || at >= n ? FOUND_BEYOND_END : FOUND;
}

/* The newest event that is shown; 0 if there is none. */
static uint64_t last_event(const struct state *s)
{
	uint64_t end = state_events_end(s);

	return end ? end - 1 : 0;
}

static size_t first_row(const struct state *s)
{
	return s->selection.on ? s->selection.row : s->top;
}

void search_open(struct state *s)
{
	struct search *q = &s->search;

	s->overlay = OVERLAY_SEARCH;
	s->input[0] = '\0';
	q->failed = false;
	q->selection = s->selection;
	q->top = s->top;
	q->end = s->events.end;
	q->follow = s->events.follow;
	s->events.found = 0;
}

/* Where the search began. */
static void go_back(struct state *s)
{
	struct search *q = &s->search;

	s->selection = q->selection;
	s->top = q->top;
	s->events.end = q->end;
	s->events.follow = q->follow;
	s->events.found = 0;
	state_update(s);
	if (!s->events.follow)
		state_scroll_events(s, 0);
}

/* Anew with each key, from where it began: what is found moves with what is typed. */
static void search_typed(struct state *s)
{
	struct search *q = &s->search;

	go_back(s);
	strcpy(q->text, s->input);
	if (!*q->text)
		q->failed = false;
	else if (s->focus == PANE_EVENTS)
		q->failed = !search(s, last_event(s), 0, -1);
	else
		q->failed = !search(s, first_row(s), 0, 1);
}

void search_key(struct state *s, int key)
{
	if (prompt_is_enter(key)) {
		s->overlay = OVERLAY_NONE;
		if (s->search.failed)
			state_notice(s, "nothing holds \"%s\"", s->search.text);
	} else if (prompt_is_escape(key)) {
		go_back(s);
		s->overlay = OVERLAY_NONE;
	} else if (prompt_edit(s, key)) {
		search_typed(s);
	}
}

void search_next(struct state *s, int step)
{
	enum found found;

	if (!*s->search.text) {
		state_notice(s, "nothing has been searched for yet: / does");
		return;
	}
	if (s->focus != PANE_EVENTS)
		found = search(s, first_row(s), s->selection.on, step);
	else if (s->events.found)
		found = search(s, s->events.found - 1, 1, -step);
	else
		found = search(s, last_event(s), 0, -step);
	if (found == FOUND_NOTHING)
		state_notice(s, "nothing holds \"%s\"", s->search.text);
	else if (found == FOUND_BEYOND_END)
		state_notice(s, "\"%s\": went on at the other end", s->search.text);
}
