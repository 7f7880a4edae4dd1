/* SPDX-License-Identifier: GPL-2.0-only */
/* ssh(1) as a child process that records on another host, and what it says when it cannot. */
#ifndef TCPRETOP_SRC_SSH_H
#define TCPRETOP_SRC_SSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ssh_wish {
	const char *host;   /* as ssh takes it: a name, user@name, an alias of ssh_config(5) */
	double delay;       /* seconds between two ticks there */
	uint32_t max_flows; /* of the table there; 0: as it likes */
	bool asks;          /* it may ask the user for a password, on the terminal */
};

struct ssh {
	pid_t pid;      /* 0: it does not run */
	int err_fd;     /* what it says; -1: no more */
	char said[160]; /* the last line of that, fit to be shown */
	char line[256]; /* the one under way */
	size_t len;
};

/* Can it be the name of a host? One that begins with '-' would be an option. */
bool ssh_is_host(const char *host);

/* Starts it. A descriptor to read the recording from, which is the caller's, or a negative errno. */
int ssh_start(struct ssh *s, const struct ssh_wish *wish);

/* Takes in what it has said since. */
void ssh_listen(struct ssh *s);

/* Ends it, and what it started there. Where its recording has ended before, it gets a moment to say
 * why. Nothing happens if it does not run. */
void ssh_end(struct ssh *s, bool by_itself);

#endif
