// SPDX-License-Identifier: GPL-2.0-only
#include "src/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

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

static void unmake(struct helper *helper, const char *path)
{
	struct helper_request r = {.question = HELPER_UNMAKE_FILE};
	size_t bytes;
	int err;

	if (helper)
		helper_ask(helper, &r, NULL, &bytes, NULL, &err);
	else
		unlink(path);
}

FILE *newfile_open(struct helper *helper, const char *path)
{
	int fd = helper ? make_by_helper(helper, path) : newfile_make(path);
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

int newfile_close(FILE *f, struct helper *helper, const char *path, int err)
{
	bool failed = ferror(f);

	errno = EIO;
	if ((fclose(f) || failed) && !err)
		err = -errno;
	if (err)
		unmake(helper, path);
	return err;
}
