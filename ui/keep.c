// SPDX-License-Identifier: GPL-2.0-only
#include "ui/keep.h"

#include <curses.h>

#include <limits.h>
#include <stdlib.h>
#include <wchar.h>

struct kept {
	int lines, columns;
	cchar_t cells[]; /* lines * (columns + 1): curses ends each line with a null cell */
};

struct kept *keep_frame(int but)
{
	int lines = LINES > but ? LINES - but : 0;
	size_t stride = (size_t)COLS + 1;
	struct kept *k = calloc(1, sizeof(*k) + (size_t)lines * stride * sizeof(cchar_t));

	if (!k)
		return NULL;
	k->lines = lines;
	k->columns = COLS;
	for (int y = 0; y < lines; y++)
		mvin_wchnstr(y, 0, k->cells + (size_t)y * stride, COLS);
	return k;
}

/* Cells of the line up to the last that shows something. */
static int line_length(const cchar_t *line, int columns)
{
	wchar_t text[CCHARW_MAX + 1];
	attr_t attr;
	short pair;
	int length = 0;

	for (int x = 0; x < columns && getcchar(&line[x], text, &attr, &pair, NULL) != ERR; x++) {
		if (text[0] == L'\0')
			break;
		if (text[0] != L' ' || (attr & A_REVERSE))
			length = x + 1;
	}
	return length;
}

/* For vid_puts(), which passes nothing else on: a function, where putchar() may be a macro. */
static int put_byte(int c)
{
	return putchar(c);
}

static void print_line(const cchar_t *line, int length)
{
	wchar_t text[CCHARW_MAX + 1];
	char bytes[MB_LEN_MAX * CCHARW_MAX + 1];
	attr_t attr, current = A_NORMAL;
	short pair, current_pair = 0;

	for (int x = 0; x < length; x++) {
		const wchar_t *from = text;
		mbstate_t state = {0};
		size_t n;

		getcchar(&line[x], text, &attr, &pair, NULL);
		if (attr != current || pair != current_pair)
			vid_puts(attr, pair, NULL, put_byte);
		current = attr;
		current_pair = pair;
		n = wcsrtombs(bytes, &from, sizeof(bytes) - 1, &state);
		if (n != (size_t)-1)
			fwrite(bytes, 1, n, stdout);
	}
	if (current != A_NORMAL || current_pair != 0)
		vid_puts(A_NORMAL, 0, NULL, put_byte);
	putchar('\n');
}

void keep_print(struct kept *k)
{
	int stride, last = 0;

	if (!k)
		return;
	stride = k->columns + 1;
	for (int y = 0; y < k->lines; y++) {
		if (line_length(k->cells + (size_t)y * stride, k->columns) > 0)
			last = y + 1;
	}
	for (int y = 0; y < last; y++) {
		const cchar_t *line = k->cells + (size_t)y * stride;

		print_line(line, line_length(line, k->columns));
	}
	fflush(stdout);
	free(k);
}
