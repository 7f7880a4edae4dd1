/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mouse: presses of its first button and turns of its wheel.
 *
 * Terminals report in one of two ways (xterm's "Mouse Tracking"). Three bytes after ESC [ M, for
 * terminal types without a better way, or numbers after ESC [ <, DEC mode 1006. Both are read here:
 * curses' reader (6.4) waits for another key after a report that it was not asked for, such as that of
 * a release, and writes past its array when one in numbers has more than it expects.
 */
#ifndef TCPRETOP_UI_MOUSE_H
#define TCPRETOP_UI_MOUSE_H

#include <stdbool.h>

enum mouse_deed { MOUSE_PRESS, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct mouse {
	enum mouse_deed deed;
	int y, x; /* line and column on the screen, from 0 */
};

/* The keys that begin a report, in numbers or in bytes: beyond those that curses numbers itself. */
enum { KEY_REPORT = 0x8000, KEY_REPORT_BYTES };

/* Has the terminal report, if its type has a mouse. After initscr() and keypad(). */
void mouse_enable(void);

/* After one of these was read: the rest of the report. False if it tells of something else, a
 * button released or another one, or is none. */
bool mouse_read(int key, struct mouse *m);

#endif
