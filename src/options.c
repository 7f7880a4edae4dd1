// SPDX-License-Identifier: GPL-2.0-only
#include "src/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/filter.h"
#include "src/metrics.h"
#include "src/option_table.h"
#include "src/sanitise.h"

#define HINT "; try 'tcpretop --help'"

int usage_error(struct failure *why, const char *fmt, ...)
{
	char text[sizeof(why->text) - sizeof(HINT)], line[sizeof(text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sanitise(text, sizeof(text), line, sizeof(line)); /* an argument may hold a newline */
	return fail(why, EXIT_USAGE, "%s" HINT, line);
}

void options_init(struct options *o)
{
	const char *no_color = getenv("NO_COLOR");

	memset(o, 0, sizeof(*o));
	view_init(&o->view);
	o->delay = 1;
	o->iterations = -1;
	o->rows = 50;
	o->max_flows = 65536;
	o->metrics_ways = METRICS_DEFAULT;
	o->color = !no_color || !*no_color;
	o->mouse = true;
	o->event_pane = true;
}

int options_set(struct options *o, const char *name, const char *value, struct failure *why)
{
	for (const struct option_def *d = option_defs; d->name; d++) {
		if (strcmp(d->name, name))
			continue;
		if (!d->arg != !value)
			return usage_error(why, "%s %s", name,
					   value ? "takes no value" : "needs a value");
		return option_apply(d->id, value, o, why);
	}
	return usage_error(why, "there is no option %.60s", name);
}

/* The table in the form that getopt_long() wants. */
static void getopt_tables(struct option longs[MOST_OPTIONS + 1], char shorts[2 * MOST_OPTIONS + 2])
{
	*shorts++ = ':';
	for (const struct option_def *d = option_defs; d->name; d++) {
		*longs++ = (struct option){d->name, d->arg != NULL, NULL, d->id};
		if (d->id >= 256)
			continue;
		*shorts++ = (char)d->id;
		if (d->arg)
			*shorts++ = ':';
	}
	*longs = (struct option){0};
	*shorts = '\0';
}

/* As the user may have typed it. False if there is no such option. */
static bool option_name(int id, char *buf, size_t size)
{
	for (const struct option_def *d = option_defs; d->name; d++) {
		if (d->id != id)
			continue;
		if (id < 256)
			snprintf(buf, size, "-%c (--%s)", id, d->name);
		else
			snprintf(buf, size, "--%s", d->name);
		return true;
	}
	return false;
}

/* A word that begins several options. */
static bool is_ambiguous(const char *word)
{
	size_t len = strcspn(word, "=");
	int n = 0;

	for (const struct option_def *d = option_defs; d->name; d++)
		n += !strncmp(d->name, word, len);
	return n > 1;
}

/* What getopt_long() stopped at; with a word that it did not know, that is before optind. */
static int bad_option(int c, char **argv, struct failure *why)
{
	const char *word = argv[optind - 1];
	char name[32];

	if (option_name(optopt, name, sizeof(name)))
		return usage_error(why, "%s %s", name,
				   c == ':' ? "needs a value" : "takes no value");
	if (optopt)
		return usage_error(why, "there is no option -%c", isprint(optopt) ? optopt : '?');
	if (is_ambiguous(word + 2))
		return usage_error(why, "%.60s is short for more than one option", word);
	return usage_error(why, "there is no option %.60s", word);
}

/* By a link of that name, wherever it is. */
static bool is_called(const char *path, const char *name)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return path && !strcmp(slash ? slash + 1 : path, name);
}

/* What is done without -e, -c, -b and --doctor. */
static void settle_mode(struct options *o)
{
	if (o->mode != MODE_VIEWER)
		return;
	if (o->tcpretrans)
		o->mode = MODE_EVENTS;
	else if (o->output != OUTPUT_TEXT)
		o->mode = MODE_BATCH;
}

/* One that is given here wins over the other, where that was not and they do not go together. */
static void settle_sort_and_group(struct view *v, bool sort_given, bool group_given)
{
	if (group_given && !sort_given)
		view_settle_sort(v);
	else if (sort_given && !group_given && !field_is_of(v->sort, v->group))
		v->group = GROUP_FLOW;
}

/* Where standard output is the recording, or another recording is copied, nothing is shown. */
static int check_recording(struct options *o, struct failure *why)
{
	bool to_stdout = o->record && !strcmp(o->record, "-");

	if (o->speed_given && (!o->replay || o->nhosts > 1))
		return usage_error(why, "--speed is for a replay: add one -r FILE");
	if (o->metrics && o->nhosts > 1)
		return usage_error(why,
				   "--metrics is of one host: run it on each, and let Prometheus "
				   "add them up");
	if (o->record && o->nhosts > 1)
		return usage_error(why, "-w records one host: take one --host or -r");
	if (to_stdout && o->mode != MODE_VIEWER)
		return usage_error(why, "-w - needs standard output for itself: leave out -e, -c, "
					"-b, --json and --csv, or record to a file");
	if (o->mode == MODE_VIEWER && (to_stdout || (o->record && o->replay)))
		o->mode = MODE_RECORD;
	return 0;
}

/* Its report is for people, about this host. */
static int check_doctor(const struct options *o, struct failure *why)
{
	if (o->mode == MODE_DOCTOR &&
	    (o->metrics || o->record || o->nhosts || o->output != OUTPUT_TEXT))
		return usage_error(
			why, "--doctor goes without -r, --host, -w, --metrics, --json and --csv");
	return 0;
}

/* Once all options are known. */
static int check_sort(const struct view *v, struct failure *why)
{
	if (field_is_of(v->sort, v->group))
		return 0;
	if (v->group == GROUP_FLOW)
		return usage_error(why, "-o %s is for groups: add -g", fields[v->sort].title);
	return usage_error(why, "-o %s is not known of the groups of -g %s", fields[v->sort].title,
			   group_ways[v->group].name);
}

int options_take(int argc, char **argv, struct options *o, struct failure *why)
{
	struct option longs[MOST_OPTIONS + 1];
	char shorts[2 * MOST_OPTIONS + 2];
	bool sort_given = false, group_given = false;
	int c;

	o->tcpretrans = is_called(argv[0], "tcpretrans");
	getopt_tables(longs, shorts);
	opterr = 0;
	optind = 0; /* starts anew, also where it ran before */
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == 'h' || c == 'V') {
			o->mode = c == 'h' ? MODE_HELP : MODE_VERSION;
			return 0;
		}
		if (c == '?' || c == ':')
			return bad_option(c, argv, why);
		if (option_apply(c, optarg, o, why))
			return -1;
		sort_given = sort_given || c == 'o';
		group_given = group_given || c == 'g';
	}
	if (optind < argc)
		return usage_error(why, "there is nothing to do with '%.60s'", argv[optind]);
	settle_mode(o);
	if (check_doctor(o, why) || check_recording(o, why))
		return -1;
	view_fit_host(&o->view, o->nhosts > 1);
	if (o->resolve && o->mode != MODE_VIEWER)
		return usage_error(why, "--resolve is for the viewer; text has addresses");
	settle_sort_and_group(&o->view, sort_given, group_given);
	return check_sort(&o->view, why);
}

int options_parse(int argc, char **argv, struct options *o, struct failure *why)
{
	options_init(o);
	return options_take(argc, argv, o, why);
}

void options_free(struct options *o)
{
	filter_free(o->view.filter);
	o->view.filter = NULL;
}
