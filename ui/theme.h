/* SPDX-License-Identifier: GPL-2.0-only */
/* What things mean, and how that looks. Colour never says something that no text says, too. */
#ifndef TCPRETOP_UI_THEME_H
#define TCPRETOP_UI_THEME_H

#include <stdbool.h>

#include "src/options.h"

enum role {
	ROLE_TEXT,
	ROLE_LABEL, /* words beside numbers: they step back */
	ROLE_TITLE,
	ROLE_GOOD,
	ROLE_WARN,
	ROLE_BAD,
	ROLE_QUIET, /* no longer of interest */
	ROLE_SPARK,
	ROLE_PROBE, /* tail loss probes: rarely harm */
	ROLE_HEAD,
	ROLE_HEAD_SORT,
	ROLE_RULE,
	ROLE_FOCUS, /* title of the pane that the keys go to */
	ROLE_KEY,
	ROLE_NOTICE,
	ROLE_PAUSED,
	ROLES
};

typedef unsigned long ink; /* attributes of curses, with the colour pair in it */

struct theme {
	ink plain[ROLES], selected[ROLES];
};

/* Monochrome, or for as many colours as the terminal has; with THEME_AUTO for the ground that
 * COLORFGBG tells of, dark if it does not. */
void theme_init(struct theme *t, enum theme_choice choice, bool color);

#endif
