/* SPDX-License-Identifier: GPL-2.0-only */
/* Gives up the rights that we were started with. */
#ifndef TCPRETOP_SRC_PRIVILEGES_H
#define TCPRETOP_SRC_PRIVILEGES_H

#include <stdbool.h>

#include "src/caller.h"
#include "src/failure.h"

/* Does what we go on with work, with the rights that there are now? */
typedef bool privileges_test_fn(void *arg);

/*
 * From here on no capability in any set, this user and group and no further groups, and no way back.
 * Call it while there is one thread. Where the test fails without capabilities, as reading BPF maps
 * does before Linux 5.19, CAP_BPF is kept and *kept set; NULL: nothing needs any. 0, or -1 with *why.
 */
int privileges_drop(const struct caller *user, privileges_test_fn *works, void *arg, bool *kept,
		    struct failure *why);

/*
 * The same for the helper, which keeps what it takes to look into namespaces (CAP_SYS_PTRACE,
 * CAP_SYS_ADMIN) and up cgroups (CAP_DAC_READ_SEARCH), and root's number where it makes root's
 * files. 0 or a negative errno.
 */
int privileges_for_helper(const struct caller *caller);

/* And for root's writer of one file in a folder that may be another user's: CAP_DAC_OVERRIDE, and
 * root's number. 0 or a negative errno. */
int privileges_for_writer(void);

#endif
