/* SPDX-License-Identifier: GPL-2.0-only */
/* A bar chart, several lines high. */
#ifndef TCPRETOP_UI_GRAPH_H
#define TCPRETOP_UI_GRAPH_H

#include "ui/draw.h"

enum { GRAPH_AXIS = 7 }; /* cells of the axis on the left */

/* Values are drawn oldest first; where they find no room the oldest are left out. The axis names
 * the top, which is the largest of them, but not less than 8: a lone segment is no tower. */
struct graph {
	const double *values;
	int n, lines;
};

/* Draws the line that is `up` lines above the lowest. */
void graph_draw_line(const struct graph *g, const struct pen *p, int up, int y, int x, int width);

#endif
