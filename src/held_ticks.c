// SPDX-License-Identifier: GPL-2.0-only
#include "src/held_ticks.h"

/* Flows of one part of a snapshot. */
enum { PART = 64 };

void held_ticks_init(struct held_ticks *h, uint32_t max_flows)
{
	*h = (struct held_ticks){.max_flows = max_flows};
	pending_init(&h->pending);
}

int held_ticks_read_part(struct held_ticks *h, struct source *s, bool *more)
{
	struct snapshot part;
	int err = source_tick(s, &part);

	*more = !err && part.more;
	if (err)
		return err;
	for (size_t i = 0; i < part.nflows; i++)
		if (pending_add(&h->pending, &part.flows[i]))
			err = MODEL_FULL;
	if (part.more)
		return err;
	h->last = part;
	h->any = true;
	if (h->max_flows)
		pending_forget_old(&h->pending, h->max_flows);
	return err;
}

int held_ticks_give(struct held_ticks *h, struct model *m)
{
	struct flow_sample flows[PART];
	bool full = false, more = h->any;

	while (more) {
		struct snapshot part = {.more = true};
		size_t n = pending_take(&h->pending, flows, PART);

		more = pending_any(&h->pending);
		if (!more)
			part = h->last;
		part.flows = flows;
		part.nflows = n;
		full |= model_tick(m, &part) < 0;
	}
	held_ticks_free(h);
	return full ? MODEL_FULL : 0;
}

void held_ticks_free(struct held_ticks *h)
{
	pending_free(&h->pending);
	h->any = false;
}
