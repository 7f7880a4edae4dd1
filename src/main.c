// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/caller.h"
#include "src/confine.h"
#include "src/fleet.h"
#include "src/helper.h"
#include "src/live.h"
#include "src/metrics.h"
#include "src/modes.h"
#include "src/options.h"
#include "src/out.h"
#include "src/privileges.h"
#include "src/record.h"
#include "src/record_file.h"
#include "src/replay.h"
#include "src/resolve.h"
#include "src/settings.h"
#include "ui/term.h"
#include "ui/viewer.h"

/* Nobody reads more events than this, of a CPU and 100 ms, on a screen; -e takes them all. */
enum { VIEWER_RATION = 20, MOST_VIEWER_RING = 1 << 18, EVENTS_RING = 8 << 20 };

/* See hurry(). */
enum { URGENT = -10 };

enum { NOTICE_TEXT = 160 };

/* The viewer reads keys from standard input. If that is a file or a pipe, the terminal takes its
 * place, as with less(1). */
static int take_terminal(struct failure *why)
{
	bool taken;
	int fd;

	if (isatty(STDIN_FILENO))
		return 0;
	fd = open("/dev/tty", O_RDWR);
	taken = fd >= 0 && dup2(fd, STDIN_FILENO) >= 0;
	if (fd >= 0)
		close(fd);
	if (taken)
		return 0;
	return fail(why, EXIT_RUNTIME,
		    "the viewer needs a terminal for its keys, and standard input is none; "
		    "tcpretop -b needs none");
}

/* Room for a second of them: all of it is memory of the viewer's, twice. */
static uint32_t viewer_ring(void)
{
	long of_second = sysconf(_SC_NPROCESSORS_CONF) * 10 * VIEWER_RATION;
	uint32_t bytes = LIVE_SMALLEST_RING;

	while (bytes < MOST_VIEWER_RING && bytes < of_second * (long)sizeof(struct event))
		bytes *= 2;
	return bytes;
}

/* Where so much is sent again that softirqs take all CPUs, whoever waits his turn behind them loses
 * events, and answers keys late. A niceness that somebody has given stays; who may not, does not. */
static void hurry(void)
{
	if (getpriority(PRIO_PROCESS, 0) == 0)
		setpriority(PRIO_PROCESS, 0, URGENT);
}

static struct source *open_live(const struct options *o, struct helper *helper, struct failure *why)
{
	struct live_options live = {
		.helper = helper,
		.max_flows = o->max_flows,
		.ring_bytes = LIVE_SMALLEST_RING,
		.tlp_way_given = o->tlp_way_given,
		.tlp_way = o->tlp_way,
		.verbose = o->verbose,
	};

	if (o->mode == MODE_EVENTS || o->record) {
		live.events = true;
		live.ring_bytes = EVENTS_RING;
	} else if (o->mode == MODE_VIEWER) {
		live.events = true;
		live.event_ration = VIEWER_RATION;
		live.ring_bytes = viewer_ring();
	}
	hurry();
	return live_open(&live, why);
}

/* A pipe is somebody else's tcpretop: what comes of it is shown as it comes. */
static bool is_pipe(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return false;
	return S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode);
}

static bool comes_live(const struct options *o)
{
	if (o->nhosts > 1 || o->hosts[0].by_ssh)
		return true;
	return o->mode == MODE_VIEWER && !o->speed_given && is_pipe(o->hosts[0].fd);
}

static struct source *open_fleet(const struct options *o, bool events, struct failure *why)
{
	struct fleet_options fleet = {
		.hosts = o->hosts,
		.nhosts = o->nhosts,
		.delay = o->delay,
		.max_flows = o->max_flows_given ? o->max_flows : 0,
		.events = events,
		.returns = o->mode == MODE_VIEWER,
	};

	return fleet_open(&fleet, why);
}

/* Standard input may be a recording as well: it is opened before the terminal takes its place. */
static struct source *open_source(const struct options *o, struct helper *helper,
				  struct failure *why)
{
	bool events = o->record || o->mode == MODE_EVENTS || o->mode == MODE_VIEWER;
	struct source *source = NULL;

	if (o->nhosts && comes_live(o))
		source = open_fleet(o, events, why);
	else if (o->nhosts)
		source = replay_open(o->replay, o->hosts[0].fd, events, why);
	if (o->nhosts && !source)
		return NULL;
	if (o->mode == MODE_VIEWER && take_terminal(why)) {
		source_close(source);
		return NULL;
	}
	return source ? source : open_live(o, helper, why);
}

/* Of files that are there; "-" is stdio. */
static bool is_same_file(const char *path, int stdio, const char *other, int other_stdio)
{
	struct stat a, b;

	if (!path || !other)
		return false;
	if (strcmp(path, "-") != 0 ? stat(path, &a) : fstat(stdio, &a))
		return false;
	if (strcmp(other, "-") != 0 ? stat(other, &b) : fstat(other_stdio, &b))
		return false;
	return S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* A recording that is read is not to be emptied first. */
static bool is_copied_onto_itself(const struct options *o)
{
	return is_same_file(o->replay, STDIN_FILENO, o->record, STDOUT_FILENO);
}

/* The metrics take the place of what was there. */
static bool is_lost_to_metrics(const struct options *o)
{
	if (o->record && o->metrics && strcmp(o->record, "-") != 0 &&
	    !strcmp(o->record, o->metrics))
		return true;
	return is_same_file(o->replay, STDIN_FILENO, o->metrics, -1) ||
	       is_same_file(o->record, STDOUT_FILENO, o->metrics, -1);
}

/* The first is told on the screen, where all are gone once it is drawn. */
static void warn(void *arg, const char *text)
{
	char *notice = arg;

	fprintf(stderr, "tcpretop: %s\n", text);
	if (!*notice)
		snprintf(notice, NOTICE_TEXT, "%s", text);
}

/* On the screen; the text modes write to scripts, and say it with --verbose only. */
static void tell(const struct options *o, char *notice, const char *text)
{
	if (o->verbose)
		warn(notice, text);
	else if (o->mode == MODE_VIEWER && !*notice)
		snprintf(notice, NOTICE_TEXT, "%s", text);
}

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
		tell(o, notice, "CAP_BPF is kept: before Linux 5.19 no map can be read without");
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
		tell(o, notice, "this kernel has no seccomp: system calls are not confined");
	else if (err)
		return fail(why, EXIT_RUNTIME, "cannot confine itself by seccomp: %s",
			    strerror(-err));
	return 0;
}

static bool is_well_asked(const struct options *o, struct failure *why)
{
	if (o->mode == MODE_RECORD && o->record && !strcmp(o->record, "-") && isatty(STDOUT_FILENO))
		fail(why, EXIT_USAGE,
		     "-w - would write a recording to the terminal; send it to a file or a pipe");
	else if (is_copied_onto_itself(o))
		fail(why, EXIT_USAGE, "-r and -w name the same file; copy it to another");
	else if (is_lost_to_metrics(o))
		fail(why, EXIT_USAGE,
		     "--metrics would replace the recording; keep them in another file");
	return !why->status;
}

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
		source = open_source(o, helper, why);
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
		source = open_source(o, NULL, why);
	close_files(o);
	if (source)
		return wrap(source, o, metrics, record_fd, why);
	if (record_fd >= 0)
		close(record_fd);
	metrics_file_close(metrics);
	return NULL;
}

/* The file first: root's is written by a process that has nothing of what is opened then. */
static struct source *open_all(struct options *o, struct helper *helper, char *notice,
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

static int run_viewer(struct source *source, const struct options *o, struct helper *helper,
		      const char *notice, struct failure *why)
{
	struct viewer_options viewer = {
		.delay = o->delay,
		.iterations = o->iterations,
		.view = o->view,
		.color = o->color,
		.ascii = o->ascii,
		.mouse = o->mouse,
		.no_color = o->no_color,
		.event_pane = o->event_pane,
		.theme = o->theme,
		.resolve = o->resolve,
		.open_resolver = resolve_open,
		.files = helper && helper_makes_files(helper) ? helper : NULL,
		.notice = notice,
		.speed = o->speed_given ? o->speed : 1,
		.record = o->record,
	};

	return viewer_run(source, &viewer, why);
}

static int run_source(struct source *source, const struct options *o, struct helper *helper,
		      const char *notice, struct out *out, struct failure *why)
{
	const struct failure *trouble;
	int status;

	switch (o->mode) {
	case MODE_EVENTS:
		status = mode_events(source, o, out, why);
		break;
	case MODE_COUNT:
		status = mode_count(source, o, out, why);
		break;
	case MODE_BATCH:
		status = mode_batch(source, o, out, why);
		break;
	case MODE_RECORD:
		status = mode_record(source, o, why);
		break;
	default:
		status = run_viewer(source, o, helper, notice, why);
	}
	if (o->record)
		record_finish(source);
	trouble = source_trouble(source);
	if (trouble && !why->status)
		*why = *trouble;
	if (!status)
		status = (int)why->status;
	source_close(source);
	return status;
}

static int run_doctor(const struct options *o, FILE *out)
{
	struct terminal_facts terminal;

	term_ask(&terminal);
	return mode_doctor(o, &terminal, out);
}

static int run_mode(struct options *o, char *notice, struct out *out, struct failure *why)
{
	struct caller caller = caller_find();
	struct helper *helper = NULL;
	struct source *source;
	int err = 0;

	if (!is_well_asked(o, why))
		return why->status;
	/* First of all, so that it has nothing of what is opened here. */
	if (!o->nhosts)
		helper = helper_start(&caller, &err);
	if (err) {
		fail(why, EXIT_RUNTIME, "cannot start the helper process: %s", strerror(-err));
		return why->status;
	}
	source = open_all(o, helper, notice, why);
	if (source)
		err = run_source(source, o, helper, notice, out, why);
	helper_stop(helper);
	return source ? err : (int)why->status;
}

static int run(struct options *o, char *notice, struct failure *why)
{
	struct out out;
	int status = EXIT_FINE, err;

	if (out_reserve(why))
		return why->status;
	/* A service that keeps metrics has nothing to say. */
	if (o->mode == MODE_VIEWER && !isatty(STDOUT_FILENO))
		o->mode = o->metrics ? MODE_RECORD : MODE_BATCH;
	err = out_open(&out, STDOUT_FILENO);
	if (err)
		return out_status(err, why);
	if (o->mode == MODE_HELP)
		options_help(out.f, o->tcpretrans);
	else if (o->mode == MODE_VERSION)
		fputs("tcpretop " VERSION "\n", out.f);
	else if (o->mode == MODE_DOCTOR)
		status = run_doctor(o, out.f);
	else
		status = run_mode(o, notice, &out, why);
	err = out_close(&out);
	if (why->status)
		return status;
	err = out_status(err, why);
	return status ? status : err;
}

/* The user's settings are for the screen; what scripts read does not depend on them. */
static int take_options(int argc, char **argv, struct options *o, char *notice, struct failure *why)
{
	if (options_parse(argc, argv, o, why))
		return -1;
	if (o->mode != MODE_VIEWER || !isatty(STDOUT_FILENO))
		return 0;
	options_free(o);
	options_init(o);
	if (settings_load(o, warn, notice, why))
		return -1;
	return options_take(argc, argv, o, why);
}

int main(int argc, char **argv)
{
	struct failure why = {0};
	struct options options;
	char notice[NOTICE_TEXT] = "";
	int status;

	/* Not LC_NUMERIC: a decimal point is one in every language. */
	setlocale(LC_CTYPE, "");
	status = take_options(argc, argv, &options, notice, &why) ? (int)why.status
								  : run(&options, notice, &why);
	options_free(&options);
	if (why.status)
		fprintf(stderr, "tcpretop: %s\n", why.text);
	return status;
}
