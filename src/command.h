/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of a process, as /proc tells it now. */
#ifndef TCPRETOP_SRC_COMMAND_H
#define TCPRETOP_SRC_COMMAND_H

#include <stdint.h>

/* What a process is now. Raw text of strangers. */
struct command {
	char comm[16];   /* NUL-padded; differs from what it was if the number was used again */
	char line[4096]; /* arguments with spaces between; "" for a kernel thread or a zombie */
};

/* 0 or a negative errno: -ESRCH or -ENOENT if there is no such process. */
int command_read(int32_t pid, struct command *c);

#endif
