// SPDX-License-Identifier: GPL-2.0-only
/* Recordings that are whole, but say what cannot be. */
#include "src/replay.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/frame.h"
#include "src/recording.h"

enum { START = 1000 };

/* A recording of one tick, at this time. */
static struct source *one_tick(uint64_t now_ns)
{
	static const struct source_info info = {.host = "h", .start_ns = START, .max_flows = 1};
	struct snapshot rest = {.now_ns = now_ns};
	struct framer *f = framer_new();
	struct wire_out payload = {0};
	uint8_t preamble[FRAME_PREAMBLE];
	struct failure why = {0};
	const uint8_t *data;
	struct source *s;
	size_t len;
	int fd = memfd_create("recording", 0);

	frame_preamble(preamble);
	assert_int_equal(write(fd, preamble, sizeof(preamble)), sizeof(preamble));
	wire_put(&payload, recording_info, &info);
	len = framer_make(f, RECORDING_HEADER, payload.data, payload.len, &data);
	assert_int_equal(write(fd, data, len), len);
	payload.len = 0;
	wire_put_message(&payload, RECORDING_REST, recording_rest, &rest);
	len = framer_make(f, RECORDING_TICK, payload.data, payload.len, &data);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	s = replay_open_fd(fd, "one tick", false, &why);
	assert_non_null(s);
	free(payload.data);
	framer_free(f);
	return s;
}

/* Whoever shows how long it has been counting takes the difference. */
static void ticks_come_after_the_start(void **state)
{
	struct source *s = one_tick(START);
	struct due due = {.state = DUE_LATER};

	(void)state;
	assert_true(source_due(s, &due));
	assert_int_equal(due.state, DUE_TICK);
	source_close(s);

	s = one_tick(START - 1);
	assert_true(source_due(s, &due));
	assert_int_equal(due.state, DUE_NEVER);
	assert_non_null(source_trouble(s));
	source_close(s);
}

int main(void)
{
	const struct CMUnitTest cases[] = {cmocka_unit_test(ticks_come_after_the_start)};

	return cmocka_run_group_tests(cases, NULL, NULL);
}
