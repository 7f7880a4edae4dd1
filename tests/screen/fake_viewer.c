// SPDX-License-Identifier: GPL-2.0-only
/*
 * The viewer on a scripted source, for the screen tests, and for looking at the screen without root.
 *
 *	fake_viewer [-d delay] [-n iterations] [-o column] [-g group] [-l] [--flows N] [--scene NAME] [-w FILE]
 *	            [--ascii] [--no-color] [--no-mouse] [--gate FIFO]
 *	fake_viewer --settings …	the user's settings, before the options that follow
 *	fake_viewer --keys	the key table, one binding a line
 *	fake_viewer --columns	the titles of all fields, one a line
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/field.h"
#include "src/record.h"
#include "src/settings.h"
#include "tests/screen/fake_resolver.h"
#include "tests/screen/fake_source.h"
#include "ui/keys.h"
#include "ui/viewer.h"

/* What the viewer is told, and what it is to look at. */
struct run {
	struct viewer_options viewer;
	const char *scene, *record, *gate;
	size_t nflows;
};

static int print_keys(void)
{
	for (const struct binding *b = bindings; b->action; b++) {
		char names[64];

		key_labels(b, names, sizeof(names));
		printf("%s\t%s\n", names, b->help);
	}
	return 0;
}

static int print_columns(void)
{
	for (int id = 0; id < FIELDS; id++)
		printf("%s\n", fields[id].title);
	return 0;
}

static void warn(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "fake_viewer: %s\n", text);
}

static void load_settings(struct viewer_options *o)
{
	struct failure why = {0};
	struct options from;

	options_init(&from);
	if (settings_load(&from, warn, NULL, &why))
		warn(NULL, why.text);
	o->view = from.view;
	o->delay = from.delay;
	o->event_pane = from.event_pane;
	o->theme = from.theme;
	o->resolve = from.resolve;
	o->ascii = from.ascii;
	o->no_color = from.no_color;
	o->color = from.color;
	o->mouse = from.mouse;
}

/* -1 to go on, or the exit status of what has been done already. */
static int parse(struct run *r, int argc, char **argv)
{
	static const struct option longs[] = {
		{"flows", required_argument, NULL, 'F'},
		{"scene", required_argument, NULL, 'S'},
		{"ascii", no_argument, NULL, 'A'},
		{"no-color", no_argument, NULL, 'C'},
		{"no-mouse", no_argument, NULL, 'M'},
		{"keys", no_argument, NULL, 'K'},
		{"settings", no_argument, NULL, 'W'},
		{"columns", no_argument, NULL, 'L'},
		{"record", required_argument, NULL, 'w'},
		{"gate", required_argument, NULL, 'G'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "d:n:o:g:lw:", longs, NULL)) != -1) {
		switch (c) {
		case 'd':
			r->viewer.delay = atof(optarg);
			break;
		case 'n':
			r->viewer.iterations = atol(optarg);
			break;
		case 'o':
			r->viewer.view.sort = field_find(optarg);
			break;
		case 'g':
			r->viewer.view.group = group_find(optarg);
			break;
		case 'w':
			r->record = optarg;
			break;
		case 'l':
			r->viewer.view.tlp = true;
			break;
		case 'F':
			r->nflows = (size_t)atol(optarg);
			break;
		case 'S':
			r->scene = optarg;
			break;
		case 'G':
			r->gate = optarg;
			break;
		case 'A':
			r->viewer.ascii = true;
			break;
		case 'C':
			r->viewer.color = false;
			break;
		case 'M':
			r->viewer.mouse = false;
			break;
		case 'W':
			load_settings(&r->viewer);
			break;
		case 'K':
			return print_keys();
		case 'L':
			return print_columns();
		default:
			return EXIT_USAGE;
		}
	}
	return -1;
}

static int view(const struct run *r, struct failure *why)
{
	int gate = r->gate ? open(r->gate, O_RDONLY | O_CLOEXEC) : -1, status;
	struct source *source;

	if (r->gate && gate < 0) {
		fail(why, EXIT_USAGE, "cannot open %s", r->gate);
		return EXIT_USAGE;
	}
	source = fake_source_open(r->scene, r->nflows, gate);
	if (!source) {
		fail(why, EXIT_USAGE, "no scene %s", r->scene);
		return EXIT_USAGE;
	}
	if (r->record)
		source = record_open(source, r->record, why);
	if (!source)
		return EXIT_RUNTIME;
	status = viewer_run(source, &r->viewer, why);
	if (r->record)
		record_finish(source);
	if (source_trouble(source) && !status) {
		*why = *source_trouble(source);
		status = (int)why->status;
	}
	source_close(source);
	return status;
}

int main(int argc, char **argv)
{
	struct run r = {
		.viewer = {.delay = 1,
			   .iterations = -1,
			   .color = true,
			   .mouse = true,
			   .event_pane = true,
			   .open_resolver = fake_resolver_open},
		.scene = "mixed",
	};
	struct failure why = {0};
	int status;

	view_init(&r.viewer.view);
	status = parse(&r, argc, argv);
	if (status >= 0)
		return status;
	status = view(&r, &why);
	if (why.status)
		fprintf(stderr, "fake_viewer: %s\n", why.text);
	return status;
}
