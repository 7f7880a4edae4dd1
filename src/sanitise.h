/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of processes, cgroups and hosts come from strangers. Nothing of theirs reaches a terminal
 * but through here. */
#ifndef TCPRETOP_SRC_SANITISE_H
#define TCPRETOP_SRC_SANITISE_H

#include <stddef.h>

/*
 * Copies at most len bytes of text (or up to a NUL) as valid UTF-8 without control, escape,
 * bidirectional or other invisible characters; each byte or character of that sort becomes one '?'.
 * Always terminates; cuts at a whole character. Returns the width in cells.
 */
unsigned int sanitise(const char *text, size_t len, char *buf, size_t size);

#endif
