/* SPDX-License-Identifier: GPL-2.0-only */
/* The system calls that are left to us, by seccomp. */
#ifndef TCPRETOP_SRC_CONFINE_H
#define TCPRETOP_SRC_CONFINE_H

enum confined {
	CONFINE_VIEWER,            /* and the text modes */
	CONFINE_HELPER,            /* opens files for reading only */
	CONFINE_HELPER_WITH_FILES, /* and makes new ones */
	CONFINE_WRITER,            /* makes new files and nothing else */
};

/*
 * All other calls of this thread, and of those it makes, fail with EPERM, and are not logged: one
 * that was forgotten, or that a library begins to make, costs what it was for and not the picture.
 * With TCPRETOP_SECCOMP=kill in the environment it ends the process, so that tests notice. Needs
 * no_new_privs. 0 or a negative errno; -EINVAL of a kernel without seccomp.
 */
int confine(enum confined who);

#endif
