/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel programs that watch tail loss probes: the best way that this kernel allows. */
#ifndef TCPRETOP_SRC_LIVE_TLP_H
#define TCPRETOP_SRC_LIVE_TLP_H

#include <pthread.h>
#include <stdbool.h>

#include "src/hooks.h"
#include "src/live.h"
#include "src/live_types.h"

struct retrans_bpf;
struct tlp_fentry_bpf;
struct tlp_kprobe_bpf;
struct tlp_timer_bpf;

/* Starts zeroed. */
struct tlp {
	struct tlp_fentry_bpf *fentry; /* at most one of these three is loaded */
	struct tlp_kprobe_bpf *kprobe;
	struct tlp_timer_bpf *timer;
	const struct retrans_bpf *retrans; /* whose maps and settings it takes */
	struct hooks *hooks;               /* has the errors of the ways that were tried */
	const struct live_types *types;
	const struct live_options *options;
	enum tlp_way way; /* that is loaded */
	pthread_t thread;
	bool loading;
};

/*
 * Begins to load them, beside the caller, who has made the maps and says in hooks whether fentry can
 * be had. All arguments are used until tlp_attach().
 */
void tlp_load(struct tlp *t, const struct retrans_bpf *retrans, const struct live_types *types,
	      struct hooks *hooks, const struct live_options *o);

/* Waits for that. */
void tlp_loaded(struct tlp *t);

/* The way in which they are attached. Without any, probes of new data and attempts are not known. */
enum tlp_way tlp_attach(struct tlp *t);

/* Detaches and unloads. */
void tlp_close(struct tlp *t);

#endif
