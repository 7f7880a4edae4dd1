/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording as bytes: a preamble, then frames. All numbers are little-endian.
 *
 *   preamble  "tcpretop", u16 version, u16 revision, u32 CRC of all that
 *   frame     u32 length of the payload, u8 type, u32 CRC of both and the payload, payload
 *
 * The payloads are one zstd stream, flushed at the end of each: a frame needs those before it and
 * none after. CRCs are zlib's crc32(). A reader of one version reads every revision of it: types
 * and fields that it does not know are left out.
 */
#ifndef TCPRETOP_SRC_FRAME_H
#define TCPRETOP_SRC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_VERSION = 1, FRAME_REVISION = 0, FRAME_PREAMBLE = 16, FRAME_HEAD = 9 };

/* Bytes of a payload, at most, before it is compressed. */
enum { FRAME_MOST = 256 << 10 };

struct framer;

/* NULL without memory. */
struct framer *framer_new(void);
void framer_free(struct framer *f);

void frame_preamble(uint8_t buf[FRAME_PREAMBLE]);

/* Makes the next frame of up to FRAME_MOST bytes; *data is valid until the next call. Its length. */
size_t framer_make(struct framer *f, uint8_t type, const void *payload, size_t len,
		   const uint8_t **data);

struct frame {
	uint8_t type;
	const uint8_t *payload; /* valid until the next call */
	size_t len;
};

struct frames;

/* Reads from fd, and closes it at the end; also if this fails for want of memory (NULL). */
struct frames *frames_new(int fd);
void frames_free(struct frames *f);

/*
 * Takes the preamble, before all else. 0; -EAGAIN if frames_fd() has not all of it yet; -ENODATA
 * and -EBADMSG as below; -EPROTONOSUPPORT if it is of another version, which frames_fault() tells as
 * well; another negative errno of read(2).
 */
int frames_begin(struct frames *f);

/*
 * The next frame. 0; -EAGAIN if it is not all there yet; -ENODATA if nothing follows the frame
 * before; -EBADMSG if what follows is cut or damaged, and frames_fault() says how and where.
 */
int frames_next(struct frames *f, struct frame *frame);

const char *frames_fault(const struct frames *f);

/* Goes back to the preamble. 0, or -ESPIPE of what cannot be read again. */
int frames_rewind(struct frames *f);

/* What to wait for after -EAGAIN. */
int frames_fd(const struct frames *f);

/* Bytes taken so far, to the end of the last frame; bytes of all, or 0 if that is not known. */
uint64_t frames_taken(const struct frames *f);
uint64_t frames_size(const struct frames *f);

#endif
