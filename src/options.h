/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line. */
#ifndef TCPRETOP_SRC_OPTIONS_H
#define TCPRETOP_SRC_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "src/failure.h"
#include "src/fleet.h"
#include "src/source.h"
#include "src/view.h"

enum mode {
	MODE_VIEWER,
	MODE_EVENTS,
	MODE_COUNT,
	MODE_BATCH,
	MODE_RECORD,
	MODE_DOCTOR,
	MODE_HELP,
	MODE_VERSION
};

enum output { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_CSV };

/* By COLORFGBG if it is not said. */
enum theme_choice { THEME_AUTO, THEME_DARK, THEME_LIGHT, THEME_MONO, THEMES };

struct options {
	bool tcpretrans; /* called by the name of bcc's tool: then as it, MODE_EVENTS by default */
	enum mode mode;
	enum output output;
	struct view view;
	double delay; /* seconds */
	bool delay_given;
	long iterations; /* -1: without end */
	long rows;       /* of each -b table; 0 is all */
	uint32_t max_flows;
	bool max_flows_given;
	bool tlp_way_given; /* tail loss probes are to be watched just so */
	enum tlp_way tlp_way;
	const char *record, *replay;         /* files of the arguments, "-" is stdio; NULL: none */
	struct fleet_host hosts[FLEET_MOST]; /* all of -r and --host, in their order */
	size_t nhosts;
	const char *metrics;       /* a file to be kept; NULL: none */
	unsigned int metrics_ways; /* of grouping that are labels there: 1 << enum group_by */
	double speed;              /* of the replay; 0 is as fast as can be */
	bool speed_given;
	bool sequence;
	bool color, ascii, mouse;
	bool no_color; /* color is off because it was asked for, not by NO_COLOR */
	bool resolve;
	/* settings of the viewer, no options */
	bool event_pane;
	enum theme_choice theme;
	bool verbose;
};

/* Fills *o from the arguments, argv[0] too, and NO_COLOR. 0 or -1 with *why filled. */
int options_parse(int argc, char **argv, struct options *o, struct failure *why);

/* The two halves of that: what holds without any option, and what the arguments change of *o. */
void options_init(struct options *o);
int options_take(int argc, char **argv, struct options *o, struct failure *why);

/* One option by its long name; value is NULL for none. 0 or -1 with *why filled. */
int options_set(struct options *o, const char *name, const char *value, struct failure *why);

/* A delay as -d takes it, in seconds. False: it is none, and *delay is undefined. */
bool options_delay(const char *text, double *delay);

/* Frees what options_parse() or options_take() made, also when it failed. */
void options_free(struct options *o);

/* tcpretrans: the options that bcc's tool of that name has. */
void options_help(FILE *f, bool tcpretrans);

#endif
