/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets that were connected while we looked: who connected them, and what was counted of them. */
#ifndef TCPRETOP_BPF_CONNECT_BPF_H
#define TCPRETOP_BPF_CONNECT_BPF_H

#include "flow.bpf.h"

/*
 * Who connected lately, for sockets that are gone before anybody asks who holds them. A cookie is
 * never used again, so nothing has to be taken out when a socket ends; and cookies are counted up,
 * so that their last bits are all the hash that is needed. A hash map costs twice as much.
 */
#define CONNECTS 8192
#define WRITING (~0ULL)
#define NOT_KEPT (~0U)

struct connect {
	__u64 cookie;
	struct connector by;
	__u32 segs;  /* of the socket's total_retrans, or NOT_KEPT, */
	__u64 bytes; /* and of its bytes_retrans, what was counted: flows may be evicted */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CONNECTS);
	__type(key, __u32);
	__type(value, struct connect);
} connects SEC(".maps");

static __always_inline struct connect *connect_slot(__u64 cookie)
{
	__u32 slot = cookie % CONNECTS;

	return bpf_map_lookup_elem(&connects, &slot);
}

/* tcp_v4_connect() and tcp_v6_connect() set SYN_SENT in the process that connects. Sockets of the
 * kernel's own have no file. */
static __always_inline void note_connector(struct sock *sk, const struct tcp_sock *tp)
{
	struct task_struct *leader;
	struct connect *c;
	__u64 cookie;

	if (!settings.has_cookie || !((struct sock *)tp)->sk_socket->file->f_inode->i_ino)
		return;
	cookie = bpf_get_socket_cookie(sk);
	c = connect_slot(cookie);
	if (!c)
		return;
	/* Whoever reads it meanwhile finds no owner. No atomic exchange: 5.10 refuses the program. */
	*(volatile __u64 *)&c->cookie = WRITING;
	leader = ((struct task_struct *)bpf_get_current_task_btf())->group_leader;
	c->by.pid = leader->tgid;
#pragma unroll
	for (int i = 0; i < 16; i++)
		c->by.comm[i] = leader->comm[i];
	c->segs = 0;
	c->bytes = 0;
	*(volatile __u64 *)&c->cookie = cookie;
}

/* Of a socket that was connected while we looked, and not too long ago; else NULL. */
static __always_inline struct connect *connect_of(struct sock *sk)
{
	struct connect *c;
	__u64 cookie;

	if (!settings.has_cookie)
		return NULL;
	cookie = bpf_get_socket_cookie(sk);
	c = connect_slot(cookie);
	return c && c->cookie == cookie ? c : NULL;
}

/* Once for each socket of a flow. */
static __noinline void ask_connector(struct flow_rec *r, struct sock *sk)
{
	struct connect *c;

	r->flags |= FLOW_ASKED;
	c = connect_of(sk);
	if (!c)
		return;
	r->connector = c->by;
	if (*(volatile __u64 *)&c->cookie != bpf_get_socket_cookie(sk))
		__builtin_memset(&r->connector, 0, sizeof(r->connector));
}

static __always_inline void take_connector(struct flow_rec *r, struct sock *sk)
{
	if (unlikely(!(r->flags & FLOW_ASKED)))
		ask_connector(r, sk);
}

/*
 * Where the count of a socket begins that this record has not counted yet. Where it is known what
 * was counted of it, all else is ours: what was missed before its first event, or while its flow
 * had been evicted. The programs that watch probes do not know that.
 */
static __noinline void find_base(struct flow_rec *r, struct sock *sk, const struct sock_now *now,
				 __u32 segs, __u64 bytes)
{
	const struct connect *c;

	if (!is_counted(r, now))
		rebase(r, now, segs, bytes);
	else if (r->flags & FLOW_ASKED)
		return;
	c = connect_of(sk);
	if (!c || c->segs > r->base_segs || c->bytes > r->base_bytes)
		return;
	r->base_segs = c->segs;
	r->base_bytes = c->bytes;
}

/* At the first event, and from when on flows may be evicted at each: it takes as long as all the rest
 * of the counting. What was counted before that is not known to a record that is made anew. */
static __noinline void keep_counted(struct sock *sk, const struct sock_now *now, bool evicts)
{
	struct connect *c = connect_of(sk);

	if (!c)
		return;
	c->segs = evicts ? now->total_retrans : NOT_KEPT;
	c->bytes = now->bytes_retrans;
}

static __always_inline void note_counted(const struct reader *reader, struct sock *sk,
					 const struct sock_now *now, bool first)
{
	bool evicts = reader && reader->evicts;

	if (unlikely(evicts || first))
		keep_counted(sk, now, evicts);
}

#endif
