// SPDX-License-Identifier: GPL-2.0-only
#include "src/doctor_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <langinfo.h>
#include <linux/magic.h>
#include <locale.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#define BTF_DIR "/sys/kernel/btf"

/* include/linux/proc_ns.h: the first namespaces have fixed numbers. */
#define FIRST_CGROUP_NS 0xeffffffbU
#define FIRST_PID_NS 0xeffffffcU
#define FIRST_USER_NS 0xeffffffdU

/* The first size - 1 bytes; "" where there is nothing to read. */
static void read_text(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, buf, size - 1);

	buf[len > 0 ? len : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static int read_number(const char *path)
{
	char text[16], *end;
	long n;

	read_text(path, text, sizeof(text));
	n = strtol(text, &end, 10);
	return end == text || n < 0 || n > INT16_MAX ? -1 : (int)n;
}

/* ---- The kernel */

/* Without BTF the kernel makes no such folder; an empty one hides it. */
static enum btf_fact look_for_btf(void)
{
	struct statfs fs;
	struct stat st;

	if (!access(BTF_DIR "/vmlinux", R_OK))
		return BTF_THERE;
	if (errno == EACCES)
		return BTF_UNREADABLE;
	if (stat("/sys/kernel", &st))
		return BTF_NO_SYSFS;
	return !statfs(BTF_DIR, &fs) && fs.f_type != SYSFS_MAGIC ? BTF_COVERED : BTF_NONE;
}

/* "none [integrity] confidentiality": the one in brackets holds. */
static void read_lockdown(char *buf, size_t size)
{
	char text[100], *from;

	read_text("/sys/kernel/security/lockdown", text, sizeof(text));
	from = strchr(text, '[');
	snprintf(buf, size, "%.*s", from ? (int)strcspn(from + 1, "]") : 0, from ? from + 1 : "");
}

static void read_system(char *buf, size_t size)
{
	FILE *f = fopen("/etc/os-release", "re");
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		char *id = line + 3;

		if (strncmp(line, "ID=", 3) != 0)
			continue;
		id += *id == '"';
		snprintf(buf, size, "%.*s", (int)strcspn(id, "\"\n"), id);
	}
	if (f)
		fclose(f);
}

static void read_kernel(struct host_facts *h)
{
	struct utsname name;

	if (!uname(&name))
		snprintf(h->release, sizeof(h->release), "%s", name.release);
	read_system(h->system, sizeof(h->system));
	h->btf = look_for_btf();
	read_lockdown(h->lockdown, sizeof(h->lockdown));
	h->unprivileged_bpf = read_number("/proc/sys/kernel/unprivileged_bpf_disabled");
	h->jit = read_number("/proc/sys/net/core/bpf_jit_enable");
	h->ftrace = read_number("/proc/sys/kernel/ftrace_enabled");
}

/* ---- This process */

static bool is_elsewhere(const char *ns, ino_t first)
{
	struct stat st;

	return !stat(ns, &st) && st.st_ino != first;
}

static void read_status(struct host_facts *h)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[4096];
	int flag;

	h->proc = f != NULL;
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "NoNewPrivs: %d", &flag) == 1)
			h->no_new_privs = flag;
		else if (sscanf(line, "Seccomp: %d", &flag) == 1)
			h->seccomp = flag;
		else
			sscanf(line, "CapEff: %" SCNx64, &h->capabilities);
	}
	if (f)
		fclose(f);
}

static void read_process(struct host_facts *h)
{
	struct rlimit limit;

	h->euid = geteuid();
	read_status(h);
	h->own_user_ns = is_elsewhere("/proc/self/ns/user", FIRST_USER_NS);
	h->own_pid_ns = is_elsewhere("/proc/self/ns/pid", FIRST_PID_NS);
	h->own_cgroup_ns = is_elsewhere("/proc/self/ns/cgroup", FIRST_CGROUP_NS);
	h->memlock = UINT64_MAX;
	if (!getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur != RLIM_INFINITY)
		h->memlock = limit.rlim_cur;
}

/* ---- The cgroups */

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && (path[len] == '/' || !path[len]);
}

/* Takes one mount, in the order in which they were made. */
static void take_mount(struct host_facts *h, const struct mntent *m)
{
	char *at = h->cgroup_mount;
	struct statfs fs;

	if (!strcmp(m->mnt_type, "cgroup") && h->cgroup == CGROUP_NONE)
		h->cgroup = CGROUP_V1_ONLY;
	if (!strcmp(m->mnt_type, "cgroup2")) {
		bool seen = !statfs(m->mnt_dir, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC;

		h->cgroup = seen ? CGROUP_V2 : CGROUP_COVERED;
		snprintf(at, sizeof(h->cgroup_mount), "%s", m->mnt_dir);
	} else if (h->cgroup == CGROUP_COVERED && is_below(at, m->mnt_dir)) {
		snprintf(at, sizeof(h->cgroup_mount), "%s", m->mnt_dir);
	}
}

static void read_cgroups(struct host_facts *h)
{
	FILE *f = setmntent("/proc/self/mounts", "re");
	char buf[8192];
	struct mntent m;

	h->cgroup = CGROUP_NONE;
	while (f && h->cgroup != CGROUP_V2 && getmntent_r(f, &m, buf, sizeof(buf)))
		take_mount(h, &m);
	if (f)
		endmntent(f);
}

/* ---- The locale */

static void read_locale(struct host_facts *h)
{
	static const char *const named_by[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof(named_by) / sizeof(*named_by); i++) {
		const char *name = getenv(named_by[i]);

		h->locale_named = h->locale_named || (name && *name);
	}
	h->locale_known = setlocale(LC_CTYPE, "") != NULL;
	snprintf(h->charset, sizeof(h->charset), "%s", nl_langinfo(CODESET));
}

void facts_read(struct host_facts *h)
{
	memset(h, 0, sizeof(*h));
	read_kernel(h);
	read_process(h);
	read_cgroups(h);
	read_locale(h);
}
