// SPDX-License-Identifier: GPL-2.0-only
/*
 * traffic - many TCP flows of a chosen shape, for the lossy lab.
 *
 * One process is one end of one group of flows. It writes a list of pieces
 * ("a burst"), waits for the gap, and starts again. A piece marked with '!' is
 * filled with the word TAIL, so that a packet filter can recognise exactly
 * those segments and lose them; all others are filled with zeros.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/lab/traffic_conn.h"

enum { DRAIN_MS = 2000 }; /* after SIGTERM: time to close in order before RST */

static volatile sig_atomic_t sig_stop, sig_pause;

static void on_signal(int sig)
{
	if (sig == SIGTERM)
		sig_stop = 1;
	else
		sig_pause = sig == SIGUSR1;
}

static int64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static int open_listener(const struct traffic *t)
{
	int family = t->options.family;
	struct sockaddr_in6 at = {.sin6_family = family == 4 ? AF_INET : AF_INET6};
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
	int listener = socket(at.sin6_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	at.sin6_port = htons((uint16_t)t->options.port);
	if (listener < 0)
		die("socket");
	set_int(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	if (family != 4)
		set_int(listener, IPPROTO_IPV6, IPV6_V6ONLY, family == 6);
	set_options(t, listener);
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 65535))
		die("listen");
	if (epoll_ctl(t->epfd, EPOLL_CTL_ADD, listener, &ev))
		die("epoll_ctl");
	return listener;
}

static void stall_turn(struct traffic *t, int64_t *at)
{
	if (!t->options.stall || t->now < *at)
		return;
	t->reading = !t->reading;
	*at = t->now + (t->reading ? t->options.go : t->options.stall);
	conns_stall(t);
}

static void take_events(struct traffic *t, int listener, int timeout_ms)
{
	struct epoll_event evs[256];
	int n = epoll_wait(t->epfd, evs, 256, timeout_ms);

	t->now = clock_ms();
	for (int i = 0; i < n; i++) {
		if (evs[i].data.ptr)
			conn_event(t, evs[i].data.ptr, evs[i].events);
		else
			conns_accept(t, listener);
	}
}

static void run(struct traffic *t, int listener)
{
	int64_t stall_at = t->now;

	while (!sig_stop) {
		take_events(t, listener, wheel_idle(&t->wheel, t->now));
		if (t->paused != !!sig_pause) {
			t->paused = !t->paused;
			if (!t->paused)
				conns_resume(t);
		}
		wheel_run(&t->wheel, t->now, conn_timer, t);
		stall_turn(t, &stall_at);
	}
}

static void drain(struct traffic *t, int listener)
{
	int64_t end = clock_ms() + DRAIN_MS;
	bool first = true;

	t->ending = t->reading = true;
	if (listener >= 0)
		close(listener);
	while (conns_drain(t, first, t->now >= end)) {
		first = false;
		take_events(t, -1, 20);
	}
}

static void raise_fd_limit(void)
{
	struct rlimit lim = {65536, 65536};

	if (setrlimit(RLIMIT_NOFILE, &lim) && !getrlimit(RLIMIT_NOFILE, &lim)) {
		lim.rlim_cur = lim.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
}

static void take_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
}

int main(int argc, char **argv)
{
	struct traffic t = {.reading = true};
	int listener = -1;

	traffic_options_parse(&t.options, argc, argv);
	if (t.options.name)
		prctl(PR_SET_NAME, t.options.name);
	for (size_t i = 0; i < sizeof(t.marked); i++)
		t.marked[i] = "TAIL"[i & 3];
	take_signals();
	raise_fd_limit();
	srandom((unsigned int)getpid());
	t.epfd = epoll_create1(EPOLL_CLOEXEC);
	if (t.epfd < 0)
		die("epoll");
	t.now = t.wheel.at = clock_ms();
	if (t.options.server)
		listener = open_listener(&t);
	else
		conns_create(&t);
	run(&t, listener);
	drain(&t, listener);
	return 0;
}
