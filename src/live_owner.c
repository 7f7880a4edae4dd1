// SPDX-License-Identifier: GPL-2.0-only
#include "src/live_owner.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "bpf/owner.h"
#include "bpf/owner.skel.h"

#define SEARCH_INTERVAL_NS 1000000000ULL
/* A socket that nobody holds (orphaned, or held by the kernel) is not looked for for ever. */
#define MAX_TRIES 3
/* Inodes remembered; beyond, all are forgotten and those in use asked for anew. */
#define MAX_KNOWN 262144

struct known {
	uint64_t inode;
	struct owner owner;
	unsigned char tries;
	UT_hash_handle hh;
};

struct owners {
	struct known *known;
	struct owner_bpf *skel;
	bool cannot;    /* the iterator does not load here: owners stay unknown */
	size_t nwanted; /* inodes in the kernel's map */
	uint64_t last_search_ns;
};

struct owners *owners_new(void)
{
	return calloc(1, sizeof(struct owners));
}

static void forget_all(struct owners *o)
{
	struct known *k, *next;

	HASH_ITER(hh, o->known, k, next) {
		HASH_DEL(o->known, k);
		free(k);
	}
}

static bool load(struct owners *o)
{
	if (o->skel || o->cannot)
		return o->skel;
	o->skel = owner_bpf__open_and_load();
	if (o->skel && owner_bpf__attach(o->skel)) {
		owner_bpf__destroy(o->skel);
		o->skel = NULL;
	}
	o->cannot = !o->skel;
	return o->skel;
}

static void want(struct owners *o, struct known *k)
{
	uint8_t yes = 1;

	if (o->nwanted >= MAX_WANTED || k->tries >= MAX_TRIES || !load(o))
		return;
	if (!bpf_map_update_elem(bpf_map__fd(o->skel->maps.wanted), &k->inode, &yes, BPF_NOEXIST)) {
		k->tries++;
		o->nwanted++;
	}
}

struct owner owners_get(struct owners *o, uint64_t inode)
{
	const struct owner nobody = {0};
	struct known *k;

	if (!inode)
		return nobody;
	HASH_FIND(hh, o->known, &inode, sizeof(inode), k);
	if (!k) {
		if (HASH_COUNT(o->known) >= MAX_KNOWN)
			forget_all(o);
		k = calloc(1, sizeof(*k));
		if (!k)
			return nobody;
		k->inode = inode;
		HASH_ADD(hh, o->known, inode, sizeof(k->inode), k);
	}
	if (!k->owner.pid)
		want(o, k);
	return k->owner;
}

bool owners_pending(const struct owners *o, uint64_t inode)
{
	struct known *k;

	HASH_FIND(hh, o->known, &inode, sizeof(inode), k);
	return k && !k->owner.pid && k->tries < MAX_TRIES && !o->cannot;
}

/* Of several holders the first found is named: the walk goes by ascending process number. */
static void take(struct owners *o, const struct owner_found *found)
{
	struct known *k;
	uint64_t inode = found->inode;

	HASH_FIND(hh, o->known, &inode, sizeof(inode), k);
	if (!k || k->owner.pid)
		return;
	k->owner.pid = found->pid;
	memcpy(k->owner.comm, found->comm, sizeof(k->owner.comm));
}

static void walk(struct owners *o)
{
	struct owner_found found[128];
	size_t have = 0;
	ssize_t len;
	int fd = bpf_iter_create(bpf_link__fd(o->skel->links.find_owners));

	if (fd < 0)
		return;
	/* A read may end within a record. */
	while ((len = read(fd, (char *)found + have, sizeof(found) - have)) > 0 ||
	       (len < 0 && (errno == EAGAIN || errno == EINTR))) {
		size_t whole;

		have += len > 0 ? (size_t)len : 0;
		whole = have / sizeof(*found);
		for (size_t i = 0; i < whole; i++)
			take(o, &found[i]);
		have -= whole * sizeof(*found);
		memmove(found, &found[whole], have);
	}
	close(fd);
}

static void clear_wanted(struct owners *o)
{
	int fd = bpf_map__fd(o->skel->maps.wanted);
	uint64_t inode;

	while (!bpf_map_get_next_key(fd, NULL, &inode) && !bpf_map_delete_elem(fd, &inode))
		;
	o->nwanted = 0;
}

bool owners_search(struct owners *o, uint64_t now_ns)
{
	if (!o->nwanted || now_ns - o->last_search_ns < SEARCH_INTERVAL_NS)
		return false;
	o->last_search_ns = now_ns;
	walk(o);
	clear_wanted(o);
	return true;
}

void owners_free(struct owners *o)
{
	if (!o)
		return;
	forget_all(o);
	owner_bpf__destroy(o->skel);
	free(o);
}
