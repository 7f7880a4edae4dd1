// SPDX-License-Identifier: GPL-2.0-only
/* Each hook, and the way it was attached. */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "src/doctor_checks.h"

#define DENIALS "dmesg | grep -iE 'denied|lockdown'   # does a security module forbid it?"

/* include/linux/errno.h: of the kernel's own, but arm64 hands it out up to Linux 6.1. */
enum { ENOTSUPP = 524 };

static bool is_refusal(int err)
{
	return err == -EPERM || err == -EACCES;
}

/* The kernel's reason in words. */
static const char *reason(int err)
{
	if (err == HOOK_NOT_TRIED)
		return "not tried";
	if (err == -ENOTSUPP)
		return "not supported";
	return err == -ENOENT ? "this kernel has none" : strerror(-err);
}

/* True if the hook need not be looked at: nobody could ask for it. */
static bool not_asked(const struct host_facts *h, struct finding *f)
{
	if (was_asked(h))
		return false;
	f->verdict = FINDING_UNKNOWN;
	set_value(f, "not tried: see above");
	return true;
}

/* One of those that nothing works without is not to be had even alone. */
static bool lacks_tracepoint(const struct host_facts *h)
{
	for (int i = HOOK_RETRANSMIT; i <= HOOK_STATE; i++) {
		if (h->hooks.err[i] < 0)
			return true;
	}
	return false;
}

void check_programs(const struct host_facts *h, struct finding *f)
{
	if (not_asked(h, f))
		return;
	if (h->opened) {
		set_value(f, "loaded and attached");
		return;
	}
	if (lacks_tracepoint(h)) {
		f->verdict = FINDING_UNKNOWN;
		set_value(f, "not loaded: see below");
		return;
	}
	set_value(f, "refused");
	switch (h->why.status) {
	case EXIT_NOT_PERMITTED:
		set_missing(f, h->why.status,
			    "Not permitted, although the capabilities are there and each hook "
			    "can be had alone: nothing is seen.");
		set_remedy(f, DENIALS);
		break;
	case EXIT_KERNEL_LACKS:
		set_missing(f, h->why.status, "%s.", h->why.text);
		set_remedy(f, "tcpretop --doctor --verbose   # what the kernel says of them");
		break;
	default:
		set_missing(f, EXIT_RUNTIME, "%s.", h->why.text);
		set_remedy(f, "tcpretop --max-flows 4096");
	}
}

static void check_tracepoint(const struct host_facts *h, struct finding *f, enum hook_id id,
			     const char *name)
{
	int err = h->hooks.err[id];

	if (not_asked(h, f))
		return;
	set_value(f, "tp_btf/%s%s%s", name, err ? ": " : "", err ? reason(err) : "");
	if (err == HOOK_NOT_TRIED)
		f->verdict = FINDING_UNKNOWN;
	if (err >= 0)
		return;
	set_missing(f, is_refusal(err) ? EXIT_NOT_PERMITTED : EXIT_KERNEL_LACKS,
		    "Without this tracepoint nothing is seen.");
	if (is_refusal(err))
		set_remedy(f, DENIALS);
	else
		remedy_kernel(f, h, "built with CONFIG_DEBUG_INFO_BTF=y and CONFIG_BPF_EVENTS=y");
}

void check_retransmit(const struct host_facts *h, struct finding *f)
{
	check_tracepoint(h, f, HOOK_RETRANSMIT, "tcp_retransmit_skb");
}

void check_synack(const struct host_facts *h, struct finding *f)
{
	check_tracepoint(h, f, HOOK_SYNACK, "tcp_retransmit_synack");
}

void check_state(const struct host_facts *h, struct finding *f)
{
	check_tracepoint(h, f, HOOK_STATE, "inet_sock_set_state");
}

/* One that only adds to what is seen. */
static void check_addition(const struct host_facts *h, struct finding *f, enum hook_id id,
			   const char *name, const char *cost, const char *since)
{
	int err = h->hooks.err[id];

	if (not_asked(h, f))
		return;
	set_value(f, "tp_btf/%s%s%s", name, err ? ": " : "", err ? reason(err) : "");
	if (err == HOOK_NOT_TRIED)
		f->verdict = FINDING_UNKNOWN;
	if (err >= 0)
		return;
	set_limited(f, "%s", cost);
	remedy_kernel(f, h, since);
}

void check_recovered(const struct host_facts *h, struct finding *f)
{
	check_addition(h, f, HOOK_RECOVERED, "tcp_cong_state_set",
		       "Only the peer's DSACKs tell in SPURIOUS of what was sent again needlessly, "
		       "not the kernel's undoing. Linux 5.16 brought this tracepoint.",
		       "Linux 5.16 or later");
}

void check_send_error(const struct host_facts *h, struct finding *f)
{
	check_addition(h, f, HOOK_SEND_ERROR, "tcp_retransmit_skb, err",
		       "Which segments the kernel failed to send is not known (FAILED ?); they count "
		       "by what was to send them. Linux 6.17 brought the error.",
		       "Linux 6.17 or later");
}

static const char *way_reason(const struct host_facts *h, enum hook_id id)
{
	if (!h->ftrace && id != HOOK_TLP_TIMER)
		return "function hooks are off";
	return reason(h->hooks.err[id]);
}

/* What would let a better way be taken; the nearest cause first. */
static void remedy_tlp(const struct host_facts *h, struct finding *f)
{
	if (!h->ftrace)
		set_remedy(f, "sysctl kernel.ftrace_enabled=1");
	else if (!strcmp(h->lockdown, "confidentiality"))
		set_remedy(f, "boot without lockdown=confidentiality on the kernel's command line");
	else if (h->hooks.err[HOOK_TLP_TIMER] == -EPERM && !has_capability(h, CAP_SYSLOG))
		remedy_rights(f, h, "--cap-add=SYSLOG");
	else
		remedy_kernel(f, h,
			      "built with CONFIG_FUNCTION_TRACER=y or CONFIG_KPROBE_EVENTS=y");
}

/* Without CAP_SYSLOG the kernel does not tell where the timer's function is
 * (kallsyms_show_value()), by which it is told from others. */
static void explain_no_tlp(const struct host_facts *h, struct finding *f)
{
	const int *err = h->hooks.err;
	bool secret = err[HOOK_TLP_TIMER] == -EPERM && !has_capability(h, CAP_SYSLOG);

	set_value(f, "none");
	set_limited(f,
		    "Of tail loss probes only those that retransmit are seen, and attempts "
		    "are unknown (TLP ?). fentry: %s; kprobe: %s; timer tracepoints: %s%s.",
		    way_reason(h, HOOK_TLP_FENTRY), way_reason(h, HOOK_TLP_KPROBE),
		    reason(err[HOOK_TLP_TIMER]),
		    secret ? " (without CAP_SYSLOG the address of tcp_write_timer is secret)" : "");
	remedy_tlp(h, f);
}

static void explain_timers(const struct host_facts *h, struct finding *f)
{
	set_limited(f,
		    "A probe of new data that is due while its socket is in use is not seen, "
		    "which is rare. Better ways are closed: fentry: %s; kprobe: %s.",
		    way_reason(h, HOOK_TLP_FENTRY), way_reason(h, HOOK_TLP_KPROBE));
	remedy_tlp(h, f);
}

void check_tlp(const struct host_facts *h, struct finding *f)
{
	const int *err = h->hooks.err;

	if (not_asked(h, f))
		return;
	if (!h->opened) {
		f->verdict = FINDING_UNKNOWN;
		set_value(f, "not tried: the kernel programs come first");
	} else if (!err[HOOK_TLP_FENTRY]) {
		set_value(f, "fentry/tcp_send_loss_probe");
	} else if (!err[HOOK_TLP_KPROBE]) {
		set_value(f, "kprobe/tcp_send_loss_probe (fentry: %s)",
			  reason(err[HOOK_TLP_FENTRY]));
	} else if (!err[HOOK_TLP_TIMER]) {
		set_value(f, "tp_btf/timer_expire_entry, timer_expire_exit");
		explain_timers(h, f);
	} else {
		explain_no_tlp(h, f);
	}
}

void check_owners(const struct host_facts *h, struct finding *f)
{
	int err = h->hooks.err[HOOK_OWNERS];

	if (not_asked(h, f))
		return;
	if (!h->opened) {
		f->verdict = FINDING_UNKNOWN;
		set_value(f, "not tried: the kernel programs come first");
		return;
	}
	set_value(f, "iter/task_file%s%s", err ? ": " : "", err ? reason(err) : "");
	if (!err)
		return;
	set_limited(f, "PROCESS is known only of sockets that connect while tcpretop runs.");
	if (is_refusal(err))
		set_remedy(f, DENIALS);
	else
		remedy_kernel(f, h, "Linux 5.10 or later");
}
