// SPDX-License-Identifier: GPL-2.0-only
#include "src/evidence.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { NET4_BYTES = 3, NET6_BYTES = 8 };

#define SUFFERS_RATIO 0.01
#define SUFFERS_WAIT_US 1000000

static size_t net_bytes(const struct flow_key *k)
{
	return k->family == 4 ? NET4_BYTES : NET6_BYTES;
}

static void name_net(const struct flow_key *k, char *buf, size_t size)
{
	uint8_t net[16] = {0};
	char addr[INET6_ADDRSTRLEN];

	memcpy(net, k->raddr, net_bytes(k));
	if (inet_ntop(k->family == 4 ? AF_INET : AF_INET6, net, addr, sizeof(addr)))
		snprintf(buf, size, "%s/%zu", addr, net_bytes(k) * 8);
}

static bool is_same_net(const void *arg, const struct flow *f)
{
	const struct flow_key *a = arg, *b = &f->key;

	return a->family == b->family && !memcmp(a->raddr, b->raddr, net_bytes(a));
}

static bool is_in_group(const void *arg, const struct flow *f)
{
	const struct group *g = arg;

	return group_has_flow(&g->key, f);
}

bool flow_suffers(const struct model *m, const struct flow *f)
{
	if (flow_is_quiet(m, f, HISTORY_NS))
		return false;
	return flow_sum(f).rto_wait_us >= SUFFERS_WAIT_US ||
	       (flow_shown(f, false) >= LEAST_SEGS && flow_ratio(f) >= SUFFERS_RATIO);
}

typedef bool near_fn(const void *arg, const struct flow *f);

/* Those flows that lead to one place, against all others. Only those not quiet count: none of a large table
 * but the recent ones is visited, as this is done for each picture. */
static void compare_paths(const struct model *m, near_fn *is_near, const void *arg, struct path *p)
{
	for (const struct flow *other = model_next_recent(m, NULL); other;
	     other = model_next_recent(m, other)) {
		bool bad = flow_suffers(m, other);

		if (flow_is_quiet(m, other, HISTORY_NS))
			continue;
		if (is_near(arg, other)) {
			p->near++;
			p->near_bad += bad;
		} else {
			p->far++;
			p->far_bad += bad;
		}
	}
}

static void take_sample(const struct model *m, const struct flow *f, struct evidence *e)
{
	double age = model_age(m, f->last_ns);

	e->state = f->sock.state;
	e->timeouts = flow_timeouts(m, f);
	e->zero_window = f->flags & FLOW_SAMPLED && f->last_cause == CAUSE_PROBE &&
			 !f->sock.snd_wnd && age <= 2 * (double)f->sock.rto_us / 1e6 + 1;
}

static void take_look(const struct socket_look *look, struct evidence *e)
{
	e->state = look->state;
	if (!look->has_info)
		return;
	e->timeouts = look->retransmits;
	e->zero_window = !look->snd_wnd && look->queued;
	e->since_ack = look->last_ack_ms / 1e3;
}

void evidence_of_flow(const struct model *m, const struct flow *f, const struct socket_look *look,
		      struct evidence *e)
{
	uint64_t start = f->first_ns > m->start_ns ? f->first_ns : m->start_ns;

	*e = (struct evidence){.counts = flow_sum(f), .flows = 1, .since_ack = -1};
	e->seconds = model_age(m, start);
	e->last_err = f->last_err;
	e->closed = !look && f->flags & FLOW_CLOSED;
	if (look)
		take_look(look, e);
	else
		take_sample(m, f, e);
	name_net(&f->key, e->path.net, sizeof(e->path.net));
	compare_paths(m, is_same_net, &f->key, &e->path);
}

void evidence_of_group(const struct model *m, const struct group *g, struct evidence *e)
{
	*e = (struct evidence){.counts = g->sum, .flows = g->nflows, .since_ack = -1};
	e->one_cause = g->key.by == GROUP_CAUSE;
	e->seconds = model_age(m, m->start_ns);
	e->last_err = g->flow.last_err;
	if ((g->key.by == GROUP_REMOTE || g->key.by == GROUP_SUBNET) &&
	    group_label(&g->key, e->path.net, sizeof(e->path.net)))
		compare_paths(m, is_in_group, g, &e->path);
}
