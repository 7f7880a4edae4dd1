// SPDX-License-Identifier: GPL-2.0-only
#include "src/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/caller.h"
#include "src/helper.h"
#include "src/sanitise.h"

enum { MOST_WARNINGS = 10, LONGEST_LINE = 1024 };

/* ---- Reading */

/* What a line may begin with, beside event-pane and theme: options of the viewer. */
static const char *const kept[] = {"sort",     "columns", "lossprobe", "group",  "delay",
				   "no-color", "ascii",   "no-mouse",  "resolve"};

static bool is_kept(const char *name)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		if (!strcmp(kept[i], name))
			return true;
	}
	return false;
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	return text;
}

static int set_event_pane(const char *value, struct options *o, struct failure *why)
{
	o->event_pane = value && !strcmp(value, "on");
	if (o->event_pane || (value && !strcmp(value, "off")))
		return 0;
	return fail(why, EXIT_USAGE, "event-pane is on or off");
}

static const char *const theme_names[THEMES] = {"auto", "dark", "light", "mono"};

static int set_theme(const char *value, struct options *o, struct failure *why)
{
	for (int i = 0; value && i < THEMES; i++) {
		if (strcmp(theme_names[i], value))
			continue;
		o->theme = (enum theme_choice)i;
		return 0;
	}
	return fail(why, EXIT_USAGE, "theme is auto, dark, light or mono");
}

static int set(const char *name, const char *value, struct options *o, struct failure *why)
{
	if (!strcmp(name, "event-pane"))
		return set_event_pane(value, o, why);
	if (!strcmp(name, "theme"))
		return set_theme(value, o, why);
	if (!is_kept(name))
		return fail(why, EXIT_USAGE, "there is no setting '%.40s'", name);
	return options_set(o, name, value, why);
}

static int take_line(char *line, struct options *o, struct failure *why)
{
	struct options before = *o;
	char *name = trim(line), *value;

	if (!*name || *name == '#')
		return 0;
	value = strchr(name, '=');
	if (value) {
		*value = '\0';
		value = trim(value + 1);
	}
	if (set(trim(name), value, o, why)) {
		*o = before; /* a list may have been taken in part */
		return -1;
	}
	return 0;
}

/* The rest of a line that is too long. */
static void skip_line(FILE *f)
{
	int c;

	while ((c = getc(f)) != EOF && c != '\n')
		;
}

static void put_warning(settings_warn_fn *warn, void *arg, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void put_warning(settings_warn_fn *warn, void *arg, const char *fmt, ...)
{
	char text[PATH_MAX + sizeof(((struct failure *)0)->text) + 64], clean[sizeof(text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sanitise(text, sizeof(text), clean, sizeof(clean));
	warn(arg, clean);
}

void settings_read(FILE *f, const char *name, struct options *o, settings_warn_fn *warn, void *arg)
{
	char line[LONGEST_LINE];
	unsigned int number = 0, wrong = 0;

	while (wrong < MOST_WARNINGS && fgets(line, sizeof(line), f)) {
		struct failure why = {0};

		number++;
		if (strlen(line) == sizeof(line) - 1 && line[sizeof(line) - 2] != '\n') {
			skip_line(f);
			fail(&why, EXIT_USAGE, "the line is too long");
		} else {
			take_line(line, o, &why);
		}
		if (!why.status)
			continue;
		wrong++;
		put_warning(warn, arg, "%s:%u: %s%s", name, number, why.text,
			    wrong == MOST_WARNINGS ? "; the rest is not read" : "");
	}
	o->view.columns_given = false; /* of groups only what is known of them is shown */
	view_settle_sort(&o->view);
}

/* ---- Where the file is */

/* A link that another user made, but for root, leads to where that user wants. */
static bool is_own(const char *path)
{
	struct stat link, st;

	return lstat(path, &link) == 0 && (link.st_uid == geteuid() || link.st_uid == 0) &&
	       stat(path, &st) == 0 && st.st_uid == geteuid();
}

/* A home that sudo left in the environment is another user's: then it is the one of the account. */
static int find_folder(char *buf, size_t size)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	struct passwd entry, *account = NULL;
	char texts[4096];
	int n;

	if (config && *config == '/') {
		n = snprintf(buf, size, "%s/tcpretop", config);
		return (size_t)n < size ? 0 : -ENAMETOOLONG;
	}
	if (!home || *home != '/' || !is_own(home)) {
		getpwuid_r(geteuid(), &entry, texts, sizeof(texts), &account);
		home = account ? account->pw_dir : NULL;
	}
	if (!home || *home != '/')
		return -ENOENT;
	n = snprintf(buf, size, "%s/.config/tcpretop", home);
	return (size_t)n < size ? 0 : -ENAMETOOLONG;
}

static FILE *open_own(const char *path, settings_warn_fn *warn, void *arg)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	FILE *f;

	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			put_warning(warn, arg, "%s is not read: %s", path, strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid()) {
		f = fdopen(fd, "r");
		if (f)
			return f;
	} else {
		put_warning(warn, arg, "%s is not read: it is another user's, or no file", path);
	}
	close(fd);
	return NULL;
}

static void load(struct options *o, settings_warn_fn *warn, void *arg)
{
	char folder[PATH_MAX], path[PATH_MAX + 16];
	FILE *f;

	if (find_folder(folder, sizeof(folder)))
		return;
	snprintf(path, sizeof(path), "%s/settings", folder);
	f = open_own(path, warn, arg);
	if (!f)
		return;
	settings_read(f, path, o, warn, arg);
	fclose(f);
}

int settings_load(struct options *o, settings_warn_fn *warn, void *arg, struct failure *why)
{
	struct caller was;
	int err;

	if (caller_become(&was))
		load(o, warn, arg);
	err = caller_return(&was);
	if (err)
		return fail(why, EXIT_RUNTIME,
			    "cannot become root again after reading the settings: %s",
			    strerror(-err));
	return 0;
}

/* ---- Writing */

void settings_write(const struct saved_settings *s, FILE *f)
{
	const struct view *v = s->view;

	fputs("# Written by tcpretop. Options of the command line, which win; see tcpretop --help.\n",
	      f);
	fprintf(f, "sort=%s%s\ncolumns=", v->reverse ? "-" : "", fields[v->sort].title);
	for (unsigned int i = 0; i < v->ncolumns; i++)
		fprintf(f, "%s%s", i ? "," : "", fields[v->columns[i]].title);
	fprintf(f, "\ngroup=%s\ndelay=%g\nevent-pane=%s\ntheme=%s\n", group_ways[v->group].name,
		s->delay, s->event_pane ? "on" : "off", theme_names[s->theme]);
	if (v->tlp)
		fputs("lossprobe\n", f);
	if (s->resolve)
		fputs("resolve\n", f);
	if (s->no_color)
		fputs("no-color\n", f);
	if (s->ascii)
		fputs("ascii\n", f);
	if (s->no_mouse)
		fputs("no-mouse\n", f);
}

/* Makes a folder and those above it. All that is there must be ours, down from the first that is
 * made: nobody gets files of ours into their place. 0 or a negative errno. */
static int make_folder(char *path)
{
	struct stat st;
	char *slash;
	int err;

	if (lstat(path, &st) == 0)
		return is_own(path) ? 0 : -EPERM;
	slash = strrchr(path, '/');
	if (!slash || slash == path)
		return -ENOENT;
	*slash = '\0';
	err = make_folder(path);
	*slash = '/';
	if (err)
		return err;
	return mkdir(path, 0700) ? -errno : 0;
}

static int write_aside(const char *text, size_t len, int folder, const char *aside)
{
	int fd = openat(folder, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	int err;

	if (!f) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	fwrite(text, 1, len, f);
	errno = EIO;
	err = ferror(f) || fflush(f) || fsync(fd) ? -errno : 0;
	if (fclose(f) && !err)
		err = -errno;
	return err;
}

static int replace(const char *text, size_t len, int folder)
{
	struct stat st;
	char aside[32];
	int err;

	if (fstat(folder, &st) || st.st_uid != geteuid())
		return -EPERM;
	snprintf(aside, sizeof(aside), "settings.new.%ld", (long)getpid());
	unlinkat(folder, aside, 0); /* of one that was stopped half way */
	err = write_aside(text, len, folder, aside);
	if (!err && renameat(folder, aside, folder, "settings"))
		err = -errno;
	if (err)
		unlinkat(folder, aside, 0);
	return err;
}

/* The folder and the one that it is in; whoever owns that could put a link in its place. */
static int make_own_folder(char *path)
{
	int err = make_folder(path);
	char *slash = strrchr(path, '/');
	bool own;

	if (err)
		return err;
	*slash = '\0';
	own = is_own(path);
	*slash = '/';
	return own ? 0 : -EPERM;
}

int settings_put(const char *text, size_t len, char *path, size_t size, struct failure *why)
{
	char folder[PATH_MAX];
	int err = find_folder(folder, sizeof(folder)), fd;

	if (err)
		return fail(why, EXIT_RUNTIME, "there is no place for settings: set HOME");
	snprintf(path, size, "%s/settings", folder);
	err = make_own_folder(folder);
	if (!err) {
		fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		err = fd < 0 ? -errno : replace(text, len, fd);
		if (fd >= 0)
			close(fd);
	}
	if (err == -EPERM)
		return fail(why, EXIT_RUNTIME,
			    "settings not written: %.200s is below another user's folder", folder);
	if (err)
		return fail(why, EXIT_RUNTIME, "settings not written to %.200s: %s", path,
			    strerror(-err));
	return 0;
}

/* Two texts, of which one is there: where the settings are, or why not. */
static int take_answer(const char *answer, size_t bytes, char *path, size_t size,
		       struct failure *why)
{
	size_t first = answer ? strnlen(answer, bytes) : 0;

	if (!answer || first + 2 > bytes || answer[bytes - 1])
		return fail(why, EXIT_RUNTIME, "settings not written: the helper does not answer");
	if (*answer != HELPER_TEXT)
		return fail(why, EXIT_RUNTIME, "%s", answer + first + 2);
	snprintf(path, size, "%s", answer + 1);
	return 0;
}

static int put_by_helper(struct helper *helper, const char *text, size_t len, char *path,
			 size_t size, struct failure *why)
{
	struct helper_request r = {.question = HELPER_SETTINGS, .bytes = (uint32_t)len};
	const char *answer;
	size_t bytes;
	int err;

	answer = helper_ask(helper, &r, text, &bytes, NULL, &err);
	return take_answer(answer, bytes, path, size, why);
}

/* Root that starts ssh has kept its rights. */
static int put_as_caller(const char *text, size_t len, char *path, size_t size, struct failure *why)
{
	struct caller was;
	int err;

	caller_become(&was);
	err = settings_put(text, len, path, size, why);
	caller_return(&was);
	return err;
}

int settings_save(const struct saved_settings *s, struct helper *helper, char *path, size_t size,
		  struct failure *why)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int err;

	if (!f)
		return fail(why, EXIT_RUNTIME, "settings not written: out of memory");
	settings_write(s, f);
	if (fclose(f))
		err = fail(why, EXIT_RUNTIME, "settings not written: out of memory");
	else if (helper)
		err = put_by_helper(helper, text, len, path, size, why);
	else
		err = put_as_caller(text, len, path, size, why);
	free(text);
	return err;
}
