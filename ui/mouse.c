// SPDX-License-Identifier: GPL-2.0-only
#include "ui/mouse.h"

#include <curses.h>
#include <term.h>

#include <string.h>

/* Button, column, line. */
enum { NUMBERS = 3, MOST = 0xffff };

#define REPORT "\033[<"

void mouse_enable(void)
{
	mouseinterval(0); /* presses at once: nobody double-clicks here */
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	if (key_mouse && strcmp(key_mouse, REPORT) == 0)
		define_key(REPORT, KEY_REPORT);
}

/* The report up to the character that ends it, which is returned; 0 if none came, or there are not just
 * three numbers before it. */
static wint_t read_report(unsigned int numbers[static NUMBERS])
{
	unsigned int n = 0;
	wint_t c;
	bool sound = true;

	memset(numbers, 0, NUMBERS * sizeof(*numbers));
	while (get_wch(&c) == OK && (c < 0x40 || c > 0x7e)) {
		if (c == ';' && n < NUMBERS - 1)
			n++;
		else if (c >= '0' && c <= '9' && numbers[n] <= MOST)
			numbers[n] = numbers[n] * 10 + (c - '0');
		else
			sound = false;
	}
	return sound && n == NUMBERS - 1 ? c : 0;
}

static bool read_numbers(struct mouse *m)
{
	unsigned int numbers[NUMBERS];
	wint_t end;

	/* Its rest may come a moment later than its beginning. */
	timeout(get_escdelay());
	end = read_report(numbers);
	timeout(0);
	if (end != 'M' || !numbers[1] || !numbers[2])
		return false;
	*m = (struct mouse){.x = (int)numbers[1] - 1, .y = (int)numbers[2] - 1};
	switch (numbers[0]) {
	case 0:
		m->deed = MOUSE_PRESS;
		return true;
	case 64:
		m->deed = MOUSE_WHEEL_UP;
		return true;
	case 65:
		m->deed = MOUSE_WHEEL_DOWN;
		return true;
	default:
		return false;
	}
}

static bool read_bytes(struct mouse *m)
{
	MEVENT e;

	if (getmouse(&e) != OK)
		return false;
	*m = (struct mouse){.x = e.x, .y = e.y};
	if (e.bstate & BUTTON4_PRESSED)
		m->deed = MOUSE_WHEEL_UP;
	else if (e.bstate & BUTTON5_PRESSED)
		m->deed = MOUSE_WHEEL_DOWN;
	else
		m->deed = MOUSE_PRESS;
	return e.bstate & (BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED);
}

bool mouse_read(int key, struct mouse *m)
{
	return key == KEY_REPORT ? read_numbers(m) : read_bytes(m);
}
