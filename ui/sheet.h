/* SPDX-License-Identifier: GPL-2.0-only */
/* Text that may be longer than its room: written line by line, drawn where it is in sight. */
#ifndef TCPRETOP_UI_SHEET_H
#define TCPRETOP_UI_SHEET_H

#include "ui/draw.h"

struct sheet {
	const struct pen *pen;
	struct rect room;
	int top;  /* first line in sight */
	int line; /* the next to be written */
};

/* Where a line of the text is on the screen, -1 if out of sight. */
int sheet_y(const struct sheet *sh, int line);

/* Writes into a line, x cells from the left end; what needs more than `width` cells ends in "…". */
void sheet_put(const struct sheet *sh, int line, int x, int width, enum role role,
	       const char *text);

/* Writes the text from x on, broken at its spaces, and goes to the line after it. */
void sheet_wrap(struct sheet *sh, int x, enum role role, const char *text);

#endif
