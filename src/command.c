// SPDX-License-Identifier: GPL-2.0-only
#include "src/command.h"

#include <stdio.h>
#include <string.h>

#include "src/smallfile.h"

static int read_file(int32_t pid, const char *name, char *buf, size_t size)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return smallfile_read(path, buf, size);
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
