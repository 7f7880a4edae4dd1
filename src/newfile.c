// SPDX-License-Identifier: GPL-2.0-only
#include "src/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* A number as sudo(8) leaves it in the environment. */
static bool sudo_number(const char *name, unsigned int *n)
{
	const char *text = getenv(name);
	unsigned long long value;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	*n = (unsigned int)value;
	return !*end && !errno && value < UINT_MAX; /* (uid_t)-1 is nobody's */
}

static int give_to_caller(int fd)
{
	unsigned int uid, gid;

	if (geteuid() != 0 || !sudo_number("SUDO_UID", &uid) || !sudo_number("SUDO_GID", &gid))
		return 0;
	return fchown(fd, uid, gid);
}

FILE *newfile_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *f;
	int err;

	if (fd < 0)
		return NULL;
	f = give_to_caller(fd) == 0 ? fdopen(fd, "w") : NULL;
	if (f)
		return f;
	err = errno;
	close(fd);
	unlink(path);
	errno = err;
	return NULL;
}

int newfile_close(FILE *f, const char *path)
{
	bool failed = ferror(f);
	int err = 0;

	errno = EIO;
	if (fclose(f) || failed)
		err = -errno;
	if (err)
		unlink(path);
	return err;
}
