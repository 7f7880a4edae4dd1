// SPDX-License-Identifier: GPL-2.0-only
/* Our side of it. */
#include "src/helper.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "src/child.h"
#include "src/helper_wire.h"

/* An answer takes milliseconds; who has stopped it, or what it waits for, is not to keep us for good. */
enum { PATIENCE_SECONDS = 10, END_MS = 5000 };

struct helper {
	pid_t pid;
	int fd; /* -1: gone */
	bool files;
	uint64_t cpu_ns;
	char *answer; /* HELPER_MOST_TOLD bytes */
};

struct helper *helper_new(pid_t pid, int fd, bool files)
{
	const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
	struct helper *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	h->pid = pid;
	h->fd = fd;
	h->files = files;
	h->answer = malloc(HELPER_MOST_TOLD);
	if (h->answer)
		return h;
	free(h);
	return NULL;
}

/* What is not asked for is not kept. */
static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

static int receive_reply(int from, struct helper_reply *reply, int *fd)
{
	int fds[WIRE_MOST_FDS], err;
	size_t n;

	err = wire_receive_fds(from, reply, sizeof(*reply), fds, &n);
	if (!err && n == 1)
		*fd = fds[0];
	else
		close_all(fds, n);
	return err;
}

static int exchange(struct helper *h, const struct helper_request *r, const void *payload,
		    struct helper_reply *reply, int *fd)
{
	int err = wire_send(h->fd, r, sizeof(*r));

	if (!err)
		err = wire_send(h->fd, payload, r->bytes);
	if (!err)
		err = receive_reply(h->fd, reply, fd);
	if (!err && reply->bytes > HELPER_MOST_TOLD)
		err = -EPIPE;
	return err ? err : wire_receive(h->fd, h->answer, reply->bytes);
}

static uint64_t read_cpu(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &ts))
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* What is out of step with us cannot be asked again. */
static void leave(struct helper *h)
{
	h->cpu_ns = read_cpu(h->pid);
	close(h->fd);
	h->fd = -1;
}

int helper_send(struct helper *h, const int maps[HELPER_MAPS])
{
	return wire_send_fds(h->fd, "", 1, maps, HELPER_MAPS);
}

const void *helper_ask(struct helper *h, const struct helper_request *r, const void *payload,
		       size_t *bytes, int *fd, int *err)
{
	struct helper_reply reply = {0};
	int received = -1;

	*err = h->fd < 0 ? -EPIPE : exchange(h, r, payload, &reply, &received);
	if (*err && h->fd >= 0)
		leave(h);
	if (!*err)
		*err = reply.err;
	if (fd && !*err)
		*fd = received;
	else if (received >= 0)
		close(received);
	*bytes = reply.bytes;
	return *err ? NULL : h->answer;
}

bool helper_makes_files(const struct helper *h)
{
	return h->files;
}

bool helper_is_gone(const struct helper *h)
{
	return h->fd < 0;
}

uint64_t helper_cpu_ns(const struct helper *h)
{
	return h->fd < 0 ? h->cpu_ns : read_cpu(h->pid);
}

void helper_stop(struct helper *h)
{
	if (!h)
		return;
	if (h->fd >= 0)
		close(h->fd);
	if (h->pid > 0)
		child_ends(h->pid, END_MS);
	free(h->answer);
	free(h);
}
