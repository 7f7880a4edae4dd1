// SPDX-License-Identifier: GPL-2.0-only
/* The delay prompt. It stands in the footer; the table goes on. */
#include "ui/parts.h"

#include <curses.h>

#include <stdlib.h>
#include <string.h>

enum { ESCAPE = 27, DELETE = 127 };

void delay_prompt_open(struct state *s)
{
	s->overlay = OVERLAY_DELAY;
	s->input[0] = '\0';
}

static void accept_delay(struct state *s)
{
	char *end;
	double delay = strtod(s->input, &end);

	s->overlay = OVERLAY_NONE;
	if (s->input[0] == '\0')
		return;
	if (*end || delay < 0.1 || delay > 3600)
		state_notice(s, "a delay is a number of seconds from 0.1 to 3600, not \"%s\"",
			     s->input);
	else
		s->delay = delay;
}

void delay_prompt_key(struct state *s, int key)
{
	size_t len = strlen(s->input);

	if (key == '\r' || key == '\n' || key == KEY_ENTER) {
		accept_delay(s);
	} else if (key == ESCAPE) {
		s->overlay = OVERLAY_NONE;
	} else if (key == KEY_BACKSPACE || key == DELETE || key == '\b') {
		if (len > 0)
			s->input[len - 1] = '\0';
	} else if (key >= 0 && key < 0x80 && strchr("0123456789.", key) && key &&
		   len + 1 < sizeof(s->input)) {
		s->input[len] = (char)key;
		s->input[len + 1] = '\0';
	}
}
