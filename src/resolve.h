/* SPDX-License-Identifier: GPL-2.0-only */
/* Reverse DNS with c-ares: /etc/hosts and the name servers of this host. */
#ifndef TCPRETOP_SRC_RESOLVE_H
#define TCPRETOP_SRC_RESOLVE_H

#include "src/names.h"

/* Nothing is sent before the first question. NULL with *err a negative errno. */
struct resolver *resolve_open(int *err);

#endif
