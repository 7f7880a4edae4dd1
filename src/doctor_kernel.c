// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel has, and how it is set. */
#include <stdio.h>
#include <string.h>

#include "src/doctor_checks.h"

bool is_older(const struct host_facts *h, unsigned int major, unsigned int minor)
{
	unsigned int a, b;

	if (sscanf(h->release, "%u.%u", &a, &b) != 2)
		return false;
	return a < major || (a == major && b < minor);
}

void remedy_kernel(struct finding *f, const struct host_facts *h, const char *which)
{
	static const struct {
		const char *system, *command;
	} commands[] = {
		{"debian", "apt-get install linux-image-$(dpkg --print-architecture)"},
		{"ubuntu", "apt-get install linux-generic"},
		{"fedora", "dnf upgrade kernel"},
		{"rhel", "dnf upgrade kernel"},
		{"centos", "dnf upgrade kernel"},
		{"rocky", "dnf upgrade kernel"},
		{"almalinux", "dnf upgrade kernel"},
		{"arch", "pacman -S linux"},
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(h->system, commands[i].system) != 0)
			continue;
		set_remedy(f, "%s   # %s; then reboot", commands[i].command, which);
		return;
	}
	set_remedy(f, "boot a kernel of your distribution: %s", which);
}

/* Linux 5.8 has the ring buffer, iterators and CAP_BPF, 5.9 bpf_skc_to_tcp_sock(), and the first that
 * is tested is 5.10. RHEL 8 has all of them in a 4.18. */
void check_kernel(const struct host_facts *h, struct finding *f)
{
	set_value(f, "Linux %s", h->release);
	if (h->opened || !is_older(h, 5, 10))
		return;
	set_missing(
		f, EXIT_KERNEL_LACKS,
		"It is too old for the kernel programs, which need Linux 5.10: nothing is seen.");
	remedy_kernel(f, h, "built with CONFIG_DEBUG_INFO_BTF=y");
}

void check_btf(const struct host_facts *h, struct finding *f)
{
	static const char cost[] = "The kernel programs cannot be fitted to it: nothing is seen.";

	set_value(f, "/sys/kernel/btf/vmlinux");
	if (h->btf == BTF_THERE)
		return;
	if (h->opened) {
		set_value(f, "found in a file beside the kernel");
		return;
	}
	set_value(f, "no /sys/kernel/btf/vmlinux");
	switch (h->btf) {
	case BTF_COVERED:
		set_missing(f, EXIT_KERNEL_LACKS, "Something is mounted over it. %s", cost);
		set_remedy(f, "umount /sys/kernel/btf");
		break;
	case BTF_NO_SYSFS:
		set_missing(f, EXIT_KERNEL_LACKS, "There is no sysfs. %s", cost);
		set_remedy(f, "mount -t sysfs sysfs /sys");
		break;
	case BTF_UNREADABLE:
		set_value(f, "/sys/kernel/btf/vmlinux cannot be read");
		set_missing(f, EXIT_NOT_PERMITTED, "Permission denied. %s", cost);
		remedy_rights(f, h, "--cap-add=DAC_READ_SEARCH");
		break;
	default:
		set_missing(f, EXIT_KERNEL_LACKS, "This kernel says nothing of its types. %s",
			    cost);
		remedy_kernel(f, h, "built with CONFIG_DEBUG_INFO_BTF=y");
	}
}

/* Only confidentiality keeps BPF from reading memory by address, and kprobes from being made. What
 * tp_btf and fentry programs read by type is not held back. */
void check_lockdown(const struct host_facts *h, struct finding *f)
{
	bool probes = !h->hooks.err[HOOK_TLP_FENTRY] || !h->hooks.err[HOOK_TLP_KPROBE] ||
		      !h->hooks.err[HOOK_TLP_TIMER];

	set_value(f, "%s", *h->lockdown ? h->lockdown : "not told (no securityfs)");
	if (!h->opened || probes || !h->ftrace || strcmp(h->lockdown, "confidentiality") != 0)
		return;
	set_limited(f, "It closes all ways to watch tail loss probes but fentry, which this kernel "
		       "has not: only those that retransmit are seen.");
	set_remedy(f, "boot without lockdown=confidentiality on the kernel's command line");
}

/* Programs that trace need capabilities whatever it says. */
void check_unprivileged_bpf(const struct host_facts *h, struct finding *f)
{
	static const char *const says[] = {
		"0: allowed; tcpretop needs capabilities all the same",
		"1: forbidden until the next boot; tcpretop needs capabilities anyway",
		"2: forbidden; tcpretop needs capabilities anyway",
	};
	int n = h->unprivileged_bpf;

	set_value(f, "%s", n < 0 || n > 2 ? "not told" : says[n]);
}

void check_jit(const struct host_facts *h, struct finding *f)
{
	if (h->jit) {
		set_value(f, "%s", h->jit < 0 ? "not told" : "on");
		return;
	}
	set_value(f, "off");
	set_limited(f, "Kernel programs are interpreted: each retransmit costs more.");
	set_remedy(f, "sysctl net.core.bpf_jit_enable=1");
}

void check_ftrace(const struct host_facts *h, struct finding *f)
{
	if (h->ftrace) {
		set_value(f, "%s", h->ftrace < 0 ? "not told (no kernel.ftrace_enabled)" : "on");
		return;
	}
	set_value(f, "off (kernel.ftrace_enabled)");
	set_limited(f, "Programs attached to functions are never called: tail loss probes are "
		       "watched by the timer tracepoints, or not at all.");
	set_remedy(f, "sysctl kernel.ftrace_enabled=1");
}
