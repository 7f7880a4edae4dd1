// SPDX-License-Identifier: GPL-2.0-only
#include "ui/graph.h"

#include "src/format.h"

enum { EIGHTHS = 8, LEAST_TOP = 8, MOST_CELLS = 2 };

static const char *const bars[EIGHTHS + 1] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

static double top_of(const struct graph *g)
{
	double top = LEAST_TOP;

	for (int i = 0; i < g->n; i++)
		if (g->values[i] > top)
			top = g->values[i];
	return top;
}

/* Of the whole height; anything at all is at least one. */
static int eighths(double value, double top, int lines)
{
	int n = (int)(value / top * lines * EIGHTHS + 0.5);

	return value > 0 && n < 1 ? 1 : n;
}

static void draw_axis(const struct graph *g, const struct pen *p, int up, int y, int x)
{
	char text[16] = "";

	if (up == g->lines - 1)
		format_count(top_of(g), GRAPH_AXIS - 2, text, sizeof(text));
	else if (up == 0)
		format_count(0, 0, text, sizeof(text));
	draw_right(p, y, x, GRAPH_AXIS - 2, p->theme.plain[ROLE_LABEL], text);
	draw_text(p, y, x + GRAPH_AXIS - 1, 1, p->theme.plain[ROLE_RULE], "│");
}

void graph_draw_line(const struct graph *g, const struct pen *p, int up, int y, int x, int width)
{
	int room = width - GRAPH_AXIS;
	int cells = room < g->n * MOST_CELLS ? 1 : MOST_CELLS;
	int shown = g->n * cells > room ? room / cells : g->n;
	double top = top_of(g);

	draw_axis(g, p, up, y, x);
	for (int i = 0; i < shown; i++) {
		double value = g->values[g->n - shown + i];
		int part = eighths(value, top, g->lines) - up * EIGHTHS;

		if (part > 0)
			draw_fill(p, y, x + GRAPH_AXIS + i * cells, cells,
				  p->theme.plain[ROLE_SPARK],
				  bars[part < EIGHTHS ? part : EIGHTHS]);
	}
}
