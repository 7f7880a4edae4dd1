/* SPDX-License-Identifier: GPL-2.0-only */
/* Sparklines: a row of bars, one cell each. Nothing is blank, and anything at all is a bar. */
#ifndef TCPRETOP_UI_SPARK_H
#define TCPRETOP_UI_SPARK_H

#include <stddef.h>

enum { SPARK_TEXT = 64 * 3 + 1 }; /* room for 64 bars */

/* One bar per value, oldest first, as UTF-8. The largest fills its cell, unless it is below 8. */
void spark_text(const double *values, int n, char *buf, size_t size);

/* The same on one scale for all lines, so that they can be compared: a bar per step of 1, 2, 5, 10,
 * 30, 100, 300, 1000. */
void spark_text_by_steps(const double *values, int n, char *buf, size_t size);

#endif
