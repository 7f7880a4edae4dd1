/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of several things side by side find room: whole ones only, the important ones first. */
#ifndef TCPRETOP_UI_FIT_H
#define TCPRETOP_UI_FIT_H

#include <stdbool.h>

struct fit {
	int width, priority; /* in cells; 0 stays longest */
	bool shown;          /* the answer */
};

/* Sets shown of each. Returns the room that is left. */
int fit_row(struct fit *items, int n, int gap, int room);

#endif
