// SPDX-License-Identifier: GPL-2.0-only
#include "ui/sheet.h"

#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 1024 };

int sheet_y(const struct sheet *sh, int line)
{
	int y = line - sh->top;

	return y >= 0 && y < sh->room.h ? sh->room.y + y : -1;
}

void sheet_put(const struct sheet *sh, int line, int x, int width, enum role role, const char *text)
{
	char fitting[LINE_BYTES];
	int y = sheet_y(sh, line);

	if (y < 0 || width <= 0)
		return;
	text_shorten(text, width, SHORTEN_END, fitting, sizeof(fitting));
	draw_text(sh->pen, y, sh->room.x + x, width, sh->pen->theme.plain[role], fitting);
}

/* Bytes of the first line: up to the last space that leaves it whole words, if there is one. */
static int line_bytes(const char *text, int width)
{
	int most = text_bytes(text, width), at = most;

	if (!text[most] || text[most] == ' ')
		return most;
	while (at > 0 && text[at - 1] != ' ')
		at--;
	return at > 0 ? at : most;
}

void sheet_wrap(struct sheet *sh, int x, enum role role, const char *text)
{
	int width = sh->room.w - x;

	while (*text && width > 1) {
		char line[LINE_BYTES];
		int bytes = line_bytes(text, width);

		if (bytes == 0)
			break;
		snprintf(line, sizeof(line), "%.*s", bytes, text);
		sheet_put(sh, sh->line, x, width, role, line);
		text += bytes;
		text += strspn(text, " ");
		sh->line++;
	}
}
