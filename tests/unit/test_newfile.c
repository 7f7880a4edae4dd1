// SPDX-License-Identifier: GPL-2.0-only
/* Files that root makes for whoever called sudo, while it has its rights: as with --host, for ssh. */
#include "src/newfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/caller.h"
#include "src/settings.h"
#include "tests/unit/folder.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

enum { USER = 12345, GROUP = 12346 };

static char folder[64], path[128], other[128];

/* A folder of the user's, who could not get at the tests' own; and root with what sudo leaves. */
static int call_sudo(void **state)
{
	(void)state;
	if (geteuid())
		return 0;
	strcpy(folder, "/tmp/tcpretop-newfile.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/new", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	assert_int_equal(chown(folder, USER, GROUP), 0);
	setenv("SUDO_UID", "12345", 1);
	setenv("SUDO_GID", "12346", 1);
	umask(0);
	return 0;
}

static int remove_all(void **state)
{
	(void)state;
	if (geteuid())
		return 0;
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	folder_remove(folder);
	return 0;
}

static void need_root(void)
{
	if (geteuid())
		skip();
}

static void check_owner(const char *file)
{
	struct stat st;

	assert_int_equal(lstat(file, &st), 0);
	assert_int_equal(st.st_uid, USER);
	assert_int_equal(st.st_gid, GROUP);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(geteuid(), 0);
	assert_int_equal(getegid(), 0);
}

static void a_file_is_the_callers(void **state)
{
	FILE *f;

	(void)state;
	need_root();
	f = newfile_open(NULL, path);
	assert_non_null(f);
	fputs("text", f);
	assert_int_equal(newfile_close(f, NULL, path), 0);
	check_owner(path);
}

static void nothing_is_made_in_the_place_of_another(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(symlink(other, path), 0);
	assert_null(newfile_open(NULL, path));
	assert_int_equal(errno, EEXIST);
	assert_int_equal(access(other, F_OK), -1);
}

static void nothing_is_made_where_the_caller_may_not(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(chown(folder, 0, 0), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_null(newfile_open(NULL, path));
	assert_int_equal(errno, EACCES);
	assert_int_equal(geteuid(), 0);
}

static void settings_are_the_callers(void **state)
{
	struct view view;
	const struct saved_settings settings = {.view = &view, .delay = 1};
	struct failure why = {0};
	char to[256], wanted[256];
	struct options o;

	(void)state;
	need_root();
	options_init(&o);
	view = o.view;
	setenv("XDG_CONFIG_HOME", folder, 1);
	assert_int_equal(settings_save(&settings, NULL, to, sizeof(to), &why), 0);
	unsetenv("XDG_CONFIG_HOME");
	snprintf(wanted, sizeof(wanted), "%s/tcpretop/settings", folder);
	assert_string_equal(to, wanted);
	check_owner(to);
	options_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_is_the_callers, call_sudo, remove_all),
		cmocka_unit_test_setup_teardown(nothing_is_made_in_the_place_of_another, call_sudo,
						remove_all),
		cmocka_unit_test_setup_teardown(nothing_is_made_where_the_caller_may_not, call_sudo,
						remove_all),
		cmocka_unit_test_setup_teardown(settings_are_the_callers, call_sudo, remove_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
