// SPDX-License-Identifier: GPL-2.0-only
#include "src/start.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "src/caller.h"
#include "src/confine.h"
#include "src/live.h"
#include "src/metrics.h"
#include "src/notice.h"
#include "src/origin.h"
#include "src/privileges.h"
#include "src/record.h"
#include "src/record_file.h"
#include "src/replay.h"

/* ---- Rights */

static bool reads(void *live)
{
	return live_reads(live);
}

/* Root's own files are made by the helper; of a recording that is played there is none. */
static struct caller find_user(const struct options *o)
{
	struct caller caller = caller_find();

	return caller.uid || o->nhosts ? caller : caller_nobody();
}

/* Again and again, when a link was lost: what that takes no list of system calls can say. */
static bool starts_ssh(const struct options *o)
{
	for (size_t i = 0; i < o->nhosts; i++)
		if (o->hosts[i].by_ssh)
			return true;
	return false;
}

static int drop_rights(const struct options *o, struct source *source, char *notice,
		       struct failure *why)
{
	struct caller user = find_user(o);
	bool kept;

	if (privileges_drop(&user, o->nhosts ? NULL : reads, source, &kept, why))
		return -1;
	if (kept)
		notice_tell(o, notice,
			    "CAP_BPF is kept: before Linux 5.19 no map can be read without");
	return 0;
}

/* All is open: from here on we may do nothing but what that allows. */
static int lay_down_rights(const struct options *o, struct source *source, char *notice,
			   struct failure *why)
{
	int err;

	if (drop_rights(o, source, notice, why))
		return -1;
	err = confine(CONFINE_VIEWER);
	if (err == -EINVAL)
		notice_tell(o, notice, "this kernel has no seccomp: system calls are not confined");
	else if (err)
		return fail(why, EXIT_RUNTIME, "cannot confine itself by seccomp: %s",
			    strerror(-err));
	return 0;
}

/* ---- Sources, and what they are wrapped in */

/* What else is done with all that the source hands over, before anybody looks at it. */
static struct source *wrap(struct source *source, const struct options *o,
			   struct metrics_file *metrics, int record_fd, struct failure *why)
{
	struct source *metered = source, *record;

	if (metrics)
		metered = metrics_open(source, metrics, o->metrics_ways, why);
	if (!metered) {
		source_close(source);
		metrics_file_close(metrics);
		if (record_fd >= 0)
			close(record_fd);
		return NULL;
	}
	if (!o->record)
		return metered;
	record = record_fd >= 0 ? record_start(metered, record_fd, o->record, why)
				: record_open(metered, o->record, why);
	if (!record)
		source_close(metered);
	return record;
}

/* The source, or what it is wrapped in. The metrics' file is its own from then on. */
static struct source *open_wrapped(const struct options *o, struct helper *helper,
				   struct metrics_file *metrics, char *notice, struct failure *why)
{
	struct source *source = NULL, *wrapped;

	/* ssh is the caller's, and so are its keys: on this host it takes no right of root's. */
	if (!starts_ssh(o) || !drop_rights(o, NULL, notice, why))
		source = origin_open(o, helper, why);
	if (!source) {
		metrics_file_close(metrics);
		return NULL;
	}
	wrapped = wrap(source, o, metrics, -1, why);
	if (wrapped && !starts_ssh(o) && lay_down_rights(o, source, notice, why)) {
		source_close(wrapped);
		return NULL;
	}
	return wrapped;
}

static int open_files(struct options *o, int *record_fd, struct failure *why)
{
	const char *shown;

	for (size_t i = 0; i < o->nhosts; i++) {
		int fd = replay_file(o->hosts[i].name, 0, &shown, why);

		if (fd < 0)
			return -1;
		o->hosts[i].fd = fd;
	}
	if (o->record)
		*record_fd = record_file_open(o->record, why);
	return o->record && *record_fd < 0 ? -1 : 0;
}

static void close_files(struct options *o)
{
	for (size_t i = 0; i < o->nhosts; i++) {
		if (o->hosts[i].fd)
			close(o->hosts[i].fd);
		o->hosts[i].fd = 0;
	}
}

/* Recordings may come from anybody: no byte of them is read before our rights are gone. */
static struct source *open_recordings(struct options *o, struct metrics_file *metrics, char *notice,
				      struct failure *why)
{
	struct source *source = NULL;
	int record_fd = -1;

	if (!open_files(o, &record_fd, why) && !lay_down_rights(o, NULL, notice, why))
		source = origin_open(o, NULL, why);
	close_files(o);
	if (source)
		return wrap(source, o, metrics, record_fd, why);
	if (record_fd >= 0)
		close(record_fd);
	metrics_file_close(metrics);
	return NULL;
}

/* The file first: root's is written by a process that has nothing of what is opened then. */
struct source *start_source(struct options *o, struct helper *helper, char *notice,
			    struct failure *why)
{
	bool apart = geteuid() == 0;
	struct metrics_file *metrics = NULL;

	if (o->metrics)
		metrics = metrics_file_open(o->metrics, apart, why);
	if (o->metrics && !metrics)
		return NULL;
	if (o->nhosts && !starts_ssh(o))
		return open_recordings(o, metrics, notice, why);
	return open_wrapped(o, helper, metrics, notice, why);
}
