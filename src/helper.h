/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Root's helper: a small process that keeps the few rights it takes to look into other people's
 * network namespaces and at the names of cgroups, so that the one which reads strangers' bytes and
 * draws them keeps none. It answers the questions below, one at a time, and nothing else.
 */
#ifndef TCPRETOP_SRC_HELPER_H
#define TCPRETOP_SRC_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/caller.h"
#include "src/source.h"

enum helper_question {
	HELPER_OPEN,        /* after helper_send(): look at all that there is now */
	HELPER_COVERAGE,    /* answer: helper_coverage */
	HELPER_NAMES,       /* answer: netns_named[] */
	HELPER_SOCKET,      /* number: of a namespace. Answer: a NETLINK_SOCK_DIAG descriptor */
	HELPER_CGROUP,      /* number: id of a cgroup, now_ns. Answer: three helper_text */
	HELPER_COMMAND,     /* number: of a process. Answer: struct command */
	HELPER_MAKE_FILE,   /* a name: a new file in the folder it was started in. A descriptor */
	HELPER_UNMAKE_FILE, /* removes the one made last */
	HELPER_SETTINGS,    /* their text. Answer: two helper_text, where they are or why not */
	HELPER_QUESTIONS
};

struct helper_request {
	uint32_t question;
	uint32_t bytes; /* that follow, HELPER_MOST_ASKED at most */
	uint64_t number;
	uint64_t now_ns;
};

struct helper_reply {
	int32_t err; /* 0 or a negative errno */
	uint32_t bytes;
};

struct helper_coverage {
	struct coverage coverage;
	uint32_t names_version;
	uint32_t cgroups_known;
};

/* The maps that it reads: of struct probes, netns_fd and near_fd. */
enum { HELPER_MAPS = 2 };

enum { HELPER_MOST_ASKED = 1 << 14, HELPER_MOST_TOLD = 1 << 19 };

/* The first byte of a helper_text, which a zero ends; the other is for what is not known. */
enum { HELPER_TEXT = '+', HELPER_NO_TEXT = '-' };

struct helper;

/*
 * Starts it, before there is any descriptor that it must not have. Files for root that calls
 * without sudo(8), whom we leave, are made by it as well. NULL with *err 0 where we are not root
 * and have nothing to give it, else a negative errno.
 */
struct helper *helper_start(const struct caller *caller, int *err);

/* One that serves the other end of this socket. NULL without memory: the socket is the caller's. */
struct helper *helper_new(pid_t pid, int fd, bool files);

/* Sends the maps; they stay the caller's, too. 0 or a negative errno. */
int helper_send(struct helper *h, const int maps[HELPER_MAPS]);

/*
 * The bytes of an answer, their number in *bytes; valid until the next question. A descriptor that
 * came along is the caller's in *fd, else -1; fd may be NULL. NULL with *err, -EPIPE for good if the
 * helper has gone, or has not answered for ten seconds.
 */
const void *helper_ask(struct helper *h, const struct helper_request *r, const void *payload,
		       size_t *bytes, int *fd, int *err);

/* Of root that called without sudo(8): nobody else may write where root may. */
bool helper_makes_files(const struct helper *h);

bool helper_is_gone(const struct helper *h);

/* CPU time that it has taken, nanoseconds. */
uint64_t helper_cpu_ns(const struct helper *h);

/* Ends it; one that does not end within five seconds is left alone. NULL is fine. */
void helper_stop(struct helper *h);

/* The other side, in helper_serve.c: answers until the socket is closed. `files`: makes files, too. */
void helper_serve(int fd, bool files);

#endif
