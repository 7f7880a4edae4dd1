/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Structures as bytes that another machine and another version can read: numbered fields, each with
 * its own length, zeros left out. A reader skips the numbers that it does not know.
 *
 * A field is its number and form as one varint, then a varint, or a length and as many bytes.
 */
#ifndef TCPRETOP_SRC_WIRE_H
#define TCPRETOP_SRC_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_kind {
	WIRE_UNSIGNED, /* 1, 2, 4 or 8 bytes */
	WIRE_SIGNED,   /* 4 or 8 bytes */
	WIRE_BYTES,    /* trailing zeros are left out */
	WIRE_MESSAGE,  /* a structure with fields of its own */
};

/* Where a field of a structure lies. Numbers are never used again for anything else. */
struct wire_field {
	uint32_t number; /* from 1; a table ends with 0 */
	enum wire_kind kind;
	size_t offset, size;
	const struct wire_field *fields; /* WIRE_MESSAGE */
};

#define WIRE(number, kind, type, member)                                                \
	{                                                                               \
		number, kind, offsetof(type, member), sizeof(((type *)0)->member), NULL \
	}

#define WIRE_NESTED(number, type, member, fields)                                                 \
	{                                                                                         \
		number, WIRE_MESSAGE, offsetof(type, member), sizeof(((type *)0)->member), fields \
	}

struct wire_out {
	uint8_t *data; /* grows; the caller frees it */
	size_t len, size;
	bool failed; /* no memory: what was put is not whole */
};

struct wire_in {
	const uint8_t *at, *end;
};

/* One field as it was read. */
struct wire_value {
	uint32_t number;
	bool is_bytes;
	uint64_t value;       /* or */
	struct wire_in bytes; /* within the input */
};

/* Adds the fields of a structure; `from` is aligned for it. */
void wire_put(struct wire_out *o, const struct wire_field *fields, const void *from);

/* Adds one field that holds a structure, or bytes, or a number, also if it is empty. */
void wire_put_message(struct wire_out *o, uint32_t number, const struct wire_field *fields,
		      const void *from);
void wire_put_bytes(struct wire_out *o, uint32_t number, const void *from, size_t len);
void wire_put_number(struct wire_out *o, uint32_t number, uint64_t value);

/* Reads the next field. 1, 0 at the end, -EBADMSG. */
int wire_next(struct wire_in *in, struct wire_value *v);

/* Fills a structure, zeroed by the caller, and leaves out what it has no field for. 0; -EBADMSG if
 * the bytes are no message, or a value finds no room in its field. */
int wire_get(struct wire_in in, const struct wire_field *fields, void *to);

#endif
