// SPDX-License-Identifier: GPL-2.0-only
/* The helper's side: what it is asked is checked before it does anything. */
#include "src/helper.h"

#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
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

struct server {
	int fd;
	bool files;
	struct netns_books *books;
	struct cgroups *cgroups;
	struct counters counters;
	char made[NAME_MAX + 1]; /* the file made last; "": none */
	_Alignas(8) char asked[HELPER_MOST_ASKED + 1];
	_Alignas(8) char told[HELPER_MOST_TOLD];
	size_t ntold;
	int told_fd; /* to go with it; -1: none */
};

/* ---- The questions */

static int answer_open(struct server *s, const struct helper_request *r)
{
	(void)r;
	if (s->counters.totals)
		return -EALREADY;
	if (counters_open(&s->counters))
		return -ENOMEM;
	s->books = netns_open();
	s->cgroups = cgroups_open();
	return s->books && s->cgroups ? 0 : -ENOMEM;
}

static void tell(struct server *s, const void *data, size_t len)
{
	memcpy(s->told, data, len);
	s->ntold = len;
}

static int answer_coverage(struct server *s, const struct helper_request *r)
{
	struct helper_coverage c = {
		.coverage = counters_coverage(&s->counters, s->books),
		.names_version = netns_names_version(s->books),
		.cgroups_known = cgroups_known(s->cgroups),
	};

	(void)r;
	tell(s, &c, sizeof(c));
	return 0;
}

static int answer_names(struct server *s, const struct helper_request *r)
{
	struct netns_named *names = (struct netns_named *)s->told;

	(void)r;
	s->ntold = netns_list(s->books, names, sizeof(s->told) / sizeof(*names)) * sizeof(*names);
	return 0;
}

static int answer_socket(struct server *s, const struct helper_request *r)
{
	int fd = r->number <= UINT32_MAX
			 ? netns_socket(s->books, (uint32_t)r->number, NETLINK_SOCK_DIAG)
			 : -ESRCH;

	s->told_fd = fd < 0 ? -1 : fd;
	return fd < 0 ? fd : 0;
}

static void tell_text(struct server *s, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	s->told[s->ntold++] = text ? HELPER_TEXT : HELPER_NO_TEXT;
	if (text)
		memcpy(s->told + s->ntold, text, len);
	s->ntold += len;
	s->told[s->ntold++] = '\0';
}

static int answer_cgroup(struct server *s, const struct helper_request *r)
{
	const struct cgroup_info *c = cgroups_find(s->cgroups, r->number, r->now_ns);

	if (!c)
		return -EAGAIN;
	tell_text(s, c->path);
	tell_text(s, c->unit);
	tell_text(s, c->pod);
	return 0;
}

static int answer_command(struct server *s, const struct helper_request *r)
{
	struct command c;
	int err = r->number && r->number <= INT32_MAX ? command_read((int32_t)r->number, &c)
						      : -ESRCH;

	if (!err)
		tell(s, &c, sizeof(c));
	return err;
}

/* ---- Files, which it makes where we were root and are not any more */

/* A plain name: in the folder that root was in, and nothing that a shell reads on its own. */
static bool is_plain(const char *name, size_t len)
{
	return len && len <= NAME_MAX && strlen(name) == len && *name != '.' && !strchr(name, '/');
}

static int answer_make_file(struct server *s, const struct helper_request *r)
{
	int fd;

	if (!s->files || !is_plain(s->asked, r->bytes))
		return -EPERM;
	fd = newfile_make(s->asked);
	if (fd < 0)
		return fd;
	strcpy(s->made, s->asked);
	s->told_fd = fd;
	return 0;
}

static int answer_unmake_file(struct server *s, const struct helper_request *r)
{
	(void)r;
	if (!*s->made)
		return -ENOENT;
	unlink(s->made);
	*s->made = '\0';
	return 0;
}

static int answer_settings(struct server *s, const struct helper_request *r)
{
	struct failure why = {0};
	char path[PATH_MAX + 16];
	int err;

	if (!s->files)
		return -EPERM;
	err = settings_put(s->asked, r->bytes, path, sizeof(path), &why);
	tell_text(s, err ? NULL : path);
	tell_text(s, err ? why.text : NULL);
	return 0;
}

/* ---- One after the other */

typedef int answer_fn(struct server *s, const struct helper_request *r);

static int answer(struct server *s, const struct helper_request *r)
{
	static answer_fn *const answers[HELPER_QUESTIONS] = {
		[HELPER_OPEN] = answer_open,           [HELPER_COVERAGE] = answer_coverage,
		[HELPER_NAMES] = answer_names,         [HELPER_SOCKET] = answer_socket,
		[HELPER_CGROUP] = answer_cgroup,       [HELPER_COMMAND] = answer_command,
		[HELPER_MAKE_FILE] = answer_make_file, [HELPER_UNMAKE_FILE] = answer_unmake_file,
		[HELPER_SETTINGS] = answer_settings,
	};

	s->ntold = 0;
	s->told_fd = -1;
	if (r->question >= HELPER_QUESTIONS)
		return -ENOSYS;
	if (r->question != HELPER_OPEN && (!s->books || !s->cgroups))
		return -EBADFD;
	return answers[r->question](s, r);
}

static bool take_maps(struct server *s)
{
	int maps[WIRE_MOST_FDS];
	char nothing = 0;
	size_t n;

	if (wire_receive_fds(s->fd, &nothing, 1, maps, &n) || n != HELPER_MAPS)
		return false;
	s->counters.totals_fd = -1;
	s->counters.netns_fd = maps[0];
	s->counters.near_fd = maps[1];
	return true;
}

static int give(struct server *s, int err)
{
	struct helper_reply reply = {.err = err, .bytes = err ? 0 : (uint32_t)s->ntold};

	err = s->told_fd < 0 ? wire_send(s->fd, &reply, sizeof(reply))
			     : wire_send_fds(s->fd, &reply, sizeof(reply), &s->told_fd, 1);
	if (s->told_fd >= 0)
		close(s->told_fd);
	return err ? err : wire_send(s->fd, s->told, reply.bytes);
}

static int serve_one(struct server *s)
{
	struct helper_request r;
	int err = wire_receive(s->fd, &r, sizeof(r));

	if (!err && r.bytes > HELPER_MOST_ASKED)
		err = -EMSGSIZE;
	if (!err)
		err = wire_receive(s->fd, s->asked, r.bytes);
	if (err)
		return err;
	s->asked[r.bytes] = '\0';
	return give(s, answer(s, &r));
}

void helper_serve(int fd, bool files)
{
	struct server *s = calloc(1, sizeof(*s));

	if (!s)
		return;
	s->fd = fd;
	s->files = files;
	if (!take_maps(s)) {
		free(s);
		return;
	}
	while (!serve_one(s))
		;
	netns_close(s->books);
	cgroups_close(s->cgroups);
	counters_close(&s->counters);
	close(s->counters.netns_fd);
	close(s->counters.near_fd);
	free(s);
}
