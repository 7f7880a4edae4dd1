// SPDX-License-Identifier: GPL-2.0-only
#include "src/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/format.h"
#include "src/hash.h"
#include "src/sanitise.h"

enum state { ASKED, NAMED, NAMELESS };

struct key {
	uint8_t family, addr[16];
};

struct entry {
	struct key key;
	enum state state;
	char name[NAME_TEXT];
	UT_hash_handle hh;
};

struct names {
	struct resolver *resolver;
	struct entry *all; /* the one used last at the end */
	unsigned int asked;
	bool news;
};

struct names *names_open(struct resolver *r)
{
	struct names *n = calloc(1, sizeof(*n));

	if (n)
		n->resolver = r;
	else
		r->ops->close(r);
	return n;
}

void names_close(struct names *n)
{
	struct entry *e, *next;

	if (!n)
		return;
	n->resolver->ops->close(n->resolver);
	HASH_ITER(hh, n->all, e, next) {
		HASH_DEL(n->all, e);
		free(e);
	}
	free(n);
}

static struct key make_key(uint8_t family, const uint8_t addr[16])
{
	struct key k = {.family = family};

	memcpy(k.addr, addr, family == 4 ? 4 : 16);
	return k;
}

static struct entry *find(const struct names *n, const struct key *k)
{
	struct entry *e;

	HASH_FIND(hh, n->all, k, sizeof(*k), e);
	return e;
}

static void take_answer(void *arg, uint8_t family, const uint8_t addr[16], const char *name)
{
	struct names *n = arg;
	struct key k = make_key(family, addr);
	struct entry *e = find(n, &k);

	if (!e || e->state != ASKED)
		return;
	n->asked--;
	e->state = name && *name ? NAMED : NAMELESS;
	if (e->state == NAMELESS)
		return;
	sanitise(name, SIZE_MAX, e->name, sizeof(e->name));
	n->news = true;
}

bool names_work(struct names *n)
{
	n->news = false;
	n->resolver->ops->work(n->resolver, take_answer, n);
	return n->news;
}

/* Adds it at the end. False without memory, and the entry is freed. */
static bool add(struct names *n, struct entry *e)
{
	HASH_ADD(hh, n->all, key, sizeof(e->key), e);
	if (e->hh.tbl)
		return true;
	free(e);
	return false;
}

/* What nobody has looked at for the longest, but for what is being asked. */
static void forget_one(struct names *n)
{
	struct entry *e, *next;

	HASH_ITER(hh, n->all, e, next) {
		if (e->state == ASKED)
			continue;
		HASH_DEL(n->all, e);
		free(e);
		return;
	}
}

static void start(struct names *n, const struct key *k)
{
	struct entry *e;

	if (n->asked >= NAMES_ASKED)
		return; /* whoever still shows it asks again */
	if (HASH_COUNT(n->all) >= NAMES_MOST)
		forget_one(n);
	e = calloc(1, sizeof(*e));
	if (!e)
		return;
	e->key = *k;
	e->state = ASKED;
	if (!add(n, e))
		return;
	if (n->resolver->ops->ask(n->resolver, k->family, k->addr))
		e->state = NAMELESS;
	else
		n->asked++;
}

const char *names_find(struct names *n, uint8_t family, const uint8_t addr[16], bool ask)
{
	struct key k = make_key(family, addr);
	struct entry *e;

	if (!n)
		return NULL;
	e = find(n, &k);
	if (!e) {
		if (ask)
			start(n, &k);
		return NULL;
	}
	if (ask && e->hh.next) {
		HASH_DEL(n->all, e);
		if (!add(n, e))
			return NULL;
	}
	return e->state == NAMED ? e->name : NULL;
}

void names_endpoint(struct names *n, const struct flow_key *k, bool remote, bool ask, char *buf,
		    size_t size)
{
	const char *name = names_find(n, k->family, remote ? k->raddr : k->laddr, ask);

	if (name)
		snprintf(buf, size, "%s:%u", name, remote ? k->rport : k->lport);
	else
		format_endpoint(k, remote, true, buf, size);
}
