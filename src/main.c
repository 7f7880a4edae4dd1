// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/live.h"
#include "src/modes.h"
#include "src/options.h"
#include "src/out.h"
#include "src/record.h"
#include "src/replay.h"
#include "src/resolve.h"
#include "src/settings.h"
#include "ui/term.h"
#include "ui/viewer.h"

/* Nobody reads more events than this on a screen; -e takes them all. */
enum { VIEWER_RATION = 20, VIEWER_RING = 1 << 18, EVENTS_RING = 8 << 20, SMALLEST_RING = 1 << 16 };

enum { NOTICE_TEXT = 160 };

/* The viewer reads keys from standard input. If that is a file or a pipe, the terminal takes its
 * place, as with less(1). */
static int take_terminal(struct failure *why)
{
	int fd;

	if (isatty(STDIN_FILENO))
		return 0;
	fd = open("/dev/tty", O_RDWR);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
		return fail(why, EXIT_RUNTIME,
			    "the viewer needs a terminal for its keys, and standard input is none; "
			    "tcpretop -b needs none");
	close(fd);
	return 0;
}

static struct source *open_live(const struct options *o, struct failure *why)
{
	struct live_options live = {
		.max_flows = o->max_flows,
		.ring_bytes = SMALLEST_RING,
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
		live.ring_bytes = VIEWER_RING;
	}
	return live_open(&live, why);
}

/* Standard input may be a recording as well: it is opened before the terminal takes its place. */
static struct source *open_source(const struct options *o, struct failure *why)
{
	bool events = o->record || o->mode == MODE_EVENTS || o->mode == MODE_VIEWER;
	struct source *source = o->replay ? replay_open(o->replay, events, why) : NULL;

	if (o->replay && !source)
		return NULL;
	if (o->mode == MODE_VIEWER && take_terminal(why)) {
		source_close(source);
		return NULL;
	}
	return source ? source : open_live(o, why);
}

/* A recording that is read is not to be emptied first. */
static bool is_copied_onto_itself(const struct options *o)
{
	struct stat from, to;
	bool known;

	if (!o->record || !o->replay)
		return false;
	known = !(strcmp(o->replay, "-") != 0 ? stat(o->replay, &from)
					      : fstat(STDIN_FILENO, &from)) &&
		!(strcmp(o->record, "-") != 0 ? stat(o->record, &to) : fstat(STDOUT_FILENO, &to));
	return known && S_ISREG(from.st_mode) && from.st_dev == to.st_dev &&
	       from.st_ino == to.st_ino;
}

/* The source, or one that records it. */
static struct source *open_recorded(const struct options *o, struct failure *why)
{
	struct source *source, *record;

	if (o->mode == MODE_RECORD && !strcmp(o->record, "-") && isatty(STDOUT_FILENO)) {
		fail(why, EXIT_USAGE,
		     "-w - would write a recording to the terminal; send it to a file or a pipe");
		return NULL;
	}
	if (is_copied_onto_itself(o)) {
		fail(why, EXIT_USAGE, "-r and -w name the same file; copy it to another");
		return NULL;
	}
	source = open_source(o, why);
	if (!source || !o->record)
		return source;
	record = record_open(source, o->record, why);
	if (!record)
		source_close(source);
	return record;
}

static int run_viewer(struct source *source, const struct options *o, const char *notice,
		      struct failure *why)
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
		.notice = notice,
		.speed = o->speed_given ? o->speed : 1,
	};

	return viewer_run(source, &viewer, why);
}

static int run_mode(const struct options *o, const char *notice, struct out *out,
		    struct failure *why)
{
	struct source *source;
	const struct failure *trouble;
	int status;

	source = open_recorded(o, why);
	if (!source)
		return why->status;
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
		status = run_viewer(source, o, notice, why);
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

static int run(struct options *o, const char *notice, struct failure *why)
{
	struct out out;
	int status = EXIT_FINE, err;

	if (out_reserve(why))
		return why->status;
	if (o->mode == MODE_VIEWER && !isatty(STDOUT_FILENO))
		o->mode = MODE_BATCH;
	err = out_open(&out, STDOUT_FILENO);
	if (err)
		return out_status(err, why);
	if (o->mode == MODE_HELP)
		options_help(out.f);
	else if (o->mode == MODE_VERSION)
		fputs("tcpretop " VERSION "\n", out.f);
	else if (o->mode == MODE_DOCTOR)
		status = run_doctor(o, out.f);
	else
		status = run_mode(o, notice, &out, why);
	err = out_close(&out);
	return status ? status : out_status(err, why);
}

/* The first is told on the screen, where all are gone once it is drawn. */
static void warn(void *arg, const char *text)
{
	char *notice = arg;

	fprintf(stderr, "tcpretop: %s\n", text);
	if (!*notice)
		snprintf(notice, NOTICE_TEXT, "%s", text);
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
	settings_load(o, warn, notice);
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
