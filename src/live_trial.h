/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asks with the smallest program whether the kernel lets a hook be used: relocating a whole object
 * against its types takes 30 ms, also where it then refuses.
 */
#ifndef TCPRETOP_SRC_LIVE_TRIAL_H
#define TCPRETOP_SRC_LIVE_TRIAL_H

#include "src/hooks.h"

struct btf;

/* Loads a program that could enter a function through fentry, by its BTF id. 0, or a negative errno: -ENOENT
 * if that is negative, as there is no such function. That it loads is no proof: some kernels then do not attach it. */
int trial_fentry(int function);

/* Attaches each tracepoint of ours alone and lets go of it. For when all together failed: which of
 * them it was. */
void trial_tracepoints(const struct btf *btf, struct hooks *hooks);

#endif
