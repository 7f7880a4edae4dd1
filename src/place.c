// SPDX-License-Identifier: GPL-2.0-only
#include "src/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/hash.h"
#include "src/cgroup.h"

/* include/linux/exportfs.h: the handle of a kernfs node is its id. */
#define FILEID_KERNFS 0xfe

/* Where there is no handle for a cgroup, all are walked, but not more often than this. */
#define SCAN_INTERVAL_NS 10000000000ULL
#define MAX_DEPTH 64
/* What is remembered; beyond, new ones are not known. */
#define MAX_CGROUPS 65536
#define MAX_PLACES 65536

#define DOCKER_DIR "/var/lib/docker/containers"
#define STORAGE_FILE "/var/lib/containers/storage/overlay-containers/containers.json"
#define KUBE_DIR "/var/log/containers"
#define MAX_FILE (1 << 20)

struct named_cgroup {
	uint64_t id;
	char *path; /* NULL: it has gone before it was looked up */
	char *unit;
	char *pod; /* or the container: who a network namespace is likely made for */
	UT_hash_handle hh;
};

struct named_user {
	uint32_t uid;
	char *name;
	UT_hash_handle hh;
};

struct named_netns {
	uint32_t netns;
	const char *name;
	char number[16];
	UT_hash_handle hh;
};

/* The three at once: one look-up for a flow. */
struct place_key {
	uint64_t cgroup;
	uint32_t netns;
	uint32_t uid;
};

struct known_place {
	struct place_key key;
	struct place place;
	UT_hash_handle hh;
};

struct places {
	struct netns_books *books;
	struct named_cgroup *cgroups;
	struct named_user *users;
	struct named_netns *netns;
	struct known_place *known;
	int mount_fd; /* of the cgroup v2 hierarchy; -1 without */
	char mount[PATH_MAX];
	uint64_t last_scan_ns;
};

/* ---- cgroups */

static void find_mount(struct places *p)
{
	FILE *f = setmntent("/proc/self/mounts", "r");
	char buf[2 * PATH_MAX];
	struct mntent m;

	p->mount_fd = -1;
	while (f && p->mount_fd < 0 && getmntent_r(f, &m, buf, sizeof(buf))) {
		if (strcmp(m.mnt_type, "cgroup2") || strlen(m.mnt_dir) >= sizeof(p->mount))
			continue;
		p->mount_fd = open(m.mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		strcpy(p->mount, m.mnt_dir);
	}
	if (f)
		endmntent(f);
}

static struct named_cgroup *find_cgroup(const struct places *p, uint64_t id)
{
	struct named_cgroup *c;

	HASH_FIND(hh, p->cgroups, &id, sizeof(id), c);
	return c;
}

static struct named_cgroup *add_cgroup(struct places *p, uint64_t id, const char *path)
{
	struct named_cgroup *c = find_cgroup(p, id);

	if (c || HASH_COUNT(p->cgroups) >= MAX_CGROUPS)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->id = id;
	c->path = path ? strdup(path) : NULL;
	HASH_ADD(hh, p->cgroups, id, sizeof(c->id), c);
	return c;
}

static void scan_dir(struct places *p, int fd, char path[PATH_MAX], unsigned int depth);

static void scan_child(struct places *p, int parent, const char *name, char path[PATH_MAX],
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
		add_cgroup(p, st.st_ino, path);
	scan_dir(p, fd, path, depth);
	path[len] = '\0';
}

/* Takes the descriptor over. */
static void scan_dir(struct places *p, int fd, char path[PATH_MAX], unsigned int depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.')
			scan_child(p, fd, entry->d_name, path, depth + 1);
	closedir(dir);
}

/* The inode number of a cgroup's directory is its id. */
static void scan_cgroups(struct places *p)
{
	char path[PATH_MAX] = "";
	struct stat st;
	int fd;

	if (p->mount_fd < 0)
		return;
	if (!fstat(p->mount_fd, &st))
		add_cgroup(p, st.st_ino, "/");
	fd = openat(p->mount_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		scan_dir(p, fd, path, 0);
}

/* 0 with the path, or a negative errno: -ESTALE if there is no such cgroup (any more). */
static int path_by_handle(const struct places *p, uint64_t id, char *path, size_t size)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} handle = {.h = {.handle_bytes = sizeof(id), .handle_type = FILEID_KERNFS}};
	size_t mount_len = strlen(p->mount);
	char link[40], full[PATH_MAX];
	ssize_t len;
	int fd;

	memcpy(handle.room + offsetof(struct file_handle, f_handle), &id, sizeof(id));
	fd = open_by_handle_at(p->mount_fd, &handle.h, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, full, sizeof(full) - 1);
	close(fd);
	if (len < 0)
		return -errno;
	full[len] = '\0';
	if (strncmp(full, p->mount, mount_len))
		return -EXDEV;
	snprintf(path, size, "%s", full[mount_len] ? full + mount_len : "/");
	return 0;
}

/* ---- Names of containers, where a file of their runtime tells them */

static char *read_text(const char *path)
{
	char *text = malloc(MAX_FILE + 1);
	int fd = text ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	ssize_t len = 0, n;

	if (fd < 0) {
		free(text);
		return NULL;
	}
	while (len < MAX_FILE && (n = read(fd, text + len, (size_t)(MAX_FILE - len))) > 0)
		len += n;
	close(fd);
	text[len] = '\0';
	return text;
}

static bool docker_name(struct span id, char *buf, size_t size)
{
	char path[sizeof(DOCKER_DIR) + CONTAINER_ID + 32], *text;
	bool found;

	snprintf(path, sizeof(path), DOCKER_DIR "/%.*s/config.v2.json", CONTAINER_ID, id.at);
	text = read_text(path);
	found = text && cgroup_docker_name(text, buf, size);
	free(text);
	return found;
}

static bool storage_name(struct span id, char *buf, size_t size)
{
	char *text = read_text(STORAGE_FILE);
	bool found = text && cgroup_storage_name(text, id, buf, size);

	free(text);
	return found;
}

static bool kube_name(struct span id, char *buf, size_t size)
{
	DIR *dir = opendir(KUBE_DIR);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir)))
		found = cgroup_kube_name(entry->d_name, id, buf, size);
	if (dir)
		closedir(dir);
	return found;
}

static void container_text(const struct cgroup_names *names, char *buf, size_t size)
{
	struct span id = names->container;
	const char *runtime = names->runtime ? names->runtime : "";

	if (names->pod.len && kube_name(id, buf, size))
		return;
	if (!strcmp(runtime, "docker") && docker_name(id, buf, size))
		return;
	if (!strcmp(runtime, "podman") && storage_name(id, buf, size))
		return;
	if (id.len == CONTAINER_ID && strcmp(runtime, "lxc"))
		id.len = SHORT_ID;
	snprintf(buf, size, "%.*s", (int)id.len, id.at);
}

static void name_unit(struct named_cgroup *c)
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
static struct named_cgroup *look_up_cgroup(struct places *p, uint64_t id, uint64_t now_ns)
{
	struct named_cgroup *c = find_cgroup(p, id);
	char path[PATH_MAX];
	int err;

	if (c || p->mount_fd < 0)
		return c;
	err = path_by_handle(p, id, path, sizeof(path));
	/* Ids are not used again: what has gone stays so. */
	if (!err || err == -ESTALE)
		return add_cgroup(p, id, err ? NULL : path);
	if (!p->last_scan_ns || now_ns - p->last_scan_ns >= SCAN_INTERVAL_NS) {
		p->last_scan_ns = now_ns;
		scan_cgroups(p);
		c = find_cgroup(p, id);
	}
	return c;
}

/* ---- Users and network namespaces */

static const char *user_name(struct places *p, uint32_t uid)
{
	struct passwd pw, *found = NULL;
	char buf[4096], number[16];
	struct named_user *u;

	HASH_FIND(hh, p->users, &uid, sizeof(uid), u);
	if (u)
		return u->name;
	u = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	snprintf(number, sizeof(number), "%u", uid);
	u->uid = uid;
	u->name = strdup(!getpwuid_r(uid, &pw, buf, sizeof(buf), &found) && found ? pw.pw_name
										  : number);
	HASH_ADD(hh, p->users, uid, sizeof(u->uid), u);
	return u->name;
}

/* One name for all flows of a namespace: of the first container that was seen in it. */
static const char *netns_text(struct places *p, uint32_t netns, const char *container)
{
	struct named_netns *n;

	HASH_FIND(hh, p->netns, &netns, sizeof(netns), n);
	if (!n) {
		n = calloc(1, sizeof(*n));
		if (!n)
			return NULL;
		n->netns = netns;
		snprintf(n->number, sizeof(n->number), "%u", netns);
		n->name = netns_name(p->books, netns);
		HASH_ADD(hh, p->netns, netns, sizeof(n->netns), n);
	}
	if (!n->name)
		n->name = container;
	return n->name ? n->name : n->number;
}

/* ---- All of it */

struct places *places_open(struct netns_books *books)
{
	struct places *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->books = books;
	find_mount(p);
	scan_cgroups(p);
	return p;
}

/* True if it may be kept: a cgroup that could not be looked up is tried again. */
static bool look_up(struct places *p, const struct place_key *key, uint64_t now_ns,
		    struct place *place)
{
	struct named_cgroup *c = key->cgroup ? look_up_cgroup(p, key->cgroup, now_ns) : NULL;

	memset(place, 0, sizeof(*place));
	if (c) {
		name_unit(c);
		place->cgroup = c->path;
		place->unit = c->unit;
	}
	place->netns = netns_text(p, key->netns, c ? c->pod : NULL);
	if (key->uid != NO_USER)
		place->user = user_name(p, key->uid);
	return c || !key->cgroup || p->mount_fd < 0;
}

struct place places_find(struct places *p, uint64_t cgroup, uint32_t netns, uint32_t uid,
			 uint64_t now_ns)
{
	struct known_place *k;
	struct place_key key;
	struct place place;

	memset(&key, 0, sizeof(key)); /* it is hashed byte by byte */
	key.cgroup = cgroup;
	key.netns = netns;
	key.uid = uid;
	HASH_FIND(hh, p->known, &key, sizeof(key), k);
	if (k)
		return k->place;
	if (!look_up(p, &key, now_ns, &place) || HASH_COUNT(p->known) >= MAX_PLACES)
		return place;
	k = calloc(1, sizeof(*k));
	if (!k)
		return place;
	k->key = key;
	k->place = place;
	HASH_ADD(hh, p->known, key, sizeof(k->key), k);
	return place;
}

static void free_cgroups(struct places *p)
{
	struct named_cgroup *c, *next;

	HASH_ITER(hh, p->cgroups, c, next) {
		HASH_DEL(p->cgroups, c);
		free(c->path);
		free(c->unit);
		free(c->pod);
		free(c);
	}
}

static void free_names(struct places *p)
{
	struct named_user *u, *next_user;
	struct named_netns *n, *next_netns;
	struct known_place *k, *next_known;

	HASH_ITER(hh, p->users, u, next_user) {
		HASH_DEL(p->users, u);
		free(u->name);
		free(u);
	}
	HASH_ITER(hh, p->netns, n, next_netns) {
		HASH_DEL(p->netns, n);
		free(n);
	}
	HASH_ITER(hh, p->known, k, next_known) {
		HASH_DEL(p->known, k);
		free(k);
	}
}

void places_close(struct places *p)
{
	if (!p)
		return;
	free_cgroups(p);
	free_names(p);
	if (p->mount_fd >= 0)
		close(p->mount_fd);
	free(p);
}
