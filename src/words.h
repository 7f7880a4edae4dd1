/* SPDX-License-Identifier: GPL-2.0-only */
/* The words for the numbers of the kernel. */
#ifndef TCPRETOP_SRC_WORDS_H
#define TCPRETOP_SRC_WORDS_H

#include <stdint.h>

#include "src/source.h"

/* Why a send failed: "EPERM" of a negative errno, "XMIT_DROP" of a queue's NET_XMIT_DROP (1), as
 * __tcp_transmit_skb() returns it; "?" if it has no name. */
const char *error_name(int32_t err);

/* Names of enum cause, of TCP states (struct sock_sample.state) and of ca_states; "?" if none. */
const char *cause_name(unsigned int cause);
const char *state_name(unsigned int state);
const char *ca_state_name(unsigned int ca_state);

/* "live", "stalled", … */
const char *link_state_name(enum link_state state);

/* Of enum tlp_way, as --tlp-way takes it. */
const char *tlp_way_name(enum tlp_way way);

#endif
