/* SPDX-License-Identifier: GPL-2.0-only */
/* An input as texts, one after the other, that are handed out as the files which somebody opens. */
#ifndef TCPRETOP_TESTS_FUZZ_PIECES_H
#define TCPRETOP_TESTS_FUZZ_PIECES_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* What ends each: no byte of UTF-8. */
enum { PIECE_END = 0xff };

struct pieces {
	const uint8_t *at, *end;
};

/* The next, *len bytes; NULL after the last. */
static inline const uint8_t *piece_next(struct pieces *p, size_t *len)
{
	const uint8_t *piece = p->at, *end;

	if (p->at == p->end)
		return NULL;
	end = memchr(piece, PIECE_END, (size_t)(p->end - piece));
	*len = (size_t)((end ? end : p->end) - piece);
	p->at = end ? end + 1 : p->end;
	return piece;
}

/* Its first bytes, as read(2) of a file. -1 after the last. */
static inline ssize_t piece_read(struct pieces *p, void *to, size_t most)
{
	size_t len;
	const uint8_t *piece = piece_next(p, &len);

	if (!piece)
		return -1;
	len = len < most ? len : most;
	memcpy(to, piece, len);
	return (ssize_t)len;
}

/* NULL after the last. */
static inline FILE *piece_open(struct pieces *p)
{
	size_t len;
	const uint8_t *piece = piece_next(p, &len);

	return piece ? fmemopen((void *)piece, len, "r") : NULL;
}

#endif
