/* SPDX-License-Identifier: GPL-2.0-only */
/* What goes where: the parts of the frame, and the columns of the table. */
#ifndef TCPRETOP_UI_LAYOUT_H
#define TCPRETOP_UI_LAYOUT_H

#include "src/view.h"
#include "ui/draw.h"

enum { LEAST_LINES = 10, LEAST_COLUMNS = 40, MARK_CELLS = 2 };

struct frame {
	int h, w;
	bool too_small;
	struct rect header, head, rows, event_title, events, footer;
	struct rect body; /* all between header and footer */
};

struct column {
	enum field_id id;
	int x, width;
};

struct columns {
	struct column column[FIELDS];
	unsigned int n;
};

/*
 * An event pane only where the table keeps enough lines beside it. `menu` cells on the left are for
 * a menu, as long as the rest is wide enough to be read; else the menu stands over the table.
 */
void layout_frame(struct frame *f, int lines, int columns, bool events, int menu);

/*
 * Columns of the view that find room, by priority; the sort column is always one of them. Their
 * widths follow from the room and from `need`, cells that the texts of each field have needed up
 * to now, and not from the numbers shown: they stay from frame to frame.
 */
void layout_columns(struct columns *c, const struct view *v, const struct rect *room,
		    const unsigned char need[FIELDS]);

/* The column at this cell, or NULL. */
const struct column *layout_column_at(const struct columns *c, int x);

#endif
