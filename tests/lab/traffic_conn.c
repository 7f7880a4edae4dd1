// SPDX-License-Identifier: GPL-2.0-only
#include "tests/lab/traffic_conn.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum conn_state { WAITING, CONNECTING, OPEN };

struct conn {
	struct timer timer; /* first; for whichever of its times comes first */
	struct conn *next, **pprev;
	int64_t burst_at, deadline;
	int64_t written;
	size_t off; /* in the piece */
	int fd, piece;
	unsigned int index;
	uint32_t events;
	enum conn_state state;
	bool eof;
};

void die(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void arm(struct traffic *t, struct conn *c)
{
	wheel_arm(&t->wheel, &c->timer, c->burst_at < c->deadline ? c->burst_at : c->deadline);
}

static void watch(const struct traffic *t, struct conn *c, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = c};

	if (c->events == events)
		return;
	epoll_ctl(t->epfd, EPOLL_CTL_MOD, c->fd, &ev);
	c->events = events;
}

static uint32_t read_events(const struct traffic *t, const struct conn *c)
{
	return t->reading && !c->eof ? EPOLLIN : 0;
}

void set_int(int fd, int level, int name, int value)
{
	setsockopt(fd, level, name, &value, sizeof(value));
}

void set_options(const struct traffic *t, int fd)
{
	const struct traffic_options *o = &t->options;

	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (o->mss)
		set_int(fd, IPPROTO_TCP, TCP_MAXSEG, (int)o->mss);
	if (o->rcvbuf)
		set_int(fd, SOL_SOCKET, SO_RCVBUF, (int)o->rcvbuf);
	if (o->sndbuf)
		set_int(fd, SOL_SOCKET, SO_SNDBUF, (int)o->sndbuf);
	if (o->rate)
		setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &o->rate, sizeof(o->rate));
	if (o->cc && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, o->cc, strlen(o->cc)))
		die(o->cc);
}

static struct conn *create(struct traffic *t, int fd)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		die("memory");
	c->fd = fd;
	c->deadline = NEVER;
	c->next = t->conns;
	if (t->conns)
		t->conns->pprev = &c->next;
	c->pprev = &t->conns;
	t->conns = c;
	return c;
}

static void destroy(struct conn *c)
{
	wheel_disarm(&c->timer);
	*c->pprev = c->next;
	if (c->next)
		c->next->pprev = c->pprev;
	free(c);
}

/* Ends a connection: a client's comes back after a while, a server's is gone. */
static void end_conn(struct traffic *t, struct conn *c, bool reset)
{
	struct linger abort = {.l_onoff = 1};

	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->state = WAITING;
	c->deadline = NEVER;
	if (t->options.server || t->ending) {
		destroy(c);
		return;
	}
	c->burst_at = t->options.again < 0 ? NEVER : t->now + t->options.again;
	arm(t, c);
}

static int64_t jittered(int64_t ms)
{
	return ms * 3 / 4 + (ms > 1 ? random() % (ms / 2 + 1) : 0);
}

static bool blocked(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK;
}

/* The burst has been written. True if the next one follows at once. */
static bool end_burst(struct traffic *t, struct conn *c)
{
	const struct traffic_options *o = &t->options;

	c->piece = 0;
	if (o->total && c->written >= o->total) {
		end_conn(t, c, o->rst);
		return false;
	}
	if (!o->gap)
		return true;
	c->burst_at = t->now + jittered(o->gap);
	arm(t, c);
	watch(t, c, read_events(t, c));
	return false;
}

/* Writes what the burst still holds. With no gap it goes on for ever, but gives way to others. */
static void write_burst(struct traffic *t, struct conn *c)
{
	const struct traffic_options *o = &t->options;
	bool quiet = t->paused || t->ending;
	size_t turn = 0;

	while (!quiet && turn < 16 * (size_t)CHUNK) {
		const struct piece *p = &o->pieces[c->piece];
		const char *from = p->marked ? t->marked : t->plain;
		size_t left = p->len - c->off;
		ssize_t n;

		/* The word in a marked piece goes on where the last write left it. */
		n = send(c->fd, from + (c->off & 3), left < CHUNK ? left : CHUNK, MSG_NOSIGNAL);
		if (n < 0) {
			if (blocked(errno))
				break;
			end_conn(t, c, false);
			return;
		}
		c->off += (size_t)n;
		c->written += n;
		turn += (size_t)n;
		if (c->off < p->len)
			continue;
		c->off = 0;
		if (++c->piece == o->npieces && !end_burst(t, c))
			return;
	}
	watch(t, c, read_events(t, c) | (quiet ? 0 : EPOLLOUT));
}

static void opened(struct traffic *t, struct conn *c)
{
	c->state = OPEN;
	c->eof = false;
	c->written = 0;
	c->off = 0;
	c->piece = 0;
	c->burst_at = t->options.npieces ? t->now : NEVER;
	arm(t, c);
	watch(t, c, read_events(t, c));
}

/* False if it has to be tried again. */
static bool begin_connect(const struct traffic *t, const struct conn *c)
{
	const struct sockaddr_in6 *to = &t->options.addrs[c->index % (unsigned)t->options.naddrs];

	if (t->options.sport) {
		struct sockaddr_in6 from = {.sin6_family = to->sin6_family};

		from.sin6_port = htons((uint16_t)(t->options.sport + c->index));
		set_int(c->fd, SOL_SOCKET, SO_REUSEADDR, 1);
		if (bind(c->fd, (struct sockaddr *)&from, sizeof(from)))
			return false;
	}
	return !connect(c->fd, (const struct sockaddr *)to, sizeof(*to)) || errno == EINPROGRESS;
}

static void start_connect(struct traffic *t, struct conn *c)
{
	const struct sockaddr_in6 *to = &t->options.addrs[c->index % (unsigned)t->options.naddrs];
	struct epoll_event ev = {.events = EPOLLOUT, .data.ptr = c};

	c->fd = socket(to->sin6_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		die("socket");
	set_options(t, c->fd);
	if (begin_connect(t, c)) {
		c->state = CONNECTING;
		c->burst_at = NEVER;
		c->deadline = t->options.life ? t->now + jittered(t->options.life) : NEVER;
		c->events = ev.events;
		if (epoll_ctl(t->epfd, EPOLL_CTL_ADD, c->fd, &ev))
			die("epoll_ctl");
	} else {
		close(c->fd);
		c->fd = -1;
		c->burst_at = t->now + 1000;
	}
	arm(t, c);
}

void conns_create(struct traffic *t)
{
	for (unsigned int i = 0; i < t->options.flows; i++) {
		struct conn *c = create(t, -1);

		c->index = i;
		c->burst_at = t->now + i * 1000LL / t->options.ramp;
		arm(t, c);
	}
}

void conns_accept(struct traffic *t, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct conn *c = create(t, fd);
		struct epoll_event ev = {.data.ptr = c};

		set_options(t, fd);
		if (epoll_ctl(t->epfd, EPOLL_CTL_ADD, fd, &ev))
			die("epoll_ctl");
		opened(t, c);
	}
}

static void read_all(struct traffic *t, struct conn *c)
{
	for (int i = 0; i < 16; i++) {
		/* MSG_TRUNC: TCP drops the data without copying it */
		ssize_t n = recv(c->fd, NULL, 1 << 20, MSG_TRUNC);

		if (n > 0)
			continue;
		if (n < 0 && blocked(errno))
			return;
		if (n == 0 && t->ending) {
			c->eof = true; /* conns_drain() closes it when our data is acknowledged */
			watch(t, c, 0);
			return;
		}
		end_conn(t, c, false);
		return;
	}
}

static void connect_event(struct traffic *t, struct conn *c, uint32_t events)
{
	socklen_t len = sizeof(int);
	int err = 0;

	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err || (events & (EPOLLERR | EPOLLHUP)))
		end_conn(t, c, false);
	else if (events & EPOLLOUT)
		opened(t, c);
}

/* One thing at a time: the connection may be gone after a read. */
void conn_event(struct traffic *t, struct conn *c, uint32_t events)
{
	if (c->fd < 0)
		return;
	if (c->state == CONNECTING)
		connect_event(t, c, events);
	else if (events & EPOLLIN)
		read_all(t, c);
	else if (events & (EPOLLERR | EPOLLHUP))
		end_conn(t, c, false);
	else if (events & EPOLLOUT)
		write_burst(t, c);
}

void conn_timer(void *arg, struct timer *timer)
{
	struct conn *c = (struct conn *)timer;
	struct traffic *t = arg;

	if (c->state != WAITING && t->now >= c->deadline) {
		end_conn(t, c, t->options.rst);
	} else if (t->now < c->burst_at) {
		arm(t, c);
	} else if (t->paused) {
		c->burst_at = t->now + 50;
		arm(t, c);
	} else if (c->state == WAITING) {
		start_connect(t, c);
	} else {
		c->burst_at = NEVER;
		arm(t, c);
		write_burst(t, c);
	}
}

void conns_stall(struct traffic *t)
{
	for (struct conn *c = t->conns; c; c = c->next) {
		if (c->state == OPEN)
			watch(t, c, (c->events & ~(uint32_t)EPOLLIN) | read_events(t, c));
	}
}

void conns_resume(struct traffic *t)
{
	for (struct conn *c = t->conns; c; c = c->next) {
		if (c->state == OPEN && t->options.npieces && c->burst_at == NEVER)
			watch(t, c, read_events(t, c) | EPOLLOUT);
	}
}

bool conns_drain(struct traffic *t, bool first, bool last)
{
	bool reset = t->options.rst;
	struct conn *c, *next;
	int unsent;

	for (c = t->conns; c; c = next) {
		next = c->next;
		if (c->state != OPEN) {
			end_conn(t, c, false);
			continue;
		}
		if (first && !reset) {
			shutdown(c->fd, SHUT_WR);
			watch(t, c, read_events(t, c));
		}
		if (last)
			end_conn(t, c, true);
		else if ((c->eof || reset) && (ioctl(c->fd, SIOCOUTQ, &unsent) || !unsent))
			end_conn(t, c, reset);
	}
	return t->conns;
}
