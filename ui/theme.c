// SPDX-License-Identifier: GPL-2.0-only
#include "ui/theme.h"

#include <curses.h>

_Static_assert(sizeof(ink) >= sizeof(attr_t), "an ink holds what curses calls attributes");

/* Colour numbers; -1 is the terminal's own. */
struct dye {
	short fg, bg;
	attr_t attr;
};

struct look {
	struct dye rich;  /* 256 colours */
	struct dye plain; /* 8 colours */
	attr_t mono;
};

static const short selected_bg = 238;

static const struct look dark[ROLES] = {
	[ROLE_TEXT] = {{-1, -1, 0}, {-1, -1, 0}, 0},
	[ROLE_LABEL] = {{246, -1, 0}, {-1, -1, 0}, 0},
	[ROLE_TITLE] = {{117, -1, A_BOLD}, {COLOR_CYAN, -1, A_BOLD}, A_BOLD},
	[ROLE_GOOD] = {{114, -1, 0}, {COLOR_GREEN, -1, 0}, 0},
	[ROLE_WARN] = {{221, -1, 0}, {COLOR_YELLOW, -1, 0}, A_BOLD},
	[ROLE_BAD] = {{210, -1, A_BOLD}, {COLOR_RED, -1, A_BOLD}, A_BOLD},
	[ROLE_QUIET] = {{243, -1, 0}, {-1, -1, A_DIM}, A_DIM},
	[ROLE_SPARK] = {{74, -1, 0}, {COLOR_CYAN, -1, 0}, 0},
	[ROLE_PROBE] = {{146, -1, 0}, {COLOR_CYAN, -1, 0}, 0},
	[ROLE_HEAD] = {{234, 152, 0}, {COLOR_BLACK, COLOR_CYAN, 0}, A_REVERSE},
	[ROLE_HEAD_SORT] = {{234, 222, A_BOLD}, {COLOR_BLACK, COLOR_YELLOW, 0}, A_REVERSE | A_BOLD},
	[ROLE_RULE] = {{243, -1, 0}, {-1, -1, A_DIM}, 0},
	[ROLE_FOCUS] = {{117, -1, A_BOLD}, {COLOR_CYAN, -1, A_BOLD}, A_BOLD},
	[ROLE_KEY] = {{117, -1, A_BOLD}, {COLOR_CYAN, -1, A_BOLD}, A_BOLD},
	[ROLE_NOTICE] = {{234, 222, 0}, {COLOR_BLACK, COLOR_YELLOW, 0}, A_REVERSE},
	[ROLE_PAUSED] = {{234, 210, A_BOLD}, {COLOR_WHITE, COLOR_RED, A_BOLD}, A_REVERSE | A_BOLD},
};

static ink mix(int pair, struct dye d)
{
	if (d.fg < 0 && d.bg < 0)
		return d.attr;
	init_pair((short)pair, d.fg, d.bg);
	return d.attr | (attr_t)COLOR_PAIR(pair);
}

static void mix_rich(struct theme *t, int role, struct dye d)
{
	t->plain[role] = mix(1 + role, d);
	d.bg = selected_bg;
	if (d.fg == -1)
		d.fg = 255;
	if (role == ROLE_QUIET)
		d.fg = 250; /* readable on the brighter ground */
	t->selected[role] = mix(1 + ROLES + role, d);
}

void theme_init(struct theme *t, bool color)
{
	bool rich = color && COLORS >= 256 && COLOR_PAIRS > 2 * ROLES;

	for (int role = 0; role < ROLES; role++) {
		const struct look *l = &dark[role];

		if (rich) {
			mix_rich(t, role, l->rich);
			continue;
		}
		t->plain[role] = color ? mix(1 + role, l->plain) : l->mono;
		t->selected[role] = t->plain[ROLE_TEXT] | A_REVERSE | (l->mono & A_BOLD);
	}
}
