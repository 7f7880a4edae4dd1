// SPDX-License-Identifier: GPL-2.0-only
#include "ui/section.h"

#include <stdarg.h>
#include <stdio.h>

#include "src/format.h"

enum { MOST_COLUMNS = 3, MOST_COLUMN = 40, LEAST_COLUMN = 26 };

void section_add(struct section *sec, enum role role, const char *label, const char *fmt, ...)
{
	struct section_row *row = &sec->rows[sec->n < SECTION_ROWS ? sec->n++ : SECTION_ROWS - 1];
	va_list ap;

	row->label = label;
	row->role = role;
	va_start(ap, fmt);
	vsnprintf(row->text, sizeof(row->text), fmt, ap);
	va_end(ap);
}

void section_add_count(struct section *sec, const char *label, double n)
{
	char text[24];

	format_count(n, 12, text, sizeof(text));
	section_add(sec, ROLE_TEXT, label, "%s", text);
}

void section_add_seconds(struct section *sec, const char *label, bool known, double seconds,
			 const char *after)
{
	char text[24];

	format_seconds(known ? seconds : -1, 8, text, sizeof(text));
	section_add(sec, ROLE_TEXT, label, "%s%s", text, known ? after : "");
}

static int draw_section(const struct sheet *sh, const struct section *sec, int line, int x, int w)
{
	sheet_put(sh, line++, x, w, ROLE_TITLE, sec->title);
	for (int i = 0; i < sec->n; i++, line++) {
		const struct section_row *row = &sec->rows[i];

		sheet_put(sh, line, x, SECTION_LABEL, ROLE_LABEL, row->label);
		sheet_put(sh, line, x + SECTION_LABEL + 1, w - SECTION_LABEL - 2, row->role,
			  row->text);
	}
	return line;
}

void sections_draw(struct sheet *sh, const struct section *sections, int n)
{
	int columns = sh->room.w / LEAST_COLUMN, w, end[MOST_COLUMNS];

	columns = columns < 1 ? 1 : columns > MOST_COLUMNS ? MOST_COLUMNS : columns;
	w = sh->room.w / columns < MOST_COLUMN ? sh->room.w / columns : MOST_COLUMN;
	for (int i = 0; i < columns; i++)
		end[i] = sh->line;
	for (int i = 0; i < n; i++) {
		int at = 0;

		for (int c = 1; c < columns; c++)
			if (end[c] < end[at])
				at = c;
		end[at] = draw_section(sh, &sections[i], end[at], at * w, w) + 1;
	}
	for (int i = 0; i < columns; i++)
		sh->line = end[i] > sh->line ? end[i] : sh->line;
}
