// SPDX-License-Identifier: GPL-2.0-only
/* A flow's socket: who owns it, and its last sample. */
#include <errno.h>
#include <string.h>

#include "src/model_parts.h"

/* 0, or -ENOMEM: it keeps what it had. */
static int share(struct model *m, struct flow *f, const struct shared *what)
{
	const struct shared *taken;

	if (f->shared && !memcmp(f->shared, what, sizeof(*what)))
		return 0;
	taken = shared_take(&m->shareds, what);
	if (!taken)
		return -ENOMEM;
	shared_drop(&m->shareds, f->shared);
	f->shared = taken;
	return 0;
}

static void take_place(struct shared *to, const struct owner *from)
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
}

/* A number without its name says little, and is not taken alone. */
static int take_process(struct model *m, struct flow *f, struct shared *what,
			const struct owner *from)
{
	memset(what->comm, 0, sizeof(what->comm));
	memcpy(what->comm, from->comm, strnlen(from->comm, sizeof(what->comm)));
	if (share(m, f, what))
		return -ENOMEM;
	f->pid = from->pid;
	f->others = from->others;
	return 0;
}

static bool knows_anything(const struct owner *o)
{
	return o->pid || o->cgroup || o->netns || o->host || o->user;
}

/* A closed socket has no inode any more and keeps its owner; a new one does not inherit it, but of who
 * listened: until more is known, that is who accepted it. */
int flow_take_owner(struct model *m, struct flow *f, const struct flow_sample *s)
{
	uint64_t inode = s->rec.sock.inode;
	bool other = inode && inode != f->owner_inode, is_new = other && !f->listens;
	struct shared what;
	int err;

	if (!other && !knows_anything(&s->owner))
		return 0;
	what = *flow_shared(f);
	if (is_new)
		what.cgroup = what.unit = what.netns = what.host = what.user = NULL;
	take_place(&what, &s->owner);
	if (is_new || s->owner.pid)
		err = take_process(m, f, &what, &s->owner);
	else
		err = share(m, f, &what);
	if (!err && other) {
		f->owner_inode = inode;
		f->listens = s->rec.sock.state == STATE_SYN_RECV;
	}
	return err;
}

int flow_take_late_owner(struct model *m, struct flow *f, const struct flow_sample *s)
{
	struct shared what;

	if (!f || f->owner_inode != s->rec.sock.inode)
		return 0;
	what = *flow_shared(f);
	return take_process(m, f, &what, &s->owner);
}

int flow_take_sock(struct model *m, struct flow *f, const struct sock_sample *sock)
{
	struct shared what;
	size_t len = strnlen(sock->cong, sizeof(what.cong) - 1);

	f->sock = sock_of_sample(sock);
	if (!strncmp(flow_shared(f)->cong, sock->cong, sizeof(what.cong) - 1))
		return 0;
	what = *flow_shared(f);
	memset(what.cong, 0, sizeof(what.cong));
	memcpy(what.cong, sock->cong, len);
	return share(m, f, &what);
}
