// SPDX-License-Identifier: GPL-2.0-only
#include "src/place.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/hash.h"
#include "src/host.h"

/* What is remembered; beyond, new ones are not known. */
#define MAX_PLACES 65536

struct named_user {
	uint32_t uid;
	char *name;
	UT_hash_handle hh;
};

/* Samples point to names: one that is no longer in use stays. */
struct netns_label {
	UT_hash_handle hh;
	char text[];
};

struct named_netns {
	uint32_t netns;
	const char *name;      /* as `ip netns` has it; NULL without */
	const char *container; /* of the last flow that was in one */
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
	struct host *host;
	struct named_user *users;
	struct netns_label *labels;
	struct named_netns *netns; /* both as of these names of namespaces */
	struct known_place *known;
	unsigned int names_version;
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
	if (u->hh.tbl)
		return u->name;
	free(u->name);
	free(u);
	return NULL;
}

static const char *keep_label(struct places *p, const char *text)
{
	struct netns_label *l;
	size_t len = strlen(text);

	HASH_FIND(hh, p->labels, text, len, l);
	if (l)
		return l->text;
	l = HASH_COUNT(p->labels) < MAX_PLACES ? calloc(1, sizeof(*l) + len + 1) : NULL;
	if (!l)
		return NULL;
	memcpy(l->text, text, len);
	HASH_ADD(hh, p->labels, text, len, l);
	if (l->hh.tbl)
		return l->text;
	free(l);
	return NULL;
}

static struct named_netns *get_netns(struct places *p, uint32_t netns)
{
	struct named_netns *n;
	const char *name;

	HASH_FIND(hh, p->netns, &netns, sizeof(netns), n);
	if (n)
		return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->netns = netns;
	name = host_netns_name(p->host, netns);
	n->name = name ? keep_label(p, name) : NULL;
	HASH_ADD(hh, p->netns, netns, sizeof(n->netns), n);
	if (n->hh.tbl)
		return n;
	free(n);
	return NULL;
}

/* Without a name of its own it has that of its flow's container, or of the last one in it: the
 * kernel gives the number of a namespace that has gone to the next one. */
static const char *netns_text(struct places *p, uint32_t netns, const char *container)
{
	struct named_netns *n = get_netns(p, netns);
	char number[16];

	if (!n)
		return NULL;
	if (container)
		n->container = container;
	if (n->name || n->container)
		return n->name ? n->name : n->container;
	snprintf(number, sizeof(number), "%u", netns);
	return keep_label(p, number);
}

/* ---- All of it */

struct places *places_open(struct host *host)
{
	struct places *p = calloc(1, sizeof(*p));

	if (p)
		p->host = host;
	return p;
}

/* True if it may be kept: a cgroup that could not be looked up is tried again. */
static bool look_up(struct places *p, const struct place_key *key, uint64_t now_ns,
		    struct place *place)
{
	const struct cgroup_info *c = key->cgroup ? host_cgroup(p->host, key->cgroup, now_ns)
						  : NULL;

	memset(place, 0, sizeof(*place));
	if (c) {
		place->cgroup = c->path;
		place->unit = c->unit;
	}
	place->netns = netns_text(p, key->netns, c ? c->pod : NULL);
	if (key->uid != NO_USER)
		place->user = user_name(p, key->uid);
	return c || !key->cgroup || !host_knows_cgroups(p->host);
}

static void forget_netns(struct places *p)
{
	struct named_netns *n, *next_netns;
	struct known_place *k, *next_known;

	HASH_ITER(hh, p->netns, n, next_netns) {
		HASH_DEL(p->netns, n);
		free(n);
	}
	HASH_ITER(hh, p->known, k, next_known) {
		HASH_DEL(p->known, k);
		free(k);
	}
}

struct place places_find(struct places *p, uint64_t cgroup, uint32_t netns, uint32_t uid,
			 uint64_t now_ns)
{
	struct known_place *k;
	struct place_key key;
	struct place place;

	if (p->names_version != host_names_version(p->host)) {
		p->names_version = host_names_version(p->host);
		forget_netns(p);
	}
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
	if (!k->hh.tbl)
		free(k);
	return place;
}

static void free_names(struct places *p)
{
	struct named_user *u, *next_user;
	struct netns_label *l, *next_label;

	forget_netns(p);
	HASH_ITER(hh, p->users, u, next_user) {
		HASH_DEL(p->users, u);
		free(u->name);
		free(u);
	}
	HASH_ITER(hh, p->labels, l, next_label) {
		HASH_DEL(p->labels, l);
		free(l);
	}
}

void places_close(struct places *p)
{
	if (!p)
		return;
	free_names(p);
	free(p);
}
