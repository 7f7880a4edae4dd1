// SPDX-License-Identifier: GPL-2.0-only
#include "ui/keys.h"

#include <curses.h>

#include <stdio.h>

enum { ESCAPE = 27, CTRL_L = 'L' & 31 };

/* In the order of the help; the footer takes its own from here, too. */
const struct binding bindings[] = {
	{ACT_HELP, {KEY_F(1), '?', 'h'}, "Help", "this help", "Help", 1},

	{ACT_SEARCH, {'/'}, "Finding", "search: jump to a row that holds a text", "Search", 4},
	{ACT_SEARCH_NEXT, {'n'}, NULL, "the next such row; among events an older one", NULL, 0},
	{ACT_SEARCH_BACK, {'N'}, NULL, "the one before; among events a newer one", NULL, 0},

	{ACT_FILTER,
	 {KEY_F(4), '\\'},
	 "What is shown",
	 "filter: host, port, process, RTT > 50ms …",
	 "Filter",
	 2},
	{ACT_GROUP_MENU,
	 {KEY_F(5), 'v'},
	 NULL,
	 "group: sums by remote host, subnet, port, process …",
	 "Group",
	 3},
	{ACT_COLUMNS, {KEY_F(2)}, NULL, "choose the columns and their order", "Columns", 9},
	{ACT_SORT_MENU, {KEY_F(6), 'o'}, NULL, "choose the sort column", "Sort", 3},
	{ACT_SORT_LEFT, {'<'}, NULL, "sort by the column to the left", NULL, 0},
	{ACT_SORT_RIGHT, {'>'}, NULL, "sort by the column to the right", NULL, 0},
	{ACT_REVERSE, {'r'}, NULL, "reverse the order", "Reverse", 6},
	{ACT_TLP, {'l'}, NULL, "tail loss probes in or out: counts, order, events", "TLP", 2},
	{ACT_NAMES, {'a'}, NULL, "addresses or names (asks your name server)", NULL, 0},
	{ACT_EVENTS, {'e'}, NULL, "event pane on or off", "Events", 5},
	{ACT_FOLLOW, {'f'}, NULL, "events of the selected row only, or of all", NULL, 0},

	{ACT_PAUSE, {' '}, "Time", "freeze the picture; counting goes on", "Pause", 4},
	{ACT_DELAY, {'d'}, NULL, "seconds between two looks (0.1 to 3600)", "Delay", 7},
	{ACT_ZERO, {'z'}, NULL, "count from now", "Zero", 8},

	{ACT_STEP, {'.', KEY_RIGHT}, "Replay (-r)", "one look on, then pause", NULL, 0},
	{ACT_SLOWER, {'['}, NULL, "half as fast", NULL, 0},
	{ACT_FASTER, {']'}, NULL, "twice as fast", NULL, 0},
	{ACT_JUMP_BACK, {'{'}, NULL, "a minute back", NULL, 0},
	{ACT_JUMP_ON, {'}'}, NULL, "a minute on", NULL, 0},

	{ACT_UP, {KEY_UP, 'k'}, "Moving", "one line up", NULL, 0},
	{ACT_DOWN, {KEY_DOWN, 'j'}, NULL, "one line down", NULL, 0},
	{ACT_PAGE_UP, {KEY_PPAGE}, NULL, "one page up", NULL, 0},
	{ACT_PAGE_DOWN, {KEY_NPAGE}, NULL, "one page down", NULL, 0},
	{ACT_FIRST, {KEY_HOME, 'g'}, NULL, "to the first flow, the oldest event", NULL, 0},
	{ACT_LAST, {KEY_END, 'G'}, NULL, "to the last flow, the newest event", NULL, 0},
	{ACT_PANE, {'\t'}, NULL, "to the other pane", NULL, 0},
	{ACT_OPEN, {'\r'}, NULL, "details with a verdict; of a group: its flows", "Details", 3},
	{ACT_DETAIL, {'i'}, NULL, "details with a verdict, also of a group", NULL, 0},
	{ACT_BACK, {ESCAPE}, NULL, "back: to the table, to the groups, to no selection", NULL, 0},

	{ACT_SAVE,
	 {'s'},
	 "Keeping",
	 "save what is shown as text: rows and events, or the details",
	 NULL,
	 0},
	{ACT_SETTINGS, {'W'}, NULL, "write the settings: columns, order, groups, delay …", NULL, 0},

	{ACT_REDRAW, {CTRL_L}, "Screen", "draw it all anew", NULL, 0},
	{ACT_QUIT, {'q', KEY_F(10)}, NULL, "quit", "Quit", 0},
	{ACT_NONE, {0}, NULL, NULL, NULL, 0},
};

/* After ESC: a sequence that keypad() did not know, to its final byte. Text typed after a lone ESC
 * comes later than the terminal's own sequences, which arrive at once. */
static void swallow_sequence(void)
{
	wint_t c;

	if (get_wch(&c) != OK)
		return;
	if (c != '[' && c != 'O') {
		unget_wch((wchar_t)c);
		return;
	}
	while (get_wch(&c) == OK && (c < 0x40 || c > 0x7e))
		;
}

int key_read(struct mouse *m)
{
	wint_t c;
	int kind;

	while ((kind = get_wch(&c)) == KEY_CODE_YES) {
		bool report = c == KEY_REPORT || c == KEY_REPORT_BYTES;

		if (report && mouse_read((int)c, m))
			return KEY_MOUSE;
		if (!report &&
		    c != KEY_MOUSE) /* that one is curses' own, which has not been read */
			return c == KEY_ENTER ? '\r' : (int)c;
	}
	if (kind != OK)
		return -1;
	if (c == ESCAPE)
		swallow_sequence();
	return c < 0x100 ? (int)c : KEY_CHARACTER;
}

enum action key_action(int key)
{
	for (const struct binding *b = bindings; b->action; b++) {
		for (int i = 0; i < KEYS_EACH && b->keys[i]; i++) {
			if (b->keys[i] == key)
				return b->action;
		}
	}
	return ACT_NONE;
}

void key_label(int key, char *buf, size_t size)
{
	static const struct {
		int key;
		const char *name;
	} names[] = {
		{' ', "Space"},   {'\t', "Tab"},       {ESCAPE, "Esc"},     {KEY_UP, "↑"},
		{KEY_DOWN, "↓"},  {KEY_PPAGE, "PgUp"}, {KEY_NPAGE, "PgDn"}, {KEY_HOME, "Home"},
		{KEY_END, "End"}, {'\r', "Enter"},     {KEY_RIGHT, "→"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].key == key) {
			snprintf(buf, size, "%s", names[i].name);
			return;
		}
	}
	if (key >= KEY_F0 && key <= KEY_F(12))
		snprintf(buf, size, "F%d", key - KEY_F0);
	else if (key < 32)
		snprintf(buf, size, "^%c", key + '@');
	else
		snprintf(buf, size, "%c", key);
}

void key_labels(const struct binding *b, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (int i = 0; i < KEYS_EACH && b->keys[i]; i++) {
		char name[16];

		key_label(b->keys[i], name, sizeof(name));
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? " " : "", name);
		if (used >= size)
			return;
	}
}
