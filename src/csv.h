/* SPDX-License-Identifier: GPL-2.0-only */
/* Comma-separated values: quoted by RFC 4180, lines end in a newline. What is not known is empty. */
#ifndef TCPRETOP_SRC_CSV_H
#define TCPRETOP_SRC_CSV_H

#include <stdio.h>

#include "src/model.h"
#include "src/view.h"

/* Flows or groups: the time of the interval, then the columns of the view with plain numbers: seconds
 * for times, 0.031 for 3.1 %, the sum for a history. */
void csv_flow_header(FILE *f, const struct view *v);
void csv_flow(FILE *f, const struct model *m, const struct view *v, const struct flow *flow);

/* Events, with those fields of JSON's that any event may have; of several hosts one more. time is in
 * seconds since the epoch. */
void csv_event_header(FILE *f, bool hosts);
void csv_event(FILE *f, const struct event_sample *e, double time);

#endif
