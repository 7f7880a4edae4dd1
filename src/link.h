/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One host whose recording comes while it is made: from a pipe, or from an ssh(1) of ours, which is
 * started again when it has ended. Times named now_ns are of our own CLOCK_MONOTONIC.
 */
#ifndef TCPRETOP_SRC_LINK_H
#define TCPRETOP_SRC_LINK_H

#include "src/source.h"
#include "src/ssh.h"

enum { LINK_NAME = 80 };

struct link {
	char host[LINK_NAME];  /* fit to be shown */
	struct ssh_wish wish;  /* .host NULL: a descriptor that was there */
	bool returns;          /* it is tried again when it has ended; of ssh only */
	bool events;           /* they are wanted */
	bool is_file;          /* nothing is to come that is not there yet */
	struct ssh ssh;        /* while there is one */
	struct source *replay; /* of this connection, or of the last; NULL before the first */
	enum link_state state;
	bool headed; /* what is known of the host has come */
	bool due;    /* a whole tick has come and was not taken */
	bool timed;  /* shift_ns is known */

	uint64_t due_ns;      /* when the tick that is due was, by the host, */
	int64_t offset_ns;    /* whose wall clock had this besides */
	double share;         /* of a file that was read; negative: not known */
	int64_t shift_ns;     /* from the times of the host to those that are handed over */
	uint64_t heard_ns;    /* when the last tick came, or the connection began */
	uint64_t interval_ns; /* between two ticks; 0: not known yet */
	uint64_t retry_ns, backoff_ns;

	struct snapshot last; /* of this connection, times as they came; without flows */
	struct snapshot past; /* sums of those before */
	struct failure trouble;
};

/* A link that reads this descriptor, which is its own from then on. 0 or a negative errno. */
int link_open_fd(struct link *l, int fd, const char *shown, bool events);

/* A link by ssh. The wish's host must outlive it. Trouble there is trouble of the link. */
void link_open_ssh(struct link *l, const struct ssh_wish *wish, bool events);

/* From now on one by ssh is tried again when it has ended, or if it has. */
void link_let_return(struct link *l, uint64_t now_ns);

/* Goes on: connects, reads what has come up to the next tick, notices silence and the end. */
void link_work(struct link *l, uint64_t now_ns);

/* When the tick that is due was, by the wall clock that the host had at its first. */
uint64_t link_wall_time(const struct link *l);

/* A file is to be read again, from its beginning. 0 or a negative errno. */
int link_rewind(struct link *l);

/* Before the first tick of a connection: the one that is due was at this time; 0: at its own. */
void link_set_time(struct link *l, uint64_t at_ns);

/* Takes the next part of the tick that is due, as it came. 0 or a negative errno. */
int link_tick(struct link *l, struct snapshot *part);

/* Sums of all its connections, times shifted. */
struct snapshot link_sums(const struct link *l);

/* A time of the host, as it is handed over. */
uint64_t link_time(const struct link *l, uint64_t ns);

void link_close(struct link *l);

#endif
