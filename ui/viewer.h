/* SPDX-License-Identifier: GPL-2.0-only */
/* The live viewer. */
#ifndef TCPRETOP_UI_VIEWER_H
#define TCPRETOP_UI_VIEWER_H

#include "src/names.h"
#include "src/options.h"
#include "src/source.h"
#include "src/view.h"

struct helper;

struct viewer_options {
	double delay;    /* seconds between two looks */
	long iterations; /* end after so many, leaving the last screen visible; -1 is never */
	struct view view;
	bool color, ascii, mouse;
	bool no_color; /* color is off by option, not by the environment */
	bool event_pane;
	enum theme_choice theme;
	bool resolve; /* names in place of addresses, from the start */
	open_resolver_fn *open_resolver;
	struct helper *files; /* makes files; NULL: we do */
	const char *notice;   /* to be told at the start; "" or NULL for nothing */
	double speed;         /* of a recording; 0 is as fast as can be */
	bool record;          /* the source writes down what is read of it */
};

/*
 * Draws until the user quits. The terminal is as it was on return, whatever the cause. 0, or the
 * exit status with *why filled; a signal that ended it is 128 + its number with *why empty.
 */
int viewer_run(struct source *source, const struct viewer_options *o, struct failure *why);

#endif
