// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes from a terminal: all of them are read, as keys that have a name. The first one says which
 * terminal they are from. */
#include <curses.h>

#include <fcntl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ui/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* One for each way in which a mouse is told of: in numbers, and in bytes. */
static const char *const types[] = {"xterm-256color", "screen-256color"};
enum { TYPES = sizeof(types) / sizeof(*types) };

static struct terminal {
	SCREEN *screen;
	int input; /* the write end */
} terminals[TYPES];

/* As ui/term.c sets it up, but for the modes of the line, which a pipe has not. */
static void open_terminal(struct terminal *t, const char *type)
{
	int ends[2];
	FILE *in, *out;

	require(!pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	in = fdopen(ends[0], "r");
	out = fopen("/dev/null", "w");
	require(in && out);
	t->input = ends[1];
	t->screen = newterm(type, out, in);
	require(t->screen);
	keypad(stdscr, TRUE);
	wtimeout(stdscr, 0);
	set_escdelay(0);
	mouse_enable();
}

static void open_terminals(void)
{
	require(setlocale(LC_CTYPE, "C.UTF-8"));
	for (int i = 0; i < TYPES; i++)
		open_terminal(&terminals[i], types[i]);
}

static void check(int key, const struct mouse *m)
{
	char label[64];

	require(key >= 0 && key <= KEY_CHARACTER);
	if (key == KEY_MOUSE)
		require(m->deed <= MOUSE_WHEEL_DOWN && m->x >= 0 && m->y >= 0);
	require(key_action(key) < ACTIONS);
	if (key_action(key) == ACT_NONE)
		return; /* only what does something has a label */
	memset(label, 'x', sizeof(label));
	key_label(key, label, sizeof(label));
	require(memchr(label, '\0', sizeof(label)) && *label);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t most = 2 * size + 16;
	const struct terminal *t;
	struct mouse m;
	int key, waiting = 0;

	if (!terminals[0].screen)
		open_terminals();
	if (!size || size > 4096)
		return 0;
	t = &terminals[data[0] % TYPES];
	set_term(t->screen);
	require(write(t->input, data + 1, size - 1) == (ssize_t)size - 1);
	do {
		while ((key = key_read(&m)) != -1) {
			check(key, &m);
			require(most-- > 0);
		}
		require(!ioctl(t->input, FIONREAD, &waiting) && most-- > 0);
	} while (waiting);
	return 0;
}
