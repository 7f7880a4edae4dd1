// SPDX-License-Identifier: GPL-2.0-only
#include "src/metrics_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/child.h"
#include "src/confine.h"
#include "src/helper_wire.h"
#include "src/privileges.h"
#include "src/sanitise.h"
#include "src/smallfile.h"

/* Whoever has stopped it, or a disk that hangs, is not to keep us. */
enum { PATIENCE_SECONDS = 10, END_MS = 5000 };

struct metrics_file {
	int folder; /* -1: it is written apart, */
	int socket; /* by the process at the other end of this; else -1 */
	pid_t pid;
	char name[NAME_MAX + 1], aside[NAME_MAX + 8];
	char shown[200]; /* its path, for who reads of it */
};

/* ---- Writing */

/* One that was left behind by who was killed is in the way. */
static int make_aside(const struct metrics_file *f)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	mode_t mask = umask(022);
	int fd;

	unlinkat(f->folder, f->aside, 0);
	fd = openat(f->folder, f->aside, flags, 0644);
	if (fd < 0)
		fd = -errno;
	umask(mask);
	return fd;
}

static int replace(const struct metrics_file *f, const char *text, size_t len)
{
	int fd = make_aside(f), err;

	if (fd < 0)
		return fd;
	err = smallfile_write(fd, text, len);
	if (close(fd) && !err)
		err = -errno;
	if (!err && renameat(f->folder, f->aside, f->folder, f->name))
		err = -errno;
	if (err)
		unlinkat(f->folder, f->aside, 0);
	return err;
}

/* ---- The process apart: a length and a text come, an errno goes back */

static void serve(const struct metrics_file *f, int from)
{
	char *text = malloc(METRICS_MOST);
	uint32_t len;

	while (text && !wire_receive(from, &len, sizeof(len)) && len && len <= METRICS_MOST &&
	       !wire_receive(from, text, len)) {
		int32_t err = replace(f, text, len);

		if (wire_send(from, &err, sizeof(err)))
			break;
	}
	free(text);
}

/* Nothing else of ours stays open there: a reader of our output waits for its end. */
static int leave_descriptors(struct metrics_file *f, int *socket)
{
	enum { FOLDER = STDERR_FILENO + 1, SOCKET };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int folder = fcntl(f->folder, F_DUPFD_CLOEXEC, SOCKET + 1);
	int other = fcntl(*socket, F_DUPFD_CLOEXEC, SOCKET + 1);

	if (folder < 0 || other < 0)
		return -1;
	for (int i = 0; i < FOLDER; i++) {
		if (null < 0 || dup2(null, i) < 0)
			return -1;
	}
	if (dup2(folder, FOLDER) < 0 || dup2(other, SOCKET) < 0)
		return -1;
	if (close_range(SOCKET + 1, UINT_MAX, 0))
		return -1;
	f->folder = FOLDER;
	*socket = SOCKET;
	return 0;
}

/* A session of its own: Ctrl-C is for the one that counts, and whose last word is to be written. */
static _Noreturn void run(struct metrics_file *f, int socket)
{
	int err;

	setsid();
	prctl(PR_SET_NAME, "tcpretop-metric");
	if (leave_descriptors(f, &socket) || privileges_for_writer())
		_exit(EXIT_FAILURE);
	err = confine(CONFINE_WRITER);
	if (!err || err == -EINVAL)
		serve(f, socket);
	_exit(EXIT_SUCCESS);
}

static int start(struct metrics_file *f)
{
	const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fds[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	f->pid = fork();
	if (f->pid == 0)
		run(f, fds[1]);
	close(fds[1]);
	if (f->pid < 0) {
		close(fds[0]);
		return -errno;
	}
	close(f->folder);
	f->folder = -1;
	f->socket = fds[0];
	return 0;
}

static int write_apart(const struct metrics_file *f, const char *text, size_t len)
{
	uint32_t size = (uint32_t)len;
	int32_t err;

	errno = 0;
	if (wire_send(f->socket, &size, sizeof(size)) || wire_send(f->socket, text, len) ||
	    wire_receive(f->socket, &err, sizeof(err)))
		return errno == EAGAIN ? -ETIMEDOUT : -EPIPE;
	return err;
}

/* ---- For the caller */

int metrics_file_write(struct metrics_file *f, const char *text, size_t len)
{
	if (!len || len > METRICS_MOST)
		return -E2BIG;
	return f->folder >= 0 ? replace(f, text, len) : write_apart(f, text, len);
}

void metrics_file_close(struct metrics_file *f)
{
	if (!f)
		return;
	if (f->folder >= 0)
		close(f->folder);
	if (f->socket >= 0)
		close(f->socket);
	if (f->pid > 0)
		child_ends(f->pid, END_MS);
	free(f);
}

/* The folder, and the name within. */
static int open_folder(struct metrics_file *f, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char folder[PATH_MAX];
	size_t len = slash ? (size_t)(slash - path) + 1 : 0;

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EISDIR;
	if (strlen(name) > NAME_MAX - 5 || len >= sizeof(folder))
		return -ENAMETOOLONG;
	memcpy(folder, slash ? path : ".", slash ? len : 1);
	folder[slash ? len : 1] = '\0';
	strcpy(f->name, name);
	snprintf(f->aside, sizeof(f->aside), ".%s.new", name);
	f->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return f->folder < 0 ? -errno : 0;
}

/* A rename would make a file of a device, a link or a pipe. */
static int check_target(const struct metrics_file *f)
{
	struct stat st;

	if (fstatat(f->folder, f->name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	return S_ISREG(st.st_mode) ? 0 : -EEXIST;
}

static const char *reason(int err)
{
	if (err == -EEXIST)
		return "it is there and no regular file";
	return err == -EPIPE ? "the process that writes it has ended" : strerror(-err);
}

int metrics_file_fail(const struct metrics_file *f, int err, struct failure *why)
{
	return fail(why, EXIT_RUNTIME, "cannot keep metrics in %s: %s; %s", f->shown, reason(err),
		    err == -EPIPE || err == -ENOMEM ? "start tcpretop again"
						    : "--metrics takes another file");
}

struct metrics_file *metrics_file_open(const char *path, bool apart, struct failure *why)
{
	struct metrics_file *f = calloc(1, sizeof(*f));
	int err;

	if (!f) {
		fail(why, EXIT_RUNTIME, "out of memory");
		return NULL;
	}
	f->folder = f->socket = -1;
	sanitise(path, strlen(path), f->shown, sizeof(f->shown));
	err = open_folder(f, path);
	if (!err)
		err = check_target(f);
	if (!err && apart)
		err = start(f);
	if (!err)
		return f;
	metrics_file_fail(f, err, why);
	metrics_file_close(f);
	return NULL;
}
