// SPDX-License-Identifier: GPL-2.0-only
/* Troubles that a host can have, one at a time, and what the doctor says of each. */
#include "src/doctor.h"

#include "tests/unit/troubles.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DENIALS "    → dmesg | grep -iE 'denied|lockdown'   # does a security module forbid it?\n"
#define DEBIAN "    → apt-get install linux-image-$(dpkg --print-architecture)   # "

static const struct trouble {
	void (*make)(struct host_facts *h);
	enum exit_status status; /* of all that is found */
	const char *text;        /* one finding, as it is printed */
} troubles[] = {
	{old_kernel, EXIT_KERNEL_LACKS,
	 "!!  kernel              Linux 4.19.0-27-amd64\n"
	 "    It is too old for the kernel programs, which need Linux 5.10: nothing is\n"
	 "    seen.\n" DEBIAN "built with CONFIG_DEBUG_INFO_BTF=y; then reboot\n"},
	{old_kernel, EXIT_KERNEL_LACKS,
	 "!!  types (BTF)         no /sys/kernel/btf/vmlinux\n"
	 "    This kernel says nothing of its types. The kernel programs cannot be fitted\n"
	 "    to it: nothing is seen.\n" DEBIAN
	 "built with CONFIG_DEBUG_INFO_BTF=y; then reboot\n"},
	{no_btf, EXIT_KERNEL_LACKS,
	 "!!  types (BTF)         no /sys/kernel/btf/vmlinux\n"
	 "    This kernel says nothing of its types. The kernel programs cannot be fitted\n"
	 "    to it: nothing is seen.\n"
	 "    → dnf upgrade kernel   # built with CONFIG_DEBUG_INFO_BTF=y; then reboot\n"},
	{no_btf, EXIT_KERNEL_LACKS, "??  hook: retransmits   not tried: see above\n"},
	{no_btf_anywhere_known, EXIT_KERNEL_LACKS,
	 "!!  types (BTF)         no /sys/kernel/btf/vmlinux\n"
	 "    This kernel says nothing of its types. The kernel programs cannot be fitted\n"
	 "    to it: nothing is seen.\n"
	 "    → boot a kernel of your distribution: built with CONFIG_DEBUG_INFO_BTF=y\n"},
	{btf_covered, EXIT_KERNEL_LACKS,
	 "!!  types (BTF)         no /sys/kernel/btf/vmlinux\n"
	 "    Something is mounted over it. The kernel programs cannot be fitted to it:\n"
	 "    nothing is seen.\n"
	 "    → umount /sys/kernel/btf\n"},
	{no_sysfs, EXIT_KERNEL_LACKS,
	 "!!  types (BTF)         no /sys/kernel/btf/vmlinux\n"
	 "    There is no sysfs. The kernel programs cannot be fitted to it: nothing is\n"
	 "    seen.\n"
	 "    → mount -t sysfs sysfs /sys\n"},
	{btf_unreadable, EXIT_NOT_PERMITTED,
	 "!!  types (BTF)         /sys/kernel/btf/vmlinux cannot be read\n"
	 "    Permission denied. The kernel programs cannot be fitted to it: nothing is\n"
	 "    seen.\n"
	 "    → sudo tcpretop\n"},
	{not_root, EXIT_NOT_PERMITTED,
	 "!!  capabilities        no CAP_BPF, no CAP_PERFMON\n"
	 "    This user is not root, and only with CAP_BPF and CAP_PERFMON, or\n"
	 "    CAP_SYS_ADMIN, kernel programs can be loaded: nothing is seen.\n"
	 "    → sudo tcpretop\n"},
	{not_root, EXIT_NOT_PERMITTED, "??  kernel programs     not tried: see above\n"},
	{not_root_and_no_sudo, EXIT_NOT_PERMITTED,
	 "!!  capabilities        no CAP_BPF, no CAP_PERFMON\n"
	 "    This user is not root, and only with CAP_BPF and CAP_PERFMON, or\n"
	 "    CAP_SYS_ADMIN, kernel programs can be loaded (and no_new_privs keeps sudo\n"
	 "    from helping): nothing is seen.\n"
	 "    → systemd-run --pty tcpretop   # as root, outside of this sandbox\n"},
	{half_the_capabilities, EXIT_NOT_PERMITTED,
	 "!!  capabilities        no CAP_PERFMON\n"
	 "    This user is not root, and only with CAP_BPF and CAP_PERFMON, or\n"
	 "    CAP_SYS_ADMIN, kernel programs can be loaded: nothing is seen.\n"
	 "    → sudo tcpretop\n"},
	{poor_root, EXIT_NOT_PERMITTED,
	 "!!  capabilities        no CAP_BPF, no CAP_PERFMON\n"
	 "    This root was given too little, and only with CAP_BPF and CAP_PERFMON, or\n"
	 "    CAP_SYS_ADMIN, kernel programs can be loaded: nothing is seen.\n"
	 "    → systemd-run --pty tcpretop   # it has all that the system has\n"},
	{container, EXIT_NOT_PERMITTED,
	 "!!  capabilities        no CAP_BPF, no CAP_PERFMON\n"
	 "    This root was given too little, and only with CAP_BPF and CAP_PERFMON, or\n"
	 "    CAP_SYS_ADMIN, kernel programs can be loaded: nothing is seen.\n"
	 "    → docker run --cap-add=BPF --cap-add=PERFMON ...   # of root, outside of this container\n"},
	{user_namespace, EXIT_NOT_PERMITTED,
	 "!!  user                root of a user namespace\n"
	 "    In a user namespace (rootless container, unshare -U) nobody may load kernel\n"
	 "    programs, root or not: nothing is seen.\n"
	 "    → sudo tcpretop   # outside of this container\n"},
	{user_namespace, EXIT_NOT_PERMITTED, "??  network namespaces  not tried: see above\n"},
	{filtered, EXIT_NOT_PERMITTED,
	 "!!  system call filter  there is one (seccomp)\n"
	 "    It refuses bpf(2), although the capabilities are there: nothing is seen.\n"
	 "    → docker run --security-opt seccomp=unconfined ...\n"},
	{filtered, EXIT_NOT_PERMITTED, "??  hook: states        not tried: see above\n"},
	{little_memory_locked, EXIT_NOT_PERMITTED,
	 "!!  locked memory       at most 64 KiB\n"
	 "    Before Linux 5.11 the flow table counts against this limit, which only\n"
	 "    CAP_SYS_RESOURCE may raise: it cannot be made, and nothing is seen.\n"
	 "    → sudo prlimit --pid $$ --memlock=unlimited\n"},
	{denied, EXIT_NOT_PERMITTED,
	 "!!  hook: retransmits   tp_btf/tcp_retransmit_skb: Permission denied\n"
	 "    Without this tracepoint nothing is seen.\n" DENIALS},
	{denied, EXIT_NOT_PERMITTED, "??  kernel programs     not loaded: see below\n"},
	{denied_together, EXIT_NOT_PERMITTED,
	 "!!  kernel programs     refused\n"
	 "    Not permitted, although the capabilities are there and each hook can be had\n"
	 "    alone: nothing is seen.\n" DENIALS},
	{verifier, EXIT_KERNEL_LACKS,
	 "!!  kernel programs     refused\n"
	 "    cannot load the kernel programs.\n"
	 "    → tcpretop --doctor --verbose   # what the kernel says of them\n"},
	{verifier, EXIT_KERNEL_LACKS,
	 "??  hook: TLPs          not tried: the kernel programs come first\n"},
	{no_memory, EXIT_RUNTIME,
	 "!!  kernel programs     refused\n"
	 "    cannot make the flow table: out of memory.\n"
	 "    → tcpretop --max-flows 4096\n"},
	{no_synack, EXIT_KERNEL_LACKS,
	 "!!  hook: SYN-ACKs      tp_btf/tcp_retransmit_synack: this kernel has none\n"
	 "    Without this tracepoint nothing is seen.\n" DEBIAN
	 "built with CONFIG_DEBUG_INFO_BTF=y and CONFIG_BPF_EVENTS=y; then reboot\n"},
	{no_synack, EXIT_KERNEL_LACKS, "ok  hook: states        tp_btf/inet_sock_set_state\n"},
	{no_recovered, EXIT_FINE,
	 "--  hook: recoveries    tp_btf/tcp_cong_state_set: this kernel has none\n"
	 "    Only the peer's DSACKs tell in SPURIOUS of what was sent again needlessly,\n"
	 "    not the kernel's undoing. Linux 5.16 brought this tracepoint.\n" DEBIAN
	 "Linux 5.16 or later; then reboot\n"},
	{no_send_error, EXIT_FINE,
	 "--  hook: send errors   tp_btf/tcp_retransmit_skb, err: this kernel has none\n"
	 "    Which segments the kernel failed to send is not known (FAILED ?); they\n"
	 "    count by what was to send them. Linux 6.17 brought the error.\n" DEBIAN
	 "Linux 6.17 or later; then reboot\n"},
	{kprobes, EXIT_FINE,
	 "ok  hook: TLPs          kprobe/tcp_send_loss_probe (fentry: not supported)\n"},
	{timers, EXIT_FINE,
	 "--  hook: TLPs          tp_btf/timer_expire_entry, timer_expire_exit\n"
	 "    A probe of new data that is due while its socket is in use is not seen,\n"
	 "    which is rare. Better ways are closed: fentry: Operation not permitted;\n"
	 "    kprobe: this kernel has none.\n" DEBIAN
	 "built with CONFIG_FUNCTION_TRACER=y or CONFIG_KPROBE_EVENTS=y; then reboot\n"},
	{no_ftrace, EXIT_FINE,
	 "--  hook: TLPs          tp_btf/timer_expire_entry, timer_expire_exit\n"
	 "    A probe of new data that is due while its socket is in use is not seen,\n"
	 "    which is rare. Better ways are closed: fentry: function hooks are off;\n"
	 "    kprobe: function hooks are off.\n"
	 "    → sysctl kernel.ftrace_enabled=1\n"},
	{no_ftrace, EXIT_FINE,
	 "--  function hooks      off (kernel.ftrace_enabled)\n"
	 "    Programs attached to functions are never called: tail loss probes are\n"
	 "    watched by the timer tracepoints, or not at all.\n"
	 "    → sysctl kernel.ftrace_enabled=1\n"},
	{no_jit, EXIT_FINE,
	 "--  BPF compiler (JIT)  off\n"
	 "    Kernel programs are interpreted: each retransmit costs more.\n"
	 "    → sysctl net.core.bpf_jit_enable=1\n"},
	{secret_address, EXIT_FINE,
	 "--  hook: TLPs          none\n"
	 "    Of tail loss probes only those that retransmit are seen, and attempts are\n"
	 "    unknown (TLP ?). fentry: Operation not permitted; kprobe: this kernel has\n"
	 "    none; timer tracepoints: Operation not permitted (without CAP_SYSLOG the\n"
	 "    address of tcp_write_timer is secret).\n"
	 "    → sudo tcpretop\n"},
	{confidential, EXIT_FINE,
	 "--  hook: TLPs          none\n"
	 "    Of tail loss probes only those that retransmit are seen, and attempts are\n"
	 "    unknown (TLP ?). fentry: Invalid argument; kprobe: Operation not permitted;\n"
	 "    timer tracepoints: Invalid argument.\n"
	 "    → boot without lockdown=confidentiality on the kernel's command line\n"},
	{confidential, EXIT_FINE,
	 "--  lockdown            confidentiality\n"
	 "    It closes all ways to watch tail loss probes but fentry, which this kernel\n"
	 "    has not: only those that retransmit are seen.\n"
	 "    → boot without lockdown=confidentiality on the kernel's command line\n"},
	{no_owners, EXIT_FINE,
	 "--  hook: owners        iter/task_file: Invalid argument\n"
	 "    PROCESS is known only of sockets that connect while tcpretop runs.\n" DEBIAN
	 "Linux 5.10 or later; then reboot\n"},
	{own_processes, EXIT_FINE,
	 "--  processes           of this container only\n"
	 "    Sockets of processes outside of it have no owner in PROCESS, unless they\n"
	 "    connect while tcpretop runs; coverage leaves their namespaces out.\n"
	 "    → docker run --pid=host ...\n"},
	{no_proc, EXIT_FINE,
	 "--  processes           no /proc\n"
	 "    Owners have no command line, coverage and the names of network namespaces\n"
	 "    are not known.\n"
	 "    → mount -t proc proc /proc\n"},
	{no_proc, EXIT_FINE, "??  cgroups             not told (no /proc)\n"},
	{no_tracing_of_others, EXIT_FINE,
	 "--  network namespaces  no CAP_SYS_PTRACE\n"
	 "    Coverage leaves out the namespaces of others, and details of sockets in\n"
	 "    other namespaces are as of their last retransmit.\n"
	 "    → docker run --cap-add=SYS_PTRACE --cap-add=SYS_ADMIN ...   # of root, outside of this container\n"},
	{no_entering, EXIT_FINE,
	 "--  network namespaces  no CAP_SYS_ADMIN\n"
	 "    Coverage leaves out namespaces that no process is in, and details of\n"
	 "    sockets in other namespaces are as of their last retransmit.\n"
	 "    → systemd-run --pty tcpretop   # it has all that the system has\n"},
	{cgroup_v1, EXIT_FINE,
	 "--  cgroups             version 1 only\n"
	 "    UNIT and CGROUP are not known, and -g cgroup has one group.\n"
	 "    → boot with systemd.unified_cgroup_hierarchy=1\n"},
	{cgroup_covered, EXIT_FINE,
	 "--  cgroups             version 2, covered by another mount\n"
	 "    UNIT and CGROUP are not known, and -g cgroup has one group.\n"
	 "    → umount /sys/fs/cgroup\n"},
	{cgroup_covered_strangely, EXIT_FINE,
	 "--  cgroups             version 2, covered by another mount\n"
	 "    UNIT and CGROUP are not known, and -g cgroup has one group.\n"
	 "    → findmnt -t cgroup2   # and umount what covers it\n"},
	{cgroup_named_strangely, EXIT_FINE,
	 "--  cgroups             version 2, /a?[2Jb\n"
	 "    This container sees its own only: UNIT and CGROUP of others are not known.\n"
	 "    → docker run --cgroupns=host -v /sys/fs/cgroup:/sys/fs/cgroup ...\n"},
	{cgroup_none, EXIT_FINE,
	 "--  cgroups             not mounted\n"
	 "    UNIT and CGROUP are not known, and -g cgroup has one group.\n"
	 "    → mount -t cgroup2 cgroup2 /sys/fs/cgroup\n"},
	{own_cgroups, EXIT_FINE,
	 "--  cgroups             version 2, /sys/fs/cgroup\n"
	 "    This container sees its own only: UNIT and CGROUP of others are not known.\n"
	 "    → docker run --cgroupns=host -v /sys/fs/cgroup:/sys/fs/cgroup ...\n"},
	{strange_terminal, EXIT_FINE,
	 "--  terminal            xterm?]0;a? is not known here\n"
	 "    The viewer takes it for a common one, which may look odd.\n"
	 "    → export TERM=xterm-256color   # or install ncurses-term\n"},
	{dumb_terminal, EXIT_FINE,
	 "--  terminal            dumb cannot place its cursor\n"
	 "    The viewer cannot be shown; tcpretop -b can.\n"
	 "    → export TERM=xterm-256color   # if it is more than that\n"},
	{nameless_terminal, EXIT_FINE,
	 "--  terminal            TERM is not set\n"
	 "    The viewer takes it for a common one, which may look odd.\n"
	 "    → export TERM=xterm-256color\n"},
	{small_terminal, EXIT_FINE,
	 "--  terminal            xterm-256color, 256 colours, 39 by 36\n"
	 "    The viewer needs 40 by 10 and shows nothing until then; tcpretop -b needs\n"
	 "    none.\n"
	 "    → stty cols 80 rows 24   # or enlarge the window\n"},
	{no_terminal, EXIT_FINE, "ok  terminal            none: tcpretop is as tcpretop -b\n"},
	{latin_locale, EXIT_FINE,
	 "--  locale              ISO-8859-1\n"
	 "    The viewer draws with ASCII, and other letters are shown as ?.\n"
	 "    → export LC_ALL=C.UTF-8\n"},
	{no_locale, EXIT_FINE,
	 "--  locale              none is set: ANSI_X3.4-1968\n"
	 "    Text shows letters that are not ASCII as ?; the viewer takes the terminal\n"
	 "    for UTF-8.\n"
	 "    → export LC_ALL=C.UTF-8\n"},
	{locale_not_installed, EXIT_FINE,
	 "--  locale              the one that is set is not installed: ANSI_X3.4-1968\n"
	 "    Text shows letters that are not ASCII as ?; the viewer takes the terminal\n"
	 "    for UTF-8.\n"
	 "    → export LC_ALL=C.UTF-8\n"},
	{confidential_with_fentry, EXIT_FINE, "ok  lockdown            confidentiality\n"},
	{confidential_without_ftrace, EXIT_FINE, "ok  lockdown            confidentiality\n"},
	{confidential_without_ftrace, EXIT_FINE,
	 "--  hook: TLPs          none\n"
	 "    Of tail loss probes only those that retransmit are seen, and attempts are\n"
	 "    unknown (TLP ?). fentry: function hooks are off; kprobe: function hooks are\n"
	 "    off; timer tracepoints: Invalid argument.\n"
	 "    → sysctl kernel.ftrace_enabled=1\n"},
};

static char *print(const struct host_facts *h, bool utf8, enum exit_status *status)
{
	struct finding findings[MOST_FINDINGS];
	unsigned int n = doctor_examine(h, findings);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	doctor_print(f, findings, n, utf8);
	fclose(f);
	*status = doctor_status(findings, n);
	return text;
}

/* The lines of a finding follow those of another, and the next begins with a mark. */
static bool has_finding(const char *all, const char *text)
{
	const char *at = strstr(all, text);

	return at && (at == all || at[-1] == '\n') && at[strlen(text)] != ' ';
}

static void test_troubles(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(troubles) / sizeof(*troubles); i++) {
		const struct trouble *t = &troubles[i];
		struct host_facts h = healthy();
		enum exit_status status;
		char *all;

		t->make(&h);
		all = print(&h, true, &status);
		if (!has_finding(all, t->text))
			fail_msg("trouble %zu: no\n%sin\n%s", i, t->text, all);
		if (status != t->status)
			fail_msg("trouble %zu: status %d\n%s", i, (int)status, all);
		free(all);
	}
}

static void test_healthy(void **state)
{
	struct host_facts h = healthy();
	enum exit_status status;
	char *all = print(&h, true, &status);

	(void)state;
	assert_string_equal(
		all, "ok  kernel              Linux 6.12.0\n"
		     "ok  types (BTF)         /sys/kernel/btf/vmlinux\n"
		     "ok  lockdown            none\n"
		     "ok  unprivileged BPF    2: forbidden; tcpretop needs capabilities anyway\n"
		     "ok  BPF compiler (JIT)  on\n"
		     "ok  function hooks      on\n"
		     "ok  user                root\n"
		     "ok  capabilities        CAP_BPF, CAP_PERFMON\n"
		     "ok  system call filter  none\n"
		     "ok  locked memory       at most 8192 KiB, of no account since Linux 5.11\n"
		     "ok  kernel programs     loaded and attached\n"
		     "ok  hook: retransmits   tp_btf/tcp_retransmit_skb\n"
		     "ok  hook: SYN-ACKs      tp_btf/tcp_retransmit_synack\n"
		     "ok  hook: states        tp_btf/inet_sock_set_state\n"
		     "ok  hook: recoveries    tp_btf/tcp_cong_state_set\n"
		     "ok  hook: send errors   tp_btf/tcp_retransmit_skb, err\n"
		     "ok  hook: TLPs          fentry/tcp_send_loss_probe\n"
		     "ok  hook: owners        iter/task_file\n"
		     "ok  processes           all of this host\n"
		     "ok  network namespaces  all can be read\n"
		     "ok  cgroups             version 2, /sys/fs/cgroup\n"
		     "ok  terminal            xterm-256color, 256 colours, 120 by 36\n"
		     "ok  locale              UTF-8\n"
		     "\n"
		     "tcpretop works here, and sees all that there is to be seen.\n");
	assert_int_equal(status, EXIT_FINE);
	free(all);
}

/* What works needs no advice, whatever looks like a hindrance. */
static void test_opened_all_the_same(void **state)
{
	struct host_facts h = healthy();
	enum exit_status status;
	char *all;

	(void)state;
	snprintf(h.release, sizeof(h.release), "4.18.0-553.el8_10.x86_64");
	h.btf = BTF_NONE;
	h.seccomp = true;
	h.no_new_privs = true;
	h.memlock = 64 << 10;
	lose(&h, CAP_SYS_RESOURCE);
	all = print(&h, true, &status);
	assert_int_equal(status, EXIT_FINE);
	assert_null(strstr(all, "!!"));
	assert_null(strstr(all, "--  "));
	assert_true(
		has_finding(all, "ok  types (BTF)         found in a file beside the kernel\n"));
	free(all);
}

/* Mending permissions first would be in vain. */
static void test_status_of_several(void **state)
{
	struct host_facts h = healthy();
	enum exit_status status;

	(void)state;
	not_root(&h);
	no_btf(&h);
	free(print(&h, true, &status));
	assert_int_equal(status, EXIT_KERNEL_LACKS);
}

static void test_summary_and_arrow(void **state)
{
	struct host_facts h = healthy();
	enum exit_status status;
	char *all;

	(void)state;
	cgroup_none(&h);
	no_locale(&h);
	all = print(&h, false, &status);
	assert_non_null(strstr(all, "\n    -> export LC_ALL=C.UTF-8\n"));
	assert_null(strstr(all, "→"));
	assert_non_null(strstr(all, "\n\ntcpretop works here, but for what is marked -- (2).\n"));
	free(all);
	not_root(&h);
	all = print(&h, false, &status);
	assert_non_null(
		strstr(all, "\n\ntcpretop cannot watch this host: mend what is marked !! (1).\n"));
	free(all);
}

/* Every trouble has a cause and a remedy; what is fine has neither. */
static void test_each_is_explained(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(troubles) / sizeof(*troubles); i++) {
		struct finding findings[MOST_FINDINGS];
		struct host_facts h = healthy();
		unsigned int n;

		troubles[i].make(&h);
		n = doctor_examine(&h, findings);
		for (unsigned int j = 0; j < n; j++) {
			const struct finding *f = &findings[j];
			bool bad = f->verdict == FINDING_LIMITED || f->verdict == FINDING_MISSING;

			if (!*f->value || bad != !!*f->cause || bad != !!*f->remedy ||
			    (f->verdict == FINDING_MISSING) != (f->status != EXIT_FINE))
				fail_msg("trouble %zu: %s", i, f->what);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_troubles),
		cmocka_unit_test(test_healthy),
		cmocka_unit_test(test_opened_all_the_same),
		cmocka_unit_test(test_status_of_several),
		cmocka_unit_test(test_summary_and_arrow),
		cmocka_unit_test(test_each_is_explained),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
