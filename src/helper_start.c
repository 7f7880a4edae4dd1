// SPDX-License-Identifier: GPL-2.0-only
/* How it comes to be. */
#include "src/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/confine.h"
#include "src/privileges.h"

enum { FIRST_OTHER_FD = STDERR_FILENO + 1 };

/* More than what is known of hundreds of thousands of namespaces and cgroups: whoever asks cannot
 * make it eat the host. */
enum { MOST_MEMORY = 256 << 20 };

/* Nothing of ours but the socket stays open there: a reader of our output waits for its end. */
static int leave_descriptors(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < FIRST_OTHER_FD; i++) {
		if (null < 0 || dup2(null, i) < 0)
			return -1;
	}
	if (fd != FIRST_OTHER_FD && dup2(fd, FIRST_OTHER_FD) < 0)
		return -1;
	return close_range(FIRST_OTHER_FD + 1, UINT_MAX, 0);
}

/* A session of its own: what the terminal sends, Ctrl-C and Ctrl-Z, is for the one that draws. */
static _Noreturn void run(int fd, const struct caller *caller)
{
	const struct rlimit memory = {MOST_MEMORY, MOST_MEMORY};
	bool files = caller->uid == 0;
	int err;

	setsid();
	setrlimit(RLIMIT_DATA, &memory);
	prctl(PR_SET_NAME, "tcpretop-helper");
	if (leave_descriptors(fd) || privileges_for_helper(caller))
		_exit(EXIT_FAILURE);
	err = confine(files ? CONFINE_HELPER_WITH_FILES : CONFINE_HELPER);
	if (!err || err == -EINVAL)
		helper_serve(FIRST_OTHER_FD, files);
	_exit(EXIT_SUCCESS);
}

struct helper *helper_start(const struct caller *caller, int *err)
{
	struct helper *h;
	int fds[2];
	pid_t pid;

	*err = 0;
	if (geteuid() != 0)
		return NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		*err = -errno;
		return NULL;
	}
	pid = fork();
	if (pid == 0)
		run(fds[1], caller);
	*err = pid < 0 ? -errno : 0;
	close(fds[1]);
	h = *err ? NULL : helper_new(pid, fds[0], caller->uid == 0);
	if (h)
		return h;
	close(fds[0]);
	if (!*err)
		*err = -ENOMEM;
	return NULL;
}
