/* SPDX-License-Identifier: GPL-2.0-only */
/* Flows for the outputs that leave none out, as the table does: in the view's order, each with the
 * same equals. */
#ifndef TCPRETOP_SRC_FLOW_LIST_H
#define TCPRETOP_SRC_FLOW_LIST_H

#include "src/model.h"
#include "src/view.h"

struct flow_list {
	const struct flow *
		*flows; /* owned by the list; the flows by the model, until its next tick */
	size_t n;
};

/* The flows of the view's family, or of those the ones that changed in the last interval. Equals
 * stand in the order of their addresses. 0 or -ENOMEM (the list is then empty). */
int flow_list_build(struct flow_list *l, const struct model *m, const struct view *v,
		    bool changed_only);

void flow_list_free(struct flow_list *l);

#endif
