// SPDX-License-Identifier: GPL-2.0-only
/* What this process may do. */
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>

#include "src/doctor_checks.h"

/* Headers of Linux 5.4 lack them. */
enum { BIT_PERFMON = 38, BIT_BPF = 39 };

/* What the maps of the default size take, with room to spare. */
#define ENOUGH_MEMLOCK (64U << 20)

bool has_capability(const struct host_facts *h, int capability)
{
	return h->capabilities >> capability & 1;
}

/* A container gets what it is started with; a service, or what sudo may not lift, likewise. */
void remedy_rights(struct finding *f, const struct host_facts *h, const char *docker)
{
	if (h->own_user_ns || h->own_pid_ns || h->own_cgroup_ns)
		set_remedy(f, "docker run %s ...   # of root, outside of this container", docker);
	else if (h->no_new_privs)
		set_remedy(f, "systemd-run --pty tcpretop   # as root, outside of this sandbox");
	else if (h->euid)
		set_remedy(f, "sudo tcpretop");
	else
		set_remedy(f, "systemd-run --pty tcpretop   # it has all that the system has");
}

/* CAP_SYS_ADMIN has been both until Linux 5.8, and still stands for them. */
static bool may_load(const struct host_facts *h)
{
	return !h->proc || has_capability(h, CAP_SYS_ADMIN) ||
	       (has_capability(h, BIT_BPF) && has_capability(h, BIT_PERFMON));
}

/* SECCOMP_RET_ERRNO is the usual answer of a container's filter. */
static bool is_filtered(const struct host_facts *h)
{
	int err = h->hooks.err[HOOK_RETRANSMIT];

	return h->seccomp && !h->opened && may_load(h) && !h->own_user_ns &&
	       (err == -EPERM || err == -ENOSYS || err == -EACCES);
}

static bool is_short_of_memory(const struct host_facts *h)
{
	return !h->opened && may_load(h) && is_older(h, 5, 11) && h->memlock < ENOUGH_MEMLOCK &&
	       !has_capability(h, CAP_SYS_RESOURCE);
}

bool was_asked(const struct host_facts *h)
{
	if (h->opened)
		return true;
	return may_load(h) && !h->own_user_ns && h->btf == BTF_THERE && !is_filtered(h) &&
	       !is_short_of_memory(h) && !is_older(h, 5, 8);
}

void check_user(const struct host_facts *h, struct finding *f)
{
	if (h->euid)
		set_value(f, "number %u", h->euid);
	else
		set_value(f, "root%s", h->own_user_ns ? " of a user namespace" : "");
	if (h->opened || !h->own_user_ns)
		return;
	set_missing(f, EXIT_NOT_PERMITTED,
		    "In a user namespace (rootless container, unshare -U) nobody may load kernel "
		    "programs, root or not: nothing is seen.");
	set_remedy(f, "sudo tcpretop   # outside of this container");
}

void check_capabilities(const struct host_facts *h, struct finding *f)
{
	bool bpf = has_capability(h, BIT_BPF), perfmon = has_capability(h, BIT_PERFMON);

	if (!h->proc)
		set_value(f, "not told (no /proc)");
	else if (bpf && perfmon)
		set_value(f, "CAP_BPF, CAP_PERFMON%s",
			  h->own_user_ns ? " (in that namespace only)" : "");
	else if (has_capability(h, CAP_SYS_ADMIN))
		set_value(f, "CAP_SYS_ADMIN");
	else
		set_value(f, "no %s%s%s", bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : ", no ",
			  perfmon ? "" : "CAP_PERFMON");
	if (h->opened || may_load(h))
		return;
	set_missing(f, EXIT_NOT_PERMITTED,
		    "%s, and only with CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, kernel programs "
		    "can be loaded%s: nothing is seen.",
		    h->euid ? "This user is not root" : "This root was given too little",
		    h->euid && h->no_new_privs ? " (and no_new_privs keeps sudo from helping)"
					       : "");
	remedy_rights(f, h, "--cap-add=BPF --cap-add=PERFMON");
}

void check_seccomp(const struct host_facts *h, struct finding *f)
{
	set_value(f, "%s", h->seccomp ? "there is one (seccomp)" : "none");
	if (!is_filtered(h))
		return;
	set_missing(f, EXIT_NOT_PERMITTED,
		    "It refuses bpf(2), although the capabilities are there: nothing is seen.");
	set_remedy(f, "docker run --security-opt seccomp=unconfined ...");
}

/* Linux 5.11 charges maps to the cgroup instead. */
void check_memlock(const struct host_facts *h, struct finding *f)
{
	if (h->memlock == UINT64_MAX)
		set_value(f, "no limit");
	else
		set_value(f, "at most %" PRIu64 " KiB%s", h->memlock >> 10,
			  is_older(h, 5, 11) ? "" : ", of no account since Linux 5.11");
	if (!is_short_of_memory(h))
		return;
	set_missing(f, EXIT_NOT_PERMITTED,
		    "Before Linux 5.11 the flow table counts against this limit, which only "
		    "CAP_SYS_RESOURCE may raise: it cannot be made, and nothing is seen.");
	set_remedy(f, "sudo prlimit --pid $$ --memlock=unlimited");
}

/* The iterator sees the processes of its own namespace and those below. */
void check_processes(const struct host_facts *h, struct finding *f)
{
	if (!h->proc) {
		set_value(f, "no /proc");
		set_limited(f, "Owners have no command line, coverage and the names of network "
			       "namespaces are not known.");
		set_remedy(f, "mount -t proc proc /proc");
		return;
	}
	set_value(f, "%s", h->own_pid_ns ? "of this container only" : "all of this host");
	if (!h->own_pid_ns)
		return;
	set_limited(f, "Sockets of processes outside of it have no owner in PROCESS, unless they "
		       "connect while tcpretop runs; coverage leaves their namespaces out.");
	set_remedy(f, "docker run --pid=host ...");
}

/* /proc/PID/ns/net of others is for tracers (ptrace_may_access()), setns(2) for CAP_SYS_ADMIN. */
void check_namespaces(const struct host_facts *h, struct finding *f)
{
	bool trace = has_capability(h, CAP_SYS_PTRACE), enter = has_capability(h, CAP_SYS_ADMIN);

	if (h->own_user_ns && !h->opened) {
		f->verdict = FINDING_UNKNOWN;
		set_value(f, "not tried: see above");
		return;
	}
	if (!h->proc || (trace && enter)) {
		set_value(f, "%s", h->proc ? "all can be read" : "not told (no /proc)");
		return;
	}
	set_value(f, "no %s%s%s", trace ? "" : "CAP_SYS_PTRACE", trace || enter ? "" : ", no ",
		  enter ? "" : "CAP_SYS_ADMIN");
	set_limited(f,
		    "Coverage leaves out %s, and details of sockets in other namespaces are as "
		    "of their last retransmit.",
		    trace ? "namespaces that no process is in" : "the namespaces of others");
	remedy_rights(f, h, "--cap-add=SYS_PTRACE --cap-add=SYS_ADMIN");
}
