// SPDX-License-Identifier: GPL-2.0-only
#include "src/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_VARINT = 10 };

static uint8_t *room(struct wire_out *o, size_t len)
{
	if (!o->failed && o->size - o->len < len) {
		size_t size = 2 * o->size + len;
		uint8_t *data = realloc(o->data, size);

		o->failed = !data;
		if (data) {
			o->data = data;
			o->size = size;
		}
	}
	return o->failed ? NULL : o->data + o->len;
}

/* Seven bits a byte, the low ones first; the eighth says that more follow. */
static size_t make_varint(uint64_t value, uint8_t buf[LONGEST_VARINT])
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		buf[n++] = (uint8_t)(value | 0x80);
	buf[n++] = (uint8_t)value;
	return n;
}

static void put_varint(struct wire_out *o, uint64_t value)
{
	uint8_t *to = room(o, LONGEST_VARINT);

	if (to)
		o->len += make_varint(value, to);
}

static void put_tag(struct wire_out *o, uint32_t number, bool is_bytes)
{
	put_varint(o, (uint64_t)number << 1 | is_bytes);
}

void wire_put_number(struct wire_out *o, uint32_t number, uint64_t value)
{
	put_tag(o, number, false);
	put_varint(o, value);
}

void wire_put_bytes(struct wire_out *o, uint32_t number, const void *from, size_t len)
{
	uint8_t *to;

	put_tag(o, number, true);
	put_varint(o, len);
	to = room(o, len);
	if (!to || !len)
		return;
	memcpy(to, from, len);
	o->len += len;
}

/* Its length is known only when it is there: it moves to make room for that. */
void wire_put_message(struct wire_out *o, uint32_t number, const struct wire_field *fields,
		      const void *from)
{
	uint8_t length[LONGEST_VARINT];
	size_t start, len, n;

	put_tag(o, number, true);
	start = o->len;
	wire_put(o, fields, from);
	len = o->len - start;
	n = make_varint(len, length);
	if (!room(o, n))
		return;
	memmove(o->data + start + n, o->data + start, len);
	memcpy(o->data + start, length, n);
	o->len += n;
}

static uint64_t load(const void *from, size_t size)
{
	uint64_t whole;
	uint32_t half;
	uint16_t quarter;

	switch (size) {
	case 8:
		memcpy(&whole, from, 8);
		return whole;
	case 4:
		memcpy(&half, from, 4);
		return half;
	case 2:
		memcpy(&quarter, from, 2);
		return quarter;
	default:
		return *(const uint8_t *)from;
	}
}

/* False if it finds no room. */
static bool store(void *to, size_t size, uint64_t value)
{
	uint32_t half = (uint32_t)value;
	uint16_t quarter = (uint16_t)value;

	switch (size) {
	case 8:
		memcpy(to, &value, 8);
		return true;
	case 4:
		memcpy(to, &half, 4);
		return half == value;
	case 2:
		memcpy(to, &quarter, 2);
		return quarter == value;
	default:
		*(uint8_t *)to = (uint8_t)value;
		return value <= UINT8_MAX;
	}
}

/* Small numbers of either sign become small ones: 0, -1, 1, -2 … */
static uint64_t fold_sign(int64_t value)
{
	return value < 0 ? (uint64_t)~value << 1 | 1 : (uint64_t)value << 1;
}

static int64_t unfold_sign(uint64_t folded)
{
	return (int64_t)(folded >> 1 ^ (folded & 1 ? UINT64_MAX : 0));
}

static int64_t load_signed(const void *from, size_t size)
{
	uint64_t value = load(from, size);

	return size == 4 ? (int32_t)(uint32_t)value : (int64_t)value;
}

static bool store_signed(void *to, size_t size, int64_t value)
{
	if (size == 4 && value != (int32_t)value)
		return false;
	return store(to, size, size == 4 ? (uint32_t)value : (uint64_t)value);
}

static size_t without_zeros(const uint8_t *from, size_t len)
{
	while (len && !from[len - 1])
		len--;
	return len;
}

void wire_put(struct wire_out *o, const struct wire_field *fields, const void *from)
{
	for (const struct wire_field *f = fields; f->number; f++) {
		const uint8_t *at = (const uint8_t *)from + f->offset;
		size_t len = without_zeros(at, f->size);

		if (!len)
			continue;
		switch (f->kind) {
		case WIRE_UNSIGNED:
			wire_put_number(o, f->number, load(at, f->size));
			break;
		case WIRE_SIGNED:
			wire_put_number(o, f->number, fold_sign(load_signed(at, f->size)));
			break;
		case WIRE_BYTES:
			wire_put_bytes(o, f->number, at, len);
			break;
		case WIRE_MESSAGE:
			wire_put_message(o, f->number, f->fields, at);
			break;
		}
	}
}

static bool get_varint(struct wire_in *in, uint64_t *value)
{
	unsigned int shift = 0;

	*value = 0;
	while (in->at < in->end && shift < 64) {
		uint8_t byte = *in->at++;

		if (shift == 63 && byte > 1)
			return false;
		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
		shift += 7;
	}
	return false;
}

int wire_next(struct wire_in *in, struct wire_value *v)
{
	uint64_t tag;

	if (in->at == in->end)
		return 0;
	if (!get_varint(in, &tag) || tag >> 1 > UINT32_MAX || !get_varint(in, &v->value))
		return -EBADMSG;
	v->number = (uint32_t)(tag >> 1);
	v->is_bytes = tag & 1;
	if (!v->is_bytes)
		return 1;
	if (v->value > (uint64_t)(in->end - in->at))
		return -EBADMSG;
	v->bytes = (struct wire_in){in->at, in->at + v->value};
	in->at += v->value;
	return 1;
}

static bool get_field(const struct wire_value *v, const struct wire_field *f, void *to)
{
	uint8_t *at = (uint8_t *)to + f->offset;
	size_t len;

	if (v->is_bytes != (f->kind == WIRE_BYTES || f->kind == WIRE_MESSAGE))
		return false;
	switch (f->kind) {
	case WIRE_UNSIGNED:
		return store(at, f->size, v->value);
	case WIRE_SIGNED:
		return store_signed(at, f->size, unfold_sign(v->value));
	case WIRE_BYTES:
		len = (size_t)(v->bytes.end - v->bytes.at);
		if (len > f->size)
			return false;
		memcpy(at, v->bytes.at, len);
		return true;
	case WIRE_MESSAGE:
		return !wire_get(v->bytes, f->fields, at);
	}
	return false;
}

int wire_get(struct wire_in in, const struct wire_field *fields, void *to)
{
	const struct wire_field *f = fields;
	struct wire_value v;
	int got;

	while ((got = wire_next(&in, &v)) > 0) {
		/* They come in the order of the table: the search goes on where it was. */
		const struct wire_field *from = f;

		while (f->number && f->number != v.number)
			f++;
		if (!f->number)
			for (f = fields; f != from && f->number != v.number; f++)
				;
		if (f->number == v.number && v.number && !get_field(&v, f, to))
			return -EBADMSG;
	}
	return got;
}
