/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel programs and user space share: the flow key, the flow record, the totals and the
 * event. Fixed-width fields and no hidden padding, so that both compilers agree on every byte.
 *
 * Units: times are CLOCK_MONOTONIC nanoseconds, counts are segments (never skbs or calls), ports
 * are in host order, addresses in network order with IPv4 in the first four bytes and zero after.
 */
#ifndef TCPRETOP_BPF_TCPRETOP_H
#define TCPRETOP_BPF_TCPRETOP_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Why a segment was sent again. The order is that of the columns and of JSON's by_cause. */
enum cause {
	CAUSE_RTO,
	CAUSE_FAST,
	CAUSE_RACK,
	CAUSE_TLP,
	CAUSE_SYN,
	CAUSE_SYNACK,
	CAUSE_PROBE,
	CAUSE_MTU,
	CAUSE_FAILED,
	CAUSE_OTHER,
	CAUSES
};

/* What a tail loss probe put on the wire, as far as it is known. */
enum probe_sent { SENT_UNKNOWN, SENT_RETRANSMIT, SENT_NEW, SENT_NONE };

/* struct flow_rec.flags */
enum {
	FLOW_SAMPLED = 1,  /* .sock holds a sample of a full socket */
	FLOW_CLOSED = 2,   /* the last socket of this flow has reached TCP_CLOSE */
	FLOW_ASKED = 4,    /* .connector is what is known of who connected its socket */
	FLOW_NO_INODE = 8, /* its socket had none when .sock was read */
	FLOW_NO_ROOM = 16, /* its last timeout's segment found no room in this host's queue */
};

/* enum of include/net/tcp_states.h, here because UAPI lacks it */
enum {
	STATE_ESTABLISHED = 1,
	STATE_SYN_SENT = 2,
	STATE_SYN_RECV = 3,
	STATE_CLOSE = 7,
	STATE_LISTEN = 10,
	STATE_NEW_SYN_RECV = 12, /* a request socket */
};

struct flow_key {
	__u32 netns; /* inode number of the network namespace */
	__u16 lport;
	__u16 rport;
	__u8 family; /* 4 or 6; a v4-mapped IPv6 address is 4 */
	__u8 pad;
	__u16 host; /* among several in one table: its number, from 1. 0 in the kernel */
	__u8 laddr[16];
	__u8 raddr[16];
};

#define FLOW_WORDS (sizeof(struct flow_key) / sizeof(__u32))

/*
 * Where a flow's record is: multilinear hashing. Whatever two flows are like, they have one id for at
 * most one in 2^33 choices of .mix. What they differ in counts the less the higher its bits are, and is
 * folded into lower ones: neighbours, by one port or octet, have one id for at most one in 2^49.
 */
static inline __u64 flow_id(const volatile __u64 *mix, const struct flow_key *k)
{
	__u32 words[FLOW_WORDS];
	__u64 id = 0, product;

	__builtin_memcpy(words, k, sizeof(words));
	for (__u32 i = 0; i < FLOW_WORDS; i++) {
		/* Wraps around, as it must. */
		__builtin_mul_overflow(mix[i], words[i] ^ words[i] >> 16, &product);
		__builtin_add_overflow(id, product, &id);
	}
	return id;
}

/* Counters of one flow, or of a sum of flows. They only grow. */
struct counts {
	__u64 bytes;        /* payload bytes sent again (tp->bytes_retrans), probes included */
	__u64 rto_wait_us;  /* sum of the retransmission timeouts that expired */
	__u64 segs[CAUSES]; /* segments sent again, by cause; their sum is RetransSegs */
	__u64 tlp_bytes;    /* of .bytes those of tail loss probes */
	__u64 tlp_attempts; /* calls of tcp_send_loss_probe() */
	__u64 tlp_sent;     /* probes that left, old data or new: TCPLossProbes */
	__u64 unattributed; /* segments counted from total_retrans whose event was not seen */
	__u64 spurious;     /* segments sent again that had arrived before: by DSACK, or undone */
	__u64 dsacks;       /* segments that the peer reported as received twice (tp->dsack_dups) */
	__u64 undos;        /* loss recoveries that the kernel undid */
};

/* The process that called connect(). pid 0: not seen, or the socket was accepted. */
struct connector {
	__s32 pid; /* in the first pid namespace */
	char comm[16];
};

/* What of the socket's state is read at each event. */
struct sock_brief {
	__u32 srtt_us;
	__u32 rto; /* in jiffies: whoever reads it has more time to divide */
	__u32 cwnd;
	__u32 data_segs_out;
	__u32 snd_wnd;
	__u8 state;
	__u8 ca_state;
	__u8 backoff;
	__u8 pad;
};

/*
 * State of the socket at the last look. The kernel programs fill it at a flow's first event and then
 * at one event in SAMPLE_NS (CHANGE_NS if the congestion state is another), at each change of the TCP
 * state and at the end of the connection: so it is never older than that before the last event. What
 * struct sock_brief has, and total_retrans, is current with the last event, and the live source puts
 * it here.
 */
struct sock_sample {
	__u64 inode;  /* of the socket's file; 0 before accept() and after close() */
	__u64 cgroup; /* id of its cgroup v2 */
	__u64 bytes_sent;
	__u32 uid;
	__u32 total_retrans;
	__u32 data_segs_out; /* data segments sent, those sent again included */
	__u32 srtt_us;
	__u32 rttvar_us;
	__u32 rto_us;
	__u32 cwnd;
	__u32 ssthresh;
	__u32 packets_out;
	__u32 lost_out;
	__u32 sacked_out;
	__u32 retrans_out;
	__u32 mss;
	__u32 snd_wnd;
	__u32 dsack_dups;
	__u32 reordering;
	__u8 state;    /* TCP_ESTABLISHED … of include/net/tcp_states.h */
	__u8 ca_state; /* TCP_CA_Open … of include/uapi/linux/tcp.h */
	__u8 backoff;
	__u8 pad[5];
	char cong[16]; /* name of the congestion control, NUL-padded */
};

/*
 * Value of the flow map, whose key is a hash of the flow's own: eight bytes are found sooner than 44.
 * An entry of the map is 56 bytes (struct htab_elem and the hash) and this: 512, so that each begins with
 * a cache line. What each event touches, the most frequent causes included, is the first four: it reads
 * two, which every CPU can keep, as they change with the socket, and writes two. The rest is read and
 * written at times or once in a flow's life.
 */
struct flow_rec {
	__u64 sk; /* socket now counted, by address; 0 for none. Compared, never followed */
	__u64 id; /* its key in the map: flow_id() of .key, unless it is being made */
	struct flow_key key;
	__u32 req_isn;     /* the request under way, by its initial sequence number */
	__u32 req_retrans; /* SYN-ACK retransmits counted of it */
	__u32 undone;      /* segments counted as spurious at an undo, whose DSACK may still come */
	/* The two that each event writes. */
	__u64 base_bytes;    /* bytes_retrans of .sk at the last look */
	__u64 last_ns;       /* last retransmit or probe; 0 while the record is being made */
	__u64 sample_ns;     /* when .sock was read; 0 if that must be done at the next look */
	__u32 announced;     /* the round in which its first change was announced */
	__u8 last_cause;     /* enum cause of the last segment sent again, TLPs left out */
	__u8 last_cause_tlp; /* TLPs included */
	__u8 flags;
	__u8 unused;
	__u32 loss_seq; /* high_seq of the last timeout */
	__s32 last_err; /* of the last send that failed: a negative errno, or NET_XMIT_DROP (1) */
	struct sock_brief brief;
	__u32 base_segs; /* total_retrans and dsack_dups of .sk at the last look */
	__u32 base_dsacks;
	struct counts counts;
	struct sock_sample sock;
	__u64 change_ns; /* last change of anything here, unless .last_ns is later */
	__u64 first_ns;  /* when this record was made: tells a re-inserted flow from an old one */
	struct connector connector;
	__u32 fill;
	__u64 identity_ns; /* when .connector, .sock.inode, .uid and .cgroup were read */
};

/*
 * Of everything since the start, per CPU; exact also when flows are evicted. Segments and waiting are
 * in struct near: user space adds them. Bytes and what is spurious are known by flow only: they stay 0.
 */
struct totals {
	struct counts counts;
	__u64 inserts;         /* flow records made */
	__u64 unannounced;     /* changes of records that found no room in the ring of them */
	__u64 insert_failed;   /* flow records that could not be made */
	__u64 events_lost;     /* the ring buffer was full */
	__u64 events_left_out; /* above the viewer's ration, but for those in struct near */
	__u64 netns_failed;    /* segments whose namespace found no room in its table */
};

/* Namespaces whose segments are counted apart. */
#define MAX_NETNS 4096

/*
 * The first namespaces that a CPU sees, by the low bits of their inode numbers, which the kernel
 * hands out in a row. For the others there is a hash table, which takes longer to look up.
 */
#define NEAR_NETNS 16
#define NEAR_SLOTS (NEAR_NETNS + 2)

struct near_slot {
	__u32 netns; /* 0: free, or one of the last two. Never changes afterwards */
	__u32 pad;
	__u64 segs[CAUSES]; /* in no other total */
	__u64 rto_wait_us;
};

/* The TCP timer or probe routine that runs on this CPU now. */
struct timer_slot {
	__u64 sk; /* 0: none */
	__u32 tlp_high_seq;
	__u32 snd_nxt;
	__u32 segs; /* sent again within */
	__u32 seq;
	__u32 total_retrans; /* at its entry */
	__u8 pending;        /* icsk_pending at its entry */
	__u8 pad[3];
	__u64 bytes_retrans; /* at its entry */
};

/* What one retransmit touches of its CPU's memory, in as few cache lines as it takes. */
struct near {
	__u64 skb; /* whose event on_retransmit() has begun to take, or 0. Compared, never followed */
	__u64 outer;   /* the one before, which that event has interrupted */
	__u64 jiffies; /* when .now_ns was read */
	__u64 now_ns;
	__u64 ration_start;    /* begin of the current ration window */
	__u64 events_left_out; /* by on_retransmit(), above the viewer's ration */
	__u32 ration_used;
	__u32 zero; /* always: the verifier, who does not know, walks what follows just once */
	struct timer_slot timer;
	/* Of on_retransmit() alone, but for the last: where it does not run within itself, it adds as it
	 * likes. The last but one is of all other namespaces, the last of all other programs, and of that
	 * one where it does. */
	struct near_slot slots[NEAR_SLOTS];
	__u64 sk; /* as .skb, of on_set_state(): the socket */
};

struct event {
	__u64 time_ns;
	__u64 inode;
	__u64 cgroup;
	struct flow_key key;
	__u32 uid;
	__u32 seq;  /* of the segment; 0 with a probe that sent nothing */
	__u32 segs; /* segments in the skb; 0 with a probe that retransmitted nothing */
	__s32 err;  /* of the send: 0, a negative errno or NET_XMIT_DROP (1). From Linux 6.17 on */
	__u8 kind;  /* 'R' retransmit, 'L' tail loss probe, 'S' SYN-ACK retransmit */
	__u8 cause; /* enum cause */
	__u8 state;
	__u8 sent; /* enum probe_sent, kind L only */
	struct connector connector;
	__u32 pad;
};

/* What the reader tells the programs while they run. */
struct reader {
	__u64 round;  /* which of its looks at the table comes next; 0: it has not begun */
	__u64 evicts; /* the table may be full soon: not 0, for good */
};

/* Told to the programs before they are loaded. */
struct settings {
	__u32 tick_ns;      /* one jiffy */
	__u32 event_ration; /* events per CPU and 100 ms; 0 is all */
	__u8 want_events;
	__u8 has_err;    /* tcp_retransmit_skb has its third argument (Linux 6.17) */
	__u8 has_cookie; /* tracing programs may ask for a socket's cookie (Linux 5.12) */
	__u8 runs_alone; /* no program runs within itself (Linux 6.1) */
	__u8 pad[4];
	__u64 mix[FLOW_WORDS]; /* of flow_id(): random, so that nobody can choose flows that share one */
};

_Static_assert(sizeof(struct flow_key) == 44, "flow_key has no padding");
_Static_assert(sizeof(struct counts) == 8 * (CAUSES + 9), "counts has no padding");
_Static_assert(sizeof(struct sock_sample) == 112, "sock_sample has no padding");
_Static_assert(sizeof(struct connector) == 20, "connector has no padding");
_Static_assert(sizeof(struct flow_rec) ==
		       144 + sizeof(struct counts) + sizeof(struct sock_sample) + 48,
	       "flow_rec has no padding");
_Static_assert(sizeof(struct flow_rec) == 512 - 56,
	       "entries of the flow map begin with a cache line");
_Static_assert((56 + __builtin_offsetof(struct flow_rec, base_bytes)) % 64 == 0,
	       "what each event writes begins with a cache line");
_Static_assert(sizeof(struct near) == 104 + NEAR_SLOTS * 96, "near has no padding");
_Static_assert(sizeof(struct event) == 112, "event has no padding");
_Static_assert(sizeof(struct settings) == 16 + 8 * FLOW_WORDS, "settings has no padding");

#endif
