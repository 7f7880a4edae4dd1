// SPDX-License-Identifier: GPL-2.0-only
#include "ui/theme.h"

#include <curses.h>

#include <stdlib.h>
#include <string.h>

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

/* What the selected row is drawn on, and in where its text has no colour of its own. */
struct ground {
	const struct look *looks;
	short selected_bg, selected_fg, selected_quiet;
};

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

static const struct look light[ROLES] = {
	[ROLE_TEXT] = {{-1, -1, 0}, {-1, -1, 0}, 0},
	[ROLE_LABEL] = {{241, -1, 0}, {-1, -1, 0}, 0},
	[ROLE_TITLE] = {{25, -1, A_BOLD}, {COLOR_BLUE, -1, A_BOLD}, A_BOLD},
	[ROLE_GOOD] = {{28, -1, 0}, {COLOR_GREEN, -1, 0}, 0},
	[ROLE_WARN] = {{130, -1, A_BOLD}, {COLOR_MAGENTA, -1, 0}, A_BOLD},
	[ROLE_BAD] = {{160, -1, A_BOLD}, {COLOR_RED, -1, A_BOLD}, A_BOLD},
	[ROLE_QUIET] = {{245, -1, 0}, {-1, -1, A_DIM}, A_DIM},
	[ROLE_SPARK] = {{31, -1, 0}, {COLOR_BLUE, -1, 0}, 0},
	[ROLE_PROBE] = {{61, -1, 0}, {COLOR_BLUE, -1, 0}, 0},
	[ROLE_HEAD] = {{255, 24, 0}, {COLOR_WHITE, COLOR_BLUE, 0}, A_REVERSE},
	[ROLE_HEAD_SORT] = {{234, 222, A_BOLD}, {COLOR_BLACK, COLOR_YELLOW, 0}, A_REVERSE | A_BOLD},
	[ROLE_RULE] = {{247, -1, 0}, {-1, -1, A_DIM}, 0},
	[ROLE_FOCUS] = {{25, -1, A_BOLD}, {COLOR_BLUE, -1, A_BOLD}, A_BOLD},
	[ROLE_KEY] = {{25, -1, A_BOLD}, {COLOR_BLUE, -1, A_BOLD}, A_BOLD},
	[ROLE_NOTICE] = {{234, 222, 0}, {COLOR_BLACK, COLOR_YELLOW, 0}, A_REVERSE},
	[ROLE_PAUSED] = {{255, 160, A_BOLD}, {COLOR_WHITE, COLOR_RED, A_BOLD}, A_REVERSE | A_BOLD},
};

static const struct ground dark_ground = {dark, 238, 255, 250};
static const struct ground light_ground = {light, 253, 234, 240};

/* "15;0" or "0;default;15", as rxvt, Konsole and others set it: text, then ground. */
static bool is_light_ground(void)
{
	const char *said = getenv("COLORFGBG"), *last = said ? strrchr(said, ';') : NULL;
	int ground = last && last[1] >= '0' && last[1] <= '9' ? atoi(last + 1) : 0;

	return ground == 7 || (ground >= 9 && ground <= 15);
}

static ink mix(int pair, struct dye d)
{
	if (d.fg < 0 && d.bg < 0)
		return d.attr;
	init_pair((short)pair, d.fg, d.bg);
	return d.attr | (attr_t)COLOR_PAIR(pair);
}

static void mix_rich(struct theme *t, const struct ground *g, int role)
{
	struct dye d = g->looks[role].rich;

	t->plain[role] = mix(1 + role, d);
	d.bg = g->selected_bg;
	if (d.fg == -1)
		d.fg = g->selected_fg;
	if (role == ROLE_QUIET)
		d.fg = g->selected_quiet; /* readable on that ground */
	t->selected[role] = mix(1 + ROLES + role, d);
}

void theme_init(struct theme *t, enum theme_choice choice, bool color)
{
	bool light_one = choice == THEME_LIGHT || (choice == THEME_AUTO && is_light_ground());
	const struct ground *g = light_one ? &light_ground : &dark_ground;
	bool colored = color && choice != THEME_MONO;
	bool rich = colored && COLORS >= 256 && COLOR_PAIRS > 2 * ROLES;

	for (int role = 0; role < ROLES; role++) {
		const struct look *l = &g->looks[role];

		if (rich) {
			mix_rich(t, g, role);
			continue;
		}
		t->plain[role] = colored ? mix(1 + role, l->plain) : l->mono;
		t->selected[role] = t->plain[ROLE_TEXT] | A_REVERSE | (l->mono & A_BOLD);
	}
}
