// SPDX-License-Identifier: GPL-2.0-only
#include "src/helper_wire.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

/* Room for what comes along, aligned as the kernel wants it. */
union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(WIRE_MOST_FDS * sizeof(int))];
};

static int move_all(int socket, char *at, size_t len, bool out)
{
	while (len) {
		ssize_t n = out ? send(socket, at, len, MSG_NOSIGNAL) : recv(socket, at, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EPIPE;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int wire_send(int socket, const void *data, size_t len)
{
	return move_all(socket, (char *)data, len, true);
}

int wire_receive(int socket, void *data, size_t len)
{
	return move_all(socket, data, len, false);
}

/* They go with the first byte. */
int wire_send_fds(int socket, const void *data, size_t len, const int *fds, size_t n)
{
	union control control = {.header = {CMSG_LEN(n * sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct iovec part = {(void *)data, len};
	struct msghdr m = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = CMSG_SPACE(n * sizeof(int)),
	};
	ssize_t sent;

	memcpy(CMSG_DATA(&control.header), fds, n * sizeof(int));
	do {
		sent = sendmsg(socket, &m, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent <= 0)
		return -EPIPE;
	return wire_send(socket, (const char *)data + sent, len - (size_t)sent);
}

static size_t take_fds(struct msghdr *m, int *fds)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);
	size_t bytes;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return 0;
	bytes = c->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(c), bytes);
	return bytes / sizeof(int);
}

int wire_receive_fds(int socket, void *data, size_t len, int *fds, size_t *n)
{
	union control control = {.room = {0}};
	struct iovec part = {data, len};
	struct msghdr m = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	ssize_t got;

	do {
		got = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	*n = got > 0 ? take_fds(&m, fds) : 0;
	if (got <= 0)
		return -EPIPE;
	return wire_receive(socket, (char *)data + got, len - (size_t)got);
}
