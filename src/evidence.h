/* SPDX-License-Identifier: GPL-2.0-only */
/* Puts together what a verdict is made from. */
#ifndef TCPRETOP_SRC_EVIDENCE_H
#define TCPRETOP_SRC_EVIDENCE_H

#include "src/group.h"
#include "src/model.h"
#include "src/verdict.h"

/* Of one flow. `look` is what its socket says now, NULL without: then it is the last sample, and
 * that it is old counts. */
void evidence_of_flow(const struct model *m, const struct flow *f, const struct socket_look *look,
		      struct evidence *e);

/* Of all flows of a group, by the sum of their counts and the last error of any of them. */
void evidence_of_group(const struct model *m, const struct group *g, struct evidence *e);

/* A flow in trouble within the last history window: 1 % of at least 10 segments, or a second of
 * waiting for timeouts. */
bool flow_suffers(const struct model *m, const struct flow *f);

#endif
