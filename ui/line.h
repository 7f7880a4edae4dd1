/* SPDX-License-Identifier: GPL-2.0-only */
/* A line made of parts, each a word and a figure. Parts that find no room are left out whole. */
#ifndef TCPRETOP_UI_LINE_H
#define TCPRETOP_UI_LINE_H

#include "ui/draw.h"

enum { LINE_PARTS = 24, LINE_GAP = 2 };

struct part {
	char label[24];
	char text[64 * 3 + 1]; /* room for a sparkline */
	enum role role;        /* of the text; labels have their own */
	int width;             /* in cells, label included */
	int priority;          /* 0 stays longest */
	bool right;            /* with the others against the right end */
	bool shown;
};

struct line {
	struct part parts[LINE_PARTS];
	int n;
};

/* Adds "label text", at least `least` cells wide. Either may be "". */
struct part *line_add(struct line *l, int priority, enum role role, const char *label, int least,
		      const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Decides what is shown in so many cells. Returns the cells that are left. */
int line_fit(struct line *l, int width);

void line_draw(const struct line *l, const struct pen *p, int y, int x, int width);

#endif
