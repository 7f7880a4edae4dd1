/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the data comes from, as the options say: this host, a recording, or other hosts. */
#ifndef TCPRETOP_SRC_ORIGIN_H
#define TCPRETOP_SRC_ORIGIN_H

#include "src/helper.h"
#include "src/options.h"

/*
 * Opens it, and for the viewer the terminal in place of a standard input that is none. The helper is
 * for this host alone, may be NULL, and stays the caller's, as do the hosts' descriptors. NULL with
 * *why filled on failure; the caller closes the source.
 */
struct source *origin_open(const struct options *o, struct helper *helper, struct failure *why);

#endif
