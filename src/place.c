// SPDX-License-Identifier: GPL-2.0-only
#include "src/place.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/cgroups.h"
#include "src/hash.h"

/* What is remembered; beyond, new ones are not known. */
#define MAX_PLACES 65536

struct named_user {
	uint32_t uid;
	char *name;
	UT_hash_handle hh;
};

struct named_netns {
	uint32_t netns;
	const char *name;
	char number[16];
	UT_hash_handle hh;
};

/* The three at once: one look-up for a flow. */
struct place_key {
	uint64_t cgroup;
	uint32_t netns;
	uint32_t uid;
};

struct known_place {
	struct place_key key;
	struct place place;
	UT_hash_handle hh;
};

struct places {
	struct netns_books *books;
	struct cgroups *cgroups;
	struct named_user *users;
	struct named_netns *netns;
	struct known_place *known;
};

/* ---- Users and network namespaces */

static const char *user_name(struct places *p, uint32_t uid)
{
	struct passwd pw, *found = NULL;
	char buf[4096], number[16];
	struct named_user *u;

	HASH_FIND(hh, p->users, &uid, sizeof(uid), u);
	if (u)
		return u->name;
	u = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	snprintf(number, sizeof(number), "%u", uid);
	u->uid = uid;
	u->name = strdup(!getpwuid_r(uid, &pw, buf, sizeof(buf), &found) && found ? pw.pw_name
										  : number);
	HASH_ADD(hh, p->users, uid, sizeof(u->uid), u);
	return u->name;
}

/* One name for all flows of a namespace: of the first container that was seen in it. */
static const char *netns_text(struct places *p, uint32_t netns, const char *container)
{
	struct named_netns *n;

	HASH_FIND(hh, p->netns, &netns, sizeof(netns), n);
	if (!n) {
		n = calloc(1, sizeof(*n));
		if (!n)
			return NULL;
		n->netns = netns;
		snprintf(n->number, sizeof(n->number), "%u", netns);
		n->name = netns_name(p->books, netns);
		HASH_ADD(hh, p->netns, netns, sizeof(n->netns), n);
	}
	if (!n->name)
		n->name = container;
	return n->name ? n->name : n->number;
}

/* ---- All of it */

struct places *places_open(struct netns_books *books)
{
	struct places *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->books = books;
	p->cgroups = cgroups_open();
	if (!p->cgroups) {
		free(p);
		return NULL;
	}
	return p;
}

/* True if it may be kept: a cgroup that could not be looked up is tried again. */
static bool look_up(struct places *p, const struct place_key *key, uint64_t now_ns,
		    struct place *place)
{
	const struct cgroup_info *c = key->cgroup ? cgroups_find(p->cgroups, key->cgroup, now_ns)
						  : NULL;

	memset(place, 0, sizeof(*place));
	if (c) {
		place->cgroup = c->path;
		place->unit = c->unit;
	}
	place->netns = netns_text(p, key->netns, c ? c->pod : NULL);
	if (key->uid != NO_USER)
		place->user = user_name(p, key->uid);
	return c || !key->cgroup || !cgroups_known(p->cgroups);
}

struct place places_find(struct places *p, uint64_t cgroup, uint32_t netns, uint32_t uid,
			 uint64_t now_ns)
{
	struct known_place *k;
	struct place_key key;
	struct place place;

	memset(&key, 0, sizeof(key)); /* it is hashed byte by byte */
	key.cgroup = cgroup;
	key.netns = netns;
	key.uid = uid;
	HASH_FIND(hh, p->known, &key, sizeof(key), k);
	if (k)
		return k->place;
	if (!look_up(p, &key, now_ns, &place) || HASH_COUNT(p->known) >= MAX_PLACES)
		return place;
	k = calloc(1, sizeof(*k));
	if (!k)
		return place;
	k->key = key;
	k->place = place;
	HASH_ADD(hh, p->known, key, sizeof(k->key), k);
	return place;
}

static void free_names(struct places *p)
{
	struct named_user *u, *next_user;
	struct named_netns *n, *next_netns;
	struct known_place *k, *next_known;

	HASH_ITER(hh, p->users, u, next_user) {
		HASH_DEL(p->users, u);
		free(u->name);
		free(u);
	}
	HASH_ITER(hh, p->netns, n, next_netns) {
		HASH_DEL(p->netns, n);
		free(n);
	}
	HASH_ITER(hh, p->known, k, next_known) {
		HASH_DEL(p->known, k);
		free(k);
	}
}

void places_close(struct places *p)
{
	if (!p)
		return;
	free_names(p);
	cgroups_close(p->cgroups);
	free(p);
}
