// SPDX-License-Identifier: GPL-2.0-only
/* Where nothing is shown: -w to standard output, or from another recording; --metrics as a service. */
#include "src/modes.h"

#include <string.h>

static int take_all(struct source *s, struct failure *why)
{
	struct snapshot part;

	do {
		int err = source_tick(s, &part);

		if (err)
			return fail(why, EXIT_RUNTIME, "cannot read the flows: %s", strerror(-err));
	} while (part.more);
	return 0;
}

/* True if it was stopped. */
static bool run(struct pace *p, struct source *s, const struct options *o, struct failure *why)
{
	long left = o->iterations;
	struct wake w = {0};

	while (!w.stop && !w.end && left) {
		int err = pace_wait(p, -1, -1, &w);

		if (err) {
			fail(why, EXIT_RUNTIME, "cannot wait: %s", strerror(-err));
			return false;
		}
		if (w.tick && take_all(s, why))
			return false;
		if (p->recorded && source_trouble(s))
			return false;
		if (w.tick && left > 0)
			left--;
	}
	return w.stop;
}

int mode_record(struct source *s, const struct options *o, struct failure *why)
{
	struct loop loop;
	struct pace pace;
	bool stopped;

	if (open_pace(&pace, &loop, s, o, why))
		return why->status;
	stopped = run(&pace, s, o, why);
	/* What came since the last tick belongs to it. */
	if (stopped && !why->status && !pace.recorded)
		take_all(s, why);
	loop_close(&loop);
	return why->status;
}
