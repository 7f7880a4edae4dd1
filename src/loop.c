// SPDX-License-Identifier: GPL-2.0-only
#include "src/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* nohup is respected; INT is not left ignored, as shells start background jobs that way. */
static bool is_ignored(int sig)
{
	struct sigaction sa;

	return !sigaction(sig, NULL, &sa) && sa.sa_handler == SIG_IGN;
}

static void signals_to_read(sigset_t *set, bool screen)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGQUIT);
	if (!is_ignored(SIGHUP))
		sigaddset(set, SIGHUP);
	if (!screen)
		return;
	sigaddset(set, SIGWINCH);
	sigaddset(set, SIGTSTP);
	sigaddset(set, SIGCONT);
	sigaddset(set, SIGPIPE);
}

int loop_open(struct loop *l, double interval, bool screen)
{
	sigset_t set;
	int err;

	signal(SIGPIPE, SIG_IGN);
	signals_to_read(&set, screen);
	l->timer_fd = -1;
	l->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (l->signal_fd < 0)
		return -errno;
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		goto failed;
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timer_fd < 0)
		goto failed;
	err = loop_set_interval(l, interval);
	if (err)
		loop_close(l);
	return err;
failed:
	err = -errno;
	loop_close(l);
	return err;
}

int loop_set_interval(struct loop *l, double interval)
{
	time_t whole = (time_t)interval;
	struct timespec ts = {.tv_sec = whole, .tv_nsec = (long)((interval - (double)whole) * 1e9)};
	struct itimerspec when = {.it_interval = ts, .it_value = ts};

	return timerfd_settime(l->timer_fd, 0, &when, NULL) ? -errno : 0;
}

/* Nothing to read any more, or not just now: it will be asked again. */
static int read_error(void)
{
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static int read_signals(struct loop *l, struct wake *w)
{
	struct signalfd_siginfo si;

	while (read(l->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		switch (si.ssi_signo) {
		case SIGWINCH:
			w->resized = true;
			break;
		case SIGTSTP:
			w->suspend = true;
			break;
		case SIGCONT:
			w->resumed = true;
			break;
		case SIGPIPE: /* our own is told by the write that failed */
			if (si.ssi_pid != (uint32_t)getpid())
				w->stop = SIGPIPE;
			break;
		default:
			w->stop = (int)si.ssi_signo;
		}
	}
	return read_error();
}

/* Ticks that were missed meanwhile are one. */
static int read_ticks(struct loop *l, struct wake *w)
{
	uint64_t expirations;

	w->tick = read(l->timer_fd, &expirations, sizeof(expirations)) > 0;
	return w->tick ? 0 : read_error();
}

int loop_wait(struct loop *l, int fd, int max_wait_ms, struct wake *w)
{
	struct pollfd fds[] = {
		{.fd = l->signal_fd, .events = POLLIN},
		{.fd = l->timer_fd, .events = POLLIN},
		{.fd = fd, .events = POLLIN},
	};
	int n = poll(fds, 3, max_wait_ms), err = 0;

	memset(w, 0, sizeof(*w));
	if (n < 0 && errno != EINTR)
		return -errno;
	if (n <= 0) {
		w->drain = true;
		return 0;
	}
	if (fds[0].revents)
		err = read_signals(l, w);
	if (!err && fds[1].revents)
		err = read_ticks(l, w);
	w->input = fds[2].revents != 0;
	return err;
}

void loop_close(struct loop *l)
{
	if (l->signal_fd >= 0)
		close(l->signal_fd);
	if (l->timer_fd >= 0)
		close(l->timer_fd);
	l->signal_fd = l->timer_fd = -1;
}
