// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "src/doctor.h"
#include "src/live.h"
#include "src/modes.h"

/* The same programs and the same maps as later; an event ring adds no condition. */
static void try_hooks(struct host_facts *h, const struct options *o)
{
	struct live_options live = {
		.max_flows = o->max_flows,
		.ring_bytes = LIVE_SMALLEST_RING,
		.verbose = o->verbose,
		.hooks = &h->hooks,
	};
	struct source *source;

	for (int i = 0; i < HOOKS; i++)
		h->hooks.err[i] = HOOK_NOT_TRIED;
	source = live_open(&live, &h->why);
	h->opened = source;
	source_close(source);
}

int mode_doctor(const struct options *o, const struct terminal_facts *terminal, FILE *out)
{
	struct finding findings[MOST_FINDINGS];
	struct host_facts facts;
	unsigned int n;

	facts_read(&facts);
	facts.terminal = *terminal;
	try_hooks(&facts, o);
	n = doctor_examine(&facts, findings);
	doctor_print(out, findings, n, !strcmp(facts.charset, "UTF-8"));
	return (int)doctor_status(findings, n);
}
