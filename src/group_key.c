// SPDX-License-Identifier: GPL-2.0-only
/* What flows and events have in common: making, comparing, ordering and naming it. */
#include "src/group_key.h"

#include <stdio.h>
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
	[GROUP_HOST] = {"host", "host that was looked at (--host)"},
	[GROUP_CAUSE] = {"cause", "why segments were sent again"},
};

static void take_remote(struct group_key *k, const struct flow_key *f, size_t bytes)
{
	k->part.family = f->family;
	memcpy(k->part.raddr, f->raddr, bytes);
}

void group_key_make(struct group_key *k, enum group_by by, const struct flow_key *f,
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
		k->part.host = f->host;
		k->text = o->netns;
		break;
	case GROUP_HOST:
		k->part.host = f->host;
		k->text = o->host;
		break;
	default:
		break;
	}
}

const void *group_key_bytes(const struct group_key *k, size_t *len)
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
	const void *ba = group_key_bytes(a, &la), *bb = group_key_bytes(b, &lb);

	return la == lb && !memcmp(ba, bb, la);
}

bool counts_have_cause(const struct counts *c, uint32_t cause)
{
	return c->segs[cause] || (cause == CAUSE_TLP && c->tlp_attempts);
}

bool group_has_flow(const struct group_key *k, const struct flow *f)
{
	const struct owner owner = flow_owner(f);
	const struct counts sum = flow_sum(f);
	struct group_key key;

	if (k->by == GROUP_CAUSE)
		return counts_have_cause(&sum, k->cause);
	group_key_make(&key, (enum group_by)k->by, &f->key, &owner);
	return same_group(k, &key);
}

bool group_has_event(const struct group_key *k, const struct event_sample *e)
{
	struct group_key key;

	if (k->by == GROUP_CAUSE)
		return k->cause == e->event.cause;
	group_key_make(&key, (enum group_by)k->by, &e->event.key, &e->owner);
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

static int order_netns(const struct flow_key *a, const struct flow_key *b)
{
	int order = (a->netns > b->netns) - (a->netns < b->netns);

	return order ? order : (int)a->host - (int)b->host;
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
		return order_netns(&a->part, &b->part);
	case GROUP_HOST:
		return (int)a->part.host - (int)b->part.host;
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
	case GROUP_HOST:
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
