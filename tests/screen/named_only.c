// SPDX-License-Identifier: GPL-2.0-only
/*
 * named_only IN OUT: copies a recording, without the network namespaces that have no name. The lab's
 * have names; those of others, who were busy on the machine that it was made on, do not. The totals
 * become the sums of the flows that are left. So does coverage: the kernel's own counters are not
 * told apart in a recording.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/hash.h"
#include "src/record.h"
#include "src/replay.h"

/* What was last seen of a flow. */
struct known {
	struct flow_key key;
	uint64_t first_ns;
	struct counts counts;
	UT_hash_handle hh;
};

enum { NETNS_MOST = 64 };

struct named {
	struct source source;
	struct source *inner;
	uint32_t netns[NETNS_MOST]; /* that have a name */
	size_t nnetns;
	struct known *known;
	struct counts sum;
	uint64_t records; /* made, of the flows that are left */
	struct flow_sample *flows;
	event_fn *fn;
	void *arg;
};

static bool is_name(const char *netns)
{
	return netns && strcmp(netns, "host") != 0 && strspn(netns, "0123456789") == 0;
}

static bool is_named(const struct named *n, uint32_t netns)
{
	for (size_t i = 0; i < n->nnetns; i++) {
		if (n->netns[i] == netns)
			return true;
	}
	return false;
}

static void learn(struct named *n, const struct flow_sample *f)
{
	if (is_name(f->owner.netns) && !is_named(n, f->key.netns) && n->nnetns < NETNS_MOST)
		n->netns[n->nnetns++] = f->key.netns;
}

/* A sample names its owner only where that is news: all of the recording is read for the names. */
static int learn_names(struct named *n)
{
	struct snapshot part;
	struct due next;
	int err = 0;

	while (!err && source_due(n->inner, &next) && next.state == DUE_TICK) {
		err = source_tick(n->inner, &part);
		for (size_t i = 0; !err && i < part.nflows; i++)
			learn(n, &part.flows[i]);
	}
	return err ? err : source_rewind(n->inner);
}

static struct known *find_known(struct named *n, const struct flow_key *key)
{
	struct known *k;

	HASH_FIND(hh, n->known, key, sizeof(*key), k);
	if (k)
		return k;
	k = calloc(1, sizeof(*k));
	if (!k)
		exit(EXIT_RUNTIME);
	k->key = *key;
	HASH_ADD(hh, n->known, key, sizeof(k->key), k);
	return k;
}

static void count(struct named *n, const struct flow_sample *f)
{
	struct known *k = find_known(n, &f->key);
	const uint64_t *now = (const uint64_t *)&f->rec.counts;
	uint64_t *last = (uint64_t *)&k->counts, *sum = (uint64_t *)&n->sum;

	if (k->first_ns != f->rec.first_ns) {
		memset(&k->counts, 0, sizeof(k->counts));
		k->first_ns = f->rec.first_ns;
		n->records++;
	}
	for (size_t i = 0; i < sizeof(k->counts) / sizeof(*now); i++) {
		sum[i] += now[i] - last[i];
		last[i] = now[i];
	}
}

static void put_totals(const struct named *n, struct snapshot *snap)
{
	uint64_t segs = 0;

	for (int i = 0; i < CAUSES; i++)
		segs += i == CAUSE_FAILED ? 0 : n->sum.segs[i];
	snap->totals.counts = n->sum;
	snap->totals.inserts = snap->tracked = n->records;
	snap->coverage.seen = snap->coverage.kernel = segs;
	snap->coverage.unread = 0; /* those of the lab can be read */
}

static int tick(struct source *s, struct snapshot *snap)
{
	struct named *n = (struct named *)s;
	int err = source_tick(n->inner, snap);
	size_t kept = 0;

	if (err)
		return err;
	free(n->flows);
	n->flows = calloc(snap->nflows + 1, sizeof(*n->flows));
	if (!n->flows)
		return -ENOMEM;
	for (size_t i = 0; i < snap->nflows; i++) {
		if (!is_named(n, snap->flows[i].key.netns))
			continue;
		if (snap->flows[i].rec.first_ns)
			count(n, &snap->flows[i]);
		n->flows[kept++] = snap->flows[i];
	}
	snap->flows = n->flows;
	snap->nflows = kept;
	if (!snap->more)
		put_totals(n, snap);
	return 0;
}

static void take_event(void *arg, const struct event_sample *e)
{
	const struct named *n = arg;

	if (is_named(n, e->event.key.netns))
		n->fn(n->arg, e);
}

static int drain(struct source *s, event_fn *fn, void *arg)
{
	struct named *n = (struct named *)s;

	n->fn = fn;
	n->arg = arg;
	return source_drain(n->inner, take_event, n);
}

static void close_named(struct source *s)
{
	struct named *n = (struct named *)s;
	struct known *o, *next;

	HASH_ITER(hh, n->known, o, next) {
		HASH_DEL(n->known, o);
		free(o);
	}
	free(n->flows);
	source_close(n->inner);
}

static void due(struct source *s, struct due *d)
{
	source_due(((struct named *)s)->inner, d);
}

static const struct failure *trouble(struct source *s)
{
	return source_trouble(((struct named *)s)->inner);
}

static const struct source_ops ops = {
	.tick = tick,
	.drain = drain,
	.close = close_named,
	.due = due,
	.trouble = trouble,
};

static void ignore_event(void *arg, const struct event_sample *e)
{
	(void)arg;
	(void)e;
}

static int copy(struct source *s)
{
	struct snapshot part;
	struct due next;
	int err = 0;

	while (err >= 0 && source_due(s, &next) && next.state == DUE_TICK) {
		err = source_drain(s, ignore_event, NULL);
		do {
			err = err < 0 ? err : source_tick(s, &part);
		} while (err >= 0 && part.more);
	}
	return err;
}

int main(int argc, char **argv)
{
	static struct named named = {.source = {.ops = &ops}};
	struct failure why = {0};
	struct source *s;
	int err;

	if (argc != 3)
		return EXIT_USAGE;
	named.inner = replay_open(argv[1], 0, true, &why);
	if (named.inner) {
		named.source.info = named.inner->info;
		err = learn_names(&named);
		s = record_open(&named.source, argv[2], &why);
		if (s) {
			err = err ? err : copy(s);
			record_finish(s);
			if (source_trouble(s))
				why = *source_trouble(s);
			else if (err < 0)
				fail(&why, EXIT_RUNTIME, "%s", strerror(-err));
			source_close(s);
		}
	}
	if (why.status)
		fprintf(stderr, "named_only: %s\n", why.text);
	return (int)why.status;
}
