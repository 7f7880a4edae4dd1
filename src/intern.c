// SPDX-License-Identifier: GPL-2.0-only
#include "src/intern.h"

#include <stdlib.h>
#include <string.h>

#include "src/hash.h"

struct interned {
	UT_hash_handle hh;
	char text[];
};

static struct interned *add(struct interns *t, const char *text, size_t len)
{
	struct interned *i = t->bytes + len < INTERNS_MOST ? malloc(sizeof(*i) + len + 1) : NULL;

	if (!i)
		return NULL;
	memcpy(i->text, text, len + 1);
	HASH_ADD(hh, t->all, text, len, i);
	if (!i->hh.tbl) {
		free(i);
		return NULL;
	}
	t->bytes += len;
	return i;
}

const char *intern(struct interns *t, const char *text)
{
	struct interned *i;
	size_t len;

	if (!text)
		return NULL;
	len = strlen(text);
	HASH_FIND(hh, t->all, text, len, i);
	if (!i)
		i = add(t, text, len);
	return i ? i->text : NULL;
}

void interns_free(struct interns *t)
{
	struct interned *i, *next;

	HASH_ITER(hh, t->all, i, next) {
		HASH_DEL(t->all, i);
		free(i);
	}
	t->bytes = 0;
}
