/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the user likes the viewer, kept from one start to the next: long options of the command line,
 * one a line, as "sort=-RATIO" or "lossprobe", and event-pane=on|off and
 * theme=auto|dark|light|mono. # begins a comment.
 */
#ifndef TCPRETOP_SRC_SETTINGS_H
#define TCPRETOP_SRC_SETTINGS_H

#include <stdio.h>

#include "src/options.h"

/* Told of each line that is left out: "FILE:3: why", without a newline and with nothing in it that
 * a terminal would obey. */
typedef void settings_warn_fn(void *arg, const char *text);

/* Takes the settings over into the options; `name` is what warnings call the file. */
void settings_read(FILE *f, const char *name, struct options *o, settings_warn_fn *warn, void *arg);

/* The same with the user's own file, if there is one: under sudo(8) of the one who called it. One
 * that belongs to another user is left alone. 0, or -1 with *why if root's rights did not come back. */
int settings_load(struct options *o, settings_warn_fn *warn, void *arg, struct failure *why);

struct helper;

struct saved_settings {
	const struct view *view; /* sort column, columns, TLPs, grouping */
	double delay;
	bool event_pane, resolve;
	enum theme_choice theme;
	bool no_color, ascii, no_mouse; /* as given by the user, not as the terminal is */
};

void settings_write(const struct saved_settings *s, FILE *f);

/*
 * Replaces the user's file: all of it or nothing. Its name is written to path. Never writes below a
 * directory of another user's, as a home that sudo left in the environment. The helper does it,
 * unless it is NULL. 0 or -1 with *why.
 */
int settings_save(const struct saved_settings *s, struct helper *helper, char *path, size_t size,
		  struct failure *why);

/* The same with their text. */
int settings_put(const char *text, size_t len, char *path, size_t size, struct failure *why);

#endif
