// SPDX-License-Identifier: GPL-2.0-only
#include "ui/mouse.h"

#include <curses.h>
#include <term.h>

#include <string.h>

/* Button, column, line. */
enum { NUMBERS = 3, MOST = 0xffff };

#define BYTES "\033[M"
#define DECIMAL "\033[<"

void mouse_enable(void)
{
	/* Of a type without a mouse ESC [ M may be a key, as F1 of cons25 is. */
	if (!mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL))
		return;
	if (key_mouse && strcmp(key_mouse, DECIMAL) == 0)
		define_key(DECIMAL, KEY_REPORT);
	else
		define_key(key_mouse ? key_mouse : BYTES, KEY_REPORT_BYTES);
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

/* What is pressed, by the number that both ways give it; false if that is nothing for us. */
static bool find_deed(unsigned int number, enum mouse_deed *deed)
{
	switch (number) {
	case 0:
		*deed = MOUSE_PRESS;
		return true;
	case 64:
		*deed = MOUSE_WHEEL_UP;
		return true;
	case 65:
		*deed = MOUSE_WHEEL_DOWN;
		return true;
	default:
		return false;
	}
}

static bool read_numbers(struct mouse *m)
{
	unsigned int numbers[NUMBERS];

	if (read_report(numbers) != 'M' || !numbers[1] || !numbers[2])
		return false;
	*m = (struct mouse){.x = (int)numbers[1] - 1, .y = (int)numbers[2] - 1};
	return find_deed(numbers[0], &m->deed);
}

/* As it was sent: 0x7f is what a key sends, too. */
static int read_byte(void)
{
	int c = getch();

	if (c == KEY_BACKSPACE || c == KEY_DC)
		return 0x7f;
	return c <= 0xff ? c : ERR;
}

static bool read_bytes(struct mouse *m)
{
	int bytes[NUMBERS];

	for (int i = 0; i < NUMBERS; i++)
		bytes[i] = read_byte();
	if (bytes[0] < ' ' || bytes[1] <= ' ' || bytes[2] <= ' ')
		return false;
	*m = (struct mouse){.x = bytes[1] - ' ' - 1, .y = bytes[2] - ' ' - 1};
	return find_deed((unsigned int)(bytes[0] - ' '), &m->deed);
}

bool mouse_read(int key, struct mouse *m)
{
	bool ours;

	/* Its rest may come a moment later than its beginning. */
	timeout(get_escdelay());
	ours = key == KEY_REPORT ? read_numbers(m) : read_bytes(m);
	timeout(0);
	return ours;
}
