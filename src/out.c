// SPDX-License-Identifier: GPL-2.0-only
#include "src/out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

int out_reserve(struct failure *why)
{
	int closed = 0, fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The lowest free number is this one. */
		if (errno != EBADF || open("/dev/null", O_RDWR) != fd)
			return fail(why, EXIT_RUNTIME, "cannot open /dev/null: %s",
				    strerror(errno));
		closed |= 1 << fd;
	}
	if (closed & 1 << STDOUT_FILENO)
		return fail(why, EXIT_RUNTIME,
			    "cannot write to standard output: it is closed; redirect it to a file");
	return 0;
}

/* Waits until a write of PIPE_BUF bytes does not block. False if it is to be given up. */
static bool wait_writable(struct out *o)
{
	struct pollfd fds[] = {
		{.fd = o->fd, .events = POLLOUT},
		{.fd = o->stop_fd, .events = POLLIN},
	};

	do {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return true; /* the write will say it better */
	} while (!fds[0].revents && !fds[1].revents);
	return fds[0].revents;
}

/* stdio drops the errno of a write that it does on its own; this keeps it. */
static ssize_t write_all(void *cookie, const char *text, size_t len)
{
	struct out *o = cookie;
	size_t done = 0;
	ssize_t n;

	if (!o->err && ferror(o->f))
		o->err = ENOMEM; /* there is a gap in the text */
	while (!o->err && done < len) {
		size_t part = len - done < PIPE_BUF ? len - done : PIPE_BUF;

		if (!wait_writable(o)) {
			o->err = EINTR;
			break;
		}
		n = write(o->fd, text + done, part);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno != EINTR && errno != EAGAIN)
			o->err = errno;
	}
	return o->err ? 0 : (ssize_t)len;
}

int out_open(struct out *o, int fd)
{
	static const cookie_io_functions_t ops = {.write = write_all};

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	o->fd = fd;
	o->stop_fd = -1;
	o->err = 0;
	o->f = fopencookie(o, "w", ops);
	if (!o->f)
		return -ENOMEM;
	setvbuf(o->f, NULL, _IOFBF, 1 << 16);
	return 0;
}

int out_flush(struct out *o)
{
	struct pollfd p = {.fd = o->fd};

	if (!o->err && fflush(o->f) && !o->err)
		o->err = errno;
	if (!o->err && ferror(o->f))
		o->err = ENOMEM; /* stdio's own; nothing was left to write */
	if (!o->err && o->fd >= 0 && poll(&p, 1, 0) > 0 && p.revents & POLLERR)
		o->err = EPIPE;
	return -o->err;
}

int out_close(struct out *o)
{
	int err = out_flush(o);

	fclose(o->f);
	o->f = NULL;
	/* A network file system may say only now that there was no room. */
	if (close(o->fd) && !err)
		err = -errno;
	return err;
}

const char *out_advice(int err)
{
	switch (err) {
	case ENOSPC:
	case EDQUOT:
		return "; make room there, or write elsewhere";
	case ENOMEM:
		return "; end what takes memory here";
	case EBADF:
		return "; it is not open for writing";
	case EFBIG:
		return "; the file has reached its size limit";
	default:
		return "; write elsewhere";
	}
}

int out_status(int err, struct failure *why)
{
	if (!err || err == -EPIPE || err == -EINTR)
		return EXIT_FINE;
	fail(why, EXIT_RUNTIME, "cannot write to standard output: %s%s", strerror(-err),
	     out_advice(-err));
	return why->status;
}
