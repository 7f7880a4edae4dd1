// SPDX-License-Identifier: GPL-2.0-only
/* Flows whose group finds no memory are left out, not the others: uthash must not exit. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(group) ((group)->key.by = GROUPS)

#include "src/group.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/format.h"
#include "src/sanitise.h"

enum { SUBNET_BYTES_IPV4 = 24 / 8, SUBNET_BYTES_IPV6 = 64 / 8 };

const struct group_way group_ways[GROUPS] = {
	[GROUP_FLOW] = {"flow", "each flow by itself"},
	[GROUP_REMOTE] = {"remote", "remote host"},
	[GROUP_SUBNET] = {"subnet", "remote subnet: /24, IPv6 /64"},
	[GROUP_LPORT] = {"lport", "local port"},
	[GROUP_RPORT] = {"rport", "remote port"},
	[GROUP_PROCESS] = {"process", "name of the owner"},
	[GROUP_CGROUP] = {"cgroup", "cgroup of the socket"},
	[GROUP_NETNS] = {"netns", "network namespace"},
	[GROUP_CAUSE] = {"cause", "why segments were sent again"},
};

/* ---- Keys */

static void take_remote(struct group_key *k, const struct flow_key *f, size_t bytes)
{
	k->part.family = f->family;
	memcpy(k->part.raddr, f->raddr, bytes);
}

/* For all ways but by cause. */
static void make_key(struct group_key *k, enum group_by by, const struct flow_key *f,
		     const struct owner *o)
{
	memset(k, 0, sizeof(*k));
	k->by = by;
	switch (by) {
	case GROUP_REMOTE:
		take_remote(k, f, sizeof(f->raddr));
		break;
	case GROUP_SUBNET:
		take_remote(k, f, f->family == 4 ? SUBNET_BYTES_IPV4 : SUBNET_BYTES_IPV6);
		break;
	case GROUP_LPORT:
		k->part.lport = f->lport;
		break;
	case GROUP_RPORT:
		k->part.rport = f->rport;
		break;
	case GROUP_PROCESS:
		if (o->pid)
			memcpy(k->comm, o->comm, strnlen(o->comm, sizeof(o->comm)));
		break;
	case GROUP_CGROUP:
		k->text = o->cgroup;
		break;
	case GROUP_NETNS:
		k->part.netns = f->netns;
		k->text = o->netns;
		break;
	default:
		break;
	}
}

/* The bytes that two keys of one group have in common and no others. */
static const void *key_bytes(const struct group_key *k, size_t *len)
{
	if (k->by == GROUP_CGROUP && k->text) {
		*len = strlen(k->text);
		return k->text;
	}
	*len = offsetof(struct group_key, text);
	return k;
}

static bool same_group(const struct group_key *a, const struct group_key *b)
{
	size_t la, lb;
	const void *ba = key_bytes(a, &la), *bb = key_bytes(b, &lb);

	return la == lb && !memcmp(ba, bb, la);
}

/* Has the flow sent segments, or probes, by this cause? */
static bool has_cause(const struct counts *c, uint32_t cause)
{
	return c->segs[cause] || (cause == CAUSE_TLP && c->tlp_attempts);
}

bool group_has_flow(const struct group_key *k, const struct flow *f)
{
	struct group_key key;

	if (k->by == GROUP_CAUSE)
		return has_cause(&f->sum, k->cause);
	make_key(&key, (enum group_by)k->by, &f->key, &f->owner);
	return same_group(k, &key);
}

bool group_has_event(const struct group_key *k, const struct event_sample *e)
{
	struct group_key key;

	if (k->by == GROUP_CAUSE)
		return k->cause == e->event.cause;
	make_key(&key, (enum group_by)k->by, &e->event.key, &e->owner);
	return same_group(k, &key);
}

/* What is not known comes last. */
static int order_texts(const char *a, const char *b)
{
	if (!*a || !*b)
		return !*a - !*b;
	return strcmp(a, b);
}

static int order_names(const struct group_key *a, const struct group_key *b)
{
	char ca[sizeof(a->comm) + 1] = "", cb[sizeof(b->comm) + 1] = "";

	memcpy(ca, a->comm, sizeof(a->comm));
	memcpy(cb, b->comm, sizeof(b->comm));
	return order_texts(ca, cb);
}

int group_order(const struct group_key *a, const struct group_key *b)
{
	if (a->by != b->by)
		return a->by < b->by ? -1 : 1;
	switch (a->by) {
	case GROUP_REMOTE:
	case GROUP_SUBNET:
	case GROUP_RPORT:
		return flow_key_order(&a->part, &b->part, true);
	case GROUP_LPORT:
		return flow_key_order(&a->part, &b->part, false);
	case GROUP_PROCESS:
		return order_names(a, b);
	case GROUP_CGROUP:
		return order_texts(a->text ? a->text : "", b->text ? b->text : "");
	case GROUP_NETNS:
		return (a->part.netns > b->part.netns) - (a->part.netns < b->part.netns);
	case GROUP_CAUSE:
		return (int)a->cause - (int)b->cause;
	default:
		return 0;
	}
}

static bool text_label(const char *text, size_t len, char *buf, size_t size)
{
	sanitise(text, len, buf, size);
	return *text;
}

static void subnet_label(const struct flow_key *part, char *buf, size_t size)
{
	char net[ADDR_TEXT];

	format_address(part, true, net, sizeof(net));
	snprintf(buf, size, "%s/%d", net,
		 8 * (part->family == 4 ? SUBNET_BYTES_IPV4 : SUBNET_BYTES_IPV6));
}

bool group_label(const struct group_key *k, char *buf, size_t size)
{
	*buf = '\0';
	switch (k->by) {
	case GROUP_REMOTE:
		format_address(&k->part, true, buf, size);
		return true;
	case GROUP_SUBNET:
		subnet_label(&k->part, buf, size);
		return true;
	case GROUP_LPORT:
	case GROUP_RPORT:
		snprintf(buf, size, "%u", k->by == GROUP_LPORT ? k->part.lport : k->part.rport);
		return true;
	case GROUP_PROCESS:
		return text_label(k->comm, sizeof(k->comm), buf, size);
	case GROUP_CGROUP:
		return k->text && text_label(k->text, SIZE_MAX, buf, size);
	case GROUP_NETNS:
		if (k->text)
			return text_label(k->text, SIZE_MAX, buf, size);
		snprintf(buf, size, "%u", k->part.netns);
		return true;
	case GROUP_CAUSE:
		snprintf(buf, size, "%s", cause_name(k->cause));
		return true;
	default:
		return false;
	}
}

enum group_by group_find(const char *name)
{
	int by = 0;

	while (by < GROUPS && strcasecmp(group_ways[by].name, name))
		by++;
	return (enum group_by)by;
}

/* ---- Sums */

static struct group *find_or_add(struct groups *g, const struct group_key *key)
{
	struct group *group;
	unsigned int hash;
	size_t len;
	const void *bytes = key_bytes(key, &len);

	HASH_VALUE(bytes, len, hash);
	HASH_FIND_BYHASHVALUE(hh, g->all, bytes, len, hash, group);
	if (group)
		return group;
	group = calloc(1, sizeof(*group));
	if (!group)
		return NULL;
	group->key = *key;
	bytes = key_bytes(&group->key, &len);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, g->all, bytes, len, hash, group);
	if (group->key.by == GROUPS) {
		free(group);
		return NULL;
	}
	return group;
}

static void first_member(struct group *g, const struct flow *f)
{
	struct flow *sum = &g->flow;

	memset(sum, 0, sizeof(*sum));
	memset(g->hist_retrans, 0, sizeof(g->hist_retrans));
	memset(g->hist_tlp, 0, sizeof(g->hist_tlp));
	g->total_retrans = g->data_segs_out = 0;
	sum->group = g;
	sum->key.netns = f->key.netns; /* the rest is of no group */
	sum->owner = f->owner;
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

static void agree_on_owner(struct owner *ours, const struct owner *theirs)
{
	if (ours->pid != theirs->pid || ours->others != theirs->others ||
	    strncmp(ours->comm, theirs->comm, sizeof(ours->comm)))
		ours->pid = 0;
	agree_on_text(&ours->cgroup, theirs->cgroup);
	agree_on_text(&ours->unit, theirs->unit);
	agree_on_text(&ours->user, theirs->user);
}

/* A namespace is known by its number; its name may come later. */
static void agree_on_netns(struct flow *sum, const struct flow *f)
{
	if (sum->key.netns != f->key.netns) {
		sum->key.netns = 0;
		sum->owner.netns = NULL;
	} else if (!sum->owner.netns) {
		sum->owner.netns = f->owner.netns;
	}
}

static void agree(struct flow *sum, const struct flow *f)
{
	agree_on_owner(&sum->owner, &f->owner);
	agree_on_netns(sum, f);
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

/* Slots of the ticks since the flow last changed still hold the window before. */
static void add_history(struct group *g, const struct model *m, const struct flow *f)
{
	uint64_t known = m->tick < HISTORY ? m->tick : HISTORY;

	for (uint64_t ago = m->tick - f->tick; ago < known; ago++) {
		size_t slot = (m->tick - ago) % HISTORY;

		g->hist_retrans[ago] += f->hist_retrans[slot];
		g->hist_tlp[ago] += f->hist_tlp[slot];
	}
}

static void add_times(struct flow *sum, const struct flow *f)
{
	if (f->first_ns < sum->first_ns)
		sum->first_ns = f->first_ns;
	if (f->last_ns > sum->last_ns)
		sum->last_ns = f->last_ns;
}

static void add_member(struct group *g, const struct flow *f)
{
	if (g->nflows++)
		agree(&g->flow, f);
	else
		first_member(g, f);
	add_times(&g->flow, f);
}

static int add_whole(struct groups *g, const struct model *m, const struct flow *f)
{
	struct group_key key;
	struct group *group;

	make_key(&key, g->by, &f->key, &f->owner);
	group = find_or_add(g, &key);
	if (!group)
		return -ENOMEM;
	add_member(group, f);
	/* The name of a namespace may have been learned since the group was made. */
	group->key.text = key.text ? key.text : group->key.text;
	counts_add(&group->flow.sum, &f->sum);
	counts_add(&group->flow.last, flow_interval(m, f));
	if (f->tick > group->flow.tick)
		group->flow.tick = f->tick;
	if (f->flags & FLOW_SAMPLED) {
		group->total_retrans += f->sock.total_retrans;
		group->data_segs_out += f->sock.data_segs_out;
	}
	add_history(group, m, f);
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
	const struct counts *last = flow_interval(m, f);

	for (uint32_t cause = 0; cause < CAUSES; cause++) {
		struct group_key key = {.by = GROUP_CAUSE, .cause = cause};
		struct group *group;

		if (!has_cause(&f->sum, cause))
			continue;
		group = find_or_add(g, &key);
		if (!group)
			return -ENOMEM;
		add_member(group, f);
		add_cause(&group->flow.sum, &f->sum, cause);
		add_cause(&group->flow.last, last, cause);
		if (has_cause(last, cause))
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
