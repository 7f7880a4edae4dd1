// SPDX-License-Identifier: GPL-2.0-only
/* The terminal */
#include "tests/faults/faults.h"

#include <curses.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

/* Of <term.h>. */
#undef lines
#undef columns

FAULTY(int, isatty, (int fd), (fd), 0)
FAULTY(int, tcgetattr, (int fd, struct termios *t), (fd, t), -1)
FAULTY(int, tcsetattr, (int fd, int when, const struct termios *t), (fd, when, t), -1)
FAULTY(int, setupterm, (const char *type, int fd, int *known), (type, fd, known),
       known ? (*known = 0, ERR) : ERR)
FAULTY(SCREEN *, newterm, (const char *type, FILE *out, FILE *in), (type, out, in), NULL)
FAULTY(WINDOW *, newpad, (int lines, int columns), (lines, columns), NULL)
FAULTY(bool, has_colors, (void), (), false)
FAULTY(int, start_color, (void), (), ERR)
FAULTY(int, use_default_colors, (void), (), ERR)
FAULTY(int, init_pair, (short pair, short f, short b), (pair, f, b), ERR)
FAULTY(int, cbreak, (void), (), ERR)
FAULTY(int, noecho, (void), (), ERR)
FAULTY(int, nonl, (void), (), ERR)
FAULTY(int, keypad, (WINDOW * w, bool on), (w, on), ERR)
FAULTY(int, define_key, (const char *s, int code), (s, code), ERR)
FAULTY(int, intrflush, (WINDOW * w, bool on), (w, on), ERR)
FAULTY(int, curs_set, (int how), (how), ERR)
FAULTY(mmask_t, mousemask, (mmask_t mask, mmask_t *old), (mask, old), 0)
FAULTY(int, wgetch, (WINDOW * w), (w), ERR)
FAULTY(int, wget_wch, (WINDOW * w, wint_t *c), (w, c), ERR)
FAULTY(int, unget_wch, (const wchar_t c), (c), ERR)
FAULTY_AFTER(int, endwin, (void), (), ERR)
FAULTY(int, werase, (WINDOW * w), (w), ERR)
FAULTY(int, wmove, (WINDOW * w, int y, int x), (w, y, x), ERR)
FAULTY(int, waddnwstr, (WINDOW * w, const wchar_t *text, int n), (w, text, n), ERR)
#undef wattrset
FAULTY(int, wattrset, (WINDOW * w, int attributes), (w, attributes), ERR)
FAULTY(int, win_wchnstr, (WINDOW * w, cchar_t *to, int n), (w, to, n), ERR)
FAULTY(int, winnwstr, (WINDOW * w, wchar_t *to, int n), (w, to, n), ERR)
FAULTY(int, getcchar, (const cchar_t *c, wchar_t *t, attr_t *a, short *pair, void *o),
       (c, t, a, pair, o), ERR)
FAULTY(int, vid_puts, (attr_t a, short pair, void *o, NCURSES_OUTC out), (a, pair, o, out), ERR)
FAULTY(int, clearok, (WINDOW * w, bool on), (w, on), ERR)
FAULTY(int, resizeterm, (int lines, int columns), (lines, columns), ERR)
