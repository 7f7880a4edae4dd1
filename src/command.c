// SPDX-License-Identifier: GPL-2.0-only
#include "src/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Up to size - 1 bytes of the file, NUL-terminated. Bytes or a negative errno. */
static int read_file(int32_t pid, const char *name, char *buf, size_t size)
{
	char path[40];
	ssize_t len;
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	err = errno;
	close(fd);
	if (len < 0)
		return -err;
	buf[len] = '\0';
	return (int)len;
}

int command_read(int32_t pid, struct command *c)
{
	char comm[sizeof(c->comm) + 1]; /* with the line's end */
	int len;

	memset(c, 0, sizeof(*c));
	len = read_file(pid, "comm", comm, sizeof(comm));
	if (len < 0)
		return len;
	memcpy(c->comm, comm, strcspn(comm, "\n"));
	len = read_file(pid, "cmdline", c->line, sizeof(c->line));
	if (len < 0)
		return len;
	while (len > 0 && !c->line[len - 1])
		len--;
	for (int i = 0; i < len; i++)
		if (!c->line[i])
			c->line[i] = ' ';
	return 0;
}
