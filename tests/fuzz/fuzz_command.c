// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as what /proc tells of a process, in reads of any length. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of the input: the first byte of each read is how much it gives, at most. */
static struct {
	const uint8_t *data;
	size_t size;
} input;

static int input_open(const char *path)
{
	if (strcmp(path, "/proc/42/comm") && strcmp(path, "/proc/42/cmdline"))
		abort();
	return 0;
}

static ssize_t input_read(void *to, size_t most)
{
	size_t n = input.size ? *input.data : 0;

	if (!input.size || n == 0)
		return 0;
	if (n == 255) {
		input.data++;
		input.size--;
		errno = EINTR;
		return -1;
	}
	n = n < input.size - 1 ? n : input.size - 1;
	n = n < most ? n : most;
	memcpy(to, input.data + 1, n);
	input.data += 1 + n;
	input.size -= 1 + n;
	return (ssize_t)n;
}

#define open(path, flags) input_open(path)
#define read(fd, to, most) input_read(to, most)
#define close(fd) (void)(fd)
#include "src/smallfile.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct command c;

	input.data = data;
	input.size = size;
	if (command_read(42, &c))
		abort();
	if (!memchr(c.line, '\0', sizeof(c.line)) || memchr(c.comm, '\n', sizeof(c.comm)))
		abort();
	return 0;
}
