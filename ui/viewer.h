/* SPDX-License-Identifier: GPL-2.0-only */
/* The live viewer. */
#ifndef TCPRETOP_UI_VIEWER_H
#define TCPRETOP_UI_VIEWER_H

#include "src/source.h"
#include "src/view.h"

struct viewer_options {
	double delay;    /* seconds between two looks */
	long iterations; /* end after so many, leaving the last screen visible; -1 is never */
	struct view view;
	bool color, ascii, mouse;
	double speed; /* of a recording; 0 is as fast as can be */
};

/*
 * Draws until the user quits. The terminal is as it was on return, whatever the cause. 0, or the
 * exit status with *why filled; a signal that ended it is 128 + its number with *why empty.
 */
int viewer_run(struct source *source, const struct viewer_options *o, struct failure *why);

#endif
