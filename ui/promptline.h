/* SPDX-License-Identifier: GPL-2.0-only */
/* The line of a prompt: "filter: port http_   character 6: a port is wanted here". */
#ifndef TCPRETOP_UI_PROMPTLINE_H
#define TCPRETOP_UI_PROMPTLINE_H

#include <stddef.h>

struct prompt_line {
	const char *ask, *typed;
	const char *wrong; /* with what is typed; "" is nothing */
};

/* Fits it into so many cells: the end of what is typed, where the cursor is, is always in sight. */
void prompt_line_fit(const struct prompt_line *p, int width, char *buf, size_t size);

#endif
