// SPDX-License-Identifier: GPL-2.0-only
#include "src/frame.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

/* What does not shrink grows a little. A window of 1 MiB holds all flows of some ticks. */
enum { STORED_MOST = FRAME_MOST + 4096, WINDOW_LOG = 20, LEVEL = 3, CHUNK = 64 << 10 };

static const char magic[8] = {'t', 'c', 'p', 'r', 'e', 't', 'o', 'p'};

static void put_number(uint8_t *to, size_t size, uint32_t value)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get_number(const uint8_t *from, size_t size)
{
	uint32_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint32_t)from[i] << 8 * i;
	return value;
}

static uint32_t crc_of(const uint8_t *data, size_t len)
{
	return (uint32_t)crc32(0, data, (uInt)len);
}

/* Of length, type and payload, between which it lies. */
static uint32_t frame_crc(const uint8_t *frame, size_t payload)
{
	uLong crc = crc32(0, frame, 5);

	return (uint32_t)crc32(crc, frame + FRAME_HEAD, (uInt)payload);
}

/* ---- Writing */

struct framer {
	ZSTD_CCtx *z;
	uint8_t frame[FRAME_HEAD + STORED_MOST];
};

struct framer *framer_new(void)
{
	struct framer *f = malloc(sizeof(*f));

	if (!f)
		return NULL;
	f->z = ZSTD_createCCtx();
	if (!f->z || ZSTD_isError(ZSTD_CCtx_setParameter(f->z, ZSTD_c_compressionLevel, LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(f->z, ZSTD_c_windowLog, WINDOW_LOG))) {
		framer_free(f);
		return NULL;
	}
	return f;
}

void framer_free(struct framer *f)
{
	if (f)
		ZSTD_freeCCtx(f->z);
	free(f);
}

void frame_preamble(uint8_t buf[FRAME_PREAMBLE])
{
	memcpy(buf, magic, sizeof(magic));
	put_number(buf + 8, 2, FRAME_VERSION);
	put_number(buf + 10, 2, FRAME_REVISION);
	put_number(buf + 12, 4, crc_of(buf, 12));
}

size_t framer_make(struct framer *f, uint8_t type, const void *payload, size_t len,
		   const uint8_t **data)
{
	ZSTD_inBuffer in = {payload, len, 0};
	ZSTD_outBuffer out = {f->frame + FRAME_HEAD, STORED_MOST, 0};

	/* There is room for the worst: one call takes and hands over everything. */
	ZSTD_compressStream2(f->z, &out, &in, ZSTD_e_flush);
	put_number(f->frame, 4, (uint32_t)out.pos);
	f->frame[4] = type;
	put_number(f->frame + 5, 4, frame_crc(f->frame, out.pos));
	*data = f->frame;
	return FRAME_HEAD + out.pos;
}

/* ---- Reading */

struct frames {
	int fd;
	off_t start;   /* of the recording within the file, -1 if it cannot be read again */
	uint64_t size; /* 0: not known */
	uint8_t *buf;  /* read and not taken: len bytes from at */
	size_t at, len, capacity;
	uint64_t taken;
	ZSTD_DCtx *z;
	char fault[160];
	uint8_t payload[FRAME_MOST + 1]; /* one too many shows that it is too long */
};

struct frames *frames_new(int fd)
{
	struct frames *f = malloc(sizeof(*f));
	ZSTD_DCtx *z = ZSTD_createDCtx();
	struct stat st;

	if (!f || !z || ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, WINDOW_LOG))) {
		free(f);
		ZSTD_freeDCtx(z);
		close(fd);
		return NULL;
	}
	memset(f, 0, offsetof(struct frames, payload));
	f->z = z;
	f->fd = fd;
	f->start = lseek(fd, 0, SEEK_CUR);
	if (f->start >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > f->start)
		f->size = (uint64_t)(st.st_size - f->start);
	return f;
}

void frames_free(struct frames *f)
{
	if (!f)
		return;
	close(f->fd);
	ZSTD_freeDCtx(f->z);
	free(f->buf);
	free(f);
}

static int fault(struct frames *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fault(struct frames *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->fault, sizeof(f->fault), fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

static int make_room(struct frames *f, size_t need)
{
	size_t capacity = need > CHUNK ? need : CHUNK;
	uint8_t *buf;

	if (f->at)
		memmove(f->buf, f->buf + f->at, f->len);
	f->at = 0;
	if (f->capacity >= need)
		return 0;
	buf = realloc(f->buf, capacity);
	if (!buf)
		return -ENOMEM;
	f->buf = buf;
	f->capacity = capacity;
	return 0;
}

/* Has `need` bytes in the buffer: 0. -ENODATA if the file ends before; -EAGAIN or an errno. */
static int fill(struct frames *f, size_t need)
{
	struct pollfd p = {.fd = f->fd, .events = POLLIN};
	int err = f->len < need ? make_room(f, need) : 0;

	while (!err && f->len < need) {
		ssize_t n;

		if (poll(&p, 1, 0) == 0)
			return -EAGAIN;
		n = read(f->fd, f->buf + f->len, f->capacity - f->len);
		if (n > 0)
			f->len += (size_t)n;
		else if (n == 0)
			return -ENODATA;
		else if (errno != EINTR)
			err = -errno;
	}
	return err;
}

static void take(struct frames *f, size_t len)
{
	f->at += len;
	f->len -= len;
	f->taken += len;
}

static int check_preamble(struct frames *f, const uint8_t *p)
{
	if (get_number(p + 12, 4) != crc_of(p, 12))
		return fault(f, "it is damaged at byte 0: wrong checksum");
	if (get_number(p + 8, 2) == FRAME_VERSION)
		return 0;
	fault(f, "it is of version %" PRIu32 ", and this tcpretop reads version %d",
	      get_number(p + 8, 2), FRAME_VERSION);
	return -EPROTONOSUPPORT;
}

int frames_begin(struct frames *f)
{
	int err = fill(f, FRAME_PREAMBLE);
	size_t known = f->len < sizeof(magic) ? f->len : sizeof(magic);

	if (err == -ENODATA && !f->len)
		return fault(f, "it is empty");
	if ((!err || err == -ENODATA) && memcmp(f->buf + f->at, magic, known) != 0)
		return fault(f, "it is no recording of tcpretop");
	if (err == -ENODATA)
		return fault(f, "it is cut at byte %zu, within its first %d", f->len,
			     FRAME_PREAMBLE);
	if (!err)
		err = check_preamble(f, f->buf + f->at);
	if (!err)
		take(f, FRAME_PREAMBLE);
	return err;
}

static int cut(struct frames *f)
{
	return fault(f, "it is cut at byte %" PRIu64 ", within the frame from byte %" PRIu64,
		     f->taken + f->len, f->taken);
}

/* All of a payload, or nothing: the stream is flushed at its end. */
static int decompress(struct frames *f, const uint8_t *stored, size_t len, struct frame *frame)
{
	ZSTD_inBuffer in = {stored, len, 0};
	ZSTD_outBuffer out = {f->payload, sizeof(f->payload), 0};

	while (in.pos < in.size) {
		size_t left = ZSTD_decompressStream(f->z, &out, &in);

		if (ZSTD_isError(left) || out.pos > FRAME_MOST)
			return fault(f, "it is damaged at byte %" PRIu64 ": %s", f->taken,
				     ZSTD_isError(left) ? "zstd cannot read it"
							: "the frame is too long");
	}
	frame->payload = f->payload;
	frame->len = out.pos;
	return 0;
}

int frames_next(struct frames *f, struct frame *frame)
{
	int err = fill(f, FRAME_HEAD);
	const uint8_t *head;
	size_t stored;

	if (err == -ENODATA && f->len)
		return cut(f);
	if (err)
		return err;
	stored = get_number(f->buf + f->at, 4);
	if (stored > STORED_MOST)
		return fault(f, "it is damaged at byte %" PRIu64 ": no frame is so long", f->taken);
	err = fill(f, FRAME_HEAD + stored);
	if (err == -ENODATA)
		return cut(f);
	if (err)
		return err;
	head = f->buf + f->at;
	if (get_number(head + 5, 4) != frame_crc(head, stored))
		return fault(f, "it is damaged at byte %" PRIu64 ": wrong checksum", f->taken);
	frame->type = head[4];
	err = decompress(f, head + FRAME_HEAD, stored, frame);
	if (!err)
		take(f, FRAME_HEAD + stored);
	return err;
}

const char *frames_fault(const struct frames *f)
{
	return f->fault;
}

int frames_rewind(struct frames *f)
{
	if (f->start < 0 || lseek(f->fd, f->start, SEEK_SET) < 0)
		return -ESPIPE;
	ZSTD_DCtx_reset(f->z, ZSTD_reset_session_only);
	f->at = f->len = 0;
	f->taken = 0;
	f->fault[0] = '\0';
	return 0;
}

int frames_fd(const struct frames *f)
{
	return f->fd;
}

uint64_t frames_taken(const struct frames *f)
{
	return f->taken;
}

uint64_t frames_size(const struct frames *f)
{
	return f->size;
}
