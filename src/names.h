/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of addresses, once somebody has looked them up. Nobody waits for them: what is not known yet
 * is an address, and a frame later it may be a name. Bounded: what was not asked for the longest
 * goes first.
 */
#ifndef TCPRETOP_SRC_NAMES_H
#define TCPRETOP_SRC_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flow_key;
struct names;
struct resolver;

enum { NAMES_MOST = 4096, NAMES_ASKED = 32 /* at a time */, NAME_TEXT = 256 };

/* What came of one question. name is a stranger's text, NULL where there is none. */
typedef void answer_fn(void *arg, uint8_t family, const uint8_t addr[16], const char *name);

/* Who looks names up. None of it ever waits. */
struct resolver_ops {
	/* Starts a look-up that work() answers, once. 0 or a negative errno. */
	int (*ask)(struct resolver *r, uint8_t family, const uint8_t addr[16]);
	void (*work)(struct resolver *r, answer_fn *answer, void *arg);
	void (*close)(struct resolver *r);
};

/* The first member of what a resolver is. */
struct resolver {
	const struct resolver_ops *ops;
};

/* NULL with *err a negative errno. */
typedef struct resolver *open_resolver_fn(int *err);

/* Takes over the resolver. NULL without memory: then it is closed. */
struct names *names_open(struct resolver *r);

/* NULL is fine. */
void names_close(struct names *n);

/* Takes in the answers that have come. True if there is a new name. */
bool names_work(struct names *n);

/*
 * The name, sanitised, or NULL where there is none or none yet. `ask` looks it up if it is not known.
 * It stays until the next call. NULL names know none.
 */
const char *names_find(struct names *n, uint8_t family, const uint8_t addr[16], bool ask);

/* As format_endpoint() with brackets, but with the name in place of the address. */
void names_endpoint(struct names *n, const struct flow_key *k, bool remote, bool ask, char *buf,
		    size_t size);

#endif
