// SPDX-License-Identifier: GPL-2.0-only
#include "src/pending.h"

#include <stdlib.h>
#include <string.h>

#include "src/counts.h"

struct pending_sample {
	struct pooled pooled;
	struct flow_key key;
	uint64_t added; /* the last time, among all */
	struct flow_sample sample;
};

void pending_init(struct pending *p)
{
	struct pool *const pools[] = {&p->first, &p->between, &p->flows, &p->owners};

	p->added = 0;
	for (size_t i = 0; i < sizeof(pools) / sizeof(*pools); i++)
		pool_init(pools[i], sizeof(struct pending_sample), sizeof(struct flow_key));
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
	if (s->rec.first_ns == held->rec.first_ns && s->rec.change_ns >= held->rec.change_ns)
		held->rec = s->rec;
	if (!held->rec.sample_ns)
		held->rec.sample_ns = sample_ns;
	held->rec.sock.inode = inode;
}

static struct pending_sample *find(const struct pool *in, const struct flow_key *flow)
{
	return pool_find(in, flow, pool_hash(in, flow));
}

static int add(struct pool *to, const struct flow_sample *s, uint64_t added)
{
	struct pending_sample *held = pool_add(to, &s->key, pool_hash(to, &s->key));

	if (!held)
		return -ENOMEM;
	held->sample = *s;
	held->added = added;
	return 0;
}

/* It is told anew who owns the flow: what was found before is old. */
static void forget_owner(struct pending *p, const struct flow_key *flow)
{
	void *old = find(&p->owners, flow);

	if (old)
		pool_remove(&p->owners, old);
}

/* The record is over, another one was made. The first may go on with what was taken before; all between
 * that and the last are whole, and one sample tells what they have counted. 0 or -ENOMEM. */
static int end_record(struct pending *p, const struct flow_sample *over)
{
	struct pending_sample *sum;
	struct counts counts = over->rec.counts;

	if (!find(&p->first, &over->key))
		return add(&p->first, over, p->added);
	sum = find(&p->between, &over->key);
	if (!sum)
		return add(&p->between, over, p->added);
	counts_add(&counts, &sum->sample.rec.counts);
	sum->sample.rec.first_ns = over->rec.first_ns;
	replace(&sum->sample, over);
	sum->sample.rec.counts = counts;
	return 0;
}

int pending_add(struct pending *p, const struct flow_sample *s)
{
	struct pool *to = s->rec.first_ns ? &p->flows : &p->owners;
	struct pending_sample *held;

	if (s->owner.pid)
		forget_owner(p, &s->key);
	held = find(to, &s->key);
	if (!held)
		return add(to, s, ++p->added);
	if (s->rec.first_ns <= held->sample.rec.first_ns)
		replace(&held->sample, s);
	else if (end_record(p, &held->sample))
		return -ENOMEM;
	else
		held->sample = *s;
	held->added = ++p->added;
	return 0;
}

bool pending_any(const struct pending *p)
{
	return p->flows.slab.n || p->owners.slab.n || p->first.slab.n || p->between.slab.n;
}

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
	struct pool *const pools[] = {&p->first, &p->between, &p->flows, &p->owners};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(pools) / sizeof(*pools); i++)
		n += take(pools[i], to + n, most - n);
	return n;
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

/* Of flows that were forgotten their older records, too. */
static void forget_records(struct pool *of, const struct pool *flows)
{
	struct pending_sample *s, *next;

	for (s = pool_next(of, NULL); s; s = next) {
		next = pool_next(of, s);
		if (!find(flows, &s->key))
			pool_remove(of, s);
	}
}

void pending_forget_old(struct pending *p, size_t most)
{
	size_t before = p->flows.slab.n;

	forget_old(&p->flows, most);
	forget_old(&p->owners, most);
	if (p->flows.slab.n == before)
		return;
	forget_records(&p->first, &p->flows);
	forget_records(&p->between, &p->flows);
}

void pending_free(struct pending *p)
{
	pool_free(&p->first);
	pool_free(&p->between);
	pool_free(&p->flows);
	pool_free(&p->owners);
}
