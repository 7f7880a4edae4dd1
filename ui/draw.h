/* SPDX-License-Identifier: GPL-2.0-only */
/* Text on the screen: cut to its room at whole characters, in ASCII where there is no more. */
#ifndef TCPRETOP_UI_DRAW_H
#define TCPRETOP_UI_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/theme.h"

struct rect {
	int y, x, h, w;
};

struct _win_st; /* WINDOW of curses */

/* How to draw, settled when the terminal is opened. */
struct pen {
	struct theme theme;
	bool ascii;
	struct _win_st *window; /* where to, if not on the screen */
};

/* Writes as much of the UTF-8 text as fits `width` cells. Returns the cells written. */
int draw_text(const struct pen *p, int y, int x, int width, ink how, const char *text);

/* The same, against the right end of the room. */
void draw_right(const struct pen *p, int y, int x, int width, ink how, const char *text);

/* Fills width cells of a line with one character. */
void draw_fill(const struct pen *p, int y, int x, int width, ink how, const char *character);

/* Cells that a UTF-8 text needs. */
int text_width(const char *text);

/* Bytes of the text that fit so many cells. */
int text_bytes(const char *text, int width);

enum shorten {
	SHORTEN_END,
	SHORTEN_BEGINNING,
	SHORTEN_ADDRESS,  /* in the middle: the ends tell more than what is between them */
	SHORTEN_ENDPOINT, /* an address so; a name at its end, but for the port */
	SHORTEN_PROCESS,  /* the name: half a process number would name another process */
};

/* Shortens a text that needs more than width cells. */
void text_shorten(const char *text, int width, enum shorten how, char *buf, size_t size);

/* For texts that name keys: arrows, where they cannot be drawn, become words. */
void text_spell(const struct pen *p, const char *text, char *buf, size_t size);

/* A point within. */
bool rect_holds(const struct rect *r, int y, int x);

#endif
