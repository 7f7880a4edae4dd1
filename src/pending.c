// SPDX-License-Identifier: GPL-2.0-only
#include "src/pending.h"

#include <stdlib.h>
#include <string.h>

struct record_key {
	struct flow_key flow;
	uint32_t zero;
	uint64_t first_ns; /* 0 in pending.owners */
};

struct pending_sample {
	struct pooled pooled;
	struct record_key key;
	uint64_t added; /* the last time, among all */
	struct flow_sample sample;
};

void pending_init(struct pending *p)
{
	p->added = 0;
	pool_init(&p->flows, sizeof(struct pending_sample), sizeof(struct record_key));
	pool_init(&p->owners, sizeof(struct pending_sample), sizeof(struct record_key));
}

/* What is known of an owner stays where there is no news of it. */
static void merge_owner(struct owner *to, const struct owner *from)
{
	if (from->cgroup) {
		to->cgroup = from->cgroup;
		to->unit = from->unit;
	}
	if (from->netns)
		to->netns = from->netns;
	if (from->host)
		to->host = from->host;
	if (from->user)
		to->user = from->user;
	if (from->pid) {
		to->pid = from->pid;
		to->others = from->others;
		memcpy(to->comm, from->comm, sizeof(to->comm));
	}
}

/* As if both had been taken in: a closed socket has no inode any more and keeps its owner, and without
 * a new sample of the socket the last one is still there. An older record is news of the owner only. */
static void replace(struct flow_sample *held, const struct flow_sample *s)
{
	uint64_t inode = s->rec.sock.inode, sample_ns = held->rec.sample_ns;

	if (!inode)
		inode = held->rec.sock.inode;
	if (inode != held->rec.sock.inode)
		held->owner = s->owner;
	else
		merge_owner(&held->owner, &s->owner);
	if (s->rec.change_ns >= held->rec.change_ns)
		held->rec = s->rec;
	if (!held->rec.sample_ns)
		held->rec.sample_ns = sample_ns;
	held->rec.sock.inode = inode;
}

/* It is told anew who owns the flow: what was found before is old. */
static void forget_owner(struct pending *p, const struct flow_key *flow)
{
	struct record_key key = {.flow = *flow};
	void *old = pool_find(&p->owners, &key, pool_hash(&p->owners, &key));

	if (old)
		pool_remove(&p->owners, old);
}

int pending_add(struct pending *p, const struct flow_sample *s)
{
	struct record_key key = {.flow = s->key, .first_ns = s->rec.first_ns};
	struct pool *to = key.first_ns ? &p->flows : &p->owners;
	uint32_t hash = pool_hash(to, &key);
	struct pending_sample *held;

	if (s->owner.pid)
		forget_owner(p, &s->key);
	held = pool_find(to, &key, hash);
	if (held) {
		replace(&held->sample, s);
	} else {
		held = pool_add(to, &key, hash);
		if (!held)
			return -ENOMEM;
		held->sample = *s;
	}
	held->added = ++p->added;
	return 0;
}

bool pending_any(const struct pending *p)
{
	return p->flows.slab.n || p->owners.slab.n;
}

/* In the order in which they were added, as long as none had to be forgotten. */
static size_t take(struct pool *from, struct flow_sample *to, size_t most)
{
	struct pending_sample *held = pool_next(from, NULL), *next;
	size_t n = 0;

	for (; held && n < most; held = next) {
		next = pool_next(from, held);
		to[n++] = held->sample;
		pool_remove(from, held);
	}
	return n;
}

/* The owners come behind what they are the owners of. */
size_t pending_take(struct pending *p, struct flow_sample *to, size_t most)
{
	size_t n = take(&p->flows, to, most);

	return n + take(&p->owners, to + n, most - n);
}

static int newest_first(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? 1 : a > b ? -1 : 0;
}

static void forget_old(struct pool *of, size_t most)
{
	struct pending_sample *s, *next;
	uint64_t *added, oldest;
	size_t n = 0;

	if (of->slab.n <= 2 * most)
		return;
	added = malloc(of->slab.n * sizeof(*added));
	if (!added)
		return;
	for (s = pool_next(of, NULL); s; s = pool_next(of, s))
		added[n++] = s->added;
	qsort(added, n, sizeof(*added), newest_first);
	oldest = added[most];
	free(added);
	for (s = pool_next(of, NULL); s; s = next) {
		next = pool_next(of, s);
		if (s->added <= oldest)
			pool_remove(of, s);
	}
}

void pending_forget_old(struct pending *p, size_t most)
{
	forget_old(&p->flows, most);
	forget_old(&p->owners, most);
}

void pending_free(struct pending *p)
{
	pool_free(&p->flows);
	pool_free(&p->owners);
}
