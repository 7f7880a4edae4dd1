/* SPDX-License-Identifier: GPL-2.0-only */
/* Figures with a word before each, under a title; several such sections stand side by side. */
#ifndef TCPRETOP_UI_SECTION_H
#define TCPRETOP_UI_SECTION_H

#include "ui/sheet.h"

enum { SECTION_ROWS = 16, SECTION_LABEL = 10 };

struct section {
	const char *title;
	int n;
	struct section_row {
		const char *label;
		enum role role;
		char text[64];
	} rows[SECTION_ROWS];
};

/* Adds a row; where there is no room it takes the place of the last. */
void section_add(struct section *sec, enum role role, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

void section_add_count(struct section *sec, const char *label, double n);

/* Not known is "-"; else `after` follows. */
void section_add_seconds(struct section *sec, const char *label, bool known, double seconds,
			 const char *after);

/* Draws n of them, side by side where there is room; each goes into the shortest column. */
void sections_draw(struct sheet *sh, const struct section *sections, int n);

#endif
