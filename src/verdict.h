/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the numbers of a flow, or of many flows together, say in words: at most three sentences,
 * made by tables of rules (verdict_rules.h). No rule says more than its evidence does.
 */
#ifndef TCPRETOP_SRC_VERDICT_H
#define TCPRETOP_SRC_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/tcpretop.h"

/* Flows that are tracked, by where they lead. Bad ones suffer as evidence.c has it. */
struct path {
	char net[64]; /* "198.51.100.0/24"; "" if there is nothing to compare */
	size_t near, near_bad, far, far_bad;
};

/* What is known. Zero, and a negative number where 0 says something, is "not known". */
struct evidence {
	struct counts counts; /* of one flow, or summed up */
	bool one_cause;       /* of their segments those alone; what was spurious is not known */
	size_t flows;         /* as many as were summed up; what follows is of one only */
	double seconds;       /* that the counts span */
	uint8_t state;        /* TCP_ESTABLISHED … */
	bool closed;
	bool zero_window;      /* the peer takes no data now */
	int32_t last_err;      /* of the last send that failed */
	unsigned int timeouts; /* in a row until now, nothing acknowledged between them */
	double since_ack;      /* seconds since any ACK came; negative */
	struct path path;
};

enum { SENTENCES = 3, SENTENCE_TEXT = 200, LEAST_SEGS = 10 };

/* In the order of the tables. */
enum rule_id {
	RULE_SENDS_FAIL,
	RULE_SYN_UNANSWERED,
	RULE_SYN_GIVEN_UP,
	RULE_SYNACK_UNANSWERED,
	RULE_ZERO_WINDOW,
	RULE_PEER_GONE,
	RULE_ENDED_SILENT,
	RULE_WINDOW_PROBES, /* what arrives there is spurious as well */
	RULE_SLOW_START,    /* a SYN sent again may have arrived before, its answer lost */
	RULE_SPURIOUS,
	RULE_PARTLY_SPURIOUS,
	RULE_SMALLER_MTU,
	RULE_UNKNOWN_CAUSE,
	RULE_LOSS,
	RULE_TAIL_LOSS,
	RULE_TIMEOUTS,
	RULE_HANDSHAKES,
	RULE_MIXED,
	RULE_PATH,
	RULE_WAIT,
	RULE_NOTHING,
	RULE_TOO_FEW,
	RULES
};

struct verdict {
	unsigned int n;
	enum rule_id rule[SENTENCES];
	char text[SENTENCES][SENTENCE_TEXT]; /* UTF-8; no text of strangers in it */
};

/* At least one sentence, in the order of the tables. */
void verdict_make(const struct evidence *e, struct verdict *v);

#endif
