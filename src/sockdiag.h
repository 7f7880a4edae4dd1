/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks the kernel about one socket: NETLINK_SOCK_DIAG, as ss(8) does, but by exact match. */
#ifndef TCPRETOP_SRC_SOCKDIAG_H
#define TCPRETOP_SRC_SOCKDIAG_H

#include <stddef.h>

#include "bpf/tcpretop.h"
#include "src/look.h"

/*
 * fd is a NETLINK_SOCK_DIAG socket made in the flow's network namespace, of which this is the only use.
 * The kernel answers while it is asked: this never waits. 0; -ENOENT if there is no such socket;
 * -EPROTONOSUPPORT if this kernel has no tcp_diag; another negative errno.
 */
int sockdiag_look(int fd, const struct flow_key *key, struct socket_look *look);

/* Takes an answer apart. Same errors, and -EPROTO if it is none, or about another socket. `answer`
 * is aligned as struct nlmsghdr is. */
int sockdiag_parse(const void *answer, size_t len, const struct flow_key *key,
		   struct socket_look *look);

#endif
