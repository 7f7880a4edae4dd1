// SPDX-License-Identifier: GPL-2.0-only
#include "src/live_trial.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* A descriptor or a negative errno. */
static int load_nothing(enum bpf_attach_type type, int btf_id)
{
	const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts);

	if (btf_id < 0)
		return -ENOENT;
	opts.expected_attach_type = type;
	opts.attach_btf_id = (uint32_t)btf_id;
	return bpf_prog_load(BPF_PROG_TYPE_TRACING, NULL, "GPL", nothing,
			     sizeof(nothing) / sizeof(*nothing), &opts);
}

int trial_fentry(int function)
{
	int fd = load_nothing(BPF_TRACE_FENTRY, function);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int try_tracepoint(const struct btf *btf, const char *name)
{
	char type[64];
	int prog, link;

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	prog = load_nothing(BPF_TRACE_RAW_TP, btf__find_by_name_kind(btf, type, BTF_KIND_TYPEDEF));
	if (prog < 0)
		return prog;
	link = bpf_raw_tracepoint_open(NULL, prog);
	close(prog);
	if (link < 0)
		return link;
	close(link);
	return 0;
}

void trial_tracepoints(const struct btf *btf, struct hooks *hooks)
{
	static const char *const names[] = {
		[HOOK_RETRANSMIT] = "tcp_retransmit_skb",
		[HOOK_SYNACK] = "tcp_retransmit_synack",
		[HOOK_STATE] = "inet_sock_set_state",
		[HOOK_RECOVERED] = "tcp_cong_state_set",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		hooks->err[i] = try_tracepoint(btf, names[i]);
}
