/* SPDX-License-Identifier: GPL-2.0-only */
/* What went wrong, in the one line that the user sees, and the exit status that goes with it. */
#ifndef TCPRETOP_SRC_FAILURE_H
#define TCPRETOP_SRC_FAILURE_H

enum exit_status {
	EXIT_FINE = 0,
	EXIT_RUNTIME = 1,
	EXIT_USAGE = 2,
	EXIT_NOT_PERMITTED = 3,
	EXIT_KERNEL_LACKS = 4,
	EXIT_BAD_RECORDING = 5,
};

struct failure {
	enum exit_status status;
	char text[400]; /* what failed, why, and what to do; no newline */
};

/* Fills *f; the first failure wins, later ones are its consequences. Returns -1. */
int fail(struct failure *f, enum exit_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
