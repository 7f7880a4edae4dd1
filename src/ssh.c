// SPDX-License-Identifier: GPL-2.0-only
#include "src/ssh.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "src/child.h"
#include "src/sanitise.h"

enum { MOST_WORDS = 32, MOST_COMMAND = 128 };

/* It is given as long to end by itself. */
enum { END_MS = 500 };

bool ssh_is_host(const char *host)
{
	const char *name = strrchr(host, '@');

	name = name ? name + 1 : host;
	if (!*name || *name == '-' || *host == '-' || *host == '@')
		return false;
	for (; *host; host++) {
		if ((unsigned char)*host <= ' ' || *host == 0x7f)
			return false;
	}
	return true;
}

/* A dead link is noticed after 15 seconds, and what else the user's configuration opens stays shut. */
static void make_words(const struct ssh_wish *wish, const char *command,
		       const char *words[MOST_WORDS])
{
	static const char *const always[] = {
		"ssh",
		"-T",
		"-x",
		"-o",
		"ServerAliveInterval=5",
		"-o",
		"ServerAliveCountMax=3",
		"-o",
		"ConnectTimeout=10",
		"-o",
		"ClearAllForwardings=yes",
	};
	size_t n = sizeof(always) / sizeof(*always);

	memcpy(words, always, sizeof(always));
	if (!wish->asks) {
		words[n++] = "-o";
		words[n++] = "BatchMode=yes";
	}
	words[n++] = "--";
	words[n++] = wish->host;
	words[n++] = command;
	words[n] = NULL;
}

/* Whatever shell is the user's there reads it: no word of it is a stranger's. Where ssh leads to root
 * there may be no sudo. */
static void make_command(const struct ssh_wish *wish, char command[MOST_COMMAND])
{
	char flows[24] = "";

	if (wish->max_flows)
		snprintf(flows, sizeof(flows), " --max-flows %u", wish->max_flows);
	snprintf(command, MOST_COMMAND,
		 "sh -c 'by=\"sudo -n\"; [ $(id -u) != 0 ] || by=; exec $by tcpretop -w - -d %g%s'",
		 wish->delay, flows);
}

/* In the child. The loop blocks signals and ignores some; ssh(1) wants them as they were. */
static _Noreturn void run(const char *const *words, int out, int err, pid_t parent)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		_exit(EXIT_FAILURE);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(words[0], (char *const *)words);
	dprintf(STDERR_FILENO, "ssh cannot be started: %s\n", strerror(errno));
	_exit(127);
}

static int start(struct ssh *s, const struct ssh_wish *wish, const int out[2], const int err[2])
{
	const char *words[MOST_WORDS];
	char command[MOST_COMMAND];
	pid_t parent = getpid();

	make_command(wish, command);
	make_words(wish, command, words);
	s->pid = fork();
	if (s->pid == 0)
		run(words, out[1], err[1], parent);
	if (s->pid < 0) {
		s->pid = 0;
		return -errno;
	}
	s->err_fd = err[0];
	s->len = 0;
	s->said[0] = '\0';
	fcntl(s->err_fd, F_SETFL, O_NONBLOCK);
	return 0;
}

int ssh_start(struct ssh *s, const struct ssh_wish *wish)
{
	int out[2], err[2], failed;

	if (pipe2(out, O_CLOEXEC))
		return -errno;
	if (pipe2(err, O_CLOEXEC)) {
		failed = -errno;
		close(out[0]);
		close(out[1]);
		return failed;
	}
	failed = start(s, wish, out, err);
	close(out[1]);
	close(err[1]);
	if (!failed)
		return out[0];
	close(out[0]);
	close(err[0]);
	return failed;
}

/* Empty lines say nothing. */
static void end_line(struct ssh *s)
{
	if (s->len)
		sanitise(s->line, s->len, s->said, sizeof(s->said));
	s->len = 0;
}

static void take(struct ssh *s, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			end_line(s);
		else if (text[i] != '\r' && s->len < sizeof(s->line))
			s->line[s->len++] = text[i];
	}
}

void ssh_listen(struct ssh *s)
{
	char text[1024];
	ssize_t n;

	if (s->err_fd < 0)
		return;
	while ((n = read(s->err_fd, text, sizeof(text))) > 0)
		take(s, text, (size_t)n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	end_line(s);
	close(s->err_fd);
	s->err_fd = -1;
}

void ssh_end(struct ssh *s, bool by_itself)
{
	bool ended;

	if (!s->pid)
		return;
	ended = by_itself && child_ends(s->pid, END_MS);
	if (!ended) {
		kill(s->pid, SIGTERM);
		ended = child_ends(s->pid, END_MS);
	}
	if (!ended && !kill(s->pid, SIGKILL))
		child_ends(s->pid, END_MS);
	s->pid = 0;
	ssh_listen(s);
	if (s->err_fd >= 0)
		close(s->err_fd);
	s->err_fd = -1;
}
