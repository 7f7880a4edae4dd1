// SPDX-License-Identifier: GPL-2.0-only
#include "src/live_owner.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bpf/owner.h"
#include "bpf/owner.skel.h"
#include "src/pool.h"
#include "src/thread.h"

/* The next walk comes no sooner than so many times what the last one cost: a third of a percent of a core. */
#define REST 300
/* Most hosts are walked within this, and get their answer at once. -n 1 has no second walk. */
#define PATIENCE_NS 5000000
#define FIRST_PATIENCE_NS 250000000
/* What is known is asked again: sockets are passed on, and a parent closes what it forked for. All
 * of it in one walk, which costs the same for one socket as for thousands. */
#define REFRESH_NS 15000000000ULL
/* Twice as long, and twice as long again, where two walks found the same, and three. */
#define MOST_SAME 2
/* A socket that nobody holds (orphaned, or held by the kernel) is not looked for for ever. */
#define MAX_TRIES 3
/* Inodes remembered; beyond, all are forgotten and those in use asked for anew. */
#define MAX_KNOWN 262144
/* One that nobody asked for in so long is forgotten: connections come and go. */
#define UNUSED_NS 30000000000ULL

struct known {
	struct pooled pooled;
	uint64_t inode;
	uint64_t checked_ns; /* end of the last walk that looked for it */
	uint64_t used_ns;    /* when its owner was last asked for */
	int32_t pid;
	char comm[16];
	uint16_t others;
	uint8_t tries;
	uint8_t same; /* so many walks in a row found the same owner, up to MOST_SAME */
	bool asked;   /* in a queue */
};

/* What the thread works on; nobody else touches it until it is joined. */
struct walk {
	pthread_t thread;
	struct owner_bpf *skel;
	const struct live_types *types; /* while it loads */
	int err;                        /* the iterator does not load here: owners stay unknown */
	uint64_t *inodes;               /* what was the queue; NULL between walks */
	uint8_t values[MAX_WANTED]; /* of them in the map, which only says that they are there */
	uint32_t n;
	struct owner_found *found; /* sorted: those of one inode together, the owner first */
	size_t nfound, capacity;
	uint64_t took_ns; /* time of the CPU */
};

struct owners {
	struct pool known; /* struct known, by inode */
	uint64_t *queue;   /* room for MAX_WANTED, or NULL while it is empty */
	uint32_t nqueue;
	bool urgent; /* some in the queue have no owner yet */
	struct walk walk;
	bool loading, walking;
	uint64_t now_ns, next_walk_ns, last_walk_ns;
	uint64_t swept_ns; /* when what is unused was last forgotten */
};

struct owners *owners_new(void)
{
	struct owners *o = calloc(1, sizeof(*o));

	if (o)
		pool_init(&o->known, sizeof(struct known), sizeof(uint64_t));
	return o;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* ---- The thread */

static int load(struct walk *w)
{
	struct bpf_object_open_opts opts = live_types_options(w->types);
	int err;

	w->skel = owner_bpf__open_opts(&opts);
	if (!w->skel)
		return -errno;
	err = owner_bpf__load(w->skel);
	return err ? err : live_types_attach(w->skel->skeleton);
}

static void *load_main(void *arg)
{
	struct walk *w = arg;

	w->err = load(w);
	if (w->err) {
		owner_bpf__destroy(w->skel);
		w->skel = NULL;
	}
	return NULL;
}

static bool make_room(struct walk *w)
{
	size_t capacity = w->capacity ? 2 * w->capacity : 256;
	struct owner_found *found;

	if (w->nfound < w->capacity)
		return true;
	found = realloc(w->found, capacity * sizeof(*found));
	if (!found)
		return false;
	w->found = found;
	w->capacity = capacity;
	return true;
}

static void read_found(struct walk *w, int fd)
{
	size_t part = 0; /* bytes of a record that a read ended in */

	while (make_room(w)) {
		char *to = (char *)&w->found[w->nfound];
		size_t room = (w->capacity - w->nfound) * sizeof(*w->found);
		ssize_t len = read(fd, to + part, room - part);

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (len <= 0)
			return;
		part += (size_t)len;
		w->nfound += part / sizeof(*w->found);
		part %= sizeof(*w->found);
	}
}

/*
 * Of those that share a socket the oldest comes first: who forked the others. The first process of
 * the system holds sockets only on behalf of its services.
 */
static int owner_first(const void *left, const void *right)
{
	const struct owner_found *a = left, *b = right;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	if ((a->pid == 1) != (b->pid == 1))
		return a->pid == 1 ? 1 : -1;
	if (a->start_ns != b->start_ns)
		return a->start_ns < b->start_ns ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static void walk_files(struct walk *w)
{
	int map = bpf_map__fd(w->skel->maps.wanted), fd;
	uint32_t n = w->n;

	bpf_map_update_batch(map, w->inodes, w->values, &n, NULL);
	fd = bpf_iter_create(bpf_link__fd(w->skel->links.find_owners));
	if (fd >= 0) {
		read_found(w, fd);
		close(fd);
	}
	/* Ends at one that is not there: asked for twice. */
	for (uint32_t done = 0; done < w->n; done += n + 1) {
		n = w->n - done;
		if (!bpf_map_delete_batch(map, &w->inodes[done], &n, NULL))
			break;
	}
	if (w->nfound)
		qsort(w->found, w->nfound, sizeof(*w->found), owner_first);
}

static void *walk_main(void *arg)
{
	struct walk *w = arg;
	uint64_t start;

	w->nfound = 0;
	w->took_ns = 0;
	start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	walk_files(w);
	w->took_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
	return NULL;
}

/* ---- What is known */

static void forget_unused(struct owners *o)
{
	struct known *k, *next;

	if (o->now_ns - o->swept_ns < UNUSED_NS)
		return;
	o->swept_ns = o->now_ns;
	for (k = pool_next(&o->known, NULL); k; k = next) {
		next = pool_next(&o->known, k);
		if (!k->asked && o->now_ns - k->used_ns >= UNUSED_NS)
			pool_remove(&o->known, k);
	}
}

static struct known *find_known(const struct owners *o, uint64_t inode)
{
	return pool_find(&o->known, &inode, pool_hash(&o->known, &inode));
}

static struct known *get_known(struct owners *o, uint64_t inode)
{
	struct known *k = find_known(o, inode);

	if (k)
		return k;
	if (o->known.slab.n >= MAX_KNOWN)
		pool_free(&o->known);
	return pool_add(&o->known, &inode, pool_hash(&o->known, &inode));
}

static void ask(struct owners *o, struct known *k)
{
	bool settled = k->pid || k->tries >= MAX_TRIES;

	if (k->asked || o->nqueue >= MAX_WANTED)
		return;
	if (settled && o->now_ns < k->checked_ns + (REFRESH_NS << k->same))
		return;
	if (!o->queue)
		o->queue = malloc(MAX_WANTED * sizeof(*o->queue));
	if (!o->queue)
		return;
	k->asked = true;
	o->urgent |= !settled;
	o->queue[o->nqueue++] = k->inode;
}

bool owners_get(struct owners *o, uint64_t inode, struct owner *owner)
{
	struct known *k = inode ? get_known(o, inode) : NULL;

	if (!k)
		return false;
	k->used_ns = o->now_ns;
	ask(o, k);
	if (!k->pid)
		return false;
	owner->pid = k->pid;
	owner->others = k->others;
	memcpy(owner->comm, k->comm, sizeof(owner->comm));
	return true;
}

bool owners_pending(const struct owners *o, uint64_t inode)
{
	const struct known *k = inode ? find_known(o, inode) : NULL;

	return k && !k->pid && k->tries < MAX_TRIES && !o->walk.err;
}

/* ---- The walk, seen from outside */

static uint16_t count_others(const struct owner_found *found, size_t n)
{
	uint16_t others = 0;

	/* A process is there once for each descriptor. */
	for (size_t i = 1; i < n; i++)
		if (found[i].pid != found[i - 1].pid && others < UINT16_MAX)
			others++;
	return others;
}

static void take_found(struct owners *o)
{
	const struct walk *w = &o->walk;

	for (size_t i = 0, n; i < w->nfound; i += n) {
		const struct owner_found *found = &w->found[i];
		struct known *k = find_known(o, found->inode);

		for (n = 1; i + n < w->nfound && found[n].inode == found->inode; n++)
			;
		if (!k)
			continue;
		if (k->pid != found->pid)
			k->same = 0;
		else if (k->same < MOST_SAME)
			k->same++;
		k->pid = found->pid;
		memcpy(k->comm, found->comm, sizeof(k->comm));
		k->others = count_others(found, n);
	}
}

static void free_walk(struct walk *w)
{
	free(w->inodes);
	free(w->found);
	w->inodes = NULL;
	w->found = NULL;
	w->n = 0;
	w->nfound = w->capacity = 0;
}

static void take_walk(struct owners *o)
{
	struct walk *w = &o->walk;

	o->walking = false;
	o->now_ns = clock_ns(CLOCK_MONOTONIC);
	o->last_walk_ns = o->now_ns;
	o->next_walk_ns = o->now_ns + REST * w->took_ns;
	take_found(o);
	for (uint32_t i = 0; i < w->n; i++) {
		struct known *k = find_known(o, w->inodes[i]);

		if (!k)
			continue;
		k->asked = false;
		k->checked_ns = o->now_ns;
		k->tries += k->tries < MAX_TRIES;
	}
	free_walk(w);
}

static bool begin_walk(struct owners *o)
{
	struct walk *w = &o->walk;

	w->inodes = o->queue;
	w->n = o->nqueue;
	o->walking = thread_begin(&w->thread, walk_main, w);
	if (o->walking) {
		o->queue = NULL;
		o->nqueue = 0;
		o->urgent = false;
	} else {
		w->inodes = NULL;
	}
	return o->walking;
}

void owners_load(struct owners *o, const struct live_types *types)
{
	o->walk.types = types;
	o->loading = thread_begin(&o->walk.thread, load_main, &o->walk);
	if (!o->loading)
		load_main(&o->walk);
}

int owners_loaded(struct owners *o)
{
	if (o->loading)
		pthread_join(o->walk.thread, NULL);
	o->loading = false;
	return o->walk.err;
}

static bool wait_for_walk(struct owners *o, long ns)
{
	struct timespec until;

	if (!ns)
		return !pthread_tryjoin_np(o->walk.thread, NULL);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += ns;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	return !pthread_timedjoin_np(o->walk.thread, NULL, &until);
}

static bool is_walk_due(const struct owners *o)
{
	return o->nqueue && !o->walk.err && o->now_ns >= o->next_walk_ns &&
	       (o->urgent || o->now_ns >= o->last_walk_ns + REFRESH_NS);
}

bool owners_search(struct owners *o, uint64_t now_ns)
{
	long patience = 0;

	o->now_ns = now_ns;
	forget_unused(o);
	if (!o->walking) {
		if (!is_walk_due(o) || !begin_walk(o))
			return false;
		patience = o->next_walk_ns ? PATIENCE_NS : FIRST_PATIENCE_NS;
	}
	if (!wait_for_walk(o, patience))
		return false;
	take_walk(o);
	return true;
}

void owners_free(struct owners *o)
{
	if (!o)
		return;
	if (o->loading || o->walking)
		pthread_join(o->walk.thread, NULL);
	pool_free(&o->known);
	free_walk(&o->walk);
	free(o->queue);
	owner_bpf__destroy(o->walk.skel);
	free(o);
}
