// SPDX-License-Identifier: GPL-2.0-only
#include "ui/promptline.h"

#include <stdio.h>

#include "ui/draw.h"

enum {
	LINE_BYTES = 1024,
	GAP = 3,
	MARKS = 3 /* ": " and the cursor */,
	LEAST_ASK = 6,
	LEAST_TYPED = 8
};

static int at_least(int cells, int least)
{
	return cells > least ? cells : least;
}

/* What is wrong comes first: who types knows what was asked. */
static int room_to_ask(const struct prompt_line *p, int room, int need)
{
	int typed = text_width(p->typed);

	if (!need)
		return room - LEAST_TYPED;
	return at_least(room - need - (typed < LEAST_TYPED ? typed : LEAST_TYPED), LEAST_ASK);
}

void prompt_line_fit(const struct prompt_line *p, int width, char *buf, size_t size)
{
	char ask[LINE_BYTES], typed[LINE_BYTES], wrong[LINE_BYTES] = "";
	int need = *p->wrong ? GAP + text_width(p->wrong) : 0;
	int room = width - MARKS;

	text_shorten(p->ask, room_to_ask(p, room, need), SHORTEN_END, ask, sizeof(ask));
	room -= text_width(ask);
	text_shorten(p->typed, at_least(room - need, LEAST_TYPED), SHORTEN_BEGINNING, typed,
		     sizeof(typed));
	room -= text_width(typed) + GAP;
	if (*p->wrong)
		text_shorten(p->wrong, at_least(room, 1), SHORTEN_END, wrong, sizeof(wrong));
	snprintf(buf, size, "%s: %s_%*s%s", ask, typed, *wrong ? GAP : 0, "", wrong);
}
