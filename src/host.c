// SPDX-License-Identifier: GPL-2.0-only
#include "src/host.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "src/hash.h"
#include "src/helper.h"
#include "src/live_counters.h"

/* What is remembered; beyond, new ones are not known. */
#define MAX_CGROUPS 65536

struct told_cgroup {
	uint64_t id;
	struct cgroup_info info;
	UT_hash_handle hh;
};

struct host {
	struct helper *helper; /* NULL: the next two are ours */
	struct netns_books *books;
	struct cgroups *cgroups;
	struct counters *counters;
	/* what the helper has told */
	struct helper_coverage state;
	struct netns_named *names;
	size_t nnames;
	struct told_cgroup *told;
};

/* ---- Asking the helper */

static const void *ask(struct host *h, enum helper_question question, uint64_t number,
		       size_t *bytes, int *err)
{
	struct helper_request r = {.question = question, .number = number};

	return helper_ask(h->helper, &r, NULL, bytes, NULL, err);
}

static void ask_names(struct host *h)
{
	size_t bytes;
	int err;
	const void *answer = ask(h, HELPER_NAMES, 0, &bytes, &err);
	struct netns_named *names = answer ? malloc(bytes + 1) : NULL;

	if (!names)
		return;
	memcpy(names, answer, bytes);
	free(h->names);
	h->names = names;
	h->nnames = bytes / sizeof(*names);
	for (size_t i = 0; i < h->nnames; i++)
		names[i].name[sizeof(names[i].name) - 1] = '\0';
}

/* ---- Namespaces */

static int open_by_helper(struct host *h)
{
	struct helper_request r = {.question = HELPER_OPEN};
	const int maps[HELPER_MAPS] = {h->counters->netns_fd, h->counters->near_fd};
	int err = helper_send(h->helper, maps);
	size_t bytes;

	if (!err)
		helper_ask(h->helper, &r, NULL, &bytes, NULL, &err);
	return err;
}

struct host *host_open(struct helper *helper, struct counters *counters, int *err)
{
	struct host *h = calloc(1, sizeof(*h));

	*err = -ENOMEM;
	if (!h)
		return NULL;
	h->helper = helper;
	h->counters = counters;
	if (helper) {
		*err = open_by_helper(h);
	} else {
		h->books = netns_open();
		h->cgroups = cgroups_open();
		*err = h->books && h->cgroups ? 0 : -ENOMEM;
	}
	if (!*err)
		return h;
	host_close(h);
	return NULL;
}

struct coverage host_coverage(struct host *h)
{
	unsigned int version = h->state.names_version;
	const struct helper_coverage *told;
	size_t bytes;
	int err;

	if (!h->helper)
		return counters_coverage(h->counters, h->books);
	told = ask(h, HELPER_COVERAGE, 0, &bytes, &err);
	if (!told || bytes != sizeof(*told))
		return (struct coverage){0};
	h->state = *told;
	if (!h->names || h->state.names_version != version)
		ask_names(h);
	return h->state.coverage;
}

const char *host_netns_name(const struct host *h, uint32_t netns)
{
	if (!h->helper)
		return netns_name(h->books, netns);
	for (size_t i = 0; i < h->nnames; i++)
		if (h->names[i].netns == netns)
			return h->names[i].name;
	return NULL;
}

unsigned int host_names_version(const struct host *h)
{
	return h->helper ? h->state.names_version : netns_names_version(h->books);
}

int host_netns_socket(struct host *h, uint32_t netns)
{
	struct helper_request r = {.question = HELPER_SOCKET, .number = netns};
	size_t bytes;
	int fd, err;

	if (!h->helper)
		return netns_socket(h->books, netns, NETLINK_SOCK_DIAG);
	helper_ask(h->helper, &r, NULL, &bytes, &fd, &err);
	if (!err && fd < 0)
		err = -ESRCH;
	return err ? err : fd;
}

/* ---- Cgroups */

/* The text at *at, or NULL; *at is then behind it. -EPROTO if it does not end. */
static int take_text(const char **at, const char *end, char **text)
{
	const char *zero = *at < end ? memchr(*at, '\0', (size_t)(end - *at)) : NULL;

	*text = NULL;
	if (!zero)
		return -EPROTO;
	if (**at == HELPER_TEXT)
		*text = strdup(*at + 1);
	*at = zero + 1;
	return 0;
}

static void forget(struct told_cgroup *c)
{
	free(c->info.path);
	free(c->info.unit);
	free(c->info.pod);
	free(c);
}

static struct told_cgroup *take_cgroup(struct host *h, uint64_t id, const char *at, size_t bytes)
{
	struct told_cgroup *c = calloc(1, sizeof(*c));
	const char *end = at + bytes;

	if (!c)
		return NULL;
	c->id = id;
	if (!take_text(&at, end, &c->info.path) && !take_text(&at, end, &c->info.unit) &&
	    !take_text(&at, end, &c->info.pod)) {
		HASH_ADD(hh, h->told, id, sizeof(c->id), c);
		if (c->hh.tbl)
			return c;
	}
	forget(c);
	return NULL;
}

const struct cgroup_info *host_cgroup(struct host *h, uint64_t id, uint64_t now_ns)
{
	struct helper_request r = {
		.question = HELPER_CGROUP,
		.number = id,
		.now_ns = now_ns,
	};
	struct told_cgroup *c;
	const void *answer;
	size_t bytes;
	int err;

	if (!h->helper)
		return cgroups_find(h->cgroups, id, now_ns);
	HASH_FIND(hh, h->told, &id, sizeof(id), c);
	if (c)
		return &c->info;
	if (HASH_COUNT(h->told) >= MAX_CGROUPS)
		return NULL;
	answer = helper_ask(h->helper, &r, NULL, &bytes, NULL, &err);
	c = answer ? take_cgroup(h, id, answer, bytes) : NULL;
	return c ? &c->info : NULL;
}

bool host_knows_cgroups(const struct host *h)
{
	return h->helper ? h->state.cgroups_known : cgroups_known(h->cgroups);
}

/* ---- The rest */

int host_command(struct host *h, int32_t pid, struct command *c)
{
	const void *answer;
	size_t bytes;
	int err;

	if (!h->helper)
		return command_read(pid, c);
	answer = ask(h, HELPER_COMMAND, (uint32_t)pid, &bytes, &err);
	if (!answer)
		return err;
	if (bytes != sizeof(*c))
		return -EPROTO;
	memcpy(c, answer, sizeof(*c));
	c->line[sizeof(c->line) - 1] = '\0';
	return 0;
}

void host_close(struct host *h)
{
	struct told_cgroup *c, *next;

	if (!h)
		return;
	HASH_ITER(hh, h->told, c, next) {
		HASH_DEL(h->told, c);
		forget(c);
	}
	free(h->names);
	netns_close(h->books);
	cgroups_close(h->cgroups);
	free(h);
}
