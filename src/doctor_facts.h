/* SPDX-License-Identifier: GPL-2.0-only */
/* What the doctor looks at, as it is on this host and for this process. All text is raw. */
#ifndef TCPRETOP_SRC_DOCTOR_FACTS_H
#define TCPRETOP_SRC_DOCTOR_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/failure.h"
#include "src/hooks.h"

/* The types of the running kernel, /sys/kernel/btf/vmlinux. */
enum btf_fact { BTF_THERE, BTF_NONE, BTF_COVERED, BTF_NO_SYSFS, BTF_UNREADABLE };

/* The v2 hierarchy, which sockets belong to. COVERED: something is mounted over it. */
enum cgroup_fact { CGROUP_V2, CGROUP_V1_ONLY, CGROUP_NONE, CGROUP_COVERED };

enum terminal_fact {
	TERMINAL_FINE,
	TERMINAL_UNSET,   /* TERM says nothing */
	TERMINAL_UNKNOWN, /* terminfo does not know it */
	TERMINAL_DUMB,    /* it cannot place its cursor */
};

struct terminal_facts {
	enum terminal_fact type;
	char name[64];           /* TERM */
	int colors;              /* none: 0 or less */
	bool attached;           /* standard output is a terminal */
	unsigned int rows, cols; /* 0: it does not tell */
};

struct host_facts {
	/* The kernel. Of its settings -1 is "not told". */
	char release[65];
	char system[32]; /* ID of os-release(5) */
	enum btf_fact btf;
	char lockdown[32]; /* "": not told */
	int unprivileged_bpf, jit, ftrace;

	/* This process */
	bool proc; /* /proc tells of it; else the rest is not known */
	uint32_t euid;
	uint64_t capabilities; /* effective: 1 << CAP_BPF, ... */
	bool no_new_privs, seccomp;
	bool own_user_ns, own_pid_ns, own_cgroup_ns; /* others than the first processes' */
	uint64_t memlock;                            /* bytes; UINT64_MAX is no limit */

	/* The live source, as it was opened and closed again */
	bool opened;
	struct failure why; /* if not */
	struct hooks hooks;

	enum cgroup_fact cgroup;
	char cgroup_mount[256]; /* where it is, or what covers it */

	struct terminal_facts terminal;
	bool locale_named, locale_known; /* by LC_ALL, LC_CTYPE or LANG; and installed */
	char charset[32];
};

/* Reads all but what the live source and the terminal tell. */
void facts_read(struct host_facts *h);

#endif
