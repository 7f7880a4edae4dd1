/* SPDX-License-Identifier: GPL-2.0-only */
/* Time namespaces: there CLOCK_MONOTONIC is not what the kernel's own programs see. */
#ifndef TCPRETOP_SRC_TIMENS_H
#define TCPRETOP_SRC_TIMENS_H

#include <stdint.h>

/* What the text of /proc/self/timens_offsets says is added to CLOCK_MONOTONIC, in nanoseconds; 0 if
 * it says nothing of it. */
int64_t timens_monotonic(const char *text);

/* The same of this process; 0 on a kernel without time namespaces (Linux 5.6). */
int64_t timens_offset(void);

#endif
