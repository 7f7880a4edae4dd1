// SPDX-License-Identifier: GPL-2.0-only
/*
 * What sanitise() promises, for any input: the first byte is the size of the buffer, the rest the
 * text. The C library is the judge of what is valid UTF-8 and of its width.
 */
#include "src/sanitise.h"

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Nothing of these may come out. Not a copy of what sanitise() goes by: it has other means. */
static bool is_forbidden(wchar_t c)
{
	static const struct {
		wchar_t first, last;
	} ranges[] = {{0, 0x1f},          {0x7f, 0xa0},       {0xad, 0xad},       {0x300, 0x36f},
		      {0x61c, 0x61c},     {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
		      {0x2000, 0x200f},   {0x2028, 0x202f},   {0x205f, 0x206f},   {0x2800, 0x2800},
		      {0x3000, 0x3000},   {0x3164, 0x3164},   {0xd800, 0xf8ff},   {0xfdd0, 0xfdef},
		      {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xffff},
		      {0x1fffe, 0x1ffff}, {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff}};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static void check_text(const char *text, unsigned int width)
{
	mbstate_t state = {0};
	unsigned int cells = 0;

	for (const char *p = text; *p;) {
		wchar_t c;
		size_t bytes = mbrtowc(&c, p, strlen(p), &state);

		require(bytes > 0 && bytes <= 4);
		require(!is_forbidden(c));
		require(wcwidth(c) > 0);
		cells += (unsigned int)wcwidth(c);
		p += bytes;
	}
	require(cells == width);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	require(setlocale(LC_ALL, "C.UTF-8"));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size ? data[0] : 0, len = size ? size - 1 : 0;
	const char *text = (const char *)data + (size ? 1 : 0);
	/* On the heap, exactly as long as they may be: the sanitizers see one byte too much. */
	char *full = malloc(len + 1), *again = malloc(len + 1), *cut = malloc(room ? room : 1);
	unsigned int width;

	require(full && again && cut);
	width = sanitise(text, len, full, len + 1);
	check_text(full, width);
	require(strlen(full) <= strnlen(text, len));

	/* What is clean stays as it is. */
	require(sanitise(full, SIZE_MAX, again, len + 1) == width);
	require(!strcmp(full, again));

	/* Less room gives the beginning of it, whole characters, as much as there is room for. */
	width = sanitise(text, len, cut, room);
	if (room) {
		size_t used = strlen(cut);

		check_text(cut, width);
		require(!memcmp(full, cut, used));
		require(!full[used] || used + mbrlen(full + used, 4, NULL) >= room);
	}
	free(full);
	free(again);
	free(cut);
	return 0;
}
