/* SPDX-License-Identifier: GPL-2.0-only */
/* What comes while the picture stands still. The source goes on, and with it a recording and the
 * metrics; the model gets all of it at once when the picture goes on. */
#ifndef TCPRETOP_SRC_HELD_TICKS_H
#define TCPRETOP_SRC_HELD_TICKS_H

#include "src/model.h"
#include "src/pending.h"

struct held_ticks {
	struct pending pending;
	struct snapshot last; /* without its flows */
	uint32_t max_flows;   /* as in struct source_info */
	bool any;
};

void held_ticks_init(struct held_ticks *h, uint32_t max_flows);

/* Takes in a part of the source's next snapshot, as model_read_part() does: 0, a negative errno of the
 * source, or MODEL_FULL. */
int held_ticks_read_part(struct held_ticks *h, struct source *s, bool *more);

/* Hands over all that came as one snapshot, and holds nothing any more. 0 or MODEL_FULL. */
int held_ticks_give(struct held_ticks *h, struct model *m);

void held_ticks_free(struct held_ticks *h);

#endif
