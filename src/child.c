// SPDX-License-Identifier: GPL-2.0-only
#include "src/child.h"

#include <errno.h>
#include <sys/wait.h>
#include <time.h>

enum { STEP_MS = 5 };

bool child_ends(pid_t pid, unsigned int ms)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};

	for (unsigned int waited = 0;; waited += STEP_MS) {
		pid_t ended = waitpid(pid, NULL, WNOHANG);

		if (ended && !(ended < 0 && errno == EINTR))
			return true;
		if (waited >= ms)
			return false;
		nanosleep(&step, NULL);
	}
}
