// SPDX-License-Identifier: GPL-2.0-only
#include "src/sanitise.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <utf8proc.h>

static bool plain_ascii(unsigned char c)
{
	return c >= 0x20 && c < 0x7f;
}

/*
 * Letters, numbers, punctuation and symbols have a shape of their own. Marks change their
 * neighbour, spaces other than ' ' are taken for one, the rest is invisible, private or nothing.
 */
static bool has_shape(utf8proc_category_t category)
{
	bool mark = category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;

	return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_SO && !mark;
}

/*
 * Letters and symbols by category, but blank, stand-ins, or drawn differently by different
 * terminals.
 */
static bool is_unsteady(utf8proc_int32_t c)
{
	static const struct {
		utf8proc_int32_t first, last;
	} ranges[] = {
		{0x1160, 0x11ff},   /* conjoining jamo */
		{0x2800, 0x2800},   /* braille blank */
		{0x3248, 0x324f},   /* one cell or two, by the version of Unicode */
		{0x4dc0, 0x4dff},   /* the same */
		{0xd7b0, 0xd7ff},   /* conjoining jamo */
		{0xfff0, 0xffff},   /* specials */
		{0x1f1e6, 0x1f1ff}, /* regional indicators: two are a flag */
		{0x1f3fb, 0x1f3ff}, /* emoji modifiers */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* Cells that the character takes on any terminal; 0 if it is not to be shown. */
static unsigned int safe_width(utf8proc_int32_t c)
{
	const utf8proc_property_t *p = utf8proc_get_property(c);
	int width = utf8proc_charwidth(c);

	if (!has_shape(utf8proc_category(c)) || p->ignorable || is_unsteady(c))
		return 0;
	if (width != 1 && width != 2)
		return 0;
	/* ncurses goes by wcwidth(), whose tables may be older. The C locale knows only ASCII. */
	if (MB_CUR_MAX > 1 && wcwidth((wchar_t)c) != width)
		return 0;
	return (unsigned int)width;
}

unsigned int sanitise(const char *text, size_t len, char *buf, size_t size)
{
	const unsigned char *in = (const unsigned char *)text;
	const unsigned char *end = in + strnlen(text, len);
	unsigned int cells = 0;
	size_t used = 0;

	if (!size)
		return 0;
	while (in < end) {
		utf8proc_int32_t c;
		utf8proc_ssize_t bytes;
		unsigned int width;

		if (plain_ascii(*in)) {
			if (used + 1 >= size)
				break;
			buf[used++] = (char)*in++;
			cells++;
			continue;
		}
		/* Refuses overlong forms, surrogates and what is above U+10FFFF. */
		bytes = utf8proc_iterate(in, end - in, &c);
		width = bytes > 0 ? safe_width(c) : 0;
		if (used + (width ? (size_t)bytes : 1) >= size)
			break;
		if (width) {
			memcpy(buf + used, in, (size_t)bytes);
			used += (size_t)bytes;
		} else {
			buf[used++] = '?';
		}
		cells += width ? width : 1;
		in += bytes > 0 ? bytes : 1;
	}
	buf[used] = '\0';
	return cells;
}
