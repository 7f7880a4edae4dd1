// SPDX-License-Identifier: GPL-2.0-only
#include "ui/term.h"

#include <curses.h>
#include <term.h>

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ui/keep.h"
#include "ui/mouse.h"
#include "ui/terminfo.h"

/* What the crash handler needs; nothing else in ui/ is global. */
static struct {
	int fd;
	struct termios before;
	char restore[256];
	volatile sig_atomic_t len; /* 0 while nothing was written that is to be undone */
} crash;

/* Crashes, and what kills whoever does not expect it. Those that ask for an end are read in the
 * loop. */
static const int crash_signals[] = {SIGSEGV, SIGABRT, SIGBUS,  SIGFPE,    SIGILL,
				    SIGTRAP, SIGSYS,  SIGALRM, SIGVTALRM, SIGPROF,
				    SIGUSR1, SIGUSR2, SIGXCPU, SIGIO,     SIGPWR};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MOUSE_OFF "\033[?1006l\033[?1003l\033[?1002l\033[?1000l"

/* Async-signal-safe: system calls on what was prepared, then the death that was due. */
static void on_crash(int sig)
{
	ssize_t done = 0, n = 1;

	/* If it fails there is nothing left to try. */
	for (; n > 0 && done < crash.len; done += n)
		n = write(crash.fd, crash.restore + done, (size_t)(crash.len - done));
	tcsetattr(crash.fd, TCSANOW, &crash.before);
	raise(sig); /* SA_RESETHAND: the default action, once this handler returns */
}

/* Appends a terminfo string without its padding marks, "$<5>". Returns the new length. */
static size_t add_restore(size_t len, const char *s)
{
	while (s && *s && len < sizeof(crash.restore)) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>')) {
			s = strchr(s, '>') + 1;
			continue;
		}
		crash.restore[len++] = *s++;
	}
	return len;
}

/* Curses writes from here on; until then a crash has only the modes of the line to give back. */
static void fill_restore(const struct terminal *t)
{
	const char *const strings[] = {t->mouse ? MOUSE_OFF : NULL,
				       exit_attribute_mode,
				       orig_pair,
				       keypad_local,
				       cursor_normal,
				       exit_ca_mode};
	size_t len = 0;

	for (size_t i = 0; i < COUNT(strings); i++)
		len = add_restore(len, strings[i]);
	crash.len = (sig_atomic_t)len;
}

static void arm_crash_handler(const struct terminal *t)
{
	static char stack[65536]; /* a stack overflow leaves no other */
	stack_t alt = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction sa = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND | SA_ONSTACK};

	crash.fd = fileno(t->out);
	crash.before = t->before;
	crash.len = 0;
	sigaltstack(&alt, NULL);
	for (size_t i = 0; i < COUNT(crash_signals); i++)
		sigaction(crash_signals[i], &sa, NULL);
}

static void disarm_crash_handler(void)
{
	for (size_t i = 0; i < COUNT(crash_signals); i++)
		signal(crash_signals[i], SIG_DFL);
}

/* Without a word on the locale most terminals of today are UTF-8; one that is named but not
 * installed (ssh and sudo carry names along) most likely is, too. True if UTF-8 it is. */
static bool set_locale(void)
{
	static const char *const named_by[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	bool named = false;

	for (size_t i = 0; i < COUNT(named_by); i++) {
		const char *name = getenv(named_by[i]);

		named = named || (name && *name);
	}
	if (!named || !setlocale(LC_CTYPE, ""))
		setlocale(LC_CTYPE, "C.UTF-8");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Consoles whose fonts lack most of the block glyphs. */
static bool has_poor_font(const char *type)
{
	return strcmp(type, "linux") == 0 || strncmp(type, "vt", 2) == 0 ||
	       strcmp(type, "ansi") == 0;
}

/* 1: a frame can be drawn on it; 0: it cannot place the cursor; -1: this system knows no such. */
static int type_is_usable(const char *type, int fd, int *colors)
{
	int known, usable;

	if (setupterm(type, fd, &known) != OK)
		return -1;
	usable = cursor_address && clear_screen;
	*colors = max_colors;
	del_curterm(cur_term);
	return usable;
}

/* The common type that stands in for one that this system does not know. NULL if it knows none: the
 * last one of them is built in, for hosts without any description. */
static const char *find_stand_in(int fd)
{
	static const char *const common[] = {"xterm-256color", "xterm", "vt100", "linux", "ansi"};
	int colors;

	for (size_t i = 0; i < COUNT(common); i++) {
		if (type_is_usable(common[i], fd, &colors) > 0)
			return common[i];
	}
	setenv("TERMINFO", BUILT_IN_TERMINFO, 1);
	return type_is_usable(common[0], fd, &colors) > 0 ? common[0] : NULL;
}

/* The type to drive the terminal by: $TERM, or a stand-in where the system does not know it, as
 * happens with new emulators and sudo or ssh. NULL with *why filled if there is none. */
static const char *find_type(struct terminal *t, struct failure *why)
{
	const char *type = getenv("TERM"), *stand_in;
	int colors, usable = type && *type ? type_is_usable(type, fileno(t->out), &colors) : -1;

	if (usable > 0)
		return type;
	if (usable == 0) {
		fail(why, EXIT_RUNTIME,
		     "a terminal of type %.40s cannot place its cursor: set TERM, or use -b", type);
		return NULL;
	}
	stand_in = find_stand_in(fileno(t->out));
	if (!stand_in) {
		fail(why, EXIT_RUNTIME,
		     "terminal type %.40s is not known here, nor is any common one: install "
		     "ncurses-base, or use -b",
		     type && *type ? type : "(TERM is not set)");
		return NULL;
	}
	/* No word where it is the same, only built in. */
	if (!type || !*type)
		snprintf(t->notice, sizeof(t->notice), "TERM is not set; using %s", stand_in);
	else if (strcmp(type, stand_in) != 0)
		snprintf(t->notice, sizeof(t->notice),
			 "terminal type %.40s is not known here; using %s", type, stand_in);
	return stand_in;
}

void term_ask(struct terminal_facts *t)
{
	const char *type = getenv("TERM");
	int fd = fileno(stdout), usable;
	struct winsize size;

	memset(t, 0, sizeof(*t));
	t->attached = isatty(fd);
	t->type = TERMINAL_UNSET;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
		t->rows = size.ws_row;
		t->cols = size.ws_col;
	}
	if (!type || !*type)
		return;
	snprintf(t->name, sizeof(t->name), "%s", type);
	usable = type_is_usable(type, fd, &t->colors);
	t->type = usable > 0 ? TERMINAL_FINE : usable ? TERMINAL_UNKNOWN : TERMINAL_DUMB;
}

static int check_files(struct terminal *t, struct failure *why)
{
	t->out = stdout;
	t->in = stdin;
	if (!isatty(fileno(t->out)) || !isatty(fileno(t->in)))
		return fail(why, EXIT_RUNTIME, "the viewer needs a terminal: use -b, -e or -c");
	if (tcgetattr(fileno(t->out), &t->before) < 0)
		return fail(why, EXIT_RUNTIME, "cannot read the terminal's modes: %s",
			    strerror(errno));
	return 0;
}

static void set_modes(const struct terminal *t)
{
	cbreak(); /* Ctrl-C and Ctrl-Z stay signals */
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	wtimeout(stdscr, 0);
	set_escdelay(25);
	curs_set(0);
	if (t->mouse)
		mouse_enable();
}

/* Never called, as the signal is blocked. But were it none, curses would have it ignored while it
 * draws, and a Ctrl-Z that waits to be read would be gone. */
static void on_stop(int sig)
{
	(void)sig;
}

int term_open(struct terminal *t, const struct term_options *o, struct failure *why)
{
	const char *type;
	bool utf8;

	memset(t, 0, sizeof(*t));
	if (check_files(t, why) < 0)
		return -1;
	utf8 = set_locale();
	type = find_type(t, why);
	if (!type)
		return -1;
	signal(SIGTSTP, on_stop);
	arm_crash_handler(t); /* newterm() sets modes */
	t->screen = newterm(type, t->out, t->in);
	if (!t->screen) {
		disarm_crash_handler();
		return fail(why, EXIT_RUNTIME, "cannot drive a terminal of type %.40s: use -b",
			    type);
	}
	t->ascii = o->ascii || !utf8 || has_poor_font(type);
	t->mouse = o->mouse;
	t->color = o->color && has_colors() && start_color() == OK;
	if (t->color)
		use_default_colors();
	fill_restore(t);
	set_modes(t);
	term_resize(t);
	return 0;
}

void term_close(struct terminal *t, bool keep, int keep_but)
{
	struct kept *frame = keep ? keep_frame(keep_but) : NULL;

	if (!t->screen)
		return;
	endwin();
	tcsetattr(fileno(t->out), TCSADRAIN, &t->before);
	disarm_crash_handler();
	keep_print(frame);
	delscreen(t->screen);
	t->screen = NULL;
}

void term_suspend(struct terminal *t)
{
	static const struct timespec at_once = {0};
	sigset_t tstp, cont;

	endwin();
	fflush(t->out);
	tcsetattr(fileno(t->out), TCSADRAIN, &t->before);
	crash.len = 0;

	/* The signal was read, not delivered: let its default action have it now. */
	sigemptyset(&tstp);
	sigaddset(&tstp, SIGTSTP);
	signal(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &tstp, NULL);
	sigprocmask(SIG_BLOCK, &tstp, NULL);

	/* What continued it is seen to here, not once more in the loop. */
	sigemptyset(&cont);
	sigaddset(&cont, SIGCONT);
	sigtimedwait(&cont, NULL, &at_once);
	term_retake(t);
}

void term_retake(struct terminal *t)
{
	/* The next doupdate() after an endwin() sets modes and alternate screen again, but not the
	 * keypad's: the first arrow would come as three keys. */
	if (!isendwin())
		endwin();
	fill_restore(t);
	keypad(stdscr, TRUE);
	term_resize(t);
	clearok(curscr, TRUE);
}

void term_resize(const struct terminal *t)
{
	struct winsize size;

	if (ioctl(fileno(t->out), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
}

int term_fd(const struct terminal *t)
{
	return fileno(t->in);
}

bool term_is_gone(const struct terminal *t)
{
	struct pollfd p = {.fd = term_fd(t), .events = POLLIN};
	int waiting = 0;

	if (poll(&p, 1, 0) <= 0)
		return false;
	if (p.revents & (POLLHUP | POLLERR | POLLNVAL))
		return true;
	return ioctl(p.fd, FIONREAD, &waiting) < 0 || waiting == 0;
}
