// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands between the program and all functions outside of it that can fail: sites.py renames malloc
 * in its objects to fault_malloc, and so on, and links this in. Calls are told apart by where they
 * return to. $FAULT_BOOK is a file of counters, shared so that they outlive any end: for each such
 * address, from the start of the program's image, how often it was called and how often that failed.
 * $FAULT is what fails, "ADDRESS FIRST TIMES ERRNO;…": from the FIRST call there on so many; with an
 * ERRNO of 0 these only do less than they were asked for, where that may happen. "+ADDRESS": not only
 * there, but all calls of the same function from then on. $FAULT_HOME is the home of any account.
 */
#include <ares.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <curses.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <mntent.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <term.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <zstd.h>
#include <zstd_errors.h>

/* Of <term.h>. */
#undef lines
#undef columns

enum { SITES = 4096, ORDERS = 4, MOST_FILES = 256 };

struct site {
	uint64_t address, calls, failed;
};

struct order {
	uint64_t address, first, times;
	bool all;             /* calls of the function, once it has failed at the address */
	const char *function; /* that has */
	uint64_t taken;       /* faults that there have been */
	int error;
};

static struct site *sites; /* SITES of them, hashed by address; the last has the files left open */
static struct order orders[ORDERS];

extern const char image[] __asm__("__ehdr_start") __attribute__((visibility("hidden")));

static void take_orders(const char *text)
{
	for (struct order *o = orders; o < orders + ORDERS && text && *text; o++) {
		o->all = *text == '+';
		if (sscanf(text + o->all, "%" SCNx64 " %" SCNu64 " %" SCNu64 " %d", &o->address,
			   &o->first, &o->times, &o->error) != 4)
			abort();
		text = strchr(text, ';');
		text = text ? text + 1 : NULL;
	}
}

__attribute__((constructor)) static void open_book(void)
{
	const char *book = getenv("FAULT_BOOK");
	int fd = book ? open(book, O_RDWR | O_CLOEXEC) : -1;
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, (SITES + 1) * sizeof(*sites), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	sites = at == MAP_FAILED ? NULL : at;
	take_orders(getenv("FAULT"));
}

__attribute__((destructor)) static void count_files(void)
{
	for (int fd = 3; sites && fd < MOST_FILES; fd++)
		sites[SITES].calls += fcntl(fd, F_GETFD) >= 0;
}

static struct site *find_site(uint64_t address)
{
	for (size_t i = address % SITES;; i = (i + 1) % SITES) {
		struct site *s = &sites[i];

		if (s->address == address)
			return s;
		if (!s->address) {
			s->address = address;
			return s;
		}
	}
}

static bool is_same(const char *function, const char *other)
{
	static const char memory[] = "malloc calloc realloc strdup strndup";

	return !strcmp(function, other) || (strstr(memory, function) && strstr(memory, other));
}

static bool is_ordered(struct order *o, const char *function, const struct site *s)
{
	if (!o->address || o->taken >= o->times)
		return false;
	if (s->address == o->address && s->calls >= o->first)
		o->function = function;
	else if (!o->all || !o->function || !is_same(function, o->function))
		return false;
	o->taken++;
	return true;
}

/* The order by which this call is to fail, or NULL; errno is then set. */
static const struct order *is_due(const char *function, const void *caller)
{
	struct site *s;

	if (!sites)
		return NULL;
	s = find_site((uint64_t)((const char *)caller - image));
	__atomic_fetch_add(&s->calls, 1, __ATOMIC_RELAXED);
	for (struct order *o = orders; o < orders + ORDERS; o++) {
		if (!is_ordered(o, function, s))
			continue;
		s->failed++;
		if (o->error)
			errno = o->error;
		return o;
	}
	return NULL;
}

/* A short count is a thing of files, pipes, terminals and streams: the kernel gives a whole signal, and
 * a whole datagram. */
static bool may_be_short(int fd)
{
	char link[40], name[64] = "";
	socklen_t size = sizeof(int);
	int type;

	if (!getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size))
		return type == SOCK_STREAM;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, name, sizeof(name) - 1) < 0)
		return false;
	return strcmp(name, "anon_inode:[signalfd]") && strcmp(name, "anon_inode:[timerfd]");
}

#define HERE __builtin_return_address(0)

#define FAULTY(type, name, parameters, arguments, failed) \
	type fault_##name parameters;                     \
	type fault_##name parameters                      \
	{                                                 \
		if (is_due(#name, HERE))                  \
			return failed;                    \
		return name arguments;                    \
	}

/* Those that give back or have done something even if they fail. */
#define FAULTY_AFTER(type, name, parameters, arguments, failed) \
	type fault_##name parameters;                           \
	type fault_##name parameters                            \
	{                                                       \
		int error;                                      \
		type result;                                    \
                                                                \
		if (!is_due(#name, HERE))                       \
			return name arguments;                  \
		error = errno;                                  \
		result = name arguments;                        \
		errno = error;                                  \
		(void)result;                                   \
		return failed;                                  \
	}

/* With ERRNO 0 one byte of what was asked for. */
#define SHORT(type, name, parameters, fd, arguments, one)            \
	type fault_##name parameters;                                \
	type fault_##name parameters                                 \
	{                                                            \
		const struct order *order = is_due(#name, HERE);     \
                                                                     \
		if (!order)                                          \
			return name arguments;                       \
		if (order->error)                                    \
			return -1;                                   \
		return may_be_short(fd) ? name one : name arguments; \
	}

/* Memory */
FAULTY(void *, malloc, (size_t size), (size), NULL)
FAULTY(void *, calloc, (size_t n, size_t size), (n, size), NULL)
FAULTY(void *, realloc, (void *p, size_t size), (p, size), NULL)
FAULTY(char *, strdup, (const char *s), (s), NULL)
FAULTY(char *, strndup, (const char *s, size_t n), (s, n), NULL)
FAULTY(FILE *, fopencookie, (void *c, const char *mode, cookie_io_functions_t io), (c, mode, io),
       NULL)
FAULTY(int, setvbuf, (FILE * f, char *buf, int mode, size_t size), (f, buf, mode, size), -1)
FAULTY(char *, realpath, (const char *path, char *to), (path, to), NULL)
FAULTY(int, memfd_create, (const char *name, unsigned int flags), (name, flags), -1)
FAULTY(void *, mmap, (void *at, size_t len, int protection, int flags, int fd, off_t offset),
       (at, len, protection, flags, fd, offset), MAP_FAILED)

#define ZSTD_FAILED ((size_t) - (int)ZSTD_error_memory_allocation)
FAULTY(ZSTD_CCtx *, ZSTD_createCCtx, (void), (), NULL)
FAULTY(ZSTD_DCtx *, ZSTD_createDCtx, (void), (), NULL)
FAULTY(size_t, ZSTD_CCtx_setParameter, (ZSTD_CCtx * c, ZSTD_cParameter p, int v), (c, p, v),
       ZSTD_FAILED)
FAULTY(size_t, ZSTD_DCtx_setParameter, (ZSTD_DCtx * c, ZSTD_dParameter p, int v), (c, p, v),
       ZSTD_FAILED)
FAULTY(size_t, ZSTD_DCtx_reset, (ZSTD_DCtx * c, ZSTD_ResetDirective r), (c, r), ZSTD_FAILED)
FAULTY(size_t, ZSTD_compressStream2,
       (ZSTD_CCtx * c, ZSTD_outBuffer *out, ZSTD_inBuffer *in, ZSTD_EndDirective end),
       (c, out, in, end), ZSTD_FAILED)
FAULTY(size_t, ZSTD_decompressStream, (ZSTD_DCtx * c, ZSTD_outBuffer *out, ZSTD_inBuffer *in),
       (c, out, in), ZSTD_FAILED)

/* Descriptors */
#define MODE_OF(flags, from)               \
	va_list ap;                        \
	mode_t mode = 0;                   \
                                           \
	va_start(ap, from);                \
	if ((flags)&O_CREAT)               \
		mode = va_arg(ap, mode_t); \
	va_end(ap)

int fault_open(const char *path, int flags, ...);
int fault_open(const char *path, int flags, ...)
{
	MODE_OF(flags, flags);
	return is_due("open", HERE) ? -1 : open(path, flags, mode);
}

int fault_openat(int folder, const char *path, int flags, ...);
int fault_openat(int folder, const char *path, int flags, ...)
{
	MODE_OF(flags, flags);
	return is_due("openat", HERE) ? -1 : openat(folder, path, flags, mode);
}

FAULTY(int, open_by_handle_at, (int fd, struct file_handle *h, int flags), (fd, h, flags), -1)
FAULTY(DIR *, opendir, (const char *path), (path), NULL)
FAULTY(FILE *, fdopen, (int fd, const char *mode), (fd, mode), NULL)
FAULTY(DIR *, fdopendir, (int fd), (fd), NULL)
FAULTY(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL)
FAULTY(FILE *, open_memstream, (char **text, size_t *len), (text, len), NULL)
FAULTY(int, socketpair, (int domain, int type, int protocol, int *fds),
       (domain, type, protocol, fds), -1)
FAULTY(int, close_range, (unsigned int first, unsigned int last, int flags), (first, last, flags),
       -1)
FAULTY(int, dup2, (int from, int to), (from, to), -1)
FAULTY(int, pipe2, (int *fds, int flags), (fds, flags), -1)
FAULTY(int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)
FAULTY(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t len),
       (fd, level, name, value, len), -1)
FAULTY(int, signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags), -1)
FAULTY(int, timerfd_create, (clockid_t clock, int flags), (clock, flags), -1)
FAULTY(int, timerfd_settime,
       (int fd, int flags, const struct itimerspec *new, struct itimerspec *old),
       (fd, flags, new, old), -1)
FAULTY(FILE *, setmntent, (const char *path, const char *mode), (path, mode), NULL)

/* A third argument that is not there is not used either. */
int fault_fcntl(int fd, int command, ...);
int fault_fcntl(int fd, int command, ...)
{
	va_list ap;
	long value;

	va_start(ap, command);
	value = va_arg(ap, long);
	va_end(ap);
	return is_due("fcntl", HERE) ? -1 : fcntl(fd, command, value);
}

int fault_ioctl(int fd, unsigned long request, ...);
int fault_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *value;

	va_start(ap, request);
	value = va_arg(ap, void *);
	va_end(ap);
	return is_due("ioctl", HERE) ? -1 : ioctl(fd, request, value);
}

/* Reading and writing. An error of a stream stays with it. */
static int break_stream(FILE *f)
{
	enum { GLIBC_ERROR_SEEN = 0x20 };

	f->_flags |= GLIBC_ERROR_SEEN;
	return EOF;
}

/* Of its first part one byte. Nobody looks at the parts again. */
static struct msghdr *shortened(const struct msghdr *m)
{
	m->msg_iov->iov_len = m->msg_iov->iov_len > 0;
	return (struct msghdr *)m;
}

SHORT(ssize_t, read, (int fd, void *buf, size_t n), fd, (fd, buf, n), (fd, buf, n > 0))
SHORT(ssize_t, write, (int fd, const void *buf, size_t n), fd, (fd, buf, n), (fd, buf, n > 0))
SHORT(ssize_t, recv, (int fd, void *buf, size_t n, int flags), fd, (fd, buf, n, flags),
      (fd, buf, n > 0, flags))
SHORT(ssize_t, send, (int fd, const void *buf, size_t n, int flags), fd, (fd, buf, n, flags),
      (fd, buf, n > 0, flags))
SHORT(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), fd, (fd, m, flags),
      (fd, shortened(m), flags))
SHORT(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), fd, (fd, m, flags),
      (fd, shortened(m), flags))
FAULTY(off_t, lseek, (int fd, off_t at, int from), (fd, at, from), -1)
FAULTY(int, ftruncate, (int fd, off_t size), (fd, size), -1)
FAULTY(int, fsync, (int fd), (fd), -1)
FAULTY(int, getentropy, (void *to, size_t size), (to, size), -1)
FAULTY_AFTER(int, close, (int fd), (fd), -1)
FAULTY(int, poll, (struct pollfd * p, nfds_t n, int ms), (p, n, ms), -1)
FAULTY(char *, fgets, (char *to, int size, FILE *f), (to, size, f), (break_stream(f), NULL))
FAULTY(int, getc, (FILE * f), (f), break_stream(f))
FAULTY(int, fputc, (int c, FILE *f), (c, f), break_stream(f))
FAULTY(int, fputs, (const char *text, FILE *f), (text, f), break_stream(f))
FAULTY(size_t, fwrite, (const void *data, size_t size, size_t n, FILE *f), (data, size, n, f),
       (break_stream(f), 0))
FAULTY(int, putchar, (int c), (c), break_stream(stdout))
FAULTY(int, fflush, (FILE * f), (f), break_stream(f))
FAULTY_AFTER(int, fclose, (FILE * f), (f), EOF)
FAULTY(struct dirent *, readdir, (DIR * dir), (dir), NULL)
FAULTY(ssize_t, readlink, (const char *path, char *to, size_t n), (path, to, n), -1)
FAULTY(struct mntent *, getmntent_r, (FILE * f, struct mntent *m, char *buf, int size),
       (f, m, buf, size), NULL)
int fault_vfprintf(FILE *f, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
int fault_vfprintf(FILE *f, const char *format, va_list ap)
{
	return is_due("vfprintf", HERE) ? break_stream(f) : vfprintf(f, format, ap);
}

int fault_dprintf(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fault_dprintf(int fd, const char *format, ...)
{
	va_list ap;
	int n;

	if (is_due("dprintf", HERE))
		return -1;
	va_start(ap, format);
	n = vdprintf(fd, format, ap);
	va_end(ap);
	return n;
}

int fault_fprintf(FILE *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fault_fprintf(FILE *f, const char *format, ...)
{
	va_list ap;
	int n;

	if (is_due("fprintf", HERE))
		return break_stream(f);
	va_start(ap, format);
	n = vfprintf(f, format, ap);
	va_end(ap);
	return n;
}

/* Files by their names */
FAULTY(int, access, (const char *path, int mode), (path, mode), -1)
FAULTY(int, stat, (const char *path, struct stat *st), (path, st), -1)
FAULTY(int, lstat, (const char *path, struct stat *st), (path, st), -1)
FAULTY(int, fstat, (int fd, struct stat *st), (fd, st), -1)
FAULTY(int, fstatat, (int folder, const char *path, struct stat *st, int flags),
       (folder, path, st, flags), -1)
FAULTY(int, statfs, (const char *path, struct statfs *st), (path, st), -1)
FAULTY(int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
FAULTY(int, fchown, (int fd, uid_t user, gid_t group), (fd, user, group), -1)
FAULTY(int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
FAULTY(int, renameat, (int of, const char *old, int nf, const char *new), (of, old, nf, new), -1)
FAULTY(int, unlink, (const char *path), (path), -1)
FAULTY(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), -1)

/* The system */
/* The home of whoever runs this is none of the program's business here. */
int fault_getpwuid_r(uid_t user, struct passwd *account, char *buf, size_t size,
		     struct passwd **found);
int fault_getpwuid_r(uid_t user, struct passwd *account, char *buf, size_t size,
		     struct passwd **found)
{
	int err = is_due("getpwuid_r", HERE) ? errno : getpwuid_r(user, account, buf, size, found);

	if (err)
		*found = NULL;
	else if (*found && getenv("FAULT_HOME"))
		account->pw_dir = getenv("FAULT_HOME");
	return err;
}

FAULTY(struct tm *, localtime_r, (const time_t *t, struct tm *tm), (t, tm), NULL)
FAULTY(int, pthread_create,
       (pthread_t * t, const pthread_attr_t *a, void *(*main)(void *), void *arg),
       (t, a, main, arg), errno)
FAULTY(int, pthread_timedjoin_np, (pthread_t t, void **result, const struct timespec *until),
       (t, result, until), errno)
FAULTY(int, pthread_tryjoin_np, (pthread_t t, void **result), (t, result), errno)
FAULTY(int, setenv, (const char *name, const char *value, int over), (name, value, over), -1)
FAULTY(char *, setlocale, (int what, const char *name), (what, name), NULL)
FAULTY(int, setns, (int fd, int type), (fd, type), -1)
FAULTY(int, setpriority, (__priority_which_t which, id_t who, int niceness), (which, who, niceness),
       -1)
FAULTY(int, sigaction, (int sig, const struct sigaction *new, struct sigaction *old),
       (sig, new, old), -1)
FAULTY(int, sigaltstack, (const stack_t *new, stack_t *old), (new, old), -1)
FAULTY(int, sigprocmask, (int how, const sigset_t *new, sigset_t *old), (how, new, old), -1)
FAULTY(int, sigtimedwait, (const sigset_t *set, siginfo_t *info, const struct timespec *most),
       (set, info, most), -1)
FAULTY(size_t, strftime, (char *to, size_t size, const char *format, const struct tm *tm),
       (to, size, format, tm), 0)
FAULTY(int, uname, (struct utsname * name), (name), -1)
FAULTY(int, clock_getcpuclockid, (pid_t pid, clockid_t *clock), (pid, clock), errno)
FAULTY(int, getrlimit, (__rlimit_resource_t what, struct rlimit *limit), (what, limit), -1)

/* AddressSanitizer's shadow is more than any limit of data. */
int fault_setrlimit(__rlimit_resource_t what, const struct rlimit *limit);
int fault_setrlimit(__rlimit_resource_t what, const struct rlimit *limit)
{
	if (is_due("setrlimit", HERE))
		return -1;
	return what == RLIMIT_DATA ? 0 : setrlimit(what, limit);
}

FAULTY(size_t, wcsrtombs, (char *to, const wchar_t **from, size_t size, mbstate_t *state),
       (to, from, size, state), (size_t)-1)
FAULTY(size_t, wcrtomb, (char *to, wchar_t c, mbstate_t *state), (to, c, state), (size_t)-1)

int fault_prctl(int what, ...);
int fault_prctl(int what, ...)
{
	unsigned long value;
	va_list ap;

	va_start(ap, what);
	value = va_arg(ap, unsigned long);
	va_end(ap);
	return is_due("prctl", HERE) ? -1 : prctl(what, value, 0, 0, 0);
}

/* Processes, and what they may do */
FAULTY(pid_t, fork, (void), (), -1)
FAULTY(pid_t, setsid, (void), (), -1)
FAULTY(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options), -1)
FAULTY(int, execvp, (const char *program, char *const *words), (program, words), -1)
FAULTY(int, kill, (pid_t pid, int sig), (pid, sig), -1)
FAULTY(int, nanosleep, (const struct timespec *time, struct timespec *left), (time, left), -1)
/* Who is left with the rights of two users the leak checker cannot trace. */
FAULTY_AFTER(int, seteuid, (uid_t user), (user), -1)
FAULTY(int, setegid, (gid_t group), (group), -1)
FAULTY(int, capng_get_caps_process, (void), (), -1)
FAULTY(void *, capng_save_state, (void), (), NULL)
FAULTY(int, capng_apply, (capng_select_t set), (set), -1)

/* The leak checker traces the program at its end, which one that has been root does not let it. */
int fault_capng_change_id(int user, int group, capng_flags_t flags);
int fault_capng_change_id(int user, int group, capng_flags_t flags)
{
	int err = is_due("capng_change_id", HERE) ? -1 : capng_change_id(user, group, flags);

	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return err;
}

FAULTY(scmp_filter_ctx, seccomp_init, (uint32_t action), (action), NULL)
FAULTY(int, seccomp_attr_set, (scmp_filter_ctx c, enum scmp_filter_attr a, uint32_t value),
       (c, a, value), -errno)
FAULTY(int, seccomp_rule_add_array,
       (scmp_filter_ctx c, uint32_t action, int call, unsigned int n,
	const struct scmp_arg_cmp *args),
       (c, action, call, n, args), -errno)

/* Nor does seccomp let it: that no call is missing there, the live tests show. */
int fault_seccomp_load(const scmp_filter_ctx c);
int fault_seccomp_load(const scmp_filter_ctx c)
{
	(void)c;
	return is_due("seccomp_load", HERE) ? -errno : 0;
}

/* The terminal */
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

/* The kernel's programs */
FAULTY(int, libbpf_num_possible_cpus, (void), (), -errno)
FAULTY(int, btf__load_into_kernel, (struct btf * btf), (btf), -errno)
FAULTY(struct btf *, btf__load_vmlinux_btf, (void), (), NULL)
FAULTY(struct btf *, btf__new, (const void *data, __u32 size), (data, size), NULL)
FAULTY(const void *, btf__raw_data, (const struct btf *btf, __u32 *size), (btf, size), NULL)
FAULTY(__s32, btf__find_by_name_kind, (const struct btf *btf, const char *name, __u32 kind),
       (btf, name, kind), -errno)
FAULTY(struct btf *, btf__new_empty, (void), (), NULL)
FAULTY(int, btf__add_array, (struct btf * b, int index, int element, __u32 n),
       (b, index, element, n), -errno)
FAULTY(int, btf__add_field, (struct btf * b, const char *name, int type, __u32 bit, __u32 bits),
       (b, name, type, bit, bits), -errno)
FAULTY(int, btf__add_ptr, (struct btf * b, int type), (b, type), -errno)
FAULTY(int, btf__add_struct, (struct btf * b, const char *name, __u32 size), (b, name, size),
       -errno)
FAULTY(int, btf__add_type, (struct btf * b, const struct btf *from, const struct btf_type *type),
       (b, from, type), -errno)
FAULTY(int, btf__add_typedef, (struct btf * b, const char *name, int type), (b, name, type), -errno)
FAULTY(int, btf__add_union, (struct btf * b, const char *name, __u32 size), (b, name, size), -errno)
FAULTY(int, libbpf_register_prog_handler,
       (const char *section, enum bpf_prog_type type, enum bpf_attach_type attach,
	const struct libbpf_prog_handler_opts *o),
       (section, type, attach, o), -errno)
FAULTY(int, bpf_prog_load,
       (enum bpf_prog_type type, const char *name, const char *license,
	const struct bpf_insn *insns, size_t n, const struct bpf_prog_load_opts *o),
       (type, name, license, insns, n, o), -errno)
FAULTY(int, bpf_prog_test_run_opts, (int fd, struct bpf_test_run_opts *o), (fd, o), -errno)
FAULTY(int, bpf_iter_create, (int fd), (fd), -errno)
FAULTY(int, bpf_raw_tracepoint_open, (const char *name, int prog), (name, prog), -errno)
FAULTY(int, bpf_map_create,
       (enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size, __u32 n,
	const struct bpf_map_create_opts *o),
       (type, name, key_size, value_size, n, o), -errno)
FAULTY(int, bpf_map__reuse_fd, (struct bpf_map * m, int fd), (m, fd), -errno)
FAULTY(int, bpf_map__set_max_entries, (struct bpf_map * m, __u32 n), (m, n), -errno)
FAULTY(int, bpf_map_lookup_elem, (int fd, const void *key, void *value), (fd, key, value), -errno)
FAULTY(int, bpf_map_lookup_batch,
       (int fd, void *from, void *to, void *keys, void *values, __u32 *n,
	const struct bpf_map_batch_opts *o),
       (fd, from, to, keys, values, n, o), (*n = 0, -errno))
FAULTY(int, bpf_map_update_batch,
       (int fd, const void *keys, const void *values, __u32 *n, const struct bpf_map_batch_opts *o),
       (fd, keys, values, n, o), (*n = 0, -errno))
FAULTY(int, bpf_map_delete_batch,
       (int fd, const void *keys, __u32 *n, const struct bpf_map_batch_opts *o), (fd, keys, n, o),
       (*n = 0, -errno))
FAULTY(struct bpf_map *, bpf_object__find_map_by_name,
       (const struct bpf_object *object, const char *name), (object, name), NULL)
FAULTY(int, bpf_object__open_skeleton,
       (struct bpf_object_skeleton * s, const struct bpf_object_open_opts *o), (s, o), -errno)
FAULTY(int, bpf_object__load_skeleton, (struct bpf_object_skeleton * s), (s), -errno)
FAULTY(int, bpf_object__attach_skeleton, (struct bpf_object_skeleton * s), (s), -errno)
FAULTY(int, bpf_program__set_autoload, (struct bpf_program * p, bool on), (p, on), -errno)
FAULTY(int, bpf_program__set_type, (struct bpf_program * p, enum bpf_prog_type type), (p, type),
       -errno)
FAULTY(struct bpf_link *, bpf_program__attach_iter,
       (const struct bpf_program *p, const struct bpf_iter_attach_opts *o), (p, o), NULL)
FAULTY(struct bpf_link *, bpf_program__attach_trace, (const struct bpf_program *p), (p), NULL)
FAULTY(struct ring_buffer *, ring_buffer__new,
       (int fd, ring_buffer_sample_fn fn, void *arg, const struct ring_buffer_opts *o),
       (fd, fn, arg, o), NULL)
FAULTY(int, ring_buffer__consume, (struct ring_buffer * r), (r), -errno)

/* Names: an answer comes in any case. */
FAULTY(int, ares_library_init, (int flags), (flags), ARES_ENOMEM)
FAULTY(int, ares_init_options, (ares_channel * c, struct ares_options *o, int mask), (c, o, mask),
       ARES_ENOMEM)

void fault_ares_gethostbyaddr(ares_channel c, const void *addr, int len, int family,
			      ares_host_callback fn, void *arg);
void fault_ares_gethostbyaddr(ares_channel c, const void *addr, int len, int family,
			      ares_host_callback fn, void *arg)
{
	if (is_due("ares_gethostbyaddr", HERE))
		fn(arg, ARES_ENOMEM, 0, NULL);
	else
		ares_gethostbyaddr(c, addr, len, family, fn, arg);
}
