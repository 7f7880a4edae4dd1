/* SPDX-License-Identifier: GPL-2.0-only */
/* The options as a table, from which getopt_long(), the help and the messages are served, and what
 * each of them does to struct options. For options.c and those beside it. */
#ifndef TCPRETOP_SRC_OPTION_TABLE_H
#define TCPRETOP_SRC_OPTION_TABLE_H

#include "src/options.h"

enum { MOST_OPTIONS = 32 };

/* Options without a letter. */
enum {
	OPT_COLUMNS = 256,
	OPT_ROWS,
	OPT_JSON,
	OPT_CSV,
	OPT_SPEED,
	OPT_HOST,
	OPT_METRICS,
	OPT_METRICS_BY,
	OPT_MAX_FLOWS,
	OPT_TLP_WAY,
	OPT_RESOLVE,
	OPT_ASCII,
	OPT_VERBOSE,
	OPT_DOCTOR
};

struct option_def {
	int id; /* the letter, where there is one */
	const char *name, *arg;
	const char *help; /* NULL: the help does not tell of it */
};

/* Ends with an entry without a name. */
extern const struct option_def option_defs[];

/* Takes one option but -h and -V into *o; arg is NULL for those without a value. 0 or -1 with *why
 * filled. */
int option_apply(int id, const char *arg, struct options *o, struct failure *why);

/* Wrong use, with a hint to the help. Returns -1. */
int usage_error(struct failure *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
