// SPDX-License-Identifier: GPL-2.0-only
#include "src/shared.h"

#include <stdlib.h>

#include "src/hash.h"

struct shared_entry {
	struct shared shared; /* what the flows point to */
	size_t takers;
	UT_hash_handle hh;
};

const struct shared *shared_take(struct shareds *s, const struct shared *what)
{
	struct shared_entry *e;

	HASH_FIND(hh, s->all, what, sizeof(*what), e);
	if (e) {
		e->takers++;
		return &e->shared;
	}
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->shared = *what;
	e->takers = 1;
	HASH_ADD(hh, s->all, shared, sizeof(e->shared), e);
	if (e->hh.tbl)
		return &e->shared;
	free(e);
	return NULL;
}

void shared_drop(struct shareds *s, const struct shared *what)
{
	struct shared_entry *e = (struct shared_entry *)what;

	if (!e || --e->takers)
		return;
	HASH_DEL(s->all, e);
	free(e);
}
