// SPDX-License-Identifier: GPL-2.0-only
/* Our side of the helper's socket: answers that are none, and a helper that does not answer at all. */
#include "src/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/helper_wire.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

/* So long a user may have to wait for a helper that has been stopped, and be it to quit. */
enum { PATIENCE = 30 };

static struct helper *helper;
static int other; /* its end of the socket */

static void start(pid_t pid)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	helper = helper_new(pid, fds[0], false);
	other = fds[1];
	assert_non_null(helper);
}

static int make_helper(void **state)
{
	(void)state;
	start(0);
	return 0;
}

static int stop_helper(void **state)
{
	(void)state;
	helper_stop(helper);
	if (other >= 0)
		close(other);
	return 0;
}

static const void *ask(size_t *bytes, int *fd, int *err)
{
	const struct helper_request r = {.question = HELPER_COVERAGE};

	return helper_ask(helper, &r, NULL, bytes, fd, err);
}

/* The answer is there before it is asked for, as a socket keeps it. */
static void answer(const struct helper_reply *reply, const int *fds, size_t n, const char *text,
		   size_t len)
{
	assert_int_equal(n ? wire_send_fds(other, reply, sizeof(*reply), fds, n)
			   : wire_send(other, reply, sizeof(*reply)),
			 0);
	assert_int_equal(wire_send(other, text, len), 0);
}

static int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void an_answer_is_taken(void **state)
{
	const struct helper_reply reply = {.bytes = 3};
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const char *text;
	size_t bytes;
	int fd, err;

	(void)state;
	answer(&reply, &null, 1, "abc", 3);
	text = ask(&bytes, &fd, &err);
	assert_int_equal(err, 0);
	assert_int_equal(bytes, 3);
	assert_memory_equal(text, "abc", 3);
	assert_true(fd >= 0 && fd != null);
	close(fd);
	close(null);
}

/* One that nobody wants, more than one, and one beside an error. */
static void no_descriptor_is_kept_that_was_not_asked_for(void **state)
{
	const struct helper_reply fine = {0}, wrong = {.err = -ESRCH};
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC), both[] = {null, null};
	const int open_fds = count_fds();
	size_t bytes;
	int fd, err;

	(void)state;
	answer(&fine, &null, 1, "", 0);
	ask(&bytes, NULL, &err);
	assert_int_equal(err, 0);
	assert_int_equal(count_fds(), open_fds);

	answer(&fine, both, 2, "", 0);
	ask(&bytes, &fd, &err);
	assert_int_equal(err, 0);
	assert_int_equal(fd, -1);
	assert_int_equal(count_fds(), open_fds);

	answer(&wrong, &null, 1, "", 0);
	assert_null(ask(&bytes, &fd, &err));
	assert_int_equal(err, -ESRCH);
	assert_int_equal(count_fds(), open_fds);
	assert_false(helper_is_gone(helper));
	close(null);
}

static void check_gone(void)
{
	size_t bytes;
	int fd, err;

	assert_null(ask(&bytes, &fd, &err));
	assert_int_equal(err, -EPIPE);
	assert_true(helper_is_gone(helper));
	assert_null(ask(&bytes, &fd, &err));
	assert_int_equal(err, -EPIPE);
}

static void more_than_there_is_room_for_is_no_answer(void **state)
{
	const struct helper_reply reply = {.bytes = HELPER_MOST_TOLD + 1};

	(void)state;
	answer(&reply, NULL, 0, "", 0);
	check_gone();
}

static void half_an_answer_is_none(void **state)
{
	const struct helper_reply reply = {.bytes = 8};
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC), open_fds = count_fds();

	(void)state;
	answer(&reply, &null, 1, "half", 4);
	shutdown(other, SHUT_WR);
	check_gone();
	assert_int_equal(count_fds(), open_fds - 1); /* the socket's */
	close(null);
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* Whoever may send it signals can stop it; what waits for it has to be quit all the same. */
static void one_that_is_stopped_is_given_up(void **state)
{
	const time_t began = now();
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		alarm(4 * PATIENCE);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	alarm(2 * PATIENCE); /* or it would be waited for in vain */
	start(pid);
	check_gone();
	helper_stop(helper);
	alarm(0);
	assert_true(now() - began <= PATIENCE);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_answer_is_taken, make_helper, stop_helper),
		cmocka_unit_test_setup_teardown(no_descriptor_is_kept_that_was_not_asked_for,
						make_helper, stop_helper),
		cmocka_unit_test_setup_teardown(more_than_there_is_room_for_is_no_answer,
						make_helper, stop_helper),
		cmocka_unit_test_setup_teardown(half_an_answer_is_none, make_helper, stop_helper),
		cmocka_unit_test(one_that_is_stopped_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
