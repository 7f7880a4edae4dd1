/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few kernel types that the programs read, so that the objects build without any machine's BTF.
 * Only names and the nesting matter: CO-RE finds the offsets on the kernel that loads them.
 */
#ifndef TCPRETOP_BPF_KERNEL_H
#define TCPRETOP_BPF_KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#define AF_INET6 10

#define TCP_CA_Disorder 1
#define TCP_CA_Recovery 3
#define TCP_CA_Loss 4

/* icsk_pending, include/net/inet_connection_sock.h */
#define ICSK_TIME_LOSS_PROBE 5
#define ICSK_TIME_REO_TIMEOUT 6

/* tcp_skb_cb.sacked and .tcp_flags, include/net/tcp.h */
#define TCPCB_LOST 0x04
#define TCPCB_EVER_RETRANS 0x80
#define TCPHDR_SYN 0x02

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct in6_addr {
	union {
		__be32 u6_addr32[4];
	} in6_u;
};

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
};

struct file {
	struct inode *f_inode;
};

struct socket {
	struct file *file;
};

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

typedef struct {
	unsigned int val;
} kuid_t;

typedef struct {
	int owned;
} socket_lock_t;

struct timer_list {
	void (*function)(struct timer_list *);
};

struct sock {
	struct sock_common __sk_common;
	socket_lock_t sk_lock;
	struct socket *sk_socket;
	kuid_t sk_uid;
	struct sock_cgroup_data sk_cgrp_data;
};

/* Later kernels keep TCP's retransmit timer in struct sock. */
struct sock___timer {
	struct timer_list tcp_retransmit_timer;
};

struct request_sock {
	struct sock_common __req_common;
	__u8 num_retrans;
};

struct tcp_request_sock {
	__u32 snt_isn;
};

struct inet_sock {
	struct sock sk;
	__be16 inet_sport;
};

struct tcp_congestion_ops {
	char name[16];
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	struct timer_list icsk_retransmit_timer;
	__u32 icsk_rto;
	const struct tcp_congestion_ops *icsk_ca_ops;
	__u8 icsk_ca_state : 5;
	__u8 icsk_pending;
	__u8 icsk_backoff;
};

/* Gone in 6.18: the timer's own expiry says it. */
struct inet_connection_sock___timeout {
	unsigned long icsk_timeout;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u32 snd_wnd;
	__u32 mss_cache;
	__u32 data_segs_out;
	__u64 bytes_sent;
	__u64 bytes_retrans;
	__u32 total_retrans;
	__u32 dsack_dups;
	__u32 snd_nxt;
	__u32 srtt_us;
	__u32 mdev_us;
	__u32 packets_out;
	__u32 retrans_out;
	__u32 lost_out;
	__u32 sacked_out;
	__u32 snd_cwnd;
	__u32 snd_ssthresh;
	__u32 prior_ssthresh;
	__u32 undo_marker;
	int undo_retrans;
	__u32 high_seq;
	__u64 bytes_acked;
	__u8 syn_data : 1;
	__u32 reordering;
	__u32 tlp_high_seq;
};

struct sk_buff {
	unsigned int len;
	char cb[48];
};

struct tcp_skb_cb {
	__u32 seq;
	__u16 tcp_gso_segs;
	__u8 tcp_flags;
	__u8 sacked;
};

struct task_struct {
	int tgid;
	__u64 start_time;
	struct task_struct *group_leader;
	char comm[16];
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

/* Where a kprobe finds the first argument of the function. */
#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long di;
};
#define FIRST_ARG(ctx) ((ctx)->di)
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31];
};
#define FIRST_ARG(ctx) (((struct user_pt_regs *)(ctx))->regs[0])
#elif defined(__TARGET_ARCH_riscv)
struct user_regs_struct {
	unsigned long a0;
};
#define FIRST_ARG(ctx) (((struct user_regs_struct *)(ctx))->a0)
#elif defined(__TARGET_ARCH_powerpc)
struct pt_regs {
	unsigned long gpr[32];
};
#define FIRST_ARG(ctx) ((ctx)->gpr[3])
#elif defined(__TARGET_ARCH_s390)
typedef struct {
	unsigned long gprs[16];
} user_pt_regs;
#define FIRST_ARG(ctx) (((user_pt_regs *)(ctx))->gprs[2])
#endif

#pragma clang attribute pop

#endif
