/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON Lines: each function writes one object and a newline. What is not known is null. */
#ifndef TCPRETOP_SRC_JSON_H
#define TCPRETOP_SRC_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include "src/model.h"

enum { JSON_SCHEMA = 1 };

/* The text in quotes, escaped by RFC 8259. It must be UTF-8. */
void json_string(FILE *f, const char *text);

/* time is in seconds since the epoch. */
void json_event(FILE *f, const struct event_sample *e, double time);

/* whole_run: the interval is all the time since the start, instead of the last tick. */
void json_flow(FILE *f, const struct model *m, const struct flow *flow, bool whole_run);

/* The same of a row of the table, which may stand for a group. */
void json_row(FILE *f, const struct model *m, const struct flow *row, bool whole_run);

/* A host of several that is not there. */
void json_link(FILE *f, const struct model *m, const struct link_look *link);

/* The last interval, or with NULL for the one before it all the time since the start. */
void json_interval(FILE *f, const struct model *m, const struct interval *before);

#endif
