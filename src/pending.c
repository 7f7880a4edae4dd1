// SPDX-License-Identifier: GPL-2.0-only
#include "src/pending.h"

#include <stdlib.h>

#include "src/hash.h"

struct pending_flow {
	UT_hash_handle hh;
	struct flow_key key;
	bool has_flow, has_owner;
	struct flow_sample flow, owner; /* `owner` tells of nothing but that: it was found late */
};

static struct pending_flow *find_or_add(struct pending *p, const struct flow_key *key)
{
	struct pending_flow *f;

	HASH_FIND(hh, p->all, key, sizeof(*key), f);
	if (f)
		return f;
	f = malloc(sizeof(*f));
	if (!f)
		return NULL;
	f->key = *key;
	f->has_flow = f->has_owner = false;
	HASH_ADD(hh, p->all, key, sizeof(f->key), f);
	if (!f->hh.tbl) {
		free(f);
		return NULL;
	}
	return f;
}

int pending_add(struct pending *p, const struct flow_sample *s)
{
	struct pending_flow *f = find_or_add(p, &s->key);

	if (!f)
		return -ENOMEM;
	if (s->rec.first_ns) {
		f->flow = *s;
		f->has_flow = true;
	} else {
		f->owner = *s;
		f->has_owner = true;
	}
	return 0;
}

static void remove_flow(struct pending *p, struct pending_flow *f)
{
	HASH_DEL(p->all, f);
	free(f);
}

/* The owner comes behind what it is the owner of. */
size_t pending_take(struct pending *p, struct flow_sample *to, size_t most)
{
	struct pending_flow *f, *next;
	size_t n = 0;

	HASH_ITER(hh, p->all, f, next) {
		if (n + f->has_flow + f->has_owner > most)
			break;
		if (f->has_flow)
			to[n++] = f->flow;
		if (f->has_owner)
			to[n++] = f->owner;
		remove_flow(p, f);
	}
	return n;
}

void pending_free(struct pending *p)
{
	struct pending_flow *f, *next;

	HASH_ITER(hh, p->all, f, next) {
		remove_flow(p, f);
	}
}
