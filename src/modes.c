// SPDX-License-Identifier: GPL-2.0-only
/* What the text modes share. */
#include "src/modes.h"

#include <string.h>

int open_pace(struct pace *p, struct loop *l, struct source *s, const struct options *o,
	      struct failure *why)
{
	int err = pace_open(p, l, s, o->delay, false);

	if (err)
		return fail(why, EXIT_RUNTIME, "cannot set up signals and timer: %s",
			    strerror(-err));
	p->speed = o->speed_given ? o->speed : 0;
	p->drains = o->record && o->mode != MODE_EVENTS;
	return 0;
}

int close_pace(struct loop *l, struct out *out, int err, struct failure *why)
{
	out->stop_fd = -1;
	loop_close(l);
	return why->status ? (int)why->status : out_status(err, why);
}

int take_snapshot(struct source *s, struct model *m, struct failure *why)
{
	int err = model_read(m, s);

	if (err < 0)
		return fail(why, EXIT_RUNTIME, "cannot read the flows: %s", strerror(-err));
	if (err == MODEL_FULL)
		return fail(why, EXIT_RUNTIME,
			    "no memory for more than %zu flows; take a smaller --max-flows, or end "
			    "sooner",
			    model_flows(m));
	return 0;
}

struct view csv_view(const struct options *o)
{
	struct view v = o->view;

	if (v.columns_given)
		return v;
	v.ncolumns = 0;
	for (int i = 0; i < FIELDS; i++) {
		if (i != FIELD_HISTORY && fields[i].rows != OF_GROUPS)
			v.columns[v.ncolumns++] = (enum field_id)i;
	}
	return v;
}
