/* SPDX-License-Identifier: GPL-2.0-only */
/* The places in the kernel that the live source hooks, and how each of them fared. */
#ifndef TCPRETOP_SRC_HOOKS_H
#define TCPRETOP_SRC_HOOKS_H

enum hook_id {
	HOOK_RETRANSMIT,
	HOOK_SYNACK,
	HOOK_STATE,
	HOOK_RECOVERED,
	HOOK_SEND_ERROR, /* what else HOOK_RETRANSMIT tells: whether the segment could be sent */
	HOOK_TLP_FENTRY, /* of these three the first that can be had is attached */
	HOOK_TLP_KPROBE,
	HOOK_TLP_TIMER,
	HOOK_OWNERS,
	HOOKS
};

/* No errno: nobody asked the kernel. */
enum { HOOK_NOT_TRIED = 1 };

struct hooks {
	int err[HOOKS]; /* 0: attached; -ENOENT: this kernel has no such; or another negative errno */
};

#endif
