// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes from a terminal: all of them are read, as keys that have a name. */
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

/* As ui/term.c sets it up, but for the modes of the line, which a pipe has not. The write end. */
static int open_terminal(void)
{
	int ends[2];
	FILE *in, *out;

	require(setlocale(LC_CTYPE, "C.UTF-8") && !pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	in = fdopen(ends[0], "r");
	out = fopen("/dev/null", "w");
	require(in && out && newterm("xterm-256color", out, in));
	keypad(stdscr, TRUE);
	wtimeout(stdscr, 0);
	set_escdelay(0);
	mouse_enable();
	return ends[1];
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
	static int terminal = -1;
	size_t most = 2 * size + 16;
	struct mouse m;
	int key, waiting = 0;

	if (terminal < 0)
		terminal = open_terminal();
	if (size > 4096 || write(terminal, data, size) != (ssize_t)size)
		return 0;
	do {
		while ((key = key_read(&m)) != -1) {
			check(key, &m);
			require(most-- > 0);
		}
		require(!ioctl(terminal, FIONREAD, &waiting) && most-- > 0);
	} while (waiting);
	return 0;
}
