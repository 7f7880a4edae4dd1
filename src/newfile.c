// SPDX-License-Identifier: GPL-2.0-only
#include "src/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "src/caller.h"
#include "src/helper.h"

int newfile_make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

static int make_by_helper(struct helper *helper, const char *path)
{
	struct helper_request r = {
		.question = HELPER_MAKE_FILE,
		.bytes = (uint32_t)strnlen(path, PATH_MAX),
	};
	size_t bytes;
	int fd, err;

	helper_ask(helper, &r, path, &bytes, &fd, &err);
	return err ? err : fd;
}

/* Root that starts ssh has kept its rights. */
static int make_as_caller(const char *path)
{
	struct caller was;
	int fd;

	caller_become(&was);
	fd = newfile_make(path);
	caller_return(&was);
	return fd;
}

static void unmake_as_caller(const char *path)
{
	struct caller was;

	caller_become(&was);
	unlink(path);
	caller_return(&was);
}

static void unmake(struct helper *helper, const char *path)
{
	struct helper_request r = {.question = HELPER_UNMAKE_FILE};
	size_t bytes;
	int err;

	if (helper)
		helper_ask(helper, &r, NULL, &bytes, NULL, &err);
	else
		unmake_as_caller(path);
}

FILE *newfile_open(struct helper *helper, const char *path)
{
	int fd = helper ? make_by_helper(helper, path) : make_as_caller(path);
	FILE *f;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	f = fdopen(fd, "w");
	if (f)
		return f;
	close(fd);
	unmake(helper, path);
	errno = ENOMEM;
	return NULL;
}

int newfile_close(FILE *f, struct helper *helper, const char *path)
{
	bool failed = ferror(f);
	int err = 0;

	errno = EIO;
	if (fclose(f) || failed)
		err = -errno;
	if (err)
		unmake(helper, path);
	return err;
}
