/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes that we have started. */
#ifndef TCPRETOP_SRC_CHILD_H
#define TCPRETOP_SRC_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Waits until it has ended, but no longer than so many milliseconds: one that somebody has stopped, or
 * that waits for a disk, is not to keep us. False if it has not; it is then waited for in vain.
 */
bool child_ends(pid_t pid, unsigned int ms);

#endif
