/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flow's record: where it is, what is read of its socket, and its events.
 *
 * A pointer into the kernel is read directly where its type is known to the verifier (tp_btf,
 * fentry): that also works under lockdown=confidentiality. Objects that start from a bare address
 * (kprobe, timers) define READ_BY_PROBE.
 */
#ifndef TCPRETOP_BPF_FLOW_BPF_H
#define TCPRETOP_BPF_FLOW_BPF_H

#include "kernel.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <stddef.h>

#include "maps.bpf.h"

#ifdef READ_BY_PROBE
#define READ(src, ...) BPF_CORE_READ(src, __VA_ARGS__)
#define READ_BITS(src, field) BPF_CORE_READ_BITFIELD_PROBED(src, field)
#else
#define READ(src, ...) ___arrow((src), __VA_ARGS__)
#define READ_BITS(src, field) BPF_CORE_READ_BITFIELD(src, field)
#endif

#define RATION_WINDOW_NS 100000000LL
/* How long what is seldom looked at may be behind the last event. */
#define SAMPLE_NS 500000000LL
/* The same when its congestion state has changed, and for a socket that may get its inode. */
#define CHANGE_NS 100000000LL
#define ASK_NS 20000000LL

/* A flow's key on the stack, which is read in words of eight bytes. */
#define ALIGNED __attribute__((aligned(8)))

/* What is inserted, then filled in place: an update of an LRU entry would allocate another. */
static const struct flow_rec no_flow;

static __always_inline bool is_v4mapped(const __u32 *addr)
{
	return !addr[0] && !addr[1] && addr[2] == bpf_htonl(0xffff);
}

/* skc_num is 0 once a closing socket has given back its port. */
static __always_inline __u16 local_port(const struct sock *sk, const struct tcp_sock *tp)
{
	__u16 port = READ(sk, __sk_common.skc_num);

	return likely(port) ? port : bpf_ntohs(READ(tp, inet_conn.icsk_inet.inet_sport));
}

/*
 * Of a socket that a bpf_skc_to_*() has handed out. Pointers are not followed from the tracepoint's
 * own arguments, which the verifier trusts: for each such step it looks through the names of all the
 * kernel's types, four times (btf_nested_type_is_trusted(), Linux 6.2): milliseconds of each start.
 */
static __always_inline __u32 netns_of(const struct sock_common *c)
{
	return READ(c, skc_net.net, ns.inum);
}

static __always_inline void fill_key(struct flow_key *k, const struct sock_common *c, __u32 netns,
				     __u16 lport)
{
	__u32 *laddr = (__u32 *)k->laddr, *raddr = (__u32 *)k->raddr;

	__builtin_memset(k, 0, sizeof(*k));
	k->netns = netns;
	k->lport = lport;
	k->rport = bpf_ntohs(READ(c, skc_dport));
	k->family = 4;
	if (READ(c, skc_family) == AF_INET6) {
		raddr[0] = READ(c, skc_v6_daddr.in6_u.u6_addr32[0]);
		raddr[1] = READ(c, skc_v6_daddr.in6_u.u6_addr32[1]);
		raddr[2] = READ(c, skc_v6_daddr.in6_u.u6_addr32[2]);
		raddr[3] = READ(c, skc_v6_daddr.in6_u.u6_addr32[3]);
		if (!is_v4mapped(raddr)) {
			k->family = 6;
			laddr[0] = READ(c, skc_v6_rcv_saddr.in6_u.u6_addr32[0]);
			laddr[1] = READ(c, skc_v6_rcv_saddr.in6_u.u6_addr32[1]);
			laddr[2] = READ(c, skc_v6_rcv_saddr.in6_u.u6_addr32[2]);
			laddr[3] = READ(c, skc_v6_rcv_saddr.in6_u.u6_addr32[3]);
			return;
		}
		raddr[1] = raddr[2] = raddr[3] = 0;
	}
	raddr[0] = READ(c, skc_daddr);
	laddr[0] = READ(c, skc_rcv_saddr);
}

static __always_inline bool is_of(const struct flow_rec *r, const struct flow_key *k)
{
	const __u64 *a = (const __u64 *)&r->key, *b = (const __u64 *)k;
	__u64 other = ((const __u32 *)a)[10] ^ ((const __u32 *)b)[10];

#pragma unroll
	for (int i = 0; i < 5; i++)
		other |= a[i] ^ b[i];
	return !other;
}

/* What comes next needs these cache lines: they are fetched side by side, not one after the other. */
static __always_inline void fetch(const struct flow_rec *r)
{
	(void)*(const volatile __u64 *)&r->last_ns;
	(void)*(const volatile __u64 *)&r->counts.segs[CAUSE_RACK];
}

static __noinline __u64 id_of(const struct flow_key *k)
{
	return flow_id(settings.mix, k);
}

/*
 * Made without overwriting and then looked up again, so that of two CPUs that make it at once neither
 * loses the other's counts. Both write what it is, which is the same; if the entry was evicted and
 * taken for another flow in between, that one writes what it is again at its next event. NULL where it
 * cannot be made, or another flow has its id.
 */
static __noinline struct flow_rec *flow_make(const struct flow_key *k)
{
	__u64 id = id_of(k);
	struct flow_rec *r;

	if (!bpf_map_update_elem(&flows, &id, &no_flow, BPF_NOEXIST))
		add_total(offsetof(struct totals, inserts), 1);
	r = bpf_map_lookup_elem(&flows, &id);
	if (r && id_of(&r->key) != id) {
		r->id = id;
		if (!r->first_ns)
			r->first_ns = bpf_ktime_get_ns();
		barrier(); /* who finds the key needs the id */
		r->key = *k;
	} else if (r && !is_of(r, k)) {
		r = NULL;
	}
	if (!r)
		add_total(offsetof(struct totals, insert_failed), 1);
	return r;
}

static __always_inline struct flow_rec *find_by_id(__u64 id, const struct flow_key *k)
{
	struct flow_rec *r = bpf_map_lookup_elem(&flows, &id);

	return r && is_of(r, k) ? r : NULL;
}

/* NULL if it is not tracked. */
static __noinline struct flow_rec *flow_find(const struct flow_key *k)
{
	return find_by_id(id_of(k), k);
}

static __always_inline struct flow_rec *flow_get(const struct flow_key *k)
{
	struct flow_rec *r = flow_find(k);

	return r ? r : flow_make(k);
}

/* The same, nothing of it called: where each event comes by. */
static __always_inline struct flow_rec *flow_get_inline(const struct flow_key *k)
{
	struct flow_rec *r = find_by_id(flow_id(settings.mix, k), k);

	if (unlikely(!r))
		return flow_make(k);
	fetch(r);
	return r;
}

/* No time goes back: others may have written ahead of `now`. */
static __always_inline void changed_at(struct flow_rec *r, __u64 now)
{
	if (r->change_ns < now)
		r->change_ns = now;
}

static __always_inline void seen_at(struct flow_rec *r, __u64 now)
{
	if (r->last_ns < now)
		r->last_ns = now;
}

static __always_inline void netns_add(__u32 netns, __u64 segs)
{
	__u64 *seen = bpf_map_lookup_elem(&netns_segs, &netns);

	if (!seen) {
		__u64 none = 0;

		bpf_map_update_elem(&netns_segs, &netns, &none, BPF_NOEXIST);
		seen = bpf_map_lookup_elem(&netns_segs, &netns);
		if (!seen) {
			add_total(offsetof(struct totals, netns_failed), segs);
			return;
		}
	}
	add(seen, segs);
}

/*
 * After the change: a reader who has begun a new round since finds it announced there, one who has
 * not finds it in the record.
 */
static __always_inline void announce_to(const struct reader *reader, struct flow_rec *r)
{
	__u32 round;

	if (!reader)
		return;
	barrier();
	round = *(volatile __u64 *)&reader->round;
	/* Where stores are seen out of order, the id may not be there yet: its maker will announce it. */
	if (r->announced == round || !r->id)
		return;
	r->announced = round;
	if (bpf_ringbuf_output(&changes, &r->id, sizeof(r->id), BPF_RB_NO_WAKEUP))
		add_total(offsetof(struct totals, unannounced), 1);
}

static __always_inline void announce(struct flow_rec *r)
{
	announce_to(my_reader(), r);
}

/*
 * A socket as it is now. Read in one go, each field once: the JIT compilers guard every load through
 * a pointer that the verifier does not trust, which makes eight instructions of one on x86.
 */
struct sock_now {
	struct tcp_sock *tp;
	__u64 bytes_retrans;
	__u32 total_retrans;
	__u32 dsack_dups;
	struct sock_brief brief;
	__u8 pending; /* icsk_pending */
};

static __always_inline void look(struct sock_now *now, struct tcp_sock *tp)
{
	const struct inet_connection_sock *icsk = &tp->inet_conn;
	struct sock_brief *s = &now->brief;

	now->tp = tp;
	now->bytes_retrans = READ(tp, bytes_retrans);
	now->total_retrans = READ(tp, total_retrans);
	now->dsack_dups = READ(tp, dsack_dups);
	now->pending = READ(icsk, icsk_pending);
	s->srtt_us = READ(tp, srtt_us) >> 3;
	s->rto = READ(icsk, icsk_rto);
	s->cwnd = READ(tp, snd_cwnd);
	s->data_segs_out = READ(tp, data_segs_out);
	s->snd_wnd = READ(tp, snd_wnd);
	s->state = READ((const struct sock *)tp, __sk_common.skc_state);
	s->ca_state = READ_BITS(icsk, icsk_ca_state);
	s->backoff = READ(icsk, icsk_backoff);
	s->pad = 0;
}

/* Memory of a socket whose end was missed may have gone to another one, whose totals begin anew. */
static __always_inline bool is_counted(const struct flow_rec *r, const struct sock_now *now)
{
	return r->sk == (__u64)now->tp && now->total_retrans >= r->base_segs &&
	       now->dsack_dups >= r->base_dsacks;
}

/*
 * A socket that this record has not counted yet: what it had sent again before is not ours. A
 * child of a listener starts with total_retrans at its request's num_retrans, counted as SYN-ACKs.
 */
static __always_inline void rebase(struct flow_rec *r, const struct sock_now *now, __u32 segs,
				   __u64 bytes)
{
	r->sk = (__u64)now->tp;
	r->base_segs = segs;
	r->base_bytes = bytes;
	r->base_dsacks = now->dsack_dups;
	r->undone = 0;
	r->flags &= ~(FLOW_CLOSED | FLOW_ASKED | FLOW_NO_ROOM);
	r->sock.inode = 0;
	r->sample_ns = 0;
	__builtin_memset(&r->connector, 0, sizeof(r->connector));
}

/* Segments that the peer says it had already, as far as they were not counted at an undo. It says
 * so after their retransmit: the last of them are counted by what happens to the socket next. */
static __always_inline void take_dsacks(struct flow_rec *r, const struct sock_now *now)
{
	__u32 total = now->dsack_dups, grown = total - r->base_dsacks, known;

	if (!grown)
		return;
	known = grown < r->undone ? grown : r->undone;
	r->base_dsacks = total;
	r->undone -= known;
	r->counts.dsacks += grown;
	r->counts.spurious += grown - known;
}

/* Id of the socket's cgroup v2; 0 on a kernel without. */
static __always_inline __u64 cgroup_of(const struct sock *sk)
{
	return bpf_core_field_exists(sk->sk_cgrp_data.cgroup)
		       ? READ(sk, sk_cgrp_data.cgroup, kn, id)
		       : 0;
}

/* The fields that hold for the life of the socket, or change seldom. */
static __always_inline void sample_identity(struct sock_sample *s, struct sock *sk)
{
	struct inet_connection_sock *icsk = (struct inet_connection_sock *)sk;

	s->inode = READ(sk, sk_socket, file, f_inode, i_ino);
	s->uid = READ(sk, sk_uid.val);
	s->cgroup = cgroup_of(sk);
#ifdef READ_BY_PROBE
	BPF_CORE_READ_STR_INTO(&s->cong, icsk, icsk_ca_ops, name);
#else
	const struct tcp_congestion_ops *ca = icsk->icsk_ca_ops;

#pragma unroll
	for (int i = 0; i < 16; i++)
		s->cong[i] = ca->name[i];
#endif
}

static __noinline void sample_all(struct flow_rec *r, const struct sock_now *sock, __u64 now)
{
	struct tcp_sock *tp = sock->tp;
	struct sock_sample *s = &r->sock;

	/* A socket that is not accepted yet has no inode; it is asked for until there is one. */
	if (!s->inode) {
		sample_identity(s, (struct sock *)tp);
		r->identity_ns = bpf_ktime_get_ns();
		r->flags = s->inode ? r->flags & ~FLOW_NO_INODE : r->flags | FLOW_NO_INODE;
	}
	s->bytes_sent = READ(tp, bytes_sent);
	s->rttvar_us = READ(tp, mdev_us) >> 2;
	s->ssthresh = READ(tp, snd_ssthresh);
	s->packets_out = READ(tp, packets_out);
	s->lost_out = READ(tp, lost_out);
	s->sacked_out = READ(tp, sacked_out);
	s->retrans_out = READ(tp, retrans_out);
	s->mss = READ(tp, mss_cache);
	s->dsack_dups = sock->dsack_dups;
	s->reordering = READ(tp, reordering);
	r->flags |= FLOW_SAMPLED;
	r->sample_ns = now;
}

/* The wide fields are not read again for each of a burst of changes of the congestion state. */
static __always_inline void sample(struct flow_rec *r, const struct sock_now *sock, __u64 now)
{
	__s64 age = now - r->sample_ns; /* less than 0 where coarse_ns() is behind */
	bool other = r->brief.ca_state != sock->brief.ca_state;

	r->brief = sock->brief;
	if (unlikely(age >= (r->flags & FLOW_NO_INODE ? ASK_NS : other ? CHANGE_NS : SAMPLE_NS)))
		sample_all(r, sock, now);
}

/* Not where none is wanted, or the ration is used up: then it is counted among those left out.
 * `alone` is on_retransmit() where it does not run within itself. */
static __always_inline bool event_wanted(struct near *n, __u64 now, bool alone)
{
	if (!settings.want_events)
		return false;
	if (!settings.event_ration)
		return true;
	if ((__s64)(now - n->ration_start) >= RATION_WINDOW_NS) {
		n->ration_start = now;
		n->ration_used = 0;
	}
	if (n->ration_used >= settings.event_ration) {
		if (alone)
			n->events_left_out++;
		else
			add_total(offsetof(struct totals, events_left_out), 1);
		return false;
	}
	n->ration_used++;
	return true;
}

/*
 * The reader polls: waking it for each event costs more than all the rest. Copied from the stack,
 * as the verifiers of 5.10 and 6.1 lose track of room that was reserved in the ring.
 */
static __always_inline void event_send(struct event *e)
{
	if (bpf_ringbuf_output(&events, e, sizeof(*e), BPF_RB_NO_WAKEUP))
		add_total(offsetof(struct totals, events_lost), 1);
}

static __always_inline void event_fill(struct event *e, const struct flow_key *k,
				       const struct flow_rec *r, __u64 now, char kind)
{
	__builtin_memset(e, 0, sizeof(*e));
	e->time_ns = now;
	e->key = *k;
	e->kind = kind;
	if (r) {
		e->inode = r->sock.inode;
		e->cgroup = r->sock.cgroup;
		e->uid = r->sock.uid;
		e->connector = r->connector;
	}
}

#endif
