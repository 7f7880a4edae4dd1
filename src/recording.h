/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the frames of a recording hold: which fields of which structures, by which numbers.
 *
 * Addresses of the kernel and what only the kernel programs count with are left out, and so is what
 * the owners were found by. The values of enum cause and enum probe_sent are those of the frames.
 */
#ifndef TCPRETOP_SRC_RECORDING_H
#define TCPRETOP_SRC_RECORDING_H

#include "src/source.h"
#include "src/wire.h"

/* Types of frames. A recording is one HEADER, then the others in the order of time, then END. */
enum recording_frame {
	RECORDING_HEADER = 1, /* struct source_info */
	RECORDING_TEXTS,      /* what owners refer to, before they do */
	RECORDING_EVENTS,
	RECORDING_FLOWS, /* of the snapshot whose TICK is to come, if that would be too long */
	RECORDING_TICK,  /* flows, and the rest of a snapshot */
	RECORDING_END,   /* the writer was not killed */
};

/* Fields of the payloads. */
enum recording_field {
	RECORDING_SAMPLE = 1, /* of EVENTS, FLOWS and TICK, repeated: an event, a flow */
	RECORDING_REST = 2,   /* of TICK: the rest of struct snapshot */
	RECORDING_FIRST = 1,  /* of TEXTS: number of the first; they count from 1 */
	RECORDING_TEXT = 2,   /* of TEXTS, repeated: each one more */
};

/* So many texts and so many bytes of one, at most. */
enum { RECORDING_TEXTS_MOST = 1 << 20, RECORDING_TEXT_MOST = 8 << 10 };

/* Bytes of all texts that a reader keeps: whoever sends for ever may send anything. */
enum { RECORDING_TEXTS_KEPT = 256 << 20 };

/* struct owner with its texts by number; 0 is "not known". */
struct recorded_owner {
	int32_t pid;
	uint16_t others;
	char comm[16];
	uint32_t cgroup, unit, netns, user;
};

struct recorded_flow {
	struct flow_key key;
	struct flow_rec rec;
	struct recorded_owner owner;
};

struct recorded_event {
	struct event event;
	struct recorded_owner owner;
};

extern const struct wire_field recording_info[], recording_flow[], recording_event[],
	recording_rest[];

#endif
