/* SPDX-License-Identifier: GPL-2.0-only */
/* Opens all that the options ask for, and lays our rights down as early as that allows. */
#ifndef TCPRETOP_SRC_START_H
#define TCPRETOP_SRC_START_H

#include "src/helper.h"
#include "src/options.h"

/*
 * The source, wrapped in its metrics and its recording if there are any. On return no right is left
 * that it does not need. The helper may be NULL and stays the caller's; notice is as in
 * src/notice.h. NULL with *why filled on failure; the caller closes the source.
 */
struct source *start_source(struct options *o, struct helper *helper, char *notice,
			    struct failure *why);

#endif
