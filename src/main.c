// SPDX-License-Identifier: GPL-2.0-only
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/caller.h"
#include "src/helper.h"
#include "src/modes.h"
#include "src/notice.h"
#include "src/options.h"
#include "src/out.h"
#include "src/record.h"
#include "src/resolve.h"
#include "src/settings.h"
#include "src/start.h"
#include "ui/term.h"
#include "ui/viewer.h"

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
	source = start_source(o, helper, notice, why);
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
	if (settings_load(o, notice_warn, notice, why))
		return -1;
	return options_take(argc, argv, o, why);
}

int main(int argc, char **argv)
{
	struct failure why = {0};
	struct options options;
	char notice[FIRST_NOTICE] = "";
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
