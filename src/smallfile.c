// SPDX-License-Identifier: GPL-2.0-only
#include "src/smallfile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* To its end: a part would be a number cut short. */
static int read_on(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, buf + len, size - 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	buf[len] = '\0';
	return n < 0 ? -errno : (int)len;
}

int smallfile_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), len;

	if (fd < 0)
		return -errno;
	len = read_on(fd, buf, size);
	close(fd);
	return len;
}

int smallfile_write(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}
