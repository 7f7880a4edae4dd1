// SPDX-License-Identifier: GPL-2.0-only
/* holders PROCESSES SOCKETS: so many processes with so many open sockets each, until stdin ends. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void hold(int sockets, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < sockets; i++)
		if (socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0)
			_exit(1);
	if (write(ready, "", 1) == 1)
		pause();
	_exit(1);
}

int main(int argc, char **argv)
{
	int processes = argc == 3 ? atoi(argv[1]) : 0, sockets = argc == 3 ? atoi(argv[2]) : 0;
	int ready[2];
	char c;

	if (processes <= 0 || sockets <= 0 || pipe(ready))
		return 2;
	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			perror("holders: fork");
			return 1;
		}
		if (pid == 0)
			hold(sockets, ready[1]);
	}
	for (int i = 0; i < processes; i++)
		if (read(ready[0], &c, 1) != 1)
			return 1;
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) < 0 && errno == EINTR)
		;
	/* The children are told by the death of their parent. */
	return 0;
}
