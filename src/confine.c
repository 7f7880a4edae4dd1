// SPDX-License-Identifier: GPL-2.0-only
#include "src/confine.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/live.h"

/* Where each architecture has it: clone(2). */
#if defined(__s390__) || defined(__s390x__)
enum { CLONE_FLAGS = 1 };
#else
enum { CLONE_FLAGS = 0 };
#endif

#define NEW_FILE (O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)

/* What the C library needs, whatever it is for. Those that an architecture lacks are left out. */
static const char all_do[] =
	"read readv write writev pread64 close lseek _llseek fcntl fcntl64 fstat fstat64 stat "
	"stat64 lstat lstat64 newfstatat fstatat64 statx fstatfs fstatfs64 getdents64 "
	"readlink readlinkat access faccessat faccessat2 getcwd recvmsg recvfrom recv sendmsg "
	"sendto send munmap mremap madvise brk futex futex_time64 rt_sigaction rt_sigprocmask "
	"rt_sigreturn sigreturn restart_syscall clock_gettime clock_gettime64 clock_getres "
	"clock_getres_time64 gettimeofday time getpid gettid getuid getuid32 geteuid "
	"geteuid32 getgid getgid32 getegid getegid32 getrandom exit exit_group rseq "
	"set_robust_list";

static const char viewer_does[] =
	/* waits, signals, the terminal */
	"poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_wait "
	"epoll_pwait epoll_ctl timerfd_create timerfd_settime timerfd_settime64 signalfd "
	"signalfd4 sigaltstack rt_sigtimedwait rt_sigtimedwait_time64 nanosleep clock_nanosleep "
	"clock_nanosleep_time64 dup dup2 dup3 pipe2 wait4 waitid "
	/* the thread that looks for owners; name service and DNS */
	"mmap mmap2 mprotect sched_yield sched_getaffinity prlimit64 getrlimit ugetrlimit "
	"getrusage sysinfo uname connect bind getsockname getpeername setsockopt getsockopt "
	"sendmmsg recvmmsg recvmmsg_time64 eventfd2 epoll_create1 "
	/* files of the user */
	"open openat umask mkdir mkdirat unlink unlinkat rename renameat renameat2 fsync "
	"ftruncate ftruncate64 "
	/* where there is no helper, for what may be done without rights */
	"setns open_by_handle_at";

static const char helper_does[] = "setns open_by_handle_at";

static const char file_maker_does[] =
	"mkdir mkdirat unlink unlinkat rename renameat renameat2 fsync";

static const char writer_does[] = "umask";

/* Not TIOCSTI and TIOCLINUX, which type for the user. */
static const unsigned int terminal_does[] = {
	TCGETS,  TCSETS,  TCSETSW,    TCSETSF,   TCGETA,    TCSETA,   TCSETAW,  TCSETAF,  TCFLSH,
	TCXONC,  TCSBRK,  TIOCGWINSZ, TIOCGPGRP, TIOCSPGRP, TIOCGSID, TIOCOUTQ, FIONREAD, FIONBIO,
#ifdef TCGETS2
	TCGETS2, TCSETS2, TCSETSW2,   TCSETSF2,
#endif
	0x2401, /* PERF_EVENT_IOC_DISABLE: libbpf lets go of a kprobe */
};

static const unsigned int families[] = {AF_UNIX, AF_INET, AF_INET6};

struct rules {
	scmp_filter_ctx ctx;
	int err; /* the first one */
};

static void add(struct rules *r, const char *name, uint32_t action, unsigned int n,
		const struct scmp_arg_cmp *args)
{
	int call = seccomp_syscall_resolve_name(name), err;

	if (call == __NR_SCMP_ERROR || r->err)
		return;
	err = seccomp_rule_add_array(r->ctx, action, call, n, args);
	/* Calls that exist on other architectures only cannot be told apart by their arguments. */
	if (err && !(err == -EINVAL && call < 0) && err != -EDOM)
		r->err = err;
}

/* Names with spaces between. */
static void allow_all(struct rules *r, const char *names)
{
	char name[32];
	int len;

	while (sscanf(names, "%31s%n", name, &len) == 1) {
		add(r, name, SCMP_ACT_ALLOW, 0, NULL);
		names += len;
	}
}

static void allow_if(struct rules *r, const char *name, struct scmp_arg_cmp arg)
{
	add(r, name, SCMP_ACT_ALLOW, 1, &arg);
}

static struct scmp_arg_cmp equals(unsigned int arg, scmp_datum_t value)
{
	return (struct scmp_arg_cmp){arg, SCMP_CMP_MASKED_EQ, UINT32_MAX, value};
}

static struct scmp_arg_cmp masked(unsigned int arg, scmp_datum_t mask, scmp_datum_t value)
{
	return (struct scmp_arg_cmp){arg, SCMP_CMP_MASKED_EQ, mask, value};
}

static void allow_memory(struct rules *r)
{
	static const char *const names[] = {"mmap", "mmap2", "mprotect"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		allow_if(r, names[i], masked(2, PROT_EXEC, 0));
}

/* Flags of clone3() cannot be seen: without it the C library takes clone(). It asks anew for each thread,
 * and so what is refused is not logged: there would be a line every few seconds. */
static void allow_threads(struct rules *r)
{
	allow_if(r, "clone", masked(CLONE_FLAGS, CLONE_THREAD, CLONE_THREAD));
	add(r, "clone3", SCMP_ACT_ERRNO(ENOSYS), 0, NULL);
}

static void allow_maps(struct rules *r, bool only_read)
{
	const unsigned int *commands;
	size_t n = live_commands(only_read, &commands);

	for (size_t i = 0; i < n; i++)
		allow_if(r, "bpf", equals(0, commands[i]));
}

static void allow_viewer(struct rules *r)
{
	allow_all(r, viewer_does);
	allow_threads(r);
	allow_maps(r, false);
	/* libcap at its start, which comes with the name service of systemd */
	allow_if(r, "prctl", equals(0, PR_CAPBSET_READ));
	for (size_t i = 0; i < sizeof(terminal_does) / sizeof(*terminal_does); i++)
		allow_if(r, "ioctl", equals(1, terminal_does[i]));
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		allow_if(r, "socket", equals(0, families[i]));
}

static void allow_reading(struct rules *r)
{
	allow_if(r, "open", masked(1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
	allow_if(r, "openat", masked(2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
}

static void allow_new_files(struct rules *r)
{
	const scmp_datum_t mask = NEW_FILE | O_ACCMODE | O_TRUNC | O_APPEND;

	allow_all(r, file_maker_does);
	allow_if(r, "open", masked(1, mask, NEW_FILE));
	allow_if(r, "openat", masked(2, mask, NEW_FILE));
}

/* A netlink socket to ask for sockets; and to end the program by its own hand, as abort() does. */
static void allow_both(struct rules *r)
{
	const struct scmp_arg_cmp diag[] = {equals(0, AF_NETLINK), equals(2, NETLINK_SOCK_DIAG)};

	allow_all(r, all_do);
	add(r, "socket", SCMP_ACT_ALLOW, 2, diag);
	allow_if(r, "tgkill", equals(0, (scmp_datum_t)getpid()));
}

static int load(enum confined who, scmp_filter_ctx ctx)
{
	struct rules r = {.ctx = ctx};

	allow_both(&r);
	if (who == CONFINE_VIEWER) {
		allow_viewer(&r);
	} else if (who == CONFINE_WRITER) {
		allow_all(&r, writer_does);
		allow_memory(&r);
	} else {
		allow_all(&r, helper_does);
		allow_memory(&r);
		allow_reading(&r);
		allow_maps(&r, true);
	}
	if (who == CONFINE_HELPER_WITH_FILES || who == CONFINE_WRITER)
		allow_new_files(&r);
	return r.err ? r.err : seccomp_load(ctx);
}

int confine(enum confined who)
{
	const char *how = getenv("TCPRETOP_SECCOMP");
	bool kill = how && !strcmp(how, "kill");
	scmp_filter_ctx ctx = seccomp_init(kill ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
	int err;

	if (!ctx)
		return -ENOMEM;
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0);
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	seccomp_attr_set(ctx, SCMP_FLTATR_API_SYSRAWRC, 1);
	err = load(who, ctx);
	seccomp_release(ctx);
	return err;
}
