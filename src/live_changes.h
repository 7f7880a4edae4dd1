/* SPDX-License-Identifier: GPL-2.0-only */
/* Which records of the kernel's table changed: what the kernel programs announced. */
#ifndef TCPRETOP_SRC_LIVE_CHANGES_H
#define TCPRETOP_SRC_LIVE_CHANGES_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/tcpretop.h"

struct ring_buffer;

struct changes {
	struct ring_buffer *ring;
	volatile struct reader *reader; /* what the kernel programs read, mapped */
	uint64_t *ids;                  /* of the last round; one may be there twice */
	size_t n, capacity;
};

/* Bytes of the ring for a table of so many flows: beyond a sixteenth of them, reading the whole table
 * takes no longer than reading its records one by one. */
uint32_t changes_ring_bytes(uint32_t max_flows);

/* *c starts zeroed; the maps are the caller's. 0 or a negative errno: changes_close() also then. */
int changes_open(struct changes *c, int reader_fd, int ring_fd);

/* Begins a round and takes what was announced until then. 0, or -ENOMEM: not all of it. */
int changes_take(struct changes *c);

/* What was taken is not needed any more: the room of many goes back. */
void changes_end(struct changes *c);

void changes_close(struct changes *c);

#endif
