// SPDX-License-Identifier: GPL-2.0-only
/* `s`: what is shown, as text in a new file. `W`: how it is shown, for the next time. */
#include "ui/parts.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/format.h"
#include "src/modes.h"
#include "src/newfile.h"

/* Of the time that is shown, which stands still while paused: "-2" and so on where that is there. */
static void propose_name(char *buf, size_t size, time_t shown)
{
	enum { MOST_OF_ONE_TIME = 99 };
	char time[32];
	struct tm tm;

	localtime_r(&shown, &tm);
	strftime(time, sizeof(time), "%Y%m%d-%H%M%S", &tm);
	snprintf(buf, size, "tcpretop-%s.txt", time);
	for (int n = 2; n <= MOST_OF_ONE_TIME && access(buf, F_OK) == 0; n++)
		snprintf(buf, size, "tcpretop-%s-%d.txt", time, n);
}

void save_open(struct state *s)
{
	const struct model *m = &s->model;

	if (m->tick == 0) {
		state_notice(s, "there is nothing to save yet");
		return;
	}
	s->overlay = OVERLAY_SAVE;
	s->wrong[0] = '\0';
	propose_name(s->input, sizeof(s->input), (time_t)model_unixtime(m, m->interval.now_ns));
}

static int write_details(const struct state *s, FILE *f)
{
	const struct model *m = &s->model;
	char time[32];

	format_time(model_unixtime(m, m->interval.now_ns), true, time, sizeof(time));
	fprintf(f, "tcpretop  %s  %s  %s\n", m->info.host, m->info.release, time);
	return detail_write(s, f);
}

/* All rows, also those out of sight, and all events that are kept; or the open details. */
static int write_all(const struct state *s, FILE *f)
{
	struct options o = {.view = s->view, .delay = s->delay};

	if (s->detail.on)
		return write_details(s, f);
	if (*s->view.filter_text)
		fprintf(f, "filter: %s\n", s->view.filter_text);
	if (batch_text(&s->model, &o, f) < 0)
		return -ENOMEM;
	if (s->events.on)
		events_write(s, f);
	return 0;
}

static void tell_refused(struct state *s, int err)
{
	if (err == EEXIST)
		snprintf(s->wrong, sizeof(s->wrong), "it is there already: choose another name");
	else if (err == EPERM && s->files)
		snprintf(s->wrong, sizeof(s->wrong),
			 "choose a plain name, without / or leading dot: root's files are made in "
			 "the folder tcpretop was started in");
	else
		snprintf(s->wrong, sizeof(s->wrong), "it cannot be made: %s", strerror(err));
}

static void tell_saved(struct state *s, const char *path)
{
	char *full = realpath(path, NULL);

	if (s->detail.on)
		state_notice(s, "saved the details to %s", full ? full : path);
	else
		state_notice(s, "saved %zu rows to %s", s->table.nrows, full ? full : path);
	free(full);
}

/* The name stays until all is in its file. */
static void save(struct state *s, const char *path)
{
	FILE *f = newfile_open(s->files, path);
	int err;

	if (!f) {
		tell_refused(s, errno);
		return;
	}
	err = newfile_close(f, s->files, path, write_all(s, f));
	if (err) {
		snprintf(s->wrong, sizeof(s->wrong), "it cannot be written: %s", strerror(-err));
		return;
	}
	s->overlay = OVERLAY_NONE;
	tell_saved(s, path);
}

void save_key(struct state *s, int key)
{
	if (prompt_is_enter(key) && *s->input)
		save(s, s->input);
	else if (prompt_is_enter(key) || prompt_is_escape(key))
		s->overlay = OVERLAY_NONE;
	else if (prompt_edit(s, key))
		s->wrong[0] = '\0';
}

void save_settings(struct state *s)
{
	struct saved_settings settings = s->given;
	struct failure why = {0};
	struct view view = s->view;
	char path[PATH_MAX + 16];

	/* While one group is open, the order is that of its flows. */
	if (view.within.by) {
		view.sort = s->groups.sort;
		view.reverse = s->groups.reverse;
	}
	settings.view = &view;
	settings.delay = s->delay;
	settings.event_pane = s->events.on;
	settings.resolve = s->view.names;
	if (settings_save(&settings, s->files, path, sizeof(path), &why))
		state_notice(s, "%s", why.text);
	else
		state_notice(s, "settings written to %s", path);
}
