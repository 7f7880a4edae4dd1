// SPDX-License-Identifier: GPL-2.0-only
#include "src/group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/group_key.h"

static struct group *add_group(struct groups *g, const struct group_key *key, unsigned int hash)
{
	struct group *group = calloc(1, sizeof(*group));
	const void *bytes;
	size_t len;

	if (!group)
		return NULL;
	group->key = *key;
	bytes = group_key_bytes(&group->key, &len);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, g->all, bytes, len, hash, group);
	if (group->hh.tbl)
		return group;
	free(group);
	return NULL;
}

static struct group *find_or_add(struct groups *g, const struct group_key *key)
{
	struct group *group;
	unsigned int hash;
	size_t len;
	const void *bytes = group_key_bytes(key, &len);

	HASH_VALUE(bytes, len, hash);
	HASH_FIND_BYHASHVALUE(hh, g->all, bytes, len, hash, group);
	return group ? group : add_group(g, key, hash);
}

_Static_assert(offsetof(struct group, flow) == 0, "flow_group() finds the group by its flow");

static void first_member(struct group *g, const struct flow *f)
{
	struct flow *sum = &g->flow;

	memset(sum, 0, sizeof(*sum));
	memset(&g->sum, 0, sizeof(g->sum));
	memset(g->hist_retrans, 0, sizeof(g->hist_retrans));
	memset(g->hist_tlp, 0, sizeof(g->hist_tlp));
	memset(&g->last, 0, sizeof(g->last));
	g->total_retrans = g->data_segs_out = 0;
	g->waits = false;
	sum->is_group = true;
	sum->sum.large = &g->sum;
	sum->sum.is_large = true;
	sum->shared = &g->shared;
	sum->key.netns = f->key.netns; /* the rest is of no group */
	sum->key.host = f->key.host;
	sum->pid = f->pid;
	sum->others = f->others;
	g->shared = *flow_shared(f);
	sum->first_ns = f->first_ns;
	sum->flags = f->flags & FLOW_CLOSED;
	sum->sock.state = f->sock.state;
	sum->last_cause = f->last_cause;
	sum->last_cause_tlp = f->last_cause_tlp;
	sum->last_err = f->last_err;
}

static void agree_on_text(const char **ours, const char *theirs)
{
	if (*ours != theirs && (!*ours || !theirs || strcmp(*ours, theirs)))
		*ours = NULL;
}

static void agree_on_owner(struct group *g, const struct flow *f)
{
	struct shared *ours = &g->shared;
	const struct shared *theirs = flow_shared(f);

	if (g->flow.pid != f->pid || g->flow.others != f->others ||
	    memcmp(ours->comm, theirs->comm, sizeof(ours->comm)) != 0)
		g->flow.pid = 0;
	agree_on_text(&ours->cgroup, theirs->cgroup);
	agree_on_text(&ours->unit, theirs->unit);
	agree_on_text(&ours->user, theirs->user);
	agree_on_text(&ours->host, theirs->host);
}

/* A namespace is known by its number; its name may come later. */
static void agree_on_netns(struct group *g, const struct flow *f)
{
	struct flow_key *ours = &g->flow.key;

	if (ours->netns != f->key.netns || ours->host != f->key.host) {
		ours->netns = 0;
		ours->host = 0;
		g->shared.netns = NULL;
	} else if (!g->shared.netns) {
		g->shared.netns = flow_shared(f)->netns;
	}
}

static void agree(struct group *g, const struct flow *f)
{
	struct flow *sum = &g->flow;

	agree_on_owner(g, f);
	agree_on_netns(g, f);
	if (sum->sock.state != f->sock.state)
		sum->sock.state = 0;
	if (sum->last_cause != f->last_cause)
		sum->last_cause = CAUSES;
	if (sum->last_cause_tlp != f->last_cause_tlp)
		sum->last_cause_tlp = CAUSES;
	if (!(f->flags & FLOW_CLOSED))
		sum->flags = 0;
	if (f->last_err)
		sum->last_err = f->last_err;
}

static void add_times(struct flow *sum, const struct flow *f)
{
	if (f->first_ns < sum->first_ns)
		sum->first_ns = f->first_ns;
	if (f->last_ns > sum->last_ns)
		sum->last_ns = f->last_ns;
}

static void add_member(struct group *g, const struct model *m, const struct flow *f)
{
	if (g->nflows++)
		agree(g, f);
	else
		first_member(g, f);
	add_times(&g->flow, f);
	/* One that is long quiet does not. */
	g->waits = g->waits || (f->recent && flow_waits(m, f));
}

static int add_whole(struct groups *g, const struct model *m, const struct flow *f)
{
	const struct owner owner = flow_owner(f);
	const struct counts sum = flow_sum(f), last = flow_interval(m, f);
	struct group_key key;
	struct group *group;

	group_key_make(&key, g->by, &f->key, &owner);
	group = find_or_add(g, &key);
	if (!group)
		return -ENOMEM;
	add_member(group, m, f);
	/* The name of a namespace may have been learned since the group was made. */
	group->key.text = key.text ? key.text : group->key.text;
	counts_add(&group->sum, &sum);
	counts_add(&group->last, &last);
	if (f->tick > group->flow.tick)
		group->flow.tick = f->tick;
	if (f->flags & FLOW_SAMPLED) {
		group->total_retrans += f->sock.total_retrans;
		group->data_segs_out += f->sock.data_segs_out;
	}
	flow_add_history(m, f, group->hist_retrans, group->hist_tlp);
	return 0;
}

static void add_cause(struct counts *to, const struct counts *from, uint32_t cause)
{
	to->segs[cause] += from->segs[cause];
	if (cause == CAUSE_TLP) {
		to->tlp_attempts += from->tlp_attempts;
		to->tlp_sent += from->tlp_sent;
	}
}

/* A flow's bytes, waits and history are not known by cause. */
static int add_by_cause(struct groups *g, const struct model *m, const struct flow *f)
{
	const struct counts sum = flow_sum(f), last = flow_interval(m, f);

	for (uint32_t cause = 0; cause < CAUSES; cause++) {
		struct group_key key = {.by = GROUP_CAUSE, .cause = cause};
		struct group *group;

		if (!counts_have_cause(&sum, cause))
			continue;
		group = find_or_add(g, &key);
		if (!group)
			return -ENOMEM;
		add_member(group, m, f);
		add_cause(&group->sum, &sum, cause);
		add_cause(&group->last, &last, cause);
		if (counts_have_cause(&last, cause))
			group->flow.tick = m->tick;
	}
	return 0;
}

void groups_begin(struct groups *g, enum group_by by)
{
	struct group *group;

	if (g->by != by)
		groups_free(g);
	g->by = by;
	for (group = g->all; group; group = group->hh.next)
		group->nflows = 0;
}

int groups_add(struct groups *g, const struct model *m, const struct flow *f)
{
	return g->by == GROUP_CAUSE ? add_by_cause(g, m, f) : add_whole(g, m, f);
}

size_t groups_end(struct groups *g)
{
	struct group *group, *next;

	HASH_ITER(hh, g->all, group, next) {
		if (group->nflows)
			continue;
		HASH_DEL(g->all, group);
		free(group);
	}
	return HASH_COUNT(g->all);
}

void groups_free(struct groups *g)
{
	struct group *group, *next;

	HASH_ITER(hh, g->all, group, next) {
		HASH_DEL(g->all, group);
		free(group);
	}
}

/* ---- What the accessor of the fields asks */

double group_ratio(const struct group *g)
{
	if (!g->data_segs_out)
		return -1;
	return (double)g->total_retrans / (double)g->data_segs_out;
}

unsigned int group_history(const struct group *g, unsigned int ticks_ago, bool with_tlp)
{
	if (ticks_ago >= HISTORY)
		return 0;
	return g->hist_retrans[ticks_ago] + (with_tlp ? g->hist_tlp[ticks_ago] : 0);
}
