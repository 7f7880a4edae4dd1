// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counting programs: each segment that the kernel sends again, once and exactly.
 *
 * __tcp_retransmit_skb() adds to RetransSegs, tp->total_retrans and tp->bytes_retrans before the
 * tracepoint fires, so the growth of the socket's own total is the count. An event that never
 * reached us is thereby healed by the socket's next one.
 *
 * All programs but the SYN-ACK one run under the socket's lock, so what a record counts has one
 * writer; what the SYN-ACK program adds to as well is added to atomically. Totals are shared by all
 * sockets of a CPU.
 */
#include "flow.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define EBUSY 16
#define EAGAIN 11
#define ENOMEM 12
#define EINVAL 22
#define EHOSTUNREACH 113

#define RESOURCE_PROBE_US 500000

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

struct sent_skb {
	__u32 segs, bytes, seq;
	__u16 flags;
	__u8 sacked;
	int err;
};

/* Returned by __tcp_retransmit_skb() before anything is counted. */
static __always_inline bool early_exit(int err)
{
	if (likely(!err))
		return false;
	return err == -EBUSY || err == -EAGAIN || err == -ENOMEM || err == -EINVAL ||
	       err == -EHOSTUNREACH;
}

/* pending is cleared just before tcp_retransmit_timer() runs, and only there. */
static __always_inline bool timer_expired(const struct sock_now *sock)
{
	const struct sock_brief *s = &sock->brief;

	return !sock->pending &&
	       (s->ca_state == TCP_CA_Loss || s->state == STATE_SYN_SENT || !s->snd_wnd);
}

/*
 * tcp_non_congestion_loss_retransmit() enters Loss with nothing to undo: for a smaller MTU, or for what a
 * SYN took along and its answer did not acknowledge. A timeout has nothing to undo either where the window
 * had been reduced before (CWR): what is sent again then up to the same high_seq is of that timeout.
 */
static __always_inline __u8 cause_in_loss(const struct flow_rec *r, const struct sock_now *sock)
{
	const struct tcp_sock *tp = sock->tp;

	if (!sock->pending || tp->undo_marker || tp->prior_ssthresh || tp->high_seq == r->loss_seq)
		return CAUSE_RTO;
	return READ_BITS(tp, syn_data) && tp->bytes_acked <= 1 ? CAUSE_OTHER : CAUSE_MTU;
}

static __always_inline __u8 cause_of(const struct flow_rec *r, const struct sock_now *sock,
				     const struct sent_skb *skb, const struct timer_slot *slot,
				     bool in_slot)
{
	__u8 state = sock->brief.state, ca_state = sock->brief.ca_state, pending = sock->pending;

	if (unlikely(skb->err))
		return CAUSE_FAILED;
	if (state == STATE_SYN_SENT)
		return CAUSE_SYN;
	if (state == STATE_SYN_RECV || skb->flags & TCPHDR_SYN)
		return CAUSE_SYNACK;
	if (!sock->brief.snd_wnd)
		return CAUSE_PROBE;
	if (!(skb->sacked & TCPCB_LOST) && pending == ICSK_TIME_LOSS_PROBE)
		return CAUSE_TLP;
	if (ca_state == TCP_CA_Loss)
		return cause_in_loss(r, sock);
	if (ca_state == TCP_CA_Recovery)
		return in_slot && slot->pending == ICSK_TIME_REO_TIMEOUT ? CAUSE_RACK : CAUSE_FAST;
	return CAUSE_OTHER;
}

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

/* Growth of the socket's totals since the last look. */
static __always_inline __u32 take_growth(struct flow_rec *r, const struct sock_now *now,
					 __u64 *bytes)
{
	__u32 grown = now->total_retrans - r->base_segs;

	*bytes = now->bytes_retrans - r->base_bytes;
	r->base_segs = now->total_retrans;
	r->base_bytes = now->bytes_retrans;
	return grown;
}

/* What one program run counts into. */
struct books {
	struct near_slot *slot;
	struct reader *reader;
	__u32 netns;
	bool alone; /* it is on_retransmit(), which does not run within itself: the slot is its own */
};

/* A slot is claimed without a lock, and so only by the one program whose own it is. */
static __always_inline bool find_slot(struct books *b, struct near *near, __u32 netns)
{
	__u64 slot = NEAR_SLOTS - 1;

	if (b->alone) {
		slot = netns % NEAR_NETNS;
		if (unlikely(!near->slots[slot].netns))
			near->slots[slot].netns = netns;
		if (unlikely(near->slots[slot].netns != netns))
			slot = NEAR_NETNS;
	}
	slot ^= near->zero;
	barrier_var(slot);
	if (slot >= NEAR_SLOTS)
		return false;
	b->slot = &near->slots[slot];
	b->netns = netns;
	return true;
}

static __always_inline void add_to(const struct books *b, __u64 *counter, __u64 n)
{
	if (b->alone)
		*counter += n;
	else
		add(counter, n);
}

/* One addition for the namespace and the total, where the namespace has a slot. */
static __always_inline void count_all(const struct books *b, __u64 cause, __u64 n)
{
	add_to(b, &b->slot->segs[cause], n);
	if (unlikely(!b->slot->netns))
		netns_add(b->netns, n);
}

static __always_inline void count(struct flow_rec *r, const struct books *b, __u64 cause, __u64 n)
{
	r->counts.segs[cause] += n;
	count_all(b, cause, n);
}

static __noinline void count_unattributed(struct flow_rec *r, const struct books *b, __u64 n)
{
	count(r, b, CAUSE_OTHER, n);
	add(&r->counts.unattributed, n);
	add_total(offsetof(struct totals, counts.unattributed), n);
}

/* A probe whose call the probe hooks did not see: the timer was deferred to release_sock(). */
static __noinline void count_unseen_probe(struct flow_rec *r)
{
	r->counts.tlp_attempts++;
	r->counts.tlp_sent++;
	add_total(offsetof(struct totals, counts.tlp_attempts), 1);
	add_total(offsetof(struct totals, counts.tlp_sent), 1);
}

/*
 * Takes the growth of the socket's totals into the books. Returns the segments that this event
 * stands for; what is more was sent by events that were missed.
 */
static __always_inline __u32 enter(struct flow_rec *r, const struct books *b, struct sock *sk,
				   const struct sock_now *now, const struct sent_skb *sent)
{
	bool counted = !early_exit(sent->err), mine;
	__u32 grown, n;
	__u64 bytes;

	/* An early exit that looks like a failed send has not been marked as sent. */
	mine = counted && (!sent->err || sent->sacked & TCPCB_EVER_RETRANS);
	if (unlikely(!is_counted(r, now) || !(r->flags & FLOW_ASKED)))
		find_base(r, sk, now, now->total_retrans - (mine ? sent->segs : 0),
			  now->bytes_retrans - (mine ? sent->bytes : 0));
	take_dsacks(r, now);
	grown = take_growth(r, now, &bytes);
	note_counted(b->reader, sk, now, !(r->flags & FLOW_ASKED));
	n = !counted ? 0 : grown < sent->segs ? grown : sent->segs;
	if (!grown)
		return 0;
	r->counts.bytes += bytes;
	if (unlikely(grown > n))
		count_unattributed(r, b, grown - n);
	return n;
}

/* Segments that find no record are in the totals all the same. */
static __noinline void enter_untracked(const struct books *b, struct sock *sk,
				       const struct sock_now *now, const struct sent_skb *sent)
{
	if (early_exit(sent->err))
		return;
	note_counted(b->reader, sk, now, true);
	count_all(b, CAUSE_OTHER, sent->segs);
}

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

/* tcp_retransmit_timer(): where this host had no room to send, the timer comes again after
 * TCP_RESOURCE_PROBE_INTERVAL, whatever the RTO is; but not where the peer's window is closed. */
static __always_inline void count_wait(struct flow_rec *r, const struct books *b,
				       const struct sock_now *sock, const struct sent_skb *sent)
{
	__u64 waited = r->flags & FLOW_NO_ROOM ? RESOURCE_PROBE_US
					       : (__u64)sock->brief.rto * settings.tick_ns / 1000;

	r->counts.rto_wait_us += waited;
	add_to(b, &b->slot->rto_wait_us, waited);
	r->loss_seq = sock->tp->high_seq;
	if (unlikely(sent->err > 0 && (sock->brief.snd_wnd || sock->brief.state == STATE_SYN_SENT)))
		r->flags |= FLOW_NO_ROOM;
	else
		r->flags &= ~FLOW_NO_ROOM;
}

static __always_inline void count_event(struct flow_rec *r, const struct books *b,
					const struct sock_now *sock, const struct sent_skb *sent,
					__u32 segs, __u64 cause)
{
	/* The verifier has to see it, whatever the compiler knows. */
	barrier_var(cause);
	if (cause >= CAUSES)
		return;
	r->last_cause_tlp = cause;
	if (cause != CAUSE_TLP)
		r->last_cause = cause;
	count(r, b, cause, segs);
	if (timer_expired(sock))
		count_wait(r, b, sock, sent);
	if (cause == CAUSE_TLP)
		r->counts.tlp_bytes += sent->bytes;
	else if (cause == CAUSE_FAILED)
		r->last_err = sent->err;
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

/* What is needed after the flow's record, begun to be fetched while that one is waited for. */
static __always_inline void fetch_near(const struct books *b)
{
	(void)*(const volatile __u64 *)&b->slot->segs[CAUSE_SYN];
	if (b->reader)
		(void)*(const volatile __u64 *)&b->reader->round;
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

/*
 * SYN-ACK retransmits that had no event. num_retrans counts those of a request, but only after the
 * event: the request's timer and a repeated SYN may be at it on two CPUs at once, and both see the
 * same number. So events are counted, of each request for itself, and num_retrans is what there
 * are at least. Requests that were under way before the record was made do not know which of
 * theirs are ours.
 */
static __always_inline void heal_synacks(struct flow_rec *r, __u32 netns, __u32 num_retrans)
{
	__u32 missed = num_retrans > r->req_retrans ? num_retrans - r->req_retrans : 0;

	if (!missed || !r->counts.segs[CAUSE_SYNACK])
		return;
	__sync_fetch_and_add(&r->req_retrans, missed);
	netns_add(netns, missed);
	add(&r->counts.segs[CAUSE_SYNACK], missed);
	add_total(offsetof(struct totals, counts.segs[CAUSE_SYNACK]), missed);
	add(&r->counts.unattributed, missed);
	add_total(offsetof(struct totals, counts.unattributed), missed);
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

static __always_inline void count_synack(struct flow_rec *r, __u32 netns, __u32 isn,
					 __u32 num_retrans)
{
	if (r->req_isn != isn) {
		r->req_isn = isn;
		/* The first one that is counted of this client says nothing of those before it. */
		r->req_retrans = r->counts.segs[CAUSE_SYNACK] ? 0 : num_retrans;
	}
	heal_synacks(r, netns, num_retrans);
	__sync_fetch_and_add(&r->req_retrans, 1);
	add(&r->counts.segs[CAUSE_SYNACK], 1);
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
