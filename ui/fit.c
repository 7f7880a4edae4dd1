// SPDX-License-Identifier: GPL-2.0-only
#include "ui/fit.h"

#include <stddef.h>

/* The most important item not yet decided; the first of equals. */
static struct fit *next_item(struct fit *items, const bool *decided, int n)
{
	struct fit *best = NULL;

	for (int i = 0; i < n; i++) {
		if (!decided[i] && (!best || items[i].priority < best->priority))
			best = &items[i];
	}
	return best;
}

int fit_row(struct fit *items, int n, int gap, int room)
{
	enum { MOST = 64 };
	bool decided[MOST] = {false};
	bool first = true;

	if (n > MOST)
		n = MOST;
	for (struct fit *f; (f = next_item(items, decided, n));) {
		int needs = f->width + (first ? 0 : gap);

		decided[f - items] = true;
		f->shown = needs <= room;
		if (f->shown) {
			room -= needs;
			first = false;
		}
	}
	return room;
}
