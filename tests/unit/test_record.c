// SPDX-License-Identifier: GPL-2.0-only
/* Recording and replay of a pretended source: all of it, and what is left of it when it is cut,
 * damaged, of another version, or cannot be written. */
#include "tests/unit/recorded.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <zlib.h>

#include "src/frame.h"
#include "src/recording.h"
#include "tests/unit/folder.h"

#include <cmocka.h> /* after our own: it makes a macro of fail() */

enum { SMALL_FLOWS = 3, SMALL_TICKS = 5, EVER = 1000000 };

struct bytes {
	uint8_t *data;
	size_t len;
};

static char folder[4000];

static const char *path_of(const char *name)
{
	static char path[4200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static struct bytes read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct stat st;
	struct bytes b;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	b.len = (size_t)st.st_size;
	b.data = malloc(b.len + 1);
	assert_non_null(b.data);
	assert_int_equal(fread(b.data, 1, b.len, f), b.len);
	fclose(f);
	return b;
}

/* What was handed over while it was recorded, and the recording. */
static struct told record(size_t nflows, unsigned int ticks, struct bytes *b)
{
	struct failure why = {0};
	struct source *s = record_open(pretended_open(nflows), path_of("r"), &why);
	struct told t;

	assert_non_null(s);
	t = tell_all(s, ticks);
	record_finish(s);
	assert_null(source_trouble(s));
	source_close(s);
	*b = read_file(path_of("r"));
	return t;
}

static struct source *replay(const void *data, size_t len, struct failure *why)
{
	memset(why, 0, sizeof(*why));
	return replay_open_fd(file_of(data, len), "r", true, why);
}

static void assert_trouble(struct source *s, const char *says)
{
	const struct failure *why = source_trouble(s);

	if (!why || !strstr(why->text, says))
		fail_msg("no trouble that says '%s'", says);
}

static void assert_told(const struct told *a, const struct told *b)
{
	assert_int_equal(a->ticks, b->ticks);
	assert_int_equal(a->events, b->events);
	assert_int_equal(a->nflows, b->nflows);
	assert_true(a->sum == b->sum);
}

static void assert_info(const struct source_info *a, const struct source_info *b)
{
	assert_string_equal(a->host, b->host);
	assert_string_equal(a->release, b->release);
	assert_true(a->start_ns == b->start_ns && a->undos_known == b->undos_known);
	assert_int_equal(a->max_flows, b->max_flows);
	assert_int_equal(a->tlp_way, b->tlp_way);
	assert_int_equal(a->probes, b->probes);
	assert_int_equal(a->probes_wanted, b->probes_wanted);
}

static void same_again(size_t nflows, unsigned int ticks)
{
	struct failure why;
	struct bytes b;
	struct told live = record(nflows, ticks, &b), again;
	struct source *s = replay(b.data, b.len, &why), *p = pretended_open(nflows);

	assert_non_null(s);
	assert_info(&s->info, &p->info);
	again = tell_all(s, EVER);
	assert_told(&live, &again);
	assert_int_equal(live.ticks, ticks);
	assert_true(live.nflows == nflows * ticks && (ticks < 3 || live.events > 0));
	assert_null(source_trouble(s));
	source_close(s);
	source_close(p);
	free(b.data);
}

static void test_round_trip(void **state)
{
	(void)state;
	same_again(0, 1);
	same_again(SMALL_FLOWS, SMALL_TICKS);
	same_again(255, 3);
	same_again(256, 3);
	same_again(MOST_SAMPLES, 3); /* more than a frame holds */
}

/* Events of modes that do not ask for them are left out, and what they define is not. */
static void test_without_events(void **state)
{
	struct failure why = {0};
	struct bytes b;
	struct told live = record(SMALL_FLOWS, SMALL_TICKS, &b), t;
	struct source *s = replay_open_fd(file_of(b.data, b.len), "r", false, &why);

	(void)state;
	assert_non_null(s);
	t = tell_all(s, EVER);
	assert_int_equal(t.events, 0);
	assert_int_equal(t.ticks, live.ticks);
	assert_null(source_trouble(s));
	source_close(s);
	free(b.data);
}

static void test_time_between_ticks(void **state)
{
	struct failure why;
	struct told t = {0};
	struct bytes b;
	struct source *s;
	struct due due;

	(void)state;
	record(SMALL_FLOWS, 2, &b);
	s = replay(b.data, b.len, &why);
	assert_true(source_due(s, &due));
	assert_int_equal(due.state, DUE_TICK);
	assert_int_equal(due.after_ns, 0);
	assert_true(due.share > 0 && due.share < 1);
	tell_tick(&t, s);
	source_due(s, &due);
	assert_true(due.state == DUE_TICK && due.after_ns == SECOND);
	tell_tick(&t, s);
	source_due(s, &due);
	assert_int_equal(due.state, DUE_NEVER);
	assert_true(due.share == 1);
	/* Who looks again sees the last, and nothing new. */
	t = (struct told){0};
	assert_int_equal(tell_tick(&t, s), 0);
	assert_int_equal(t.nflows, 0);
	source_close(s);
	free(b.data);
}

static void test_rewind(void **state)
{
	struct failure why;
	struct bytes b;
	struct told live = record(SMALL_FLOWS, SMALL_TICKS, &b), t;
	struct source *s = replay(b.data, b.len, &why);
	const char *cgroup;
	struct snapshot snap;
	struct due due;
	int fds[2];

	(void)state;
	source_due(s, &due);
	assert_int_equal(source_tick(s, &snap), 0);
	cgroup = snap.flows[1].owner.cgroup;
	assert_string_equal(cgroup, "/system.slice/nginx.service");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(source_rewind(s), 0);
		t = tell_all(s, EVER);
		assert_told(&live, &t);
	}
	assert_string_equal(cgroup, "/system.slice/nginx.service");
	source_close(s);

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], b.data, b.len), b.len);
	close(fds[1]);
	s = replay_open_fd(fds[0], "r", true, &why);
	assert_non_null(s);
	assert_int_equal(source_rewind(s), -ESPIPE);
	t = tell_all(s, EVER);
	assert_told(&live, &t);
	source_close(s);
	free(b.data);
}

/* A writer that is slow: what has not come yet is waited for, and nothing of it is lost. */
static void test_byte_by_byte(void **state)
{
	struct failure why = {0};
	struct told live, t = {0};
	struct source *s = NULL;
	struct bytes b;
	struct due due;
	size_t header = 0, later = 0;
	int fds[2];

	(void)state;
	live = record(SMALL_FLOWS, SMALL_TICKS, &b);
	header = FRAME_PREAMBLE + FRAME_HEAD + b.data[FRAME_PREAMBLE];
	assert_int_equal(pipe(fds), 0);
	for (size_t i = 0; i < b.len; i++) {
		assert_int_equal(write(fds[1], b.data + i, 1), 1);
		if (i + 1 == header)
			s = replay_open_fd(fds[0], "r", true, &why);
		if (!s)
			continue;
		source_due(s, &due);
		later += due.state == DUE_LATER;
		if (due.state == DUE_LATER)
			assert_int_equal(due.fd, fds[0]);
		if (due.state != DUE_TICK)
			continue;
		source_drain(s, tell_event, &t);
		assert_int_equal(tell_tick(&t, s), 0);
	}
	close(fds[1]);
	assert_true(later > 100);
	assert_told(&live, &t);
	source_due(s, &due);
	assert_int_equal(due.state, DUE_NEVER);
	assert_null(source_trouble(s));
	source_close(s);
	free(b.data);
}

/* Ends of the frames that hold a tick: offsets into the recording. */
static size_t ticks_before(const struct bytes *b, size_t len)
{
	size_t at = FRAME_PREAMBLE, n = 0;

	while (at + FRAME_HEAD <= len) {
		const uint8_t *head = b->data + at;
		size_t stored = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;

		at += FRAME_HEAD + stored;
		n += at <= len && head[4] == RECORDING_TICK;
	}
	return n;
}

static void test_cut_anywhere(void **state)
{
	char where[80];
	struct failure why;
	struct bytes b;

	(void)state;
	record(SMALL_FLOWS, SMALL_TICKS, &b);
	for (size_t len = 0; len < b.len; len++) {
		struct source *s = replay(b.data, len, &why);

		snprintf(where, sizeof(where), len ? "cut at byte %zu" : "it is empty", len);
		if (s) {
			struct told t = tell_all(s, EVER);

			assert_int_equal(t.ticks, ticks_before(&b, len));
			assert_non_null(source_trouble(s));
			why = *source_trouble(s);
			source_close(s);
		} else {
			assert_int_equal(ticks_before(&b, len), 0);
		}
		assert_int_equal(why.status, EXIT_BAD_RECORDING);
		assert_non_null(strstr(why.text, where));
	}
	assert_int_equal(ticks_before(&b, b.len), SMALL_TICKS);
	free(b.data);
}

static void test_every_bit(void **state)
{
	struct failure why;
	struct bytes b;

	(void)state;
	record(SMALL_FLOWS, SMALL_TICKS, &b);
	for (size_t bit = 0; bit < 8 * b.len; bit++) {
		struct source *s;

		b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		s = replay(b.data, b.len, &why);
		if (s) {
			struct told t = tell_all(s, EVER);

			assert_int_equal(t.ticks, ticks_before(&b, bit / 8));
			assert_non_null(source_trouble(s));
			why = *source_trouble(s);
			source_close(s);
		}
		assert_int_equal(why.status, EXIT_BAD_RECORDING);
		b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(b.data);
}

/* Frames and fields of a later revision are left out, another version is refused. */
static void test_versions(void **state)
{
	static const struct source_info info = {.host = "h", .start_ns = START, .max_flows = 1};
	struct snapshot rest = {.now_ns = START + SECOND};
	struct framer *f = framer_new();
	struct wire_out payload = {0};
	uint8_t buf[4096];
	const uint8_t *data;
	size_t len = FRAME_PREAMBLE, n;
	uint32_t crc;
	struct failure why;
	struct source *s;
	struct told t;

	(void)state;
	frame_preamble(buf);
#define ADD(type)                                                   \
	n = framer_make(f, type, payload.data, payload.len, &data); \
	memcpy(buf + len, data, n);                                 \
	len += n;                                                   \
	payload.len = 0
	wire_put(&payload, recording_info, &info);
	wire_put_number(&payload, 1000, 7);
	ADD(RECORDING_HEADER);
	wire_put_bytes(&payload, 77, "more", 4);
	ADD(200);
	wire_put_message(&payload, RECORDING_REST, recording_rest, &rest);
	wire_put_bytes(&payload, 99, "more", 4);
	ADD(RECORDING_TICK);
	ADD(RECORDING_END);
	s = replay(buf, len, &why);
	assert_non_null(s);
	t = tell_all(s, EVER);
	assert_int_equal(t.ticks, 1);
	assert_null(source_trouble(s));
	source_close(s);

	/* A checksum that is right does not make sense of it. */
	len -= n;
	wire_put_number(&payload, RECORDING_SAMPLE, 1);
	ADD(RECORDING_EVENTS);
	s = replay(buf, len, &why);
	tell_all(s, EVER);
	assert_trouble(s, "makes no sense");
	source_close(s);
#undef ADD
	buf[8] = 2;
	assert_null(replay(buf, len, &why));
	assert_non_null(strstr(why.text, "damaged at byte 0"));
	crc = (uint32_t)crc32(0, buf, 12);
	for (int i = 0; i < 4; i++)
		buf[12 + i] = (uint8_t)(crc >> 8 * i);
	assert_null(replay(buf, len, &why));
	assert_non_null(strstr(why.text, "of version 2, and this tcpretop reads version 1"));
	assert_null(replay("GIF89a and so on", 16, &why));
	assert_non_null(strstr(why.text, "it is no recording"));
	framer_free(f);
	free(payload.data);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void assert_refused(const char *path, const char *word)
{
	struct source *p = pretended_open(1);
	struct failure why = {0};

	assert_null(record_open(p, path, &why));
	assert_int_equal(why.status, EXIT_RUNTIME);
	if (!strstr(why.text, word))
		fail_msg("%s", why.text);
	source_close(p);
}

static void record_to(const char *path)
{
	struct failure why = {0};
	struct source *s = record_open(pretended_open(1), path, &why);

	assert_non_null(s);
	tell_all(s, 1);
	record_finish(s);
	assert_null(source_trouble(s));
	source_close(s);
}

static void test_files(void **state)
{
	char target[4200];
	struct bytes b;
	struct stat st;

	(void)state;
	umask(0);
	record_to(path_of("new"));
	assert_int_equal(mode_of(path_of("new")), 0600);
	write_text(path_of("old"),
		   "a long text that is there already, longer than the recording? no, but gone");
	record_to(path_of("old"));
	b = read_file(path_of("old"));
	assert_memory_equal(b.data, "tcpretop", 8);
	free(b.data);
	assert_refused(folder, "Is a directory");
	assert_refused("/nonexistent/x", "No such file");
	assert_refused("/dev/full", "No space left on device");
	if (geteuid())
		skip();
	snprintf(target, sizeof(target), "%s", path_of("target"));
	write_text(target, "precious");
	assert_int_equal(symlink(target, path_of("link")), 0);
	assert_refused(path_of("link"), "symbolic link");
	assert_int_equal(symlink("/nonexistent", path_of("dangling")), 0);
	assert_refused(path_of("dangling"), "symbolic link");
	assert_int_equal(link(target, path_of("hard")), 0);
	assert_refused(path_of("hard"), "hard links");
	assert_int_equal(unlink(path_of("hard")), 0);
	assert_int_equal(chown(target, 12345, 12345), 0);
	assert_refused(target, "another user");
	b = read_file(target);
	assert_int_equal(b.len, 8);
	free(b.data);
	setenv("SUDO_UID", "12345", 1);
	setenv("SUDO_GID", "12346", 1);
	record_to(target);
	record_to(path_of("sudo"));
	assert_int_equal(stat(path_of("sudo"), &st), 0);
	assert_true(st.st_uid == 12345 && st.st_gid == 12346);
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
}

/* The reader goes away: the source goes on, and it is told. */
static void test_broken_pipe(void **state)
{
	const char *path = path_of("fifo");
	struct failure why = {0};
	struct source *s;
	struct told t;
	char part[100];
	int fd;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(path, "nobody reads from it");
	fd = open(path, O_RDONLY | O_NONBLOCK);
	if (!geteuid()) {
		assert_int_equal(chown(path, 12345, 12345), 0);
		assert_refused(path, "another user");
		assert_int_equal(chown(path, 0, 0), 0);
	}
	s = record_open(pretended_open(SMALL_FLOWS), path, &why);
	assert_non_null(s);
	t = tell_all(s, 2);
	assert_int_equal(t.ticks, 2);
	assert_true(read(fd, part, sizeof(part)) > 0);
	assert_null(source_trouble(s));
	close(fd);
	t = tell_all(s, 3);
	assert_int_equal(t.ticks, 3);
	assert_int_equal(t.nflows, 3 * SMALL_FLOWS);
	assert_trouble(s, "ends early: Broken pipe");
	assert_int_equal(source_trouble(s)->status, EXIT_RUNTIME);
	record_finish(s);
	source_close(s);
}

static int make_folder(void **state)
{
	(void)state;
	return folder_make(folder, sizeof(folder));
}

/* There must be no more in it than this. */
static int remove_folder(void **state)
{
	static const char *const names[] = {"r",    "new",      "old",  "target",
					    "link", "dangling", "sudo", "fifo"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_of(names[i]));
	return rmdir(folder);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_without_events),
		cmocka_unit_test(test_time_between_ticks),
		cmocka_unit_test(test_rewind),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_broken_pipe),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
