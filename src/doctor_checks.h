/* SPDX-License-Identifier: GPL-2.0-only */
/* The checks of the doctor: each fills one finding, which comes as fine and empty. */
#ifndef TCPRETOP_SRC_DOCTOR_CHECKS_H
#define TCPRETOP_SRC_DOCTOR_CHECKS_H

#include "src/doctor.h"

typedef void check_fn(const struct host_facts *h, struct finding *f);

/* The kernel */
check_fn check_kernel, check_btf, check_lockdown, check_unprivileged_bpf, check_jit, check_ftrace;

/* What this process may do */
check_fn check_user, check_capabilities, check_seccomp, check_memlock, check_processes,
	check_namespaces;

/* The hooks */
check_fn check_programs, check_retransmit, check_synack, check_state, check_recovered,
	check_send_error, check_tlp, check_owners;

/* What is shown, and where */
check_fn check_cgroup, check_terminal, check_locale;

/* ---- For the checks */

void set_value(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void set_limited(struct finding *f, const char *cause, ...) __attribute__((format(printf, 2, 3)));
void set_missing(struct finding *f, enum exit_status status, const char *cause, ...)
	__attribute__((format(printf, 3, 4)));
void set_remedy(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

bool has_capability(const struct host_facts *h, int capability);

/* The command that gives capabilities; docker is what a container is to be given: "--cap-add=BPF". */
void remedy_rights(struct finding *f, const struct host_facts *h, const char *docker);

/* The command that installs another kernel; which says what it must be: "Linux 5.16 or later". */
void remedy_kernel(struct finding *f, const struct host_facts *h, const char *which);

/* By the release; a distribution may have backported what a later one brought. */
bool is_older(const struct host_facts *h, unsigned int major, unsigned int minor);

/* Nothing known forbids the kernel programs: what the hooks say is the kernel's answer. */
bool was_asked(const struct host_facts *h);

#endif
