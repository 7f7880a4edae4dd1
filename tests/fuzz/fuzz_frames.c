// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as the file of a recording, in reads of any length: frames that are whole, or a fault.
 * Checksums would keep nearly all bytes out, and zstd most of the rest. So the first byte says what
 * the input is: a file, frames that lack only their heads, or payloads.
 */
#include "src/frame.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 16, MAGIC_AND_WINDOW = 6, BLOCK_HEAD = 3 };
enum kind { FILE_ITSELF, WITHOUT_HEADS, PAYLOADS, KINDS };

static struct {
	uint8_t bytes[MOST];
	size_t size, at;
	size_t most; /* that a read gives */
	bool waits;  /* before each */
} file;

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* ---- The system, for src/frame.c */

static int input_poll(void)
{
	static bool waited;

	waited = file.waits && !waited;
	return waited ? 0 : 1;
}

static ssize_t input_read(void *to, size_t most)
{
	size_t n = file.size - file.at;

	n = n < most ? n : most;
	n = n < file.most ? n : file.most;
	memcpy(to, file.bytes + file.at, n);
	file.at += n;
	return (ssize_t)n;
}

static off_t input_seek(off_t to)
{
	file.at = (size_t)to;
	return to;
}

#define poll(fds, n, timeout) ((void)(fds), input_poll())
#define read(fd, to, most) input_read(to, most)
#define lseek(fd, to, from) input_seek(to)
#define fstat(fd, st) ((void)(st), -1)
#define close(fd) (void)(fd)
#include "src/frame.c"

/* ---- The file */

static void add(const void *from, size_t len)
{
	require(file.size + len <= MOST);
	memcpy(file.bytes + file.size, from, len);
	file.size += len;
}

/* Bytes as zstd stores what it cannot compress, in its stream after what was there before. */
static void add_stored(const uint8_t *payload, size_t len, bool first)
{
	/* of a frame without a size and with a window of 1 MiB */
	static const uint8_t begin[MAGIC_AND_WINDOW] = {0x28, 0xb5, 0x2f, 0xfd, 0, 0x50};
	uint8_t block[BLOCK_HEAD];

	put_number(block, BLOCK_HEAD, (uint32_t)len << 3);
	add(begin, first ? sizeof(begin) : 0);
	add(block, sizeof(block));
	add(payload, len);
}

/* Each a type, a length in two bytes, and what it holds. */
static void add_frames(const uint8_t *data, size_t size, enum kind kind)
{
	bool first = true;

	frame_preamble(file.bytes);
	file.size = FRAME_PREAMBLE;
	for (; size >= 3; first = false) {
		size_t len = data[1] | (size_t)data[2] << 8, head = file.size, stored;
		uint8_t *at = file.bytes + head;

		len = len < size - 3 ? len : size - 3;
		file.size += FRAME_HEAD;
		if (kind == PAYLOADS)
			add_stored(data + 3, len, first);
		else
			add(data + 3, len);
		stored = file.size - head - FRAME_HEAD;
		put_number(at, 4, (uint32_t)stored);
		at[4] = data[0];
		put_number(at + 5, 4, frame_crc(at, stored));
		data += 3 + len;
		size -= 3 + len;
	}
}

/* ---- What comes of it */

static int read_frame(struct frames *f, struct frame *frame)
{
	int err;

	do {
		err = frames_next(f, frame);
	} while (err == -EAGAIN);
	return err;
}

static void check_fault(const struct frames *f, int err)
{
	require(err == -ENODATA ||
		((err == -EBADMSG || err == -EPROTONOSUPPORT) && *frames_fault(f)));
	require(frames_taken(f) <= file.size);
}

/* All that was put into them, and then no more. */
static void check_payloads(struct frames *f, const uint8_t *data, size_t size)
{
	struct frame frame = {0};

	while (size >= 3) {
		size_t len = data[1] | (size_t)data[2] << 8;

		len = len < size - 3 ? len : size - 3;
		require(!read_frame(f, &frame) && frame.type == data[0] && frame.len == len);
		require(!memcmp(frame.payload, data + 3, len));
		data += 3 + len;
		size -= 3 + len;
	}
	require(read_frame(f, &frame) == -ENODATA && frames_taken(f) == file.size);
}

static void check_frames(struct frames *f)
{
	struct frame frame = {0};
	int err;

	while (!(err = read_frame(f, &frame)))
		require(frame.len <= FRAME_MOST && frames_taken(f) <= file.size);
	check_fault(f, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct frames *f;
	enum kind kind = size ? data[0] % KINDS : FILE_ITSELF;
	int err;

	if (size < 2 || size > MOST / 8)
		return 0;
	file.size = 0;
	file.waits = data[0] & 0x80;
	file.most = data[1] ? data[1] : MOST;
	if (kind == FILE_ITSELF)
		add(data + 2, size - 2);
	else
		add_frames(data + 2, size - 2, kind);
	if (!f)
		f = frames_new(0);
	require(f && !frames_rewind(f));
	do {
		err = frames_begin(f);
	} while (err == -EAGAIN);
	if (err)
		check_fault(f, err);
	else if (kind == PAYLOADS)
		check_payloads(f, data + 2, size - 2);
	else
		check_frames(f);
	return 0;
}
