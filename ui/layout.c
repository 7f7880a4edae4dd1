// SPDX-License-Identifier: GPL-2.0-only
#include "ui/layout.h"

#include <string.h>

#include "ui/fit.h"

enum { HEADER_LINES = 3, LEAST_ROWS = 5, LEAST_EVENTS = 4, MOST_EVENTS = 14 };

static int event_lines(int body, bool wanted)
{
	int lines = body / 4;

	lines = lines < LEAST_EVENTS ? LEAST_EVENTS : lines > MOST_EVENTS ? MOST_EVENTS : lines;
	/* the title of the pane and the head of the table take a line each */
	return wanted && body - lines - 2 >= LEAST_ROWS ? lines : 0;
}

void layout_frame(struct frame *f, int lines, int columns, bool events, int menu)
{
	int body = lines - HEADER_LINES - 1;
	int pane = event_lines(body, events);
	int y = HEADER_LINES;

	memset(f, 0, sizeof(*f));
	f->h = lines;
	f->w = columns;
	f->too_small = lines < LEAST_LINES || columns < LEAST_COLUMNS;
	if (f->too_small)
		return;
	if (columns - menu < LEAST_COLUMNS)
		menu = 0;
	f->header = (struct rect){0, 0, HEADER_LINES, columns};
	f->body = (struct rect){y, 0, body, columns};
	f->head = (struct rect){y, menu, 1, columns - menu};
	f->rows = (struct rect){y + 1, menu, body - 1 - (pane ? pane + 1 : 0), columns - menu};
	y += 1 + f->rows.h;
	if (pane) {
		f->event_title = (struct rect){y, menu, 1, columns - menu};
		f->events = (struct rect){y + 1, menu, pane, columns - menu};
	}
	f->footer = (struct rect){lines - 1, 0, 1, columns};
}

static bool is_text(enum field_id id)
{
	return fields[id].unit >= UNIT_TEXT;
}

/* An IPv4 endpoint is never shortened: a column of endpoints is as narrow as what it holds, but
 * wide enough for that. IPv6 may need more; it gets it when there is room. */
static int least_width(enum field_id id, int need)
{
	enum { IPV4_ENDPOINT = 21 };
	const struct field *f = &fields[id];
	int title = text_width(f->title), width = f->width;

	if (f->unit == UNIT_ADDR)
		width = need < IPV4_ENDPOINT ? need : IPV4_ENDPOINT;
	return width > title ? width : title;
}

/* The view's columns, and the sort column before the texts if it is not among them. */
static unsigned int wanted_columns(const struct view *v, enum field_id ids[FIELDS])
{
	enum field_id of_view[FIELDS];
	unsigned int n = 0, nview = view_columns(v, of_view);
	bool has_sort = false;

	for (unsigned int i = 0; i < nview; i++)
		has_sort = has_sort || of_view[i] == v->sort;
	for (unsigned int i = 0; i < nview && n < FIELDS; i++) {
		if (!has_sort && is_text(of_view[i]) && of_view[i] != FIELD_GROUP && n < FIELDS) {
			ids[n++] = v->sort;
			has_sort = true;
		}
		if (n < FIELDS)
			ids[n++] = of_view[i];
	}
	if (!has_sort && n < FIELDS)
		ids[n++] = v->sort;
	return n;
}

/* Texts that need more than their least width get it, cell by cell in turns. */
static int grow_texts(struct columns *c, const unsigned char need[FIELDS], int spare)
{
	bool grown = true;

	while (spare > 0 && grown) {
		grown = false;
		for (unsigned int i = 0; i < c->n && spare > 0; i++) {
			struct column *col = &c->column[i];
			const struct field *f = &fields[col->id];

			if (!is_text(col->id) || f->unit == UNIT_HISTORY ||
			    col->width >= need[col->id] || col->width >= f->max_width)
				continue;
			col->width++;
			spare--;
			grown = true;
		}
	}
	return spare;
}

static int grow_history(struct columns *c, int spare)
{
	for (unsigned int i = 0; i < c->n; i++) {
		struct column *col = &c->column[i];
		const struct field *f = &fields[col->id];
		int more = f->max_width - col->width;

		if (f->unit != UNIT_HISTORY || more <= 0)
			continue;
		more = more < spare ? more : spare;
		col->width += more;
		spare -= more;
	}
	return spare;
}

void layout_columns(struct columns *c, const struct view *v, const struct rect *room,
		    const unsigned char need[FIELDS])
{
	enum field_id ids[FIELDS];
	struct fit fit[FIELDS];
	unsigned int n = wanted_columns(v, ids);
	/* A text stands apart from the mark, as the digits of a number do by themselves. */
	bool may_lead = is_text(ids[0]) || (n > 1 && is_text(ids[1]));
	int spare, gap = 1, x = room->x + MARK_CELLS;

	for (unsigned int i = 0; i < n; i++) {
		fit[i].width = least_width(ids[i], need[ids[i]]);
		fit[i].priority = ids[i] == v->sort ? -1 : fields[ids[i]].priority;
	}
	/* the arrow of the sort column stands in the gap behind it, the last one's, too */
	spare = fit_row(fit, (int)n, gap, room->w - MARK_CELLS - 1 - may_lead);
	c->n = 0;
	for (unsigned int i = 0; i < n; i++) {
		if (fit[i].shown)
			c->column[c->n++] = (struct column){ids[i], 0, fit[i].width};
	}
	spare = grow_texts(c, need, spare);
	if (c->n > 1 && spare >= (int)c->n - 1) {
		gap++;
		spare -= (int)c->n - 1;
	}
	grow_history(c, spare);
	x += c->n && is_text(c->column[0].id);
	for (unsigned int i = 0; i < c->n; i++) {
		c->column[i].x = x;
		x += c->column[i].width + gap;
	}
}

const struct column *layout_column_at(const struct columns *c, int x)
{
	for (unsigned int i = 0; i < c->n; i++) {
		if (x >= c->column[i].x && x <= c->column[i].x + c->column[i].width)
			return &c->column[i];
	}
	return NULL;
}
