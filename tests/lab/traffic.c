// SPDX-License-Identifier: GPL-2.0-only
/*
 * traffic - many TCP flows of a chosen shape, for the lossy lab.
 *
 * One process is one end of one group of flows. It writes a list of pieces
 * ("a burst"), waits for the gap, and starts again. A piece marked with '!' is
 * filled with the word TAIL, so that a packet filter can recognise exactly
 * those segments and lose them; all others are filled with zeros.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 8192 /* timer wheel: one slot a millisecond */
#define MAX_PIECES 64
#define MAX_ADDRS 8
#define CHUNK (64 * 1024)
#define NEVER INT64_MAX
#define DRAIN_MS 2000 /* after SIGTERM: time to close in order before RST */

struct piece {
	size_t len;
	bool marked;
};

enum state { WAITING, CONNECTING, OPEN };

struct conn {
	struct conn *next, **pprev; /* timer slot */
	struct conn *all_next, **all_pprev;
	int64_t due, burst_at, deadline;
	uint64_t written;
	size_t off;
	int fd, piece;
	unsigned int index;
	uint32_t events;
	enum state state;
	bool eof;
};

static struct {
	bool server, writes, rst;
	int family; /* of the listener: 0 is both */
	unsigned int flows, ramp;
	int port, sport, mss, rcvbuf, sndbuf;
	int64_t gap, life, again, stall, go;
	uint64_t total, rate;
	const char *cc;
	struct piece pieces[MAX_PIECES];
	int npieces;
	struct sockaddr_in6 addrs[MAX_ADDRS];
	int naddrs;
} cf = {.flows = 1, .ramp = 5000, .again = 1000};

static struct conn *wheel[SLOTS];
static struct conn *all;
static int64_t now, wheel_at;
static int epfd, listener = -1;
static bool reading = true;
static char zeros[CHUNK + 4], tails[CHUNK + 4];
static volatile sig_atomic_t sig_stop, sig_pause;

static void on_signal(int sig)
{
	if (sig == SIGTERM)
		sig_stop = 1;
	else
		sig_pause = sig == SIGUSR1;
}

static void die(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void read_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* The timer: one per connection, for whichever of its times comes first. */
static void disarm(struct conn *c)
{
	if (!c->pprev)
		return;
	*c->pprev = c->next;
	if (c->next)
		c->next->pprev = c->pprev;
	c->pprev = NULL;
}

static void arm(struct conn *c)
{
	struct conn **slot;

	disarm(c);
	c->due = c->burst_at < c->deadline ? c->burst_at : c->deadline;
	if (c->due == NEVER)
		return;
	if (c->due < wheel_at)
		c->due = wheel_at;
	slot = &wheel[c->due % SLOTS];
	c->next = *slot;
	if (c->next)
		c->next->pprev = &c->next;
	c->pprev = slot;
	*slot = c;
}

static void watch(struct conn *c, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = c};

	if (c->events == events)
		return;
	epoll_ctl(epfd, EPOLL_CTL_MOD, c->fd, &ev);
	c->events = events;
}

static uint32_t read_events(const struct conn *c)
{
	return reading && !c->eof ? EPOLLIN : 0;
}

static void set_int(int fd, int level, int name, int value)
{
	setsockopt(fd, level, name, &value, sizeof(value));
}

static void set_options(int fd)
{
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (cf.mss)
		set_int(fd, IPPROTO_TCP, TCP_MAXSEG, cf.mss);
	if (cf.rcvbuf)
		set_int(fd, SOL_SOCKET, SO_RCVBUF, cf.rcvbuf);
	if (cf.sndbuf)
		set_int(fd, SOL_SOCKET, SO_SNDBUF, cf.sndbuf);
	if (cf.rate)
		setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &cf.rate, sizeof(cf.rate));
	if (cf.cc && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, cf.cc, strlen(cf.cc)))
		die(cf.cc);
}

static void link_conn(struct conn *c)
{
	c->all_next = all;
	if (all)
		all->all_pprev = &c->all_next;
	c->all_pprev = &all;
	all = c;
}

/* Ends a connection: a client's comes back after a while, a server's is gone. */
static void end_conn(struct conn *c, bool reset)
{
	struct linger abort = {.l_onoff = 1};

	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	close(c->fd);
	c->fd = -1;
	c->state = WAITING;
	c->deadline = NEVER;
	if (cf.server || sig_stop) {
		disarm(c);
		*c->all_pprev = c->all_next;
		if (c->all_next)
			c->all_next->all_pprev = c->all_pprev;
		free(c);
		return;
	}
	c->burst_at = cf.again < 0 ? NEVER : now + cf.again;
	arm(c);
}

static int64_t jittered(int64_t ms)
{
	return ms * 3 / 4 + (ms > 1 ? random() % (ms / 2 + 1) : 0);
}

static bool blocked(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK;
}

/* Writes what the burst still holds. With no gap it goes on for ever, but gives way to others. */
static void write_burst(struct conn *c)
{
	size_t turn = 0;

	while (!sig_pause && !sig_stop && turn < 16 * CHUNK) {
		const struct piece *p = &cf.pieces[c->piece];
		size_t left = p->len - c->off;
		ssize_t n;

		if (left > CHUNK)
			left = CHUNK;
		n = send(c->fd, (p->marked ? tails : zeros) + (c->off & 3), left, MSG_NOSIGNAL);
		if (n < 0) {
			if (blocked(errno))
				break;
			end_conn(c, false);
			return;
		}
		c->off += n;
		c->written += n;
		turn += n;
		if (c->off < p->len)
			continue;
		c->off = 0;
		if (++c->piece < cf.npieces)
			continue;
		c->piece = 0;
		if (cf.total && c->written >= cf.total) {
			end_conn(c, cf.rst);
			return;
		}
		if (!cf.gap)
			continue;
		c->burst_at = now + jittered(cf.gap);
		arm(c);
		watch(c, read_events(c));
		return;
	}
	watch(c, read_events(c) | (sig_pause || sig_stop ? 0 : EPOLLOUT));
}

static void opened(struct conn *c)
{
	c->state = OPEN;
	c->eof = false;
	c->written = 0;
	c->off = 0;
	c->piece = 0;
	c->burst_at = cf.writes ? now : NEVER;
	arm(c);
	watch(c, read_events(c));
}

static void start_connect(struct conn *c)
{
	const struct sockaddr_in6 *to = &cf.addrs[c->index % cf.naddrs];
	struct epoll_event ev = {.events = EPOLLOUT, .data.ptr = c};

	c->burst_at = now + 1000;
	c->fd = socket(to->sin6_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		die("socket");
	set_options(c->fd);
	if (cf.sport) {
		struct sockaddr_in6 from = {.sin6_family = to->sin6_family};

		from.sin6_port = htons(cf.sport + c->index);
		set_int(c->fd, SOL_SOCKET, SO_REUSEADDR, 1);
		if (bind(c->fd, (struct sockaddr *)&from, sizeof(from)))
			goto later;
	}
	if (connect(c->fd, (const struct sockaddr *)to, sizeof(*to)) && errno != EINPROGRESS)
		goto later;
	c->state = CONNECTING;
	c->burst_at = NEVER;
	c->deadline = cf.life ? now + jittered(cf.life) : NEVER;
	c->events = ev.events;
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &ev))
		die("epoll_ctl");
	arm(c);
	return;
later:
	close(c->fd);
	c->fd = -1;
	arm(c);
}

static void accept_all(void)
{
	struct epoll_event ev = {0};
	struct conn *c;
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		c = calloc(1, sizeof(*c));
		if (!c)
			die("memory");
		set_options(fd);
		c->fd = fd;
		c->deadline = NEVER;
		link_conn(c);
		ev.data.ptr = c;
		if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev))
			die("epoll_ctl");
		opened(c);
	}
}

static void read_all(struct conn *c)
{
	for (int i = 0; i < 16; i++) {
		/* MSG_TRUNC: TCP drops the data without copying it */
		ssize_t n = recv(c->fd, NULL, 1 << 20, MSG_TRUNC);

		if (n > 0)
			continue;
		if (n < 0 && blocked(errno))
			return;
		if (n == 0 && sig_stop) {
			c->eof = true; /* drain() closes it when our data is acknowledged */
			watch(c, 0);
			return;
		}
		end_conn(c, false);
		return;
	}
}

static void on_event(struct conn *c, uint32_t events)
{
	if (c->fd < 0)
		return;
	if (c->state == CONNECTING) {
		socklen_t len = sizeof(int);
		int err = 0;

		getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len);
		if (err || (events & (EPOLLERR | EPOLLHUP)))
			end_conn(c, false);
		else if (events & EPOLLOUT)
			opened(c);
		return;
	}
	if ((events & (EPOLLERR | EPOLLHUP)) && !(events & EPOLLIN)) {
		end_conn(c, false);
		return;
	}
	if (events & EPOLLOUT) {
		if (!(events & EPOLLIN)) {
			write_burst(c);
			return;
		}
		/* one thing at a time: the connection may be gone after a read */
	}
	if (events & EPOLLIN)
		read_all(c);
}

static void on_timer(struct conn *c)
{
	if (c->state != WAITING && now >= c->deadline) {
		end_conn(c, cf.rst);
		return;
	}
	if (now < c->burst_at) {
		arm(c);
		return;
	}
	if (sig_pause) {
		c->burst_at = now + 50;
		arm(c);
	} else if (c->state == WAITING) {
		start_connect(c);
	} else {
		c->burst_at = NEVER;
		arm(c);
		write_burst(c);
	}
}

static void run_timers(void)
{
	int64_t until = now;

	if (until - wheel_at >= SLOTS) /* slept long: each slot once is enough */
		wheel_at = until - SLOTS + 1;
	while (wheel_at <= until) {
		struct conn *c = wheel[wheel_at++ % SLOTS], *next;

		for (; c; c = next) {
			next = c->next;
			if (c->due > until)
				continue;
			disarm(c);
			on_timer(c);
		}
	}
}

static int next_timeout(void)
{
	for (int ms = 0; ms < 100; ms++) {
		if (wheel[(now + 1 + ms) % SLOTS])
			return ms + 1;
	}
	return 100;
}

static void open_listener(void)
{
	struct sockaddr_in6 at = {.sin6_family = cf.family == 4 ? AF_INET : AF_INET6};
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};

	at.sin6_port = htons(cf.port);
	listener = socket(at.sin6_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener < 0)
		die("socket");
	set_int(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	if (cf.family != 4)
		set_int(listener, IPPROTO_IPV6, IPV6_V6ONLY, cf.family == 6);
	set_options(listener);
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 65535))
		die("listen");
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &ev))
		die("epoll_ctl");
}

static void stall_turn(int64_t *at)
{
	if (!cf.stall || now < *at)
		return;
	reading = !reading;
	*at = now + (reading ? cf.go : cf.stall);
	for (struct conn *c = all; c; c = c->all_next) {
		if (c->state == OPEN)
			watch(c, (c->events & ~EPOLLIN) | read_events(c));
	}
}

/* True while a connection is still worth waiting for. */
static bool drain(bool first, bool last)
{
	struct conn *c, *next;
	int unsent;

	reading = true;
	for (c = all; c; c = next) {
		next = c->all_next;
		if (c->state != OPEN) {
			end_conn(c, false);
			continue;
		}
		if (first) {
			shutdown(c->fd, SHUT_WR);
			watch(c, read_events(c));
		}
		if (last)
			end_conn(c, true);
		else if (c->eof && (ioctl(c->fd, SIOCOUTQ, &unsent) || !unsent))
			end_conn(c, false);
	}
	return all;
}

static void loop(void)
{
	int64_t stall_at = now, stop_at = 0;
	struct epoll_event evs[256];
	bool paused = false;

	for (;;) {
		int n = epoll_wait(epfd, evs, 256, stop_at ? 20 : next_timeout());

		read_clock();
		for (int i = 0; i < n; i++) {
			if (evs[i].data.ptr)
				on_event(evs[i].data.ptr, evs[i].events);
			else
				accept_all();
		}
		if (sig_stop) {
			bool first = !stop_at;

			if (first) {
				stop_at = now + DRAIN_MS;
				if (listener >= 0)
					close(listener);
			}
			if (!drain(first, now >= stop_at))
				return;
			continue;
		}
		if (paused != !!sig_pause) {
			paused = sig_pause;
			for (struct conn *c = all; c && !paused; c = c->all_next) {
				if (c->state == OPEN && cf.writes && c->burst_at == NEVER)
					watch(c, read_events(c) | EPOLLOUT);
			}
		}
		run_timers();
		stall_turn(&stall_at);
	}
}

static uint64_t number(const char *s, const char *what)
{
	char *end;
	double v = strtod(s, &end);

	if (*end == 'k' || *end == 'K')
		v *= 1e3, end++;
	else if (*end == 'm' || *end == 'M')
		v *= 1e6, end++;
	if (end == s || *end || v < 0 || v > 1e15) {
		fprintf(stderr, "traffic: %s: not a number: %s\n", what, s);
		exit(2);
	}
	return v;
}

static void parse_pieces(char *s)
{
	char *save, *word;

	for (word = strtok_r(s, "+", &save); word; word = strtok_r(NULL, "+", &save)) {
		char *x = strchr(word, 'x');
		int times = 1;
		size_t len;
		struct piece p;

		if (x) {
			*x = '\0';
			times = number(word, "-w");
			word = x + 1;
		}
		len = strlen(word);
		p.marked = len && word[len - 1] == '!';
		if (p.marked)
			word[len - 1] = '\0';
		p.len = number(word, "-w");
		for (; p.len && times > 0 && cf.npieces < MAX_PIECES; times--)
			cf.pieces[cf.npieces++] = p;
	}
	cf.writes = cf.npieces > 0;
}

static void parse_addr(const char *s)
{
	struct sockaddr_in6 *a = &cf.addrs[cf.naddrs];

	if (cf.naddrs++ == MAX_ADDRS) {
		fprintf(stderr, "traffic: too many addresses\n");
		exit(2);
	}
	if (inet_pton(AF_INET, s, &((struct sockaddr_in *)a)->sin_addr) == 1) {
		a->sin6_family = AF_INET;
	} else if (inet_pton(AF_INET6, s, &a->sin6_addr) == 1) {
		a->sin6_family = AF_INET6;
	} else {
		fprintf(stderr, "traffic: not an address: %s\n", s);
		exit(2);
	}
	a->sin6_port = htons(cf.port);
}

static _Noreturn void usage(int status)
{
	fputs("usage: traffic server PORT [options]\n"
	      "       traffic client PORT [options] ADDR...\n"
	      "  -w A+9xB!  write a piece of A and nine of B bytes, those marked, as one burst;\n"
	      "             none: only read\n"
	      "  -g MS      gap between bursts; 0 is none\n"
	      "  -n N       client: flows;  -j N  connections started per second\n"
	      "  -t BYTES   close after so many bytes;  -l MS  client: close after so long\n"
	      "  -a MS      client: connect again after so long; -1 never\n"
	      "  -R         close with a reset\n"
	      "  -p PORT    client: first source port, one per flow\n"
	      "  -S STOP:GO server: do not read for STOP ms, then read for GO ms, and so on\n"
	      "  -4 | -6    server: this family only\n"
	      "  -m MSS  -c CONGESTION  -r BYTES/S  -b RCVBUF  -B SNDBUF  -N NAME\n"
	      "SIGUSR1 stops writing and connecting, SIGUSR2 goes on, SIGTERM closes and ends.\n",
	      status ? stderr : stdout);
	exit(status);
}

static void parse(int argc, char **argv)
{
	int opt;

	if (argc < 2 || (strcmp(argv[1], "server") && strcmp(argv[1], "client")))
		usage(argc == 2 && !strcmp(argv[1], "-h") ? 0 : 2);
	cf.server = !strcmp(argv[1], "server");
	if (argc < 3)
		usage(2);
	cf.port = number(argv[2], "port");
	argv += 2;
	argc -= 2;
	while ((opt = getopt(argc, argv, "w:g:n:j:t:l:a:Rp:S:46m:c:r:b:B:N:h")) != -1) {
		char *colon;

		switch (opt) {
		case 'w':
			parse_pieces(optarg);
			break;
		case 'g':
			cf.gap = number(optarg, "-g");
			break;
		case 'n':
			cf.flows = number(optarg, "-n");
			break;
		case 'j':
			cf.ramp = number(optarg, "-j");
			break;
		case 't':
			cf.total = number(optarg, "-t");
			break;
		case 'l':
			cf.life = number(optarg, "-l");
			break;
		case 'a':
			cf.again = *optarg == '-' ? -1 : (int64_t)number(optarg, "-a");
			break;
		case 'R':
			cf.rst = true;
			break;
		case 'p':
			cf.sport = number(optarg, "-p");
			break;
		case 'S':
			colon = strchr(optarg, ':');
			if (!colon)
				usage(2);
			*colon = '\0';
			cf.stall = number(optarg, "-S");
			cf.go = number(colon + 1, "-S");
			break;
		case '4':
		case '6':
			cf.family = opt - '0';
			break;
		case 'm':
			cf.mss = number(optarg, "-m");
			break;
		case 'c':
			cf.cc = optarg;
			break;
		case 'r':
			cf.rate = number(optarg, "-r");
			break;
		case 'b':
			cf.rcvbuf = number(optarg, "-b");
			break;
		case 'B':
			cf.sndbuf = number(optarg, "-B");
			break;
		case 'N':
			prctl(PR_SET_NAME, optarg);
			break;
		case 'h':
			usage(0);
		default:
			usage(2);
		}
	}
	for (; optind < argc; optind++)
		parse_addr(argv[optind]);
	if (!cf.server && !cf.naddrs)
		usage(2);
	if (!cf.ramp)
		cf.ramp = 1;
}

static void start_clients(void)
{
	for (unsigned int i = 0; i < cf.flows; i++) {
		struct conn *c = calloc(1, sizeof(*c));

		if (!c)
			die("memory");
		c->fd = -1;
		c->index = i;
		c->deadline = NEVER;
		c->burst_at = now + i * 1000LL / cf.ramp;
		link_conn(c);
		arm(c);
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

int main(int argc, char **argv)
{
	struct sigaction sa = {.sa_handler = on_signal};

	parse(argc, argv);
	for (int i = 0; i < CHUNK + 4; i++)
		tails[i] = "TAIL"[i & 3];
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	raise_fd_limit();
	srandom(getpid());
	epfd = epoll_create1(EPOLL_CLOEXEC);
	if (epfd < 0)
		die("epoll");
	read_clock();
	wheel_at = now;
	if (cf.server)
		open_listener();
	else
		start_clients();
	loop();
	return 0;
}
