/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keys, as data: what is pressed, what it does, what the help and the footer say. Help and
 * footer are made from this table, so that none of them can name a key that does not work.
 */
#ifndef TCPRETOP_UI_KEYS_H
#define TCPRETOP_UI_KEYS_H

#include <stddef.h>

#include "ui/mouse.h"

enum action {
	ACT_NONE,
	ACT_HELP,
	ACT_QUIT,
	ACT_REDRAW,
	ACT_OPEN,
	ACT_DETAIL,
	ACT_BACK,
	ACT_TLP,
	ACT_PAUSE,
	ACT_ZERO,
	ACT_DELAY,
	ACT_COLUMNS,
	ACT_SEARCH,
	ACT_SEARCH_NEXT,
	ACT_SEARCH_BACK,
	ACT_STEP,
	ACT_SLOWER,
	ACT_FASTER,
	ACT_JUMP_BACK,
	ACT_JUMP_ON,
	ACT_FILTER,
	ACT_GROUP_MENU,
	ACT_SORT_MENU,
	ACT_SORT_LEFT,
	ACT_SORT_RIGHT,
	ACT_REVERSE,
	ACT_NAMES,
	ACT_SAVE,
	ACT_SETTINGS,
	ACT_EVENTS,
	ACT_FOLLOW,
	ACT_PANE,
	ACT_UP,
	ACT_DOWN,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_FIRST,
	ACT_LAST,
	ACTIONS
};

enum { KEYS_EACH = 4 };

struct binding {
	enum action action;
	int keys[KEYS_EACH];    /* the first is the one that the footer names; 0 ends them */
	const char *group;      /* heading in the help; NULL goes on with the last */
	const char *help;       /* one line */
	const char *footer;     /* a word or two, or NULL: not in the footer */
	unsigned char priority; /* in the footer; 0 stays longest */
};

/* Ends with an entry of ACT_NONE. */
extern const struct binding bindings[];

/* Special keys have curses' codes, characters below 0x100 their own, all others are this one: none of
 * them does anything, and some are beyond Unicode, which the C library does not mind. */
enum { KEY_CHARACTER = 0x1000000 };

/* The next key that was pressed, or -1. Both Enter keys are '\r'; KEY_RESIZE is curses', and so is
 * KEY_MOUSE, with *m filled. Escape sequences that the terminal's description does not know are swallowed whole. */
int key_read(struct mouse *m);

enum action key_action(int key);

/* "F1", "Space", "q", "PgUp", "^L" … */
void key_label(int key, char *buf, size_t size);

/* All keys of a binding: "F6 o". */
void key_labels(const struct binding *b, char *buf, size_t size);

#endif
