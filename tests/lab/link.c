// SPDX-License-Identifier: GPL-2.0-only
/*
 * link - a link with delay between two network namespaces, for the lossy lab.
 *
 * netem is not in every kernel, so this carries the packets between two TUN
 * devices itself. A rule for each TCP port says how; other packets pass at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define MAX_RULES 64
#define MAX_QUEUE 65536
#define MAX_PACKET 65536
#define MS 1000000LL
#define FREEZE_EVERY (2000 * MS)

struct rule {
	int port;
	double rtt, jitter, reorder, freeze; /* ms, ms, percent, ms */
	int64_t last[2];                     /* when the last packet of a direction leaves */
};

struct packet {
	int64_t due;
	uint64_t order; /* of arrival: packets due at the same time keep it */
	size_t len;
	int to;
	uint8_t data[];
};

static struct rule rules[MAX_RULES];
static int nrules;
static struct packet *heap[MAX_QUEUE];
static size_t queued;
static uint64_t arrivals;
static volatile sig_atomic_t calm; /* SIGUSR1: only the plain delay */

static void on_signal(int sig)
{
	(void)sig;
	calm = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "link: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t read_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 * MS + ts.tv_nsec;
}

static bool before(const struct packet *a, const struct packet *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void push(struct packet *p)
{
	size_t i = queued++;

	for (; i && before(p, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = p;
}

static struct packet *pop(void)
{
	struct packet *top = heap[0], *p = heap[--queued];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < queued) {
		if (child + 1 < queued && before(heap[child + 1], heap[child]))
			child++;
		if (!before(heap[child], p))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = p;
	return top;
}

static struct rule *find_rule(const uint8_t *data, size_t len)
{
	size_t at = data[0] >> 4 == 4 ? (data[0] & 15) * 4U : 40;
	int proto = data[0] >> 4 == 4 ? data[9] : data[6];

	if (len < at + 4 || proto != IPPROTO_TCP)
		return NULL;
	for (int i = 0; i < nrules; i++) {
		if (rules[i].port == (data[at] << 8 | data[at + 1]) ||
		    rules[i].port == (data[at + 2] << 8 | data[at + 3]))
			return &rules[i];
	}
	return NULL;
}

static int64_t due_time(struct rule *r, int to, int64_t now)
{
	int64_t due = now + r->rtt / 2 * MS;

	if (!calm) {
		due += drand48() * r->jitter * MS;
		/* Held back past some of those that come later */
		if (drand48() * 100 < r->reorder)
			return due + (2 + drand48() * 8) * MS;
		if (now % FREEZE_EVERY < r->freeze * MS)
			due += r->freeze * MS - now % FREEZE_EVERY;
	}
	/* jitter alone does not reorder */
	if (due < r->last[to])
		due = r->last[to];
	r->last[to] = due;
	return due;
}

/* A device that is down loses the packet, as a cable would. */
static void send_on(int fd, const uint8_t *data, size_t len)
{
	if (write(fd, data, len) < 0)
		errno = 0;
}

static void take_in(const int fds[2], int from, int64_t now)
{
	static uint8_t buf[MAX_PACKET];
	struct packet *p;
	struct rule *r;
	ssize_t n;

	while ((n = read(fds[from], buf, sizeof(buf))) > 0) {
		r = n >= 20 ? find_rule(buf, n) : NULL;
		if (!r) {
			send_on(fds[!from], buf, n);
			continue;
		}
		if (queued == MAX_QUEUE)
			continue;
		p = malloc(sizeof(*p) + n);
		if (!p)
			die("memory");
		memcpy(p->data, buf, n);
		p->len = n;
		p->to = !from;
		p->order = arrivals++;
		p->due = due_time(r, p->to, now);
		push(p);
	}
}

static int open_tun(const char *ns, const char *name)
{
	struct ifreq ifr = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
	/* The device belongs to the namespace in which this is opened. */
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		die("/dev/net/tun");
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &ifr))
		die(name);
	return fd;
}

static void parse_rule(const char *s)
{
	struct rule *r = &rules[nrules];

	if (nrules++ == MAX_RULES || sscanf(s, "%d:%lf:%lf:%lf:%lf", &r->port, &r->rtt, &r->jitter,
					    &r->reorder, &r->freeze) != 5) {
		fprintf(stderr, "link: not PORT:RTT:JITTER:REORDER:FREEZE: %s\n", s);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct sigaction sa = {.sa_handler = on_signal};
	struct pollfd pfds[2];
	int fds[2];

	if (argc < 5) {
		fputs("usage: link NS DEV NS DEV [PORT:RTT:JITTER:REORDER:FREEZE…]\n"
		      "RTT, JITTER in ms; REORDER in percent of the packets; every two seconds\n"
		      "nothing passes for FREEZE ms. SIGUSR1: from now on nothing but the RTT.\n",
		      stderr);
		return 2;
	}
	for (int i = 5; i < argc; i++)
		parse_rule(argv[i]);
	sigaction(SIGUSR1, &sa, NULL);
	for (int i = 0; i < 2; i++) {
		fds[i] = open_tun(argv[1 + 2 * i], argv[2 + 2 * i]);
		pfds[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	}
	for (;;) {
		int64_t now = read_clock();
		int64_t wait = queued ? heap[0]->due - now : 1000 * MS;
		struct timespec ts;

		wait = wait < 0 ? 0 : wait;
		ts = (struct timespec){.tv_sec = wait / (1000 * MS), .tv_nsec = wait % (1000 * MS)};
		if (ppoll(pfds, 2, &ts, NULL) < 0 && errno != EINTR)
			die("poll");
		now = read_clock();
		take_in(fds, 0, now);
		take_in(fds, 1, now);
		while (queued && heap[0]->due <= now) {
			struct packet *p = pop();

			send_on(fds[p->to], p->data, p->len);
			free(p);
		}
	}
}
