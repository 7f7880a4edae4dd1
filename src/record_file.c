// SPDX-License-Identifier: GPL-2.0-only
#include "src/record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/caller.h"
#include "src/sanitise.h"

static int make(const char *path)
{
	struct caller user = caller_find();
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd >= 0 && !geteuid() && fchown(fd, user.uid, user.gid)) {
		int err = errno;

		unlink(path);
		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

/* Whether root may empty what it found, or write to whoever reads it. */
static const char *objection(const struct stat *st)
{
	if (geteuid() || !(S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode)))
		return NULL;
	if (st->st_uid != 0 && st->st_uid != caller_find().uid)
		return "it belongs to another user; remove it first";
	if (S_ISREG(st->st_mode) && st->st_nlink > 1)
		return "it has other names (hard links); remove it first";
	return NULL;
}

/* Nothing is lost of a file that then turns out not to be ours. */
static int reuse(const char *path, const char **no)
{
	int flags = O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	int fd = open(path, geteuid() ? flags : flags | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st))
		goto failed;
	*no = objection(&st);
	if (*no || (S_ISREG(st.st_mode) && fchmod(fd, 0600)))
		goto failed;
	return fd;
failed:
	close(fd);
	return -1;
}

static const char *reason(int err)
{
	if (err == ELOOP)
		return "it is a symbolic link, which root does not follow; name the file itself";
	if (err == ENXIO)
		return "nobody reads from it";
	return strerror(err);
}

static int refuse(const char *path, const char *no, struct failure *why)
{
	char shown[200];

	sanitise(path, strlen(path), shown, sizeof(shown));
	return fail(why, EXIT_RUNTIME, "cannot write the recording %s: %s; -w takes another file",
		    shown, no);
}

int record_file_open(const char *path, struct failure *why)
{
	const char *no = NULL;
	int fd;

	if (!strcmp(path, "-"))
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else
		fd = make(path);
	if (fd < 0 && errno == EEXIST)
		fd = reuse(path, &no);
	if (fd >= 0)
		return fd;
	return refuse(path, no ? no : reason(errno), why);
}

/* EINVAL: it is no regular file. */
int record_file_empty(int fd, const char *path, struct failure *why)
{
	if (!strcmp(path, "-") || !ftruncate(fd, 0) || errno == EINVAL)
		return 0;
	return refuse(path, reason(errno), why);
}
