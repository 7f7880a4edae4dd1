// SPDX-License-Identifier: GPL-2.0-only
/* Files, sockets and what else has a descriptor or is a stream. */
#include "tests/faults/faults.h"

#include <dirent.h>
#include <fcntl.h>
#include <mntent.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* A short count is a thing of files, pipes, terminals and streams: the kernel gives a whole signal, and
 * a whole datagram. */
static bool may_be_short(int fd)
{
	char link[40], name[64] = "";
	socklen_t size = sizeof(int);
	int type;

	if (!getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size))
		return type == SOCK_STREAM;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, name, sizeof(name) - 1) < 0)
		return false;
	return strcmp(name, "anon_inode:[signalfd]") && strcmp(name, "anon_inode:[timerfd]");
}

/* With ERRNO 0 one byte of what was asked for. */
#define SHORT(type, name, parameters, fd, arguments, one)            \
	type fault_##name parameters;                                \
	type fault_##name parameters                                 \
	{                                                            \
		const struct order *order = is_due(#name, HERE);     \
                                                                     \
		if (!order)                                          \
			return name arguments;                       \
		if (order->error)                                    \
			return -1;                                   \
		return may_be_short(fd) ? name one : name arguments; \
	}

/* Descriptors */
#define MODE_OF(flags, from)               \
	va_list ap;                        \
	mode_t mode = 0;                   \
                                           \
	va_start(ap, from);                \
	if ((flags)&O_CREAT)               \
		mode = va_arg(ap, mode_t); \
	va_end(ap)

int fault_open(const char *path, int flags, ...);
int fault_open(const char *path, int flags, ...)
{
	MODE_OF(flags, flags);
	return is_due("open", HERE) ? -1 : open(path, flags, mode);
}

int fault_openat(int folder, const char *path, int flags, ...);
int fault_openat(int folder, const char *path, int flags, ...)
{
	MODE_OF(flags, flags);
	return is_due("openat", HERE) ? -1 : openat(folder, path, flags, mode);
}

FAULTY(int, open_by_handle_at, (int fd, struct file_handle *h, int flags), (fd, h, flags), -1)
FAULTY(DIR *, opendir, (const char *path), (path), NULL)
FAULTY(FILE *, fdopen, (int fd, const char *mode), (fd, mode), NULL)
FAULTY(DIR *, fdopendir, (int fd), (fd), NULL)
FAULTY(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL)
FAULTY(FILE *, open_memstream, (char **text, size_t *len), (text, len), NULL)
FAULTY(int, socketpair, (int domain, int type, int protocol, int *fds),
       (domain, type, protocol, fds), -1)
FAULTY(int, close_range, (unsigned int first, unsigned int last, int flags), (first, last, flags),
       -1)
FAULTY(int, dup2, (int from, int to), (from, to), -1)
FAULTY(int, pipe2, (int *fds, int flags), (fds, flags), -1)
FAULTY(int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)
FAULTY(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t len),
       (fd, level, name, value, len), -1)
FAULTY(int, signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags), -1)
FAULTY(int, timerfd_create, (clockid_t clock, int flags), (clock, flags), -1)
FAULTY(int, timerfd_settime,
       (int fd, int flags, const struct itimerspec *new, struct itimerspec *old),
       (fd, flags, new, old), -1)
FAULTY(FILE *, setmntent, (const char *path, const char *mode), (path, mode), NULL)

/* A third argument that is not there is not used either. */
int fault_fcntl(int fd, int command, ...);
int fault_fcntl(int fd, int command, ...)
{
	va_list ap;
	long value;

	va_start(ap, command);
	value = va_arg(ap, long);
	va_end(ap);
	return is_due("fcntl", HERE) ? -1 : fcntl(fd, command, value);
}

int fault_ioctl(int fd, unsigned long request, ...);
int fault_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *value;

	va_start(ap, request);
	value = va_arg(ap, void *);
	va_end(ap);
	return is_due("ioctl", HERE) ? -1 : ioctl(fd, request, value);
}

/* Reading and writing. An error of a stream stays with it. */
static int break_stream(FILE *f)
{
	enum { GLIBC_ERROR_SEEN = 0x20 };

	f->_flags |= GLIBC_ERROR_SEEN;
	return EOF;
}

/* Of its first part one byte. Nobody looks at the parts again. */
static struct msghdr *shortened(const struct msghdr *m)
{
	m->msg_iov->iov_len = m->msg_iov->iov_len > 0;
	return (struct msghdr *)m;
}

SHORT(ssize_t, read, (int fd, void *buf, size_t n), fd, (fd, buf, n), (fd, buf, n > 0))
SHORT(ssize_t, write, (int fd, const void *buf, size_t n), fd, (fd, buf, n), (fd, buf, n > 0))
SHORT(ssize_t, recv, (int fd, void *buf, size_t n, int flags), fd, (fd, buf, n, flags),
      (fd, buf, n > 0, flags))
SHORT(ssize_t, send, (int fd, const void *buf, size_t n, int flags), fd, (fd, buf, n, flags),
      (fd, buf, n > 0, flags))
SHORT(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), fd, (fd, m, flags),
      (fd, shortened(m), flags))
SHORT(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), fd, (fd, m, flags),
      (fd, shortened(m), flags))
FAULTY(off_t, lseek, (int fd, off_t at, int from), (fd, at, from), -1)
FAULTY(int, ftruncate, (int fd, off_t size), (fd, size), -1)
FAULTY(int, fsync, (int fd), (fd), -1)
FAULTY(int, getentropy, (void *to, size_t size), (to, size), -1)
FAULTY_AFTER(int, close, (int fd), (fd), -1)
FAULTY(int, poll, (struct pollfd * p, nfds_t n, int ms), (p, n, ms), -1)
FAULTY(char *, fgets, (char *to, int size, FILE *f), (to, size, f), (break_stream(f), NULL))
FAULTY(int, getc, (FILE * f), (f), break_stream(f))
FAULTY(int, fputc, (int c, FILE *f), (c, f), break_stream(f))
FAULTY(int, fputs, (const char *text, FILE *f), (text, f), break_stream(f))
FAULTY(size_t, fwrite, (const void *data, size_t size, size_t n, FILE *f), (data, size, n, f),
       (break_stream(f), 0))
FAULTY(int, putchar, (int c), (c), break_stream(stdout))
FAULTY(int, fflush, (FILE * f), (f), break_stream(f))
FAULTY_AFTER(int, fclose, (FILE * f), (f), EOF)
FAULTY(struct dirent *, readdir, (DIR * dir), (dir), NULL)
FAULTY(ssize_t, readlink, (const char *path, char *to, size_t n), (path, to, n), -1)
FAULTY(struct mntent *, getmntent_r, (FILE * f, struct mntent *m, char *buf, int size),
       (f, m, buf, size), NULL)
int fault_vfprintf(FILE *f, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
int fault_vfprintf(FILE *f, const char *format, va_list ap)
{
	return is_due("vfprintf", HERE) ? break_stream(f) : vfprintf(f, format, ap);
}

int fault_dprintf(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fault_dprintf(int fd, const char *format, ...)
{
	va_list ap;
	int n;

	if (is_due("dprintf", HERE))
		return -1;
	va_start(ap, format);
	n = vdprintf(fd, format, ap);
	va_end(ap);
	return n;
}

int fault_fprintf(FILE *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fault_fprintf(FILE *f, const char *format, ...)
{
	va_list ap;
	int n;

	if (is_due("fprintf", HERE))
		return break_stream(f);
	va_start(ap, format);
	n = vfprintf(f, format, ap);
	va_end(ap);
	return n;
}

/* Files by their names */
FAULTY(int, access, (const char *path, int mode), (path, mode), -1)
FAULTY(int, stat, (const char *path, struct stat *st), (path, st), -1)
FAULTY(int, lstat, (const char *path, struct stat *st), (path, st), -1)
FAULTY(int, fstat, (int fd, struct stat *st), (fd, st), -1)
FAULTY(int, fstatat, (int folder, const char *path, struct stat *st, int flags),
       (folder, path, st, flags), -1)
FAULTY(int, statfs, (const char *path, struct statfs *st), (path, st), -1)
FAULTY(int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
FAULTY(int, fchown, (int fd, uid_t user, gid_t group), (fd, user, group), -1)
FAULTY(int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
FAULTY(int, renameat, (int of, const char *old, int nf, const char *new), (of, old, nf, new), -1)
FAULTY(int, unlink, (const char *path), (path), -1)
FAULTY(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), -1)
