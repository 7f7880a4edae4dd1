/* SPDX-License-Identifier: GPL-2.0-only */
/* --doctor: from facts about the host to findings, and their text. */
#ifndef TCPRETOP_SRC_DOCTOR_H
#define TCPRETOP_SRC_DOCTOR_H

#include <stdio.h>

#include "src/doctor_facts.h"

enum finding_verdict {
	FINDING_FINE,
	FINDING_UNKNOWN, /* something that is missing stands before it */
	FINDING_LIMITED, /* tcpretop works, but for what the cause tells */
	FINDING_MISSING, /* without it nothing can be watched */
};

struct finding {
	const char *what;
	enum finding_verdict verdict;
	enum exit_status status; /* FINDING_MISSING: which kind of trouble it is */
	char value[160];
	char cause[400];  /* and what it costs the user; "" if all is fine */
	char remedy[200]; /* one command, or where none mends it one sentence */
};

enum { MOST_FINDINGS = 24 };

/* Returns how many. All their text is fit for a terminal. */
unsigned int doctor_examine(const struct host_facts *h, struct finding findings[MOST_FINDINGS]);

/* One line each, and below it the cause and the remedy of what is not fine. */
void doctor_print(FILE *out, const struct finding *findings, unsigned int n, bool utf8);

/* The kernel's lack before that of permission, which is mended in vain. */
enum exit_status doctor_status(const struct finding *findings, unsigned int n);

#endif
