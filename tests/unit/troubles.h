/* SPDX-License-Identifier: GPL-2.0-only */
/* Hosts for the doctor: a healthy one, and what can be wrong with it, one trouble at a time. */
#ifndef TCPRETOP_TESTS_UNIT_TROUBLES_H
#define TCPRETOP_TESTS_UNIT_TROUBLES_H

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>

#include "src/doctor.h"

#define BIT(n) (1ULL << (n))

enum { BIT_PERFMON = 38, BIT_BPF = 39, ENOTSUPP = 524 };

/* Root on a distribution's kernel of today: nothing is missing. */
static inline struct host_facts healthy(void)
{
	return (struct host_facts){
		.release = "6.12.0",
		.system = "debian",
		.lockdown = "none",
		.unprivileged_bpf = 2,
		.jit = 1,
		.ftrace = 1,
		.proc = true,
		.capabilities = BIT(41) - 1,
		.memlock = 8 << 20,
		.opened = true,
		.hooks.err = {[HOOK_TLP_KPROBE] = HOOK_NOT_TRIED, [HOOK_TLP_TIMER] = HOOK_NOT_TRIED},
		.cgroup_mount = "/sys/fs/cgroup",
		.terminal = {.name = "xterm-256color",
			     .colors = 256,
			     .attached = true,
			     .rows = 36,
			     .cols = 120},
		.locale_named = true,
		.locale_known = true,
		.charset = "UTF-8",
	};
}

/* The source was refused; of the hooks nobody asked. */
static inline void refuse(struct host_facts *h, enum exit_status status, const char *why)
{
	h->opened = false;
	h->why.status = status;
	snprintf(h->why.text, sizeof(h->why.text), "%s", why);
	for (int i = 0; i < HOOKS; i++)
		h->hooks.err[i] = HOOK_NOT_TRIED;
}

/* The source was refused, and each of its tracepoints says so alone. */
static inline void refuse_hooks(struct host_facts *h, enum exit_status status, int err)
{
	refuse(h, status, "cannot load the kernel programs");
	for (int i = HOOK_RETRANSMIT; i <= HOOK_RECOVERED; i++)
		h->hooks.err[i] = err;
}

static inline void lose(struct host_facts *h, int capability)
{
	h->capabilities &= ~BIT(capability);
}

static inline void set_tlp(struct host_facts *h, int fentry, int kprobe, int timer)
{
	h->hooks.err[HOOK_TLP_FENTRY] = fentry;
	h->hooks.err[HOOK_TLP_KPROBE] = kprobe;
	h->hooks.err[HOOK_TLP_TIMER] = timer;
}

/* ---- The troubles */

static inline void old_kernel(struct host_facts *h)
{
	snprintf(h->release, sizeof(h->release), "4.19.0-27-amd64");
	refuse(h, EXIT_KERNEL_LACKS, "this kernel has no BTF");
	h->btf = BTF_NONE;
}

static inline void no_btf(struct host_facts *h)
{
	snprintf(h->system, sizeof(h->system), "fedora");
	refuse(h, EXIT_KERNEL_LACKS, "this kernel has no BTF");
	h->btf = BTF_NONE;
}

static inline void no_btf_anywhere_known(struct host_facts *h)
{
	no_btf(h);
	snprintf(h->system, sizeof(h->system), "somelinux");
}

static inline void btf_covered(struct host_facts *h)
{
	refuse(h, EXIT_KERNEL_LACKS, "this kernel has no BTF");
	h->btf = BTF_COVERED;
}

static inline void no_sysfs(struct host_facts *h)
{
	refuse(h, EXIT_KERNEL_LACKS, "this kernel has no BTF");
	h->btf = BTF_NO_SYSFS;
}

static inline void btf_unreadable(struct host_facts *h)
{
	refuse(h, EXIT_KERNEL_LACKS, "this kernel has no BTF");
	h->btf = BTF_UNREADABLE;
	h->euid = 1000;
}

static inline void not_root(struct host_facts *h)
{
	refuse_hooks(h, EXIT_NOT_PERMITTED, -EPERM);
	h->euid = 1000;
	h->capabilities = 0;
}

static inline void not_root_and_no_sudo(struct host_facts *h)
{
	not_root(h);
	h->no_new_privs = true;
}

static inline void half_the_capabilities(struct host_facts *h)
{
	not_root(h);
	h->capabilities = BIT(BIT_BPF);
}

static inline void poor_root(struct host_facts *h)
{
	not_root(h);
	h->euid = 0;
}

static inline void container(struct host_facts *h)
{
	poor_root(h);
	h->own_pid_ns = true;
}

static inline void user_namespace(struct host_facts *h)
{
	refuse_hooks(h, EXIT_NOT_PERMITTED, -EPERM);
	h->own_user_ns = true;
}

static inline void filtered(struct host_facts *h)
{
	refuse_hooks(h, EXIT_NOT_PERMITTED, -EPERM);
	h->seccomp = true;
}

static inline void little_memory_locked(struct host_facts *h)
{
	snprintf(h->release, sizeof(h->release), "5.10.0-28-amd64");
	refuse_hooks(h, EXIT_NOT_PERMITTED, -EPERM);
	h->memlock = 64 << 10;
	lose(h, CAP_SYS_RESOURCE);
}

static inline void denied(struct host_facts *h)
{
	refuse_hooks(h, EXIT_NOT_PERMITTED, -EACCES);
}

static inline void denied_together(struct host_facts *h)
{
	refuse_hooks(h, EXIT_NOT_PERMITTED, 0);
}

static inline void verifier(struct host_facts *h)
{
	refuse_hooks(h, EXIT_KERNEL_LACKS, 0);
}

static inline void no_memory(struct host_facts *h)
{
	refuse_hooks(h, EXIT_RUNTIME, 0);
	snprintf(h->why.text, sizeof(h->why.text), "cannot make the flow table: out of memory");
}

static inline void no_synack(struct host_facts *h)
{
	refuse_hooks(h, EXIT_KERNEL_LACKS, 0);
	h->hooks.err[HOOK_SYNACK] = -ENOENT;
}

static inline void no_recovered(struct host_facts *h)
{
	h->hooks.err[HOOK_RECOVERED] = -ENOENT;
}

static inline void no_send_error(struct host_facts *h)
{
	h->hooks.err[HOOK_SEND_ERROR] = -ENOENT;
}

static inline void kprobes(struct host_facts *h)
{
	set_tlp(h, -ENOTSUPP, 0, HOOK_NOT_TRIED);
}

static inline void timers(struct host_facts *h)
{
	set_tlp(h, -EPERM, -ENOENT, 0);
}

static inline void no_ftrace(struct host_facts *h)
{
	set_tlp(h, HOOK_NOT_TRIED, HOOK_NOT_TRIED, 0);
	h->ftrace = 0;
}

static inline void no_jit(struct host_facts *h)
{
	h->jit = 0;
}

static inline void secret_address(struct host_facts *h)
{
	set_tlp(h, -EPERM, -ENOENT, -EPERM);
	h->euid = 1000;
	h->capabilities = BIT(BIT_BPF) | BIT(BIT_PERFMON);
}

static inline void confidential(struct host_facts *h)
{
	set_tlp(h, -EINVAL, -EPERM, -EINVAL);
	snprintf(h->lockdown, sizeof(h->lockdown), "confidentiality");
}

static inline void confidential_with_fentry(struct host_facts *h)
{
	snprintf(h->lockdown, sizeof(h->lockdown), "confidentiality");
}

static inline void confidential_without_ftrace(struct host_facts *h)
{
	set_tlp(h, HOOK_NOT_TRIED, HOOK_NOT_TRIED, -EINVAL);
	snprintf(h->lockdown, sizeof(h->lockdown), "confidentiality");
	h->ftrace = 0;
}

static inline void no_owners(struct host_facts *h)
{
	h->hooks.err[HOOK_OWNERS] = -EINVAL;
}

static inline void own_processes(struct host_facts *h)
{
	h->own_pid_ns = true;
}

static inline void no_proc(struct host_facts *h)
{
	h->proc = false;
	h->capabilities = 0;
	h->cgroup = CGROUP_NONE;
}

static inline void no_tracing_of_others(struct host_facts *h)
{
	h->own_cgroup_ns = true;
	lose(h, CAP_SYS_PTRACE);
}

static inline void no_entering(struct host_facts *h)
{
	lose(h, CAP_SYS_ADMIN);
}

static inline void cgroup_v1(struct host_facts *h)
{
	h->cgroup = CGROUP_V1_ONLY;
}

static inline void cgroup_covered(struct host_facts *h)
{
	h->cgroup = CGROUP_COVERED;
}

static inline void cgroup_covered_strangely(struct host_facts *h)
{
	cgroup_covered(h);
	snprintf(h->cgroup_mount, sizeof(h->cgroup_mount), "/sys;reboot");
}

static inline void cgroup_named_strangely(struct host_facts *h)
{
	h->own_cgroup_ns = true;
	snprintf(h->cgroup_mount, sizeof(h->cgroup_mount), "/a\033[2Jb");
}

static inline void cgroup_none(struct host_facts *h)
{
	h->cgroup = CGROUP_NONE;
}

static inline void own_cgroups(struct host_facts *h)
{
	h->own_cgroup_ns = true;
}

static inline void strange_terminal(struct host_facts *h)
{
	h->terminal.type = TERMINAL_UNKNOWN;
	snprintf(h->terminal.name, sizeof(h->terminal.name), "xterm\033]0;a\007");
}

static inline void dumb_terminal(struct host_facts *h)
{
	h->terminal.type = TERMINAL_DUMB;
	snprintf(h->terminal.name, sizeof(h->terminal.name), "dumb");
}

static inline void nameless_terminal(struct host_facts *h)
{
	h->terminal.type = TERMINAL_UNSET;
	*h->terminal.name = '\0';
}

static inline void small_terminal(struct host_facts *h)
{
	h->terminal.cols = 39;
}

static inline void no_terminal(struct host_facts *h)
{
	h->terminal = (struct terminal_facts){.type = TERMINAL_UNSET};
}

static inline void latin_locale(struct host_facts *h)
{
	snprintf(h->charset, sizeof(h->charset), "ISO-8859-1");
}

static inline void no_locale(struct host_facts *h)
{
	h->locale_named = false;
	snprintf(h->charset, sizeof(h->charset), "ANSI_X3.4-1968");
}

static inline void locale_not_installed(struct host_facts *h)
{
	h->locale_known = false;
	snprintf(h->charset, sizeof(h->charset), "ANSI_X3.4-1968");
}

#endif
