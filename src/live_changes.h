/* SPDX-License-Identifier: GPL-2.0-only */
/* Which records of the kernel's table changed: what the kernel programs announced. */
#ifndef TCPRETOP_SRC_LIVE_CHANGES_H
#define TCPRETOP_SRC_LIVE_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/tcpretop.h"

struct ring_buffer;

/* One may be there twice. */
struct id_list {
	uint64_t *ids;
	size_t n, capacity;
};

struct changes {
	struct ring_buffer *ring;
	volatile struct reader *reader; /* what the kernel programs read, mapped */
	struct id_list last;            /* what changed in the last round */
	struct id_list next;            /* what is to be looked at after this one as well */
	bool lost;                      /* and some of it found no memory */
};

/* Bytes of the ring for a table of so many flows: beyond a sixteenth of them, reading the whole table
 * takes no longer than reading its records one by one. */
uint32_t changes_ring_bytes(uint32_t max_flows);

/* *c starts zeroed; the maps are the caller's. 0 or a negative errno: changes_close() also then. */
int changes_open(struct changes *c, int reader_fd, int ring_fd);

/* Begins a round and takes what was announced until then. 0, or -ENOMEM: not all of it. */
int changes_take(struct changes *c);

/* Of each record that is read. One that was announced in the round that has only begun may have been taken
 * already, and is not announced again when it changes after it was read: it is taken in the next round, too. */
void changes_seen(struct changes *c, uint64_t id, uint32_t announced);

/* What was taken is not needed any more: the room of many goes back. */
void changes_end(struct changes *c);

void changes_close(struct changes *c);

#endif
