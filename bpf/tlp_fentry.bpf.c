// SPDX-License-Identifier: GPL-2.0-only
/* Tail loss probes and RACK's timer through fentry and fexit: the cheapest way where it loads. */
#include "tlp.bpf.h"

char LICENSE[] SEC("license") = "GPL";

SEC("fentry/tcp_send_loss_probe")
int BPF_PROG(probe_entry, struct sock *sk)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);

	if (tp)
		timer_begin(tp, ICSK_TIME_LOSS_PROBE);
	return 0;
}

SEC("fexit/tcp_send_loss_probe")
int BPF_PROG(probe_exit, struct sock *sk)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);

	if (tp)
		timer_end(tp);
	return 0;
}

SEC("fentry/tcp_rack_reo_timeout")
int BPF_PROG(rack_entry, struct sock *sk)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);

	if (tp)
		timer_begin(tp, ICSK_TIME_REO_TIMEOUT);
	return 0;
}

SEC("fexit/tcp_rack_reo_timeout")
int BPF_PROG(rack_exit, struct sock *sk)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);

	if (tp)
		timer_end(tp);
	return 0;
}
