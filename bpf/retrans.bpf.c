// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counting programs: each segment that the kernel sends again, once and exactly.
 *
 * __tcp_retransmit_skb() adds to RetransSegs, tp->total_retrans and tp->bytes_retrans before the
 * tracepoint fires, so the growth of the socket's own total is the count. An event that never
 * reached us is thereby healed by the socket's next one, or by its end. Such
 * events there are: on some kernels (6.18 of a virtual machine) no program runs while the current task is
 * of PID 1, and so none for what a softirq that interrupts such a task sends again.
 *
 * All programs but the SYN-ACK one run under the socket's lock, so what a record counts has one
 * writer; what the SYN-ACK program adds to as well is added to atomically. Totals are shared by all
 * sockets of a CPU.
 */
#include "books.bpf.h"
#include "cause.bpf.h"
#include "connect.bpf.h"
#include "flow.bpf.h"
#include "synack.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* Called: its event would take most of the stack that all of them may have together. */
static __noinline void report(const struct flow_key *key, const struct flow_rec *r,
			      const struct sent_skb *sent, __u32 segs, __u8 cause)
{
	struct event e;

	event_fill(&e, key, r, bpf_ktime_get_ns(),
		   cause == CAUSE_TLP      ? 'L'
		   : cause == CAUSE_SYNACK ? 'S'
					   : 'R');
	e.cause = cause;
	e.segs = segs;
	e.seq = sent->seq;
	e.err = sent->err;
	e.state = r->brief.state;
	e.sent = cause == CAUSE_TLP ? SENT_RETRANSMIT : SENT_UNKNOWN;
	event_send(&e);
}

/* A probe whose call the probe hooks did not see: the timer was deferred to release_sock(). */
static __noinline void count_unseen_probe(struct flow_rec *r)
{
	r->counts.tlp_attempts++;
	r->counts.tlp_sent++;
	add_total(offsetof(struct totals, counts.tlp_attempts), 1);
	add_total(offsetof(struct totals, counts.tlp_sent), 1);
}

/* True if it makes an event of its own. */
static __always_inline bool count_retransmit(struct flow_rec *r, const struct books *b,
					     struct near *near, const struct sock_now *sock,
					     const struct sent_skb *sent, __u32 n, __u64 *cause)
{
	struct timer_slot *timer = &near->timer;
	bool in_slot = timer->sk == (__u64)sock->tp;

	*cause = cause_of(r, sock, sent, timer, in_slot) ^ near->zero;
	count_event(r, b, sock, sent, n, *cause);
	if (unlikely(in_slot && timer->pending == ICSK_TIME_LOSS_PROBE)) {
		/* The end of the probe routine makes the one line of this probe, failed or not. */
		timer->segs += *cause == CAUSE_FAILED ? 0 : n;
		timer->seq = sent->seq;
		return false;
	}
	if (unlikely(*cause == CAUSE_TLP))
		count_unseen_probe(r);
	return true;
}

static __always_inline int take_retransmit(unsigned long long *ctx, struct near *near, bool within)
{
	struct sock *sk = (struct sock *)ctx[0];
	struct sk_buff *skb = (struct sk_buff *)ctx[1];
	struct tcp_skb_cb *cb = (struct tcp_skb_cb *)&skb->cb[0];
	struct sent_skb sent = {.err = settings.has_err ? (int)ctx[2] : 0};
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);
	struct books books = {.reader = my_reader(), .alone = !within && settings.runs_alone};
	__u64 now = coarse_ns(near);
	struct sock_now sock;
	struct flow_key key ALIGNED;
	struct flow_rec *r;
	bool reported;
	__u64 cause;
	__u32 n;

	if (!tp)
		return 0;
	sent.segs = cb->tcp_gso_segs;
	sent.sacked = cb->sacked;
	sent.flags = cb->tcp_flags;
	sent.bytes = skb->len;
	sent.seq = cb->seq;

	fill_key(&key, &sk->__sk_common, netns_of((struct sock_common *)tp), local_port(sk, tp));
	if (!find_slot(&books, near, key.netns))
		return 0;
	fetch_near(&books);
	r = within ? flow_get(&key) : flow_get_inline(&key);
	look(&sock, tp);
	if (unlikely(!r)) {
		enter_untracked(&books, sk, &sock, &sent);
		return 0;
	}
	n = enter(r, &books, sk, &sock, &sent);
	take_connector(r, sk);
	sample(r, &sock, now);
	seen_at(r, now);
	reported = n && count_retransmit(r, &books, near, &sock, &sent, n, &cause);
	announce_to(books.reader, r);
	if (unlikely(reported && event_wanted(near, now, books.alone)))
		report(&key, r, &sent, n, cause);
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int on_retransmit(unsigned long long *ctx)
{
	struct near *near = my_near();

	if (!near)
		return 0;
	near->outer = near->skb;
	near->skb = ctx[1];
	return take_retransmit(ctx, near, false);
}

/*
 * From 6.1 on the kernel does not run a program within itself (__bpf_trace_run(), prog->active): what
 * a softirq sends again while it interrupts on_retransmit(), or a thread that preempted it, is for this
 * one. Before, both of these are taken by on_retransmit() within itself. An event that comes between
 * the two leaves what it found.
 */
SEC("tp_btf/tcp_retransmit_skb")
int on_retransmit_within(unsigned long long *ctx)
{
	struct near *near = my_near();

	if (!near)
		return 0;
	if (likely(near->skb == ctx[1])) {
		near->skb = near->outer;
		near->outer = 0;
		return 0;
	}
	return take_retransmit(ctx, near, true);
}

/* Until it is accepted, whoever listens owns the connection. */
static __always_inline void sample_listener(struct flow_rec *r, const struct sock *listener,
					    __u64 inode, __u64 now)
{
	if (r->sock.inode == inode)
		return;
	r->sock.inode = inode;
	r->sock.uid = listener->sk_uid.val;
	r->sock.cgroup = cgroup_of(listener);
	r->identity_ns = now;
}

/*
 * tcp_rtx_synack(): counted in RetransSegs and TCPSynRetrans. sk is the listener, or with a passive
 * Fast Open the child itself, whose total_retrans then holds the SYN-ACK as well.
 */
SEC("tp_btf/tcp_retransmit_synack")
int BPF_PROG(on_retransmit_synack, struct sock *sk, struct request_sock *req)
{
	struct tcp_request_sock *treq = bpf_skc_to_tcp_request_sock(req);
	const struct sock_common *c = &req->__req_common;
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);
	struct near *near = my_near();
	__u64 now = bpf_ktime_get_ns();
	struct flow_key key ALIGNED;
	struct flow_rec *r;
	struct sock_now child;
	struct event e;
	__u32 isn = treq ? treq->snt_isn : 0; /* it is none to the helper with multipath TCP */
	__u64 inode;

	if (!tp || !near)
		return 0;
	inode = ((struct sock *)tp)->sk_socket->file->f_inode->i_ino;
	fill_key(&key, c, netns_of((struct sock_common *)tp), c->skc_num);
	netns_add(key.netns, 1);
	add_total(offsetof(struct totals, counts.segs[CAUSE_SYNACK]), 1);
	r = flow_get(&key);
	if (r) {
		count_synack(r, key.netns, isn, req->num_retrans);
		r->last_cause = r->last_cause_tlp = CAUSE_SYNACK;
		seen_at(r, now);
		r->brief.state = STATE_SYN_RECV;
		if (sk->__sk_common.skc_state == STATE_SYN_RECV) {
			look(&child, tp);
			rebase(r, &child, child.total_retrans, child.bytes_retrans);
		}
		if (!r->sk)
			sample_listener(r, (struct sock *)tp, inode, now);
		announce(r);
	}

	if (!event_wanted(near, now, false))
		return 0;
	event_fill(&e, &key, NULL, now, 'S');
	e.inode = inode;
	e.uid = sk->sk_uid.val;
	e.cgroup = cgroup_of((struct sock *)tp);
	e.cause = CAUSE_SYNACK;
	e.segs = 1;
	e.seq = isn;
	e.state = STATE_SYN_RECV;
	event_send(&e);
	return 0;
}

/* The last events were missed of a socket without a record: its end tells what it has sent again. */
static __always_inline struct flow_rec *flow_of_unseen(const struct flow_key *key, struct sock *sk,
						       const struct tcp_sock *tp, int newstate,
						       __u64 now)
{
	struct flow_rec *r;
	struct connect *c;

	if (newstate != STATE_CLOSE || !tp->total_retrans)
		return NULL;
	c = connect_of(sk);
	r = c && c->segs < tp->total_retrans ? flow_get(key) : NULL;
	if (r) {
		seen_at(r, now);
		r->last_cause = r->last_cause_tlp = CAUSE_OTHER;
	}
	return r;
}

static __noinline int take_state(struct sock *sk, int oldstate, int newstate, struct near *near)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);
	struct books books = {.reader = my_reader()};
	struct sock_now sock;
	struct flow_key key ALIGNED;
	struct flow_rec *r;
	__u64 bytes, now;
	__u32 grown;

	if (tp && oldstate == STATE_CLOSE && newstate == STATE_SYN_SENT)
		note_connector(sk, tp);
	if (!tp || (!tp->total_retrans && newstate != STATE_CLOSE))
		return 0;
	fill_key(&key, &sk->__sk_common, netns_of((struct sock_common *)tp), local_port(sk, tp));
	now = bpf_ktime_get_ns();
	r = flow_find(&key);
	if (!r)
		r = flow_of_unseen(&key, sk, tp, newstate, now);
	if (!r)
		return 0;
	/* The child starts with what its request had sent again. */
	if (newstate == STATE_ESTABLISHED && oldstate == STATE_SYN_RECV && !r->sk)
		heal_synacks(r, key.netns, tp->total_retrans);
	/* A socket in CLOSE that is not the one counted is a stranger that lost its address. */
	if (newstate == STATE_CLOSE && r->sk && r->sk != (__u64)sk)
		return 0;
	look(&sock, tp);
	find_base(r, sk, &sock, sock.total_retrans, sock.bytes_retrans);
	take_dsacks(r, &sock);
	grown = take_growth(r, &sock, &bytes);
	note_counted(books.reader, sk, &sock, !(r->flags & FLOW_ASKED));
	if (grown) {
		books.slot = &near->slots[NEAR_SLOTS - 1];
		books.netns = key.netns;
		count_unattributed(r, &books, grown);
		r->counts.bytes += bytes;
	}
	take_connector(r, sk);
	r->sample_ns = 0;
	sample(r, &sock, now);
	r->brief.state = newstate;
	changed_at(r, now);
	if (newstate == STATE_CLOSE) {
		r->sk = 0;
		r->flags |= FLOW_CLOSED;
	}
	announce_to(books.reader, r);
	return 0;
}

/*
 * Keeps tracked flows current to the end of their connection, and heals the last missed event.
 * Runs for each state change of every TCP socket of the host, so it leaves at once where it can:
 * only the end of a connection is looked up without a sign that it ever retransmitted.
 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_set_state, struct sock *sk, int oldstate, int newstate)
{
	struct near *near = my_near();

	if (!near)
		return 0;
	near->sk = (__u64)sk;
	return take_state(sk, oldstate, newstate, near);
}

/* As on_retransmit_within(): of a connection that ended so, nothing else would tell the last segments. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_set_state_within, struct sock *sk, int oldstate, int newstate)
{
	struct near *near = my_near();

	if (!near)
		return 0;
	if (likely(near->sk == (__u64)sk)) {
		near->sk = 0;
		return 0;
	}
	return take_state(sk, oldstate, newstate, near);
}

/*
 * tcp_set_ca_state(), before the state changes: the end of a loss recovery. The kernel undid it if
 * undo_marker is gone (tcp_undo_cwnd_reduction()); then what it had sent again was not lost, and
 * undo_retrans is how much of that no DSACK has told yet. tcp_simple_retransmit() clears the marker
 * as well, and prior_ssthresh with it.
 */
SEC("tp_btf/tcp_cong_state_set")
int BPF_PROG(on_recovered, struct sock *sk, __u8 ca_state)
{
	struct sock_now sock;
	struct tcp_sock *tp;
	struct flow_key key ALIGNED;
	struct flow_rec *r;
	bool undone;

	if (ca_state > TCP_CA_Disorder)
		return 0;
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp || READ_BITS(&tp->inet_conn, icsk_ca_state) < TCP_CA_Recovery)
		return 0;
	undone = !tp->undo_marker && tp->prior_ssthresh;
	if (!undone && !tp->dsack_dups)
		return 0;
	fill_key(&key, &sk->__sk_common, netns_of((struct sock_common *)tp), local_port(sk, tp));
	r = flow_find(&key);
	if (!r)
		return 0;
	look(&sock, tp);
	if (!is_counted(r, &sock))
		return 0;
	take_dsacks(r, &sock);
	if (undone) {
		__u32 more = tp->undo_retrans > 0 ? tp->undo_retrans : 0;

		r->counts.undos++;
		r->counts.spurious += more;
		r->undone += more;
	}
	changed_at(r, bpf_ktime_get_ns());
	announce(r);
	return 0;
}
