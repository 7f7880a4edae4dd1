// SPDX-License-Identifier: GPL-2.0-only
/* Tail loss probes and RACK's timer through kprobes, for kernels without working fentry. */
#define READ_BY_PROBE
#include "tlp.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* A return probe has no arguments: which socket it was is in the slot. */
static __always_inline void end_of_slot(void)
{
	struct timer_slot *slot = my_slot();

	if (slot && slot->sk)
		timer_end((struct tcp_sock *)slot->sk);
}

SEC("kprobe/tcp_send_loss_probe")
int probe_entry(struct pt_regs *ctx)
{
	timer_begin((struct tcp_sock *)FIRST_ARG(ctx), ICSK_TIME_LOSS_PROBE);
	return 0;
}

SEC("kretprobe/tcp_send_loss_probe")
int probe_exit(void *ctx)
{
	end_of_slot();
	return 0;
}

SEC("kprobe/tcp_rack_reo_timeout")
int rack_entry(struct pt_regs *ctx)
{
	timer_begin((struct tcp_sock *)FIRST_ARG(ctx), ICSK_TIME_REO_TIMEOUT);
	return 0;
}

SEC("kretprobe/tcp_rack_reo_timeout")
int rack_exit(void *ctx)
{
	end_of_slot();
	return 0;
}
