// SPDX-License-Identifier: GPL-2.0-only
#include "src/cgroups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/cgroup.h"
#include "src/container.h"
#include "src/hash.h"

/* include/linux/exportfs.h: the handle of a kernfs node is its id. */
#define FILEID_KERNFS 0xfe

/* Where there is no handle for a cgroup, all are walked, but not more often than this. */
#define SCAN_INTERVAL_NS 10000000000ULL
#define MAX_DEPTH 64
/* What is remembered; beyond, new ones are not known. */
#define MAX_CGROUPS 65536

struct named_cgroup {
	uint64_t id;
	struct cgroup_info info;
	UT_hash_handle hh;
};

struct cgroups {
	struct named_cgroup *by_id;
	int mount_fd; /* of the cgroup v2 hierarchy; -1 without */
	char mount[PATH_MAX];
	uint64_t last_scan_ns;
};

static void find_mount(struct cgroups *all)
{
	FILE *f = setmntent("/proc/self/mounts", "r");
	char buf[2 * PATH_MAX];
	struct mntent m;

	all->mount_fd = -1;
	while (f && all->mount_fd < 0 && getmntent_r(f, &m, buf, sizeof(buf))) {
		if (strcmp(m.mnt_type, "cgroup2") || strlen(m.mnt_dir) >= sizeof(all->mount))
			continue;
		all->mount_fd = open(m.mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		strcpy(all->mount, m.mnt_dir);
	}
	if (f)
		endmntent(f);
}

static struct named_cgroup *find_cgroup(const struct cgroups *all, uint64_t id)
{
	struct named_cgroup *c;

	HASH_FIND(hh, all->by_id, &id, sizeof(id), c);
	return c;
}

static struct named_cgroup *add_cgroup(struct cgroups *all, uint64_t id, const char *path)
{
	struct named_cgroup *c = find_cgroup(all, id);

	if (c || HASH_COUNT(all->by_id) >= MAX_CGROUPS)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->id = id;
	c->info.path = path ? strdup(path) : NULL;
	HASH_ADD(hh, all->by_id, id, sizeof(c->id), c);
	if (c->hh.tbl)
		return c;
	free(c->info.path);
	free(c);
	return NULL;
}

static void scan_dir(struct cgroups *all, int fd, char path[PATH_MAX], unsigned int depth);

static void scan_child(struct cgroups *all, int parent, const char *name, char path[PATH_MAX],
		       unsigned int depth)
{
	size_t len = strlen(path);
	struct stat st;
	int fd;

	if (len + strlen(name) + 2 > PATH_MAX || depth > MAX_DEPTH)
		return;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	sprintf(path + len, "/%s", name);
	if (!fstat(fd, &st))
		add_cgroup(all, st.st_ino, path);
	scan_dir(all, fd, path, depth);
	path[len] = '\0';
}

/* Takes the descriptor over. */
static void scan_dir(struct cgroups *all, int fd, char path[PATH_MAX], unsigned int depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.')
			scan_child(all, fd, entry->d_name, path, depth + 1);
	closedir(dir);
}

/* The inode number of a cgroup's directory is its id. */
static void scan_all(struct cgroups *all)
{
	char path[PATH_MAX] = "";
	struct stat st;
	int fd;

	if (all->mount_fd < 0)
		return;
	if (!fstat(all->mount_fd, &st))
		add_cgroup(all, st.st_ino, "/");
	fd = openat(all->mount_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		scan_dir(all, fd, path, 0);
}

/* 0 with the path, or a negative errno: -ESTALE if there is no such cgroup (any more). */
static int path_by_handle(const struct cgroups *all, uint64_t id, char *path, size_t size)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} handle = {.h = {.handle_bytes = sizeof(id), .handle_type = FILEID_KERNFS}};
	size_t mount_len = strlen(all->mount);
	char link[40], full[PATH_MAX];
	ssize_t len;
	int fd;

	memcpy(handle.room + offsetof(struct file_handle, f_handle), &id, sizeof(id));
	fd = open_by_handle_at(all->mount_fd, &handle.h, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, full, sizeof(full) - 1);
	close(fd);
	if (len < 0)
		return -errno;
	full[len] = '\0';
	if (strncmp(full, all->mount, mount_len))
		return -EXDEV;
	snprintf(path, size, "%s", full[mount_len] ? full + mount_len : "/");
	return 0;
}

static void name_unit(struct cgroup_info *c)
{
	struct cgroup_names names;
	char text[512];

	if (!c->path || c->unit)
		return;
	cgroup_parse(c->path, &names);
	if (!names.container.len) {
		c->unit = names.unit.len ? strndup(names.unit.at, names.unit.len) : NULL;
		return;
	}
	container_text(&names, text, sizeof(text));
	c->unit = strdup(text);
	c->pod = strndup(text, strcspn(text, "/"));
}

/* NULL where it is not known yet. */
static struct named_cgroup *look_up(struct cgroups *all, uint64_t id, uint64_t now_ns)
{
	struct named_cgroup *c = find_cgroup(all, id);
	char path[PATH_MAX];
	int err;

	if (c || all->mount_fd < 0)
		return c;
	err = path_by_handle(all, id, path, sizeof(path));
	/* Ids are not used again: what has gone stays so. */
	if (!err || err == -ESTALE)
		return add_cgroup(all, id, err ? NULL : path);
	if (!all->last_scan_ns || now_ns < all->last_scan_ns ||
	    now_ns - all->last_scan_ns >= SCAN_INTERVAL_NS) {
		all->last_scan_ns = now_ns;
		scan_all(all);
		c = find_cgroup(all, id);
	}
	return c;
}

struct cgroups *cgroups_open(void)
{
	struct cgroups *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	find_mount(all);
	scan_all(all);
	return all;
}

const struct cgroup_info *cgroups_find(struct cgroups *all, uint64_t id, uint64_t now_ns)
{
	struct named_cgroup *c = look_up(all, id, now_ns);

	if (!c)
		return NULL;
	name_unit(&c->info);
	return &c->info;
}

bool cgroups_known(const struct cgroups *all)
{
	return all->mount_fd >= 0;
}

void cgroups_close(struct cgroups *all)
{
	struct named_cgroup *c, *next;

	if (!all)
		return;
	HASH_ITER(hh, all->by_id, c, next) {
		HASH_DEL(all->by_id, c);
		free(c->info.path);
		free(c->info.unit);
		free(c->info.pod);
		free(c);
	}
	if (all->mount_fd >= 0)
		close(all->mount_fd);
	free(all);
}
