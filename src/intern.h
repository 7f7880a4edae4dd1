/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts kept once each, for as long as anybody may refer to them. */
#ifndef TCPRETOP_SRC_INTERN_H
#define TCPRETOP_SRC_INTERN_H

#include <stddef.h>

struct interned;

/* Starts zeroed. */
struct interns {
	struct interned *all;
	size_t bytes;
};

/* Bytes of all texts. Beyond that new ones are not known. */
enum { INTERNS_MOST = 256 << 20 };

/* The text, the same pointer each time; NULL of NULL, without memory and beyond the limit. */
const char *intern(struct interns *t, const char *text);

void interns_free(struct interns *t);

#endif
