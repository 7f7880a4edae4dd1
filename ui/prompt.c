// SPDX-License-Identifier: GPL-2.0-only
/* What is typed in the footer: a delay, a filter. The table goes on. */
#include "ui/parts.h"

#include <curses.h>

#include <stdio.h>
#include <string.h>

#include "src/options.h"

enum { ESCAPE = 27, DELETE = 127, CTRL_U = 'U' & 31 };

bool prompt_edit(struct state *s, int key)
{
	size_t len = strlen(s->input);

	if (key == KEY_BACKSPACE || key == DELETE || key == '\b') {
		if (len > 0)
			s->input[len - 1] = '\0';
		return true;
	}
	if (key == CTRL_U) {
		s->input[0] = '\0';
		return true;
	}
	if (key < ' ' || key >= DELETE || len + 1 >= sizeof(s->input))
		return false;
	s->input[len] = (char)key;
	s->input[len + 1] = '\0';
	return true;
}

bool prompt_is_enter(int key)
{
	return key == '\r' || key == '\n' || key == KEY_ENTER;
}

bool prompt_is_escape(int key)
{
	return key == ESCAPE;
}

void delay_prompt_open(struct state *s)
{
	s->overlay = OVERLAY_DELAY;
	s->input[0] = '\0';
	s->wrong[0] = '\0';
}

static void accept_delay(struct state *s)
{
	double delay = s->delay;

	if (s->input[0] != '\0' && !options_delay(s->input, &delay)) {
		snprintf(s->wrong, sizeof(s->wrong), "0.1 to 3600 is wanted");
		return;
	}
	s->delay = delay;
	s->overlay = OVERLAY_NONE;
}

void delay_prompt_key(struct state *s, int key)
{
	if (prompt_is_enter(key))
		accept_delay(s);
	else if (prompt_is_escape(key))
		s->overlay = OVERLAY_NONE;
	else if (prompt_edit(s, key))
		s->wrong[0] = '\0';
}

void filter_prompt_open(struct state *s)
{
	s->overlay = OVERLAY_FILTER;
	strcpy(s->filtering.text, s->view.filter_text);
	s->filtering.selection = s->selection;
	s->filtering.top = s->top;
	strcpy(s->input, s->view.filter_text);
	s->wrong[0] = '\0';
}

/* From where it began: what only half a filter hid is still selected when the whole one shows it. */
static void filter_anew(struct state *s, const char *text)
{
	s->selection = s->filtering.selection;
	s->top = s->filtering.top;
	if (!state_filter(s, text))
		state_update(s);
}

/* It filters while it is typed; what is not whole yet leaves the rows as they are. */
void filter_prompt_key(struct state *s, int key)
{
	if (prompt_is_enter(key)) {
		if (!s->wrong[0])
			s->overlay = OVERLAY_NONE;
	} else if (prompt_is_escape(key)) {
		filter_anew(s, s->filtering.text);
		s->overlay = OVERLAY_NONE;
	} else if (prompt_edit(s, key)) {
		filter_anew(s, s->input);
	}
}
