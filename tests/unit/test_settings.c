// SPDX-License-Identifier: GPL-2.0-only
#include "src/settings.h"
#include "tests/unit/folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct heard {
	char last[600];
	unsigned int n;
};

static void hear(void *arg, const char *text)
{
	struct heard *h = arg;

	snprintf(h->last, sizeof(h->last), "%s", text);
	h->n++;
}

static struct options read_text(const char *text, size_t len, struct heard *h)
{
	FILE *f = fmemopen((void *)text, len, "r");
	struct options o;

	memset(h, 0, sizeof(*h));
	options_init(&o);
	assert_non_null(f);
	settings_read(f, "file", &o, hear, h);
	fclose(f);
	return o;
}

static void lines_are_options(void **state)
{
	static const char text[] = "# comment\n\n  sort = -ratio \r\ncolumns=RETR, RTT,laddr\n"
				   "group=remote\ndelay=2.5\nevent-pane=off\nlossprobe\nno-color\n"
				   "ascii\nno-mouse";
	struct heard h;
	struct options o = read_text(text, strlen(text), &h);

	(void)state;
	assert_string_equal(h.last, "");
	assert_int_equal(o.view.sort, FIELD_RATIO);
	assert_true(o.view.reverse && o.view.tlp && !o.view.columns_given);
	assert_int_equal(o.view.ncolumns, 3);
	assert_int_equal(o.view.columns[1], FIELD_RTT);
	assert_int_equal(o.view.group, GROUP_REMOTE);
	assert_true(o.delay == 2.5);
	assert_true(!o.event_pane && !o.color && o.no_color && o.ascii && !o.mouse);
}

static void wrong_lines_are_told(void **state)
{
	static const char *const cases[][2] = {
		{"delay=0", "file:1: -d takes 0.1 to 3600 seconds, not '0'"},
		{"\n\nsort=RAT", "file:3: there is no column 'RAT'; did you mean"},
		{"batch", "file:1: there is no setting 'batch'"},
		{"doctor", "file:1: there is no setting 'doctor'"},
		{"filter=port 1", "file:1: there is no setting 'filter'"},
		{"sort", "file:1: sort needs a value"},
		{"lossprobe=yes", "file:1: lossprobe takes no value"},
		{"event-pane", "file:1: event-pane is on or off"},
		{"theme=pink", "file:1: theme is auto, dark, light or mono"},
		{"theme", "file:1: theme is auto"},
		{"event-pane=perhaps", "file:1: event-pane is on or off"},
		{"=", "file:1: there is no setting ''"},
		{"a\033[31mb\xff", "file:1: there is no setting 'a?[31mb?'"},
	};
	struct heard h;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		read_text(cases[i][0], strlen(cases[i][0]), &h);
		assert_int_equal(h.n, 1);
		if (strncmp(h.last, cases[i][1], strlen(cases[i][1])))
			fail_msg("'%s': %s", cases[i][0], h.last);
	}
}

static void wrong_lines_change_nothing(void **state)
{
	static const char text[] =
		"columns=RTT,CWND\ncolumns=RETR,nonsense\ngroup=remote\nsort=RTT\n";
	char flood[100000];
	struct heard h;
	struct options o = read_text(text, strlen(text), &h);

	(void)state;
	assert_int_equal(h.n, 1);
	assert_int_equal(o.view.ncolumns, 2);
	assert_int_equal(o.view.columns[0], FIELD_RTT);
	assert_int_equal(o.view.sort, FIELD_RETR); /* groups have no RTT */

	memset(flood, 'x', sizeof(flood));
	snprintf(flood + 90000, sizeof(flood) - 90000, "\ndelay=5\n");
	o = read_text(flood, 90009, &h);
	assert_string_equal(h.last, "file:1: the line is too long");
	assert_true(o.delay == 5);
	for (size_t i = 0; i < sizeof(flood); i += 2)
		flood[i] = '\n';
	read_text(flood, sizeof(flood), &h);
	assert_int_equal(h.n, 10);
	assert_non_null(strstr(h.last, "; the rest is not read"));
}

static void options_win(void **state)
{
	char *sorted[] = {(char *)"tcpretop", (char *)"-o", (char *)"RTT", NULL};
	char *grouped[] = {(char *)"tcpretop", (char *)"-g", (char *)"cause", NULL};
	struct failure why = {0};
	struct heard h;
	struct options o = read_text("group=remote\ndelay=3\n", 21, &h);

	(void)state;
	assert_int_equal(options_take(3, sorted, &o, &why), 0);
	assert_int_equal(o.view.sort, FIELD_RTT);
	assert_int_equal(o.view.group, GROUP_FLOW); /* which has it */
	assert_true(o.delay == 3);
	o = read_text("sort=RATIO\n", 11, &h);
	assert_int_equal(options_take(3, grouped, &o, &why), 0);
	assert_int_equal(o.view.group, GROUP_CAUSE);
	assert_int_equal(o.view.sort, FIELD_RETR); /* RATIO is not known of causes */
}

static struct options round_trip(const struct saved_settings *s)
{
	char text[4096] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");
	struct options o;
	struct heard h;

	settings_write(s, f);
	fclose(f);
	o = read_text(text, strlen(text), &h);
	assert_string_equal(h.last, "");
	return o;
}

static void written_is_read(void **state)
{
	struct view v;
	struct saved_settings s = {.view = &v, .delay = 0.1};
	struct options o;

	(void)state;
	view_init(&v);
	v.ncolumns = FIELDS;
	for (int id = 0; id < FIELDS; id++)
		v.columns[id] = (enum field_id)(FIELDS - 1 - id);
	for (int by = 0; by < GROUPS; by++) {
		for (int id = 0; id < FIELDS; id++) {
			if (!field_is_of((enum field_id)id, (enum group_by)by))
				continue;
			v.sort = (enum field_id)id;
			v.group = (enum group_by)by;
			v.reverse = v.tlp = s.event_pane = s.resolve = s.ascii = id % 2;
			s.no_color = s.no_mouse = id % 3;
			s.theme = (enum theme_choice)(id % THEMES);
			o = round_trip(&s);
			assert_int_equal(o.theme, s.theme);
			assert_int_equal(o.view.sort, v.sort);
			assert_int_equal(o.view.group, v.group);
			assert_int_equal(o.view.reverse, v.reverse);
			assert_int_equal(o.view.tlp, v.tlp);
			assert_int_equal(o.event_pane, s.event_pane);
			assert_int_equal(o.ascii, s.ascii);
			assert_int_equal(o.resolve, s.resolve);
			assert_int_equal(o.no_color, s.no_color);
			assert_int_equal(o.mouse, !s.no_mouse);
			assert_true(o.delay == 0.1);
			assert_int_equal(o.view.ncolumns, FIELDS);
			assert_memory_equal(o.view.columns, v.columns, sizeof(v.columns));
		}
	}
}

static void saved_where_it_is_ours(void **state)
{
	char folder[2000], path[4200], wanted[4200];
	struct saved_settings s = {.delay = 7};
	struct failure why = {0};
	struct heard h = {.n = 0};
	struct options o;
	struct stat st;
	struct view v;

	(void)state;
	view_init(&v);
	s.view = &v;
	assert_int_equal(folder_make(folder, sizeof(folder)), 0);
	snprintf(wanted, sizeof(wanted), "%s/a/b", folder);
	setenv("XDG_CONFIG_HOME", wanted, 1);
	snprintf(wanted, sizeof(wanted), "%s/a/b/tcpretop/settings", folder);
	for (int i = 0; i < 2; i++) { /* the second replaces the first */
		assert_int_equal(settings_save(&s, NULL, path, sizeof(path), &why), 0);
		assert_string_equal(path, wanted);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	options_init(&o);
	assert_int_equal(settings_load(&o, hear, &h, &why), 0);
	assert_true(o.delay == 7 && h.n == 0);
	if (geteuid() == 0) {
		/* Of another user: neither read nor written. */
		assert_int_equal(chown(path, 1234, 1234), 0);
		options_init(&o);
		assert_int_equal(settings_load(&o, hear, &h, &why), 0);
		assert_true(o.delay == 1 && h.n == 1);
		snprintf(wanted, sizeof(wanted), "%s/a/b", folder);
		assert_int_equal(chown(wanted, 1234, 1234), 0);
		snprintf(wanted, sizeof(wanted), "%s/a/b/other", folder);
		setenv("XDG_CONFIG_HOME", wanted, 1);
		assert_int_equal(settings_save(&s, NULL, path, sizeof(path), &why), -1);
		assert_non_null(strstr(why.text, "another user's folder"));
		assert_int_equal(access(wanted, F_OK), -1);
	}
	unsetenv("XDG_CONFIG_HOME");
	assert_int_equal(folder_remove(folder), 0);
}

/* Where another user may have put links, nothing is written. */
static void not_through_links_of_others(void **state)
{
	char base[2000], theirs[2100], ours[2100], link[2200], path[4200], wanted[4200];
	struct saved_settings s = {.delay = 7};
	struct failure why = {0};
	struct view v;

	(void)state;
	if (geteuid())
		skip();
	view_init(&v);
	s.view = &v;
	assert_int_equal(folder_make(base, sizeof(base)), 0);
	snprintf(theirs, sizeof(theirs), "%s/theirs", base);
	snprintf(ours, sizeof(ours), "%s/ours", base);
	snprintf(link, sizeof(link), "%s/tcpretop", theirs);
	assert_int_equal(mkdir(theirs, 0700), 0);
	assert_int_equal(mkdir(ours, 0700), 0);
	assert_int_equal(symlink(ours, link), 0);
	assert_int_equal(chown(theirs, 1234, 1234), 0);
	setenv("XDG_CONFIG_HOME", theirs, 1);
	assert_int_equal(settings_save(&s, NULL, path, sizeof(path), &why), -1);
	assert_non_null(strstr(why.text, "another user's folder"));
	snprintf(wanted, sizeof(wanted), "%s/settings", ours);
	assert_int_equal(access(wanted, F_OK), -1);

	/* The folder is ours, but the link in it theirs. */
	assert_int_equal(chown(theirs, 0, 0), 0);
	assert_int_equal(lchown(link, 1234, 1234), 0);
	assert_int_equal(settings_save(&s, NULL, path, sizeof(path), &why), -1);
	assert_int_equal(access(wanted, F_OK), -1);
	unsetenv("XDG_CONFIG_HOME");
	assert_int_equal(folder_remove(base), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_options),
		cmocka_unit_test(wrong_lines_are_told),
		cmocka_unit_test(wrong_lines_change_nothing),
		cmocka_unit_test(options_win),
		cmocka_unit_test(written_is_read),
		cmocka_unit_test(saved_where_it_is_ours),
		cmocka_unit_test(not_through_links_of_others),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
