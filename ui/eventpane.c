// SPDX-License-Identifier: GPL-2.0-only
/* The event pane: the last events of the view, the newest at the bottom. */
#include "ui/parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/format.h"
#include "src/names.h"
#include "ui/fit.h"

enum { MOST_LINES = 64, GAP = 2, DETAIL_CELLS = 18 /* "seq 4294967295 ×45" */ };

enum event_field { TIME, KIND, LOCAL, REMOTE, STATE, CAUSE, DETAIL, PROCESS, EVENT_FIELDS };

/* Rows on the screen, oldest first. */
struct shown {
	const struct event_sample *event[MOST_LINES];
	uint64_t nth[MOST_LINES];
	int n;
};

/* Walks back from the end of what the pane shows. */
static void collect(const struct state *s, struct shown *shown)
{
	int room = s->frame.events.h < MOST_LINES ? s->frame.events.h : MOST_LINES;
	int at = room;
	uint64_t nth = state_events_end(s);
	const struct event_sample *e;

	while (at > 0 && nth > 0 && (e = eventlog_get(&s->log, --nth))) {
		if (state_shows_event(s, e)) {
			shown->event[--at] = e;
			shown->nth[at] = nth;
		}
	}
	shown->n = room - at;
	memmove(shown->event, shown->event + at, (size_t)shown->n * sizeof(shown->event[0]));
	memmove(shown->nth, shown->nth + at, (size_t)shown->n * sizeof(shown->nth[0]));
}

/* What the segment was, or why there is none to speak of. */
static void detail_text(const struct event *e, char *buf, size_t size)
{
	if (e->err)
		snprintf(buf, size, "%s", error_name(e->err));
	else if (e->kind == 'L' && e->sent == SENT_NEW)
		snprintf(buf, size, "new data");
	else if (e->kind == 'L' && e->sent == SENT_NONE)
		snprintf(buf, size, "nothing sent");
	else if (e->kind == 'L' && e->segs == 0)
		snprintf(buf, size, "-");
	else if (e->segs > 1)
		snprintf(buf, size, "seq %u ×%u", e->seq, e->segs);
	else
		snprintf(buf, size, "seq %u", e->seq);
}

static enum shorten shorten_how(int field)
{
	if (field == LOCAL || field == REMOTE)
		return SHORTEN_ENDPOINT;
	return field == PROCESS ? SHORTEN_PROCESS : SHORTEN_END;
}

static void event_text(const struct state *s, const struct event_sample *e, enum event_field field,
		       char *buf, size_t size)
{
	switch (field) {
	case TIME:
		format_time(model_unixtime(&s->model, e->event.time_ns), false, buf, size);
		break;
	case KIND:
		snprintf(buf, size, "%c>", e->event.kind);
		break;
	case LOCAL:
	case REMOTE:
		names_endpoint(s->view.names, &e->event.key, field == REMOTE, true, buf, size);
		break;
	case STATE:
		snprintf(buf, size, "%s", state_name(e->event.state));
		break;
	case CAUSE:
		snprintf(buf, size, "%s", cause_name(e->event.cause));
		break;
	case DETAIL:
		detail_text(&e->event, buf, size);
		break;
	default:
		format_process(&e->owner, buf, size);
	}
}

static void grow(unsigned char *width, const char *text)
{
	int cells = text_width(text);

	if (cells > *width)
		*width = (unsigned char)(cells < UINT8_MAX ? cells : UINT8_MAX);
}

static void note_needs(struct state *s, const struct shown *shown)
{
	char text[VALUE_TEXT];

	for (int i = 0; i < shown->n; i++) {
		event_text(s, shown->event[i], LOCAL, text, sizeof(text));
		grow(&s->events.local_width, text);
		event_text(s, shown->event[i], REMOTE, text, sizeof(text));
		grow(&s->events.remote_width, text);
	}
}

/* Gives a field what it still needs of what is left. */
static int widen(struct fit *f, int need, int left)
{
	int more = need - f->width;

	if (!f->shown || more <= 0)
		return left;
	more = more < left ? more : left;
	f->width += more;
	return left - more;
}

/* As in the table, IPv4 endpoints always have the room that they need. */
static int least_endpoint(int need)
{
	return need < 13 ? 13 : need > 21 ? 21 : need;
}

static void lay_out(const struct state *s, struct fit fit[EVENT_FIELDS])
{
	static const struct fit standard[EVENT_FIELDS] = {
		[TIME] = {8, 2, false},    [KIND] = {2, 0, false},     [LOCAL] = {0, 4, false},
		[REMOTE] = {0, 1, false},  [STATE] = {11, 5, false},   [CAUSE] = {6, 3, false},
		[DETAIL] = {15, 7, false}, [PROCESS] = {16, 6, false},
	};
	int left;

	memcpy(fit, standard, sizeof(standard));
	fit[LOCAL].width = least_endpoint(s->events.local_width);
	fit[REMOTE].width = least_endpoint(s->events.remote_width);
	left = fit_row(fit, EVENT_FIELDS, GAP, s->frame.events.w);
	left = widen(&fit[REMOTE], s->events.remote_width, left);
	left = widen(&fit[LOCAL], s->events.local_width, left);
	left = widen(&fit[DETAIL], DETAIL_CELLS, left);
	widen(&fit[PROCESS], fit[PROCESS].width + left, left);
}

static enum role event_role(const struct event *e, enum event_field field)
{
	if (e->kind == 'L' || e->cause == CAUSE_TLP)
		return field == KIND || field == CAUSE ? ROLE_PROBE : ROLE_TEXT;
	switch (field) {
	case TIME:
	case DETAIL:
		return ROLE_LABEL;
	case CAUSE:
		if (e->cause == CAUSE_FAILED)
			return ROLE_BAD;
		return e->cause == CAUSE_RTO || e->cause == CAUSE_SYN || e->cause == CAUSE_SYNACK
			       ? ROLE_WARN
			       : ROLE_TEXT;
	default:
		return ROLE_TEXT;
	}
}

static void draw_event(const struct state *s, const struct event_sample *e,
		       const struct fit fit[EVENT_FIELDS], int y, bool found)
{
	const struct rect *r = &s->frame.events;
	const struct theme *t = &s->pen.theme;
	const ink *inks = found ? t->selected : t->plain;
	int x = r->x;

	if (found)
		draw_fill(&s->pen, y, r->x, r->w, inks[ROLE_TEXT], " ");
	for (int i = 0; i < EVENT_FIELDS; i++) {
		char text[VALUE_TEXT], fitting[VALUE_TEXT];

		if (!fit[i].shown)
			continue;
		event_text(s, e, i, text, sizeof(text));
		text_shorten(text, fit[i].width, shorten_how(i), fitting, sizeof(fitting));
		draw_text(&s->pen, y, x, fit[i].width, inks[event_role(&e->event, i)], fitting);
		x += fit[i].width + GAP;
	}
}

static void note_widths(const struct state *s, const struct event_sample *e, int *width)
{
	char text[VALUE_TEXT];

	for (int i = 0; i < EVENT_FIELDS; i++) {
		event_text(s, e, i, text, sizeof(text));
		if (text_width(text) > width[i])
			width[i] = text_width(text);
	}
}

/* Fields as they stand in the pane, none of them shortened. */
static void write_event(const struct state *s, const struct event_sample *e, const int *width,
			FILE *f)
{
	char text[VALUE_TEXT];

	for (int i = 0; i < EVENT_FIELDS; i++) {
		event_text(s, e, i, text, sizeof(text));
		fprintf(f, "%s%*s", text,
			i + 1 < EVENT_FIELDS ? width[i] + GAP - text_width(text) : 0, "");
	}
	fputc('\n', f);
}

void events_write(const struct state *s, FILE *f)
{
	const struct event_sample *e;
	uint64_t n = s->log.count, first = n > EVENTLOG_SIZE ? n - EVENTLOG_SIZE : 0;
	int width[EVENT_FIELDS] = {0};

	for (int pass = 0; pass < 2; pass++) {
		for (uint64_t nth = first; (e = eventlog_get(&s->log, nth)); nth++) {
			if (!state_shows_event(s, e))
				continue;
			if (pass)
				write_event(s, e, width, f);
			else
				note_widths(s, e, width);
		}
		if (!pass)
			fputs("\nevents\n", f);
	}
}

/* "events", or whose. */
static void title_text(const struct state *s, char *buf, size_t size)
{
	const struct selection *sel = &s->selection;
	char of[VALUE_TEXT], local[ADDR_TEXT], remote[ADDR_TEXT];

	snprintf(buf, size, " events ");
	if (!s->events.of_selection)
		return;
	if (!sel->on) {
		snprintf(buf, size, " events (no row is selected to be followed) ");
		return;
	}
	if (!sel->group.by) {
		format_endpoint(&sel->key, false, true, local, sizeof(local));
		format_endpoint(&sel->key, true, true, remote, sizeof(remote));
		snprintf(buf, size, " events of %s %s only ", local, remote);
	} else {
		if (!group_label(&sel->group, of, sizeof(of)))
			snprintf(of, sizeof(of), "not known");
		snprintf(buf, size, " events of %s %s only ", group_ways[sel->group.by].name, of);
	}
}

/* "▸ events" while it is the pane that has the keys. Returns the cell after it. */
static int draw_title(const struct state *s)
{
	const struct rect *r = &s->frame.event_title;
	bool focus = s->focus == PANE_EVENTS;
	char whose[VALUE_TEXT + 100], title[sizeof(whose) + 8], fitting[sizeof(title)];
	int x = r->x + 3, width = r->w - 6;

	title_text(s, whose, sizeof(whose));
	snprintf(title, sizeof(title), "%s%s", focus ? " ▸" : "", whose);
	text_shorten(title, width, SHORTEN_ADDRESS, fitting, sizeof(fitting));
	return x + draw_text(&s->pen, r->y, x, width,
			     s->pen.theme.plain[focus ? ROLE_FOCUS : ROLE_LABEL], fitting);
}

/* What is said in the rule, as far as there is room: a note that was cut could name another number. */
struct notes {
	char text[160];
	int room; /* cells */
};

static void add_note(struct notes *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add_note(struct notes *n, const char *fmt, ...)
{
	size_t used = strlen(n->text);
	char *note = n->text + used;
	va_list ap;

	used += (size_t)snprintf(note, sizeof(n->text) - used, used ? "· " : " ");
	va_start(ap, fmt);
	vsnprintf(n->text + used, sizeof(n->text) - used, fmt, ap);
	va_end(ap);
	strncat(n->text, " ", sizeof(n->text) - strlen(n->text) - 1);
	if (text_width(n->text) > n->room)
		*note = '\0';
}

/* "── events ── 12 left out · 3 lost ───": what is missing is said where it is missing. */
static void draw_rule(const struct state *s)
{
	const struct rect *r = &s->frame.event_title;
	const struct interval *i = &s->model.interval;
	const ink *inks = s->pen.theme.plain;
	struct notes notes = {.text = ""};
	char number[24];
	int x;

	draw_fill(&s->pen, r->y, r->x, r->w, inks[ROLE_RULE], "─");
	x = draw_title(s) + 2;
	notes.room = r->x + r->w - x - 1;
	if (s->held.count) {
		format_count((double)s->held.count, 0, number, sizeof(number));
		add_note(&notes, "%s held while paused", number);
	}
	if (!s->events.follow)
		add_note(&notes, "scrolled back: End follows");
	if (i->events_left_out) {
		format_count((double)i->events_left_out, 0, number, sizeof(number));
		add_note(&notes, "%s left out", number);
	}
	if (i->events_lost) {
		format_count((double)i->events_lost, 0, number, sizeof(number));
		add_note(&notes, "%s lost", number);
	}
	draw_text(&s->pen, r->y, x, notes.room, inks[ROLE_WARN], notes.text);
}

static const char *why_none(const struct state *s)
{
	static const char *const of_family[] =
		{[4] = "no events of IPv4", [6] = "no events of IPv6"};

	if (s->events.of_selection && s->selection.on)
		return "no events of this row: f shows those of all";
	if (s->log.count && *s->view.filter_text)
		return "no events that the filter shows";
	if (s->log.count && s->view.within.by)
		return "no events to show of this group";
	if (s->log.count && s->view.family)
		return of_family[s->view.family];
	if (s->log.count && !s->view.tlp)
		return "no events but tail loss probes";
	return "no events yet";
}

void events_draw(struct state *s)
{
	const struct rect *r = &s->frame.events;
	struct fit fit[EVENT_FIELDS];
	struct shown shown;

	if (r->h == 0)
		return;
	draw_rule(s);
	collect(s, &shown);
	/* Without a first look the clock's offset is not known. */
	if (s->model.tick == 0)
		return;
	if (shown.n == 0) {
		draw_text(&s->pen, r->y, r->x + 3, r->w - 3, s->pen.theme.plain[ROLE_LABEL],
			  why_none(s));
		return;
	}
	note_needs(s, &shown);
	lay_out(s, fit);
	for (int i = 0; i < shown.n; i++)
		draw_event(s, shown.event[i], fit, r->y + i, shown.nth[i] + 1 == s->events.found);
}
