// SPDX-License-Identifier: GPL-2.0-only
/* Memory, processes, rights, names, and what else the system and its libraries give. $FAULT_HOME is the
 * home of any account. */
#include "tests/faults/faults.h"

#include <ares.h>
#include <cap-ng.h>
#include <locale.h>
#include <pthread.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <zstd.h>
#include <zstd_errors.h>

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
