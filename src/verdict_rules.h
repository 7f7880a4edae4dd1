/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules of the verdict, a table for each topic, and what they are written in. */
#ifndef TCPRETOP_SRC_VERDICT_RULES_H
#define TCPRETOP_SRC_VERDICT_RULES_H

#include "src/verdict.h"

/* A set of enum cause. */
#define OF(cause) (1u << (cause))

struct rule {
	enum rule_id id;
	/* NULL: its causes make at least half of enough segments */
	bool (*holds)(const struct evidence *e);
	/* It has been said in other words: then this rule is silent. NULL: never */
	bool (*is_said)(const struct evidence *e);
	/* NULL: "N % of the segments sent again" for its causes, then its text */
	void (*say)(const struct evidence *e, char *buf, size_t size);
	unsigned int causes;
	const char *text;
};

/* Of each table the first rule that holds speaks. The id RULES ends
 * them. */
extern const struct rule rules_now[]; /* what the connection is in just now, or how it ended */
extern const struct rule rules_why[]; /* what the segments sent again tell, taken together */

/* Conditions that rules of more than one table ask for. */
bool sends_fail(const struct evidence *e);
bool is_opening(const struct evidence *e);
bool is_gone(const struct evidence *e);       /* the peer, or was when it ended */
bool is_unanswered(const struct evidence *e); /* the handshake */

/* One flow, not the sum of many. */
bool is_one(const struct evidence *e);

/* Segments that were sent again for one of these causes, and all that RetransSegs counts. */
uint64_t some_segs(const struct evidence *e, unsigned int causes);
uint64_t all_segs(const struct evidence *e);

/* Enough segments that shares of them mean something. */
bool is_enough(const struct evidence *e);

bool is_share(uint64_t n, uint64_t of, unsigned int percent);

/* At least half of all segments, and enough. */
bool is_most(const struct evidence *e, unsigned int causes);

/* Whole percent, never more than there are: 100 is all of them. */
unsigned int percent(uint64_t n, uint64_t of);

/* "SYN sent again 3 times", then the rest. */
void say_again(const char *what, uint64_t n, const char *rest, char *buf, size_t size);

#endif
