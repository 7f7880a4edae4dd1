// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the helper is asked by a process that somebody has taken over: it answers, or leaves. What it
 * would look at and make is pretended, so that only what it must never do is left to be seen.
 */
#include "src/helper.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/cgroups.h"
#include "src/command.h"
#include "src/helper_wire.h"
#include "src/live_counters.h"
#include "src/netns.h"
#include "src/newfile.h"
#include "src/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SOME_FD = 1000 };

static struct {
	const uint8_t *at, *end;
	bool files;
	int opened;   /* descriptors that it has to close */
	uint32_t due; /* bytes of the answer that are still to come */
	char made[NAME_MAX + 1];
} input;

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* ---- What it looks at */

struct netns_books *netns_open(void)
{
	return (struct netns_books *)&input;
}

void netns_close(struct netns_books *b)
{
	(void)b;
}

unsigned int netns_names_version(const struct netns_books *b)
{
	(void)b;
	return 1;
}

size_t netns_list(const struct netns_books *b, struct netns_named *to, size_t most)
{
	(void)b;
	memset(to, 'n', most * sizeof(*to));
	return most;
}

int netns_socket(struct netns_books *b, uint32_t netns, int protocol)
{
	(void)b;
	(void)protocol;
	if (netns & 1)
		return -ESRCH;
	input.opened++;
	return SOME_FD;
}

struct cgroups *cgroups_open(void)
{
	return (struct cgroups *)&input;
}

void cgroups_close(struct cgroups *all)
{
	(void)all;
}

bool cgroups_known(const struct cgroups *all)
{
	(void)all;
	return true;
}

const struct cgroup_info *cgroups_find(struct cgroups *all, uint64_t id, uint64_t now_ns)
{
	static char text[PATH_MAX];
	static struct cgroup_info c;

	(void)all;
	(void)now_ns;
	memset(text, 'p', sizeof(text) - 1);
	c.path = id & 1 ? text : NULL;
	c.unit = id & 2 ? text + id % sizeof(text) : NULL;
	c.pod = c.unit;
	return id & 4 ? &c : NULL;
}

int counters_open(struct counters *c)
{
	c->totals = (struct totals *)&input;
	return 0;
}

struct coverage counters_coverage(struct counters *c, struct netns_books *b)
{
	(void)c;
	(void)b;
	return (struct coverage){.seen = 1};
}

void counters_close(struct counters *c)
{
	(void)c;
}

int command_read(int32_t pid, struct command *c)
{
	require(pid > 0);
	memset(c, 'c', sizeof(*c));
	return pid & 1 ? -ESRCH : 0;
}

/* ---- What it makes */

int newfile_make(const char *path)
{
	require(input.files && *path && *path != '.' && !strchr(path, '/') &&
		strlen(path) <= NAME_MAX);
	if (*path == 'x')
		return -EEXIST;
	strcpy(input.made, path);
	input.opened++;
	return SOME_FD;
}

int settings_put(const char *text, size_t len, char *path, size_t size, struct failure *why)
{
	require(input.files && len <= HELPER_MOST_ASKED && !text[len]);
	if (len & 1)
		return fail(why, EXIT_RUNTIME, "no");
	memset(path, 'p', size - 1);
	path[size - 1] = '\0';
	return 0;
}

static int input_unlink(const char *path)
{
	require(!strcmp(path, input.made));
	return 0;
}

/* ---- Its socket */

int wire_receive(int socket, void *data, size_t len)
{
	(void)socket;
	if (len > (size_t)(input.end - input.at))
		return -EPIPE;
	memcpy(data, input.at, len);
	input.at += len;
	/* Any question, and often one of the known ones. */
	if (len == sizeof(struct helper_request)) {
		struct helper_request *r = data;

		r->question = r->question & 0x80 ? r->question : r->question % HELPER_QUESTIONS;
		r->bytes = r->bytes & 0x80 ? r->bytes : r->bytes % 64;
	}
	return 0;
}

int wire_receive_fds(int socket, void *data, size_t len, int *fds, size_t *n)
{
	(void)socket;
	memset(data, 0, len);
	for (*n = 0; *n < HELPER_MAPS; (*n)++)
		fds[*n] = SOME_FD;
	input.opened += HELPER_MAPS;
	return 0;
}

static void check_reply(const struct helper_reply *r)
{
	require(r->err <= 0 && r->err > -4096 && r->bytes <= HELPER_MOST_TOLD);
	require(!r->err || !r->bytes);
	input.due = r->bytes;
}

/* A reply, then as many bytes as it says. */
int wire_send(int socket, const void *data, size_t len)
{
	(void)socket;
	if (input.due) {
		require(len == input.due);
		input.due = 0;
	} else if (len) {
		require(len == sizeof(struct helper_reply));
		check_reply(data);
	}
	return 0;
}

int wire_send_fds(int socket, const void *data, size_t len, const int *fds, size_t n)
{
	const struct helper_reply *r = data;

	(void)socket;
	require(len == sizeof(*r) && n == 1 && *fds == SOME_FD && !r->err && !input.due);
	check_reply(r);
	return 0;
}

static int input_close(int fd)
{
	require(fd == SOME_FD && input.opened-- > 0);
	return 0;
}

/* What it answers and is asked is half a megabyte, and has not to be zero. */
static void *input_calloc(size_t size);
static void input_free(void *freed);

#define close(fd) input_close(fd)
#define unlink(path) input_unlink(path)
#define calloc(n, size) input_calloc(size)
#define free(server) input_free(server)
#include "src/helper_serve.c"

static struct server server;

static void *input_calloc(size_t size)
{
	require(size == sizeof(server));
	memset(&server, 0, offsetof(struct server, asked));
	return &server;
}

static void input_free(void *freed)
{
	require(freed == &server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	input.files = data[0] & 1;
	input.due = 0;
	*input.made = '\0';
	input.at = data + 1;
	input.end = data + size;
	helper_serve(0, input.files);
	require(input.opened == 0);
	return 0;
}
