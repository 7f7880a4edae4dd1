// SPDX-License-Identifier: GPL-2.0-only
/* Whose a flow or an event is: the process that holds its socket, and where that belongs. */
#include <stdlib.h>
#include <string.h>

#include "src/live_owner.h"
#include "src/live_parts.h"
#include "src/place.h"

#define MAX_UNOWNED 4096

/* A flow whose owner is still looked for. */
struct unowned {
	struct flow_key key;
	struct connector connector;
	uint64_t inode;
};

/* True if the owner is a process that holds the socket. Until one is found, and where none is found
 * any more, it is the one that connected it. */
static bool find_process(struct live *l, uint64_t inode, const struct connector *c,
			 struct owner *owner)
{
	if (owners_get(l->owners, inode, owner))
		return true;
	owner->pid = c->pid;
	memcpy(owner->comm, c->comm, sizeof(owner->comm));
	return false;
}

static void put_place(struct owner *owner, const struct place *place)
{
	owner->cgroup = place->cgroup;
	owner->unit = place->unit;
	owner->netns = place->netns;
	owner->user = place->user;
}

static void find_flow_place(struct live *l, struct flow_sample *s)
{
	const struct sock_sample *sock = &s->rec.sock;
	bool looked_at = sock->inode || s->rec.flags & FLOW_SAMPLED;
	struct place place = places_find(l->places, sock->cgroup, s->key.netns,
					 looked_at ? sock->uid : NO_USER, l->began_ns);

	put_place(&s->owner, &place);
}

void live_find_owner(struct live *l, struct flow_sample *s)
{
	uint64_t inode = s->rec.sock.inode;
	struct unowned *u;

	find_flow_place(l, s);
	if (find_process(l, inode, &s->rec.connector, &s->owner) ||
	    !owners_pending(l->owners, inode) || l->nunowned == MAX_UNOWNED)
		return;
	if (!l->unowned)
		l->unowned = malloc(MAX_UNOWNED * sizeof(*l->unowned));
	if (!l->unowned)
		return;
	u = &l->unowned[l->nunowned++];
	u->key = s->key;
	u->connector = s->rec.connector;
	u->inode = inode;
}

static void hand_over_owner(struct live *l, const struct unowned *u, const struct owner *owner)
{
	struct flow_sample *s = &l->part[l->npart++];

	memset(s, 0, sizeof(*s));
	s->key = u->key;
	s->rec.sock.inode = u->inode;
	s->owner = *owner;
}

void live_take_found(struct live *l)
{
	size_t left = 0;

	for (size_t i = 0; i < l->nunowned; i++) {
		struct unowned u = l->unowned[i];
		struct owner owner = {0};
		bool room = l->npart < BATCH;

		if (room && find_process(l, u.inode, &u.connector, &owner))
			hand_over_owner(l, &u, &owner);
		else if (!room || owners_pending(l->owners, u.inode))
			l->unowned[left++] = u;
	}
	l->nunowned = left;
	if (!left) {
		free(l->unowned);
		l->unowned = NULL;
	}
}

void live_find_event_process(struct live *l, struct event_sample *e)
{
	find_process(l, e->event.inode, &e->event.connector, &e->owner);
}

void live_find_event_place(struct live *l, struct event_sample *e, uint64_t now)
{
	const struct event *event = &e->event;
	struct place place =
		places_find(l->places, event->cgroup, event->key.netns, event->uid, now);

	put_place(&e->owner, &place);
}
