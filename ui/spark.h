/* SPDX-License-Identifier: GPL-2.0-only */
/* Sparklines: a row of bars, one cell each. */
#ifndef TCPRETOP_UI_SPARK_H
#define TCPRETOP_UI_SPARK_H

#include <stddef.h>

enum { SPARK_TEXT = 64 * 3 + 1 }; /* room for 64 bars */

/*
 * One bar per value, oldest first, as UTF-8. The largest fills its cell, but a largest below 8 does
 * not: a single segment stays a low bar. Nothing is blank, and anything at all is a bar.
 */
void spark_text(const double *values, int n, char *buf, size_t size);

#endif
