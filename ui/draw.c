// SPDX-License-Identifier: GPL-2.0-only
#include "ui/draw.h"

#include <curses.h>

#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { LINE_CELLS = 512 };

/* The glyphs that tcpretop itself draws, and what stands for them on a terminal without. */
static const struct {
	wchar_t glyph, ascii;
} stand_ins[] = {
	{L'▁', L'_'}, {L'▂', L'.'}, {L'▃', L'-'}, {L'▄', L'~'}, {L'▅', L'='}, {L'▆', L'+'},
	{L'▇', L'*'}, {L'█', L'#'}, {L'─', L'-'}, {L'│', L'|'}, {L'↑', L'^'}, {L'↓', L'v'},
	{L'…', L'~'}, {L'·', L'.'}, {L'–', L'-'}, {L'×', L'x'}, {L'→', L'>'}, {L'▸', L'>'},
};

/* Where one character would say something else: `v` and `>` are keys, too, and > is not ≥. */
static const struct {
	wchar_t glyph;
	const char *word;
} words[] = {{L'↑', "Up"}, {L'↓', "Down"}, {L'→', "Right"}, {L'≥', ">="}};

static wchar_t to_ascii(wchar_t c)
{
	if (c < 0x80)
		return c;
	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(stand_ins[0]); i++) {
		if (stand_ins[i].glyph == c)
			return stand_ins[i].ascii;
	}
	return L'?';
}

/* Decodes UTF-8 whatever the locale is. Bytes that are none become '?', one by one. */
static const char *next_char(const char *s, wchar_t *c)
{
	unsigned char lead = (unsigned char)*s++;
	int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;

	*c = more == 3 ? lead & 7 : more == 2 ? lead & 15 : more == 1 ? lead & 31 : lead;
	if (lead >= 0x80 && lead < 0xc0)
		*c = L'?';
	for (; more > 0; more--) {
		if (((unsigned char)*s & 0xc0) != 0x80) {
			*c = L'?';
			break;
		}
		*c = (*c << 6) | ((unsigned char)*s++ & 63);
	}
	return s;
}

static int char_width(wchar_t c)
{
	int width = c >= 0x20 && c < 0x7f ? 1 : wcwidth(c);

	/* Unknown to this locale, which draws it as one replacement. */
	return width < 0 ? 1 : width;
}

static void put(const struct pen *p, int y, int x, ink how, const wchar_t *line, int n)
{
	WINDOW *window = p->window ? p->window : stdscr;

	wattrset(window, (int)how);
	mvwaddnwstr(window, y, x, line, n);
}

int draw_text(const struct pen *p, int y, int x, int width, ink how, const char *text)
{
	wchar_t line[LINE_CELLS];
	int n = 0, cells = 0;

	while (*text && n < LINE_CELLS) {
		wchar_t c;

		text = next_char(text, &c);
		if (p->ascii)
			c = to_ascii(c);
		if (cells + char_width(c) > width)
			break;
		cells += char_width(c);
		line[n++] = c;
	}
	if (n > 0)
		put(p, y, x, how, line, n);
	return cells;
}

static const char *spelled(wchar_t c)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].glyph == c)
			return words[i].word;
	}
	return NULL;
}

void text_spell(const struct pen *p, const char *text, char *buf, size_t size)
{
	size_t used = 0;

	while (*text && used < size) {
		wchar_t c;
		const char *next = next_char(text, &c), *word = p->ascii ? spelled(c) : NULL;

		used += (size_t)snprintf(buf + used, size - used, "%.*s",
					 word ? (int)strlen(word) : (int)(next - text),
					 word ? word : text);
		text = next;
	}
}

void draw_right(const struct pen *p, int y, int x, int width, ink how, const char *text)
{
	int blank = width - text_width(text);

	if (blank < 0)
		blank = 0;
	draw_text(p, y, x + blank, width - blank, how, text);
}

void draw_fill(const struct pen *p, int y, int x, int width, ink how, const char *character)
{
	wchar_t line[LINE_CELLS], c;

	next_char(character, &c);
	if (p->ascii)
		c = to_ascii(c);
	if (width > LINE_CELLS)
		width = LINE_CELLS;
	for (int i = 0; i < width; i++)
		line[i] = c;
	if (width > 0)
		put(p, y, x, how, line, width);
}

int text_width(const char *text)
{
	int cells = 0;

	while (*text) {
		wchar_t c;

		text = next_char(text, &c);
		cells += char_width(c);
	}
	return cells;
}

/* The rest of the text that fits the last `width` cells. */
static const char *tail(const char *text, int width)
{
	int skip = text_width(text) - width;

	while (*text && skip > 0) {
		wchar_t c;

		text = next_char(text, &c);
		skip -= char_width(c);
	}
	return text;
}

int text_bytes(const char *text, int width)
{
	const char *at = text;

	while (*at) {
		wchar_t c;
		const char *next = next_char(at, &c);

		if (char_width(c) > width)
			break;
		width -= char_width(c);
		at = next;
	}
	return (int)(at - text);
}

/* "host:443", not "10.0.0.1:443" or "[::1]:443". */
static bool is_named(const char *endpoint)
{
	return *endpoint != '[' && endpoint[strspn(endpoint, "0123456789.:")];
}

/* Cells at the end of the text that stay. */
static int cells_kept(const char *text, int ends, enum shorten how)
{
	const char *slash = strrchr(text, '/'), *port = strrchr(text, ':');

	if (how == SHORTEN_ENDPOINT && port && is_named(text) && text_width(port) < ends)
		return text_width(port);
	if (how == SHORTEN_BEGINNING)
		return ends;
	if (how == SHORTEN_ADDRESS || how == SHORTEN_ENDPOINT)
		return ends * 2 / 3;
	if (how == SHORTEN_PROCESS && slash && text_width(slash) < ends)
		return text_width(slash);
	return 0;
}

void text_shorten(const char *text, int width, enum shorten how, char *buf, size_t size)
{
	int ends = width - 1, last = cells_kept(text, ends, how);

	if (text_width(text) <= width)
		snprintf(buf, size, "%s", text);
	else
		snprintf(buf, size, "%.*s…%s", text_bytes(text, ends - last), text,
			 tail(text, last));
}

bool rect_holds(const struct rect *r, int y, int x)
{
	return y >= r->y && y < r->y + r->h && x >= r->x && x < r->x + r->w;
}
