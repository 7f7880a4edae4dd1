/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes, and descriptors beside them, through a stream socket of AF_UNIX: all of them or an error. */
#ifndef TCPRETOP_SRC_HELPER_WIRE_H
#define TCPRETOP_SRC_HELPER_WIRE_H

#include <stddef.h>

enum { WIRE_MOST_FDS = 2 };

/* Both go on after signals, and take what comes in parts. 0, or -EPIPE: the other side has gone. */
int wire_send(int socket, const void *data, size_t len);
int wire_receive(int socket, void *data, size_t len);

/* The same with n descriptors, at most WIRE_MOST_FDS, which stay the caller's. len is not 0. */
int wire_send_fds(int socket, const void *data, size_t len, const int *fds, size_t n);

/* The same with up to WIRE_MOST_FDS, which become the caller's; *n says how many came, also on failure. */
int wire_receive_fds(int socket, void *data, size_t len, int *fds, size_t *n);

#endif
