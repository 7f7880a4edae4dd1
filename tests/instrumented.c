// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in, in programs that are instrumented for coverage or with sanitizers, for what would keep
 * these from their work at the program's end: writing down what ran, tracing it for leaks. The list of
 * system calls is made but not put in force, data has no limit, and one that leaves by _exit() counts,
 * too. That the list is right, tests show on the program as it is.
 */
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of gcov, where the Makefile has the linker bring it. */
void __gcov_dump(void) __attribute__((weak));

/* Of LeakSanitizer. */
void __lsan_do_leak_check(void) __attribute__((weak));

int seccomp_load(const scmp_filter_ctx ctx)
{
	(void)ctx;
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

int setrlimit(__rlimit_resource_t what, const struct rlimit *limit)
{
	if (what == RLIMIT_DATA)
		return 0;
	return prlimit(0, what, limit, NULL);
}

void _exit(int status)
{
	if (__gcov_dump)
		__gcov_dump();
	if (__lsan_do_leak_check)
		__lsan_do_leak_check();
	syscall(SYS_exit_group, status);
	__builtin_unreachable();
}
