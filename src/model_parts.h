/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the model ask of each other. */
#ifndef TCPRETOP_SRC_MODEL_PARTS_H
#define TCPRETOP_SRC_MODEL_PARTS_H

#include "src/model.h"

/* The snapshot that is taken in. It counts when it is whole. */
static inline uint32_t model_taken_tick(const struct model *m)
{
	return m->tick + 1;
}

/* ---- What only flows have that changed lately */

void recents_init(struct model *m);

/* Those that have been quiet for long lose it. Once a tick, when it is known what time it is. */
void recents_age(struct model *m);

/* When no flow has it any more. */
void recents_free(struct model *m);

/* Adds what the flow has grown by in this tick, to its sum as well; its .tick is still the last one in
 * which it changed. 0, or -ENOMEM with nothing counted. */
int recent_add_growth(struct model *m, struct flow *f, const struct counts *grown,
		      const struct flow_rec *rec);

/* Begins to fetch what that needs. */
void recent_expect(const struct model *m, const struct flow *f);

/* The last interval and the history begin anew. Nothing if the flow has none, as below. */
void recent_clear(struct model *m, const struct flow *f);

void recent_drop(struct model *m, struct flow *f);

/* ---- A flow's socket: who owns it, and its last sample. 0, or -ENOMEM: it keeps what it had. */

int flow_take_owner(struct model *m, struct flow *f, const struct flow_sample *s);

/* The owner of a socket that was handed over before. */
int flow_take_late_owner(struct model *m, struct flow *f, const struct flow_sample *s);

/* Without memory it is only the name of the congestion control that is not taken. */
int flow_take_sock(struct model *m, struct flow *f, const struct sock_sample *sock);

/* ---- The whole host */

/* Of the last part of a snapshot: it alone holds them. */
void totals_take(struct model *m, const struct snapshot *s);

void totals_zero(struct model *m);

#endif
