// SPDX-License-Identifier: GPL-2.0-only
#include "src/netns.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/netns_book.h"
#include "src/smallfile.h"
#include "src/snmp.h"

/* A namespace that cannot be found is looked for again only every so many readings. */
#define SEARCH_EVERY 10
#define NAMED_DIR "/run/netns"
enum { NAMING_SECONDS = 3 };

static struct book *find_book(const struct netns_books *b, uint32_t netns)
{
	struct book *book;

	HASH_FIND(hh, b->books, &netns, sizeof(netns), book);
	return book;
}

static struct book *get_book(struct netns_books *b, uint32_t netns)
{
	struct book *book = find_book(b, netns);

	if (book)
		return book;
	book = calloc(1, sizeof(*book));
	if (!book)
		return NULL;
	book->netns = netns;
	HASH_ADD(hh, b->books, netns, sizeof(book->netns), book);
	if (book->hh.tbl)
		return book;
	free(book);
	return NULL;
}

/* Network namespace of a process, 0 where it cannot be told. */
static uint32_t netns_of(int32_t pid)
{
	char path[40], link[40] = "";
	unsigned int inum = 0;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	if (readlink(path, link, sizeof(link) - 1) < 0 || sscanf(link, "net:[%u]", &inum) != 1)
		return 0;
	return inum;
}

static void find_by_process(struct netns_books *b)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int32_t pid = isdigit((unsigned char)*entry->d_name) ? atoi(entry->d_name) : 0;
		uint32_t netns = pid ? netns_of(pid) : 0;
		struct book *book = netns ? get_book(b, netns) : NULL;

		if (book && !book->pid)
			book->pid = pid;
	}
	if (dir)
		closedir(dir);
}

/* Returns a number that tells this name of this namespace from others. */
static uint64_t take_name(struct netns_books *b, int dir, dev_t dev, const char *name)
{
	size_t len = strlen(name);
	struct book *book;
	struct stat st;
	unsigned int hash;

	/* Before something is mounted upon it the file is one of the folder's own. */
	if (*name == '.' || len >= sizeof(book->name) || fstatat(dir, name, &st, 0) ||
	    st.st_dev == dev || !S_ISREG(st.st_mode))
		return 0;
	book = get_book(b, (uint32_t)st.st_ino);
	if (book)
		memcpy(book->name, name, len + 1);
	HASH_VALUE(name, len, hash);
	return (uint64_t)hash << 32 | hash_word(hash, (uint32_t)st.st_ino);
}

static void find_by_name(struct netns_books *b)
{
	DIR *dir = opendir(NAMED_DIR);
	struct book *book, *next;
	struct dirent *entry;
	uint64_t sum = 0;
	struct stat st;

	HASH_ITER(hh, b->books, book, next) {
		*book->name = '\0';
	}
	b->name_searches++;
	if (dir && !fstat(dirfd(dir), &st)) {
		b->named = st.st_mtim.tv_sec;
		while ((entry = readdir(dir)))
			sum ^= take_name(b, dirfd(dir), st.st_dev, entry->d_name);
	}
	if (dir)
		closedir(dir);
	b->names_version += sum != b->names_sum;
	b->names_sum = sum;
}

/* A name is made some time before it leads to a namespace. */
static bool has_new_names(const struct netns_books *b)
{
	struct stat st;

	return !stat(NAMED_DIR, &st) &&
	       (st.st_mtim.tv_sec != b->named || st.st_mtim.tv_sec + NAMING_SECONDS > time(NULL));
}

static void find_namespaces(struct netns_books *b)
{
	find_by_process(b);
	find_by_name(b);
}

static int read_retrans(const char *path, uint64_t *segs)
{
	char text[8192];
	int len = smallfile_read(path, text, sizeof(text));

	return len < 0 ? len : snmp_value(text, "Tcp", "RetransSegs", segs);
}

static int read_by_process(struct book *book)
{
	char path[40];

	/* The process may be gone, its number used again, or have moved. */
	if (!book->pid || netns_of(book->pid) != book->netns) {
		book->lost |= book->pid;
		book->pid = 0;
		return -ESRCH;
	}
	snprintf(path, sizeof(path), "/proc/%d/net/snmp", book->pid);
	return read_retrans(path, &book->reading);
}

/* Enters the namespace that the path leads to, if it is the wanted one. */
static int enter_by_path(const struct netns_books *b, const char *path, uint32_t netns)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = -ESTALE;
	struct stat st;

	if (fd < 0 || b->own_ns < 0)
		err = -ENOENT; /* no way there, or none back */
	else if (!fstat(fd, &st) && st.st_ino == netns)
		err = setns(fd, CLONE_NEWNET) ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return err;
}

static int enter_by_name(const struct netns_books *b, const struct book *book)
{
	char path[sizeof(NAMED_DIR) + sizeof(book->name)];

	if (!*book->name)
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/%s", NAMED_DIR, book->name);
	return enter_by_path(b, path, book->netns);
}

static int enter_by_process(const struct netns_books *b, const struct book *book)
{
	char path[40];

	if (!book->pid)
		return -ENOENT;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", book->pid);
	return enter_by_path(b, path, book->netns);
}

/* A namespace without a process must be entered; this thread comes back at once. */
static int read_by_name(const struct netns_books *b, struct book *book)
{
	int err = enter_by_name(b, book);

	if (err)
		return err;
	err = read_retrans("/proc/thread-self/net/snmp", &book->reading);
	/* Nothing but reading is done in the wrong namespace, should this ever fail. */
	return setns(b->own_ns, CLONE_NEWNET) ? -errno : err;
}

static bool read_book(const struct netns_books *b, struct book *book)
{
	book->fresh = !read_by_process(book) || !read_by_name(b, book);
	return book->fresh;
}

struct netns_books *netns_open(void)
{
	struct netns_books *b = calloc(1, sizeof(*b));
	struct book *book, *next;
	struct stat st;

	if (!b)
		return NULL;
	b->own_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	b->host = netns_of(1);
	if (!b->host && b->own_ns >= 0 && !fstat(b->own_ns, &st))
		b->host = (uint32_t)st.st_ino;
	find_namespaces(b);
	HASH_ITER(hh, b->books, book, next) {
		book->from_start = true;
	}
	return b;
}

static void read_all(struct netns_books *b)
{
	struct book *book, *next;

	HASH_ITER(hh, b->books, book, next) {
		read_book(b, book);
	}
}

/* True if segments were seen in a namespace whose counters were not read this time. */
static bool note_seen(struct netns_books *b, const struct netns_seen *seen, size_t n, bool *is_new)
{
	bool missing = false;

	for (size_t i = 0; i < n; i++) {
		struct book *book = find_book(b, seen[i].netns);

		*is_new |= !book;
		if (!book)
			book = get_book(b, seen[i].netns);
		if (!book)
			continue;
		book->before = seen[i].segs;
		/* One that vanished for good is silent from then on: nothing is missing. */
		missing |= !book->fresh && (!book->begun || book->seen != seen[i].segs);
	}
	return missing;
}

void netns_read(struct netns_books *b, const struct netns_seen *seen, size_t n)
{
	bool is_new = false;

	if (has_new_names(b))
		find_by_name(b);
	read_all(b);
	b->readings++;
	if (note_seen(b, seen, n, &is_new) && (is_new || b->readings % SEARCH_EVERY == 0)) {
		find_namespaces(b);
		read_all(b);
	}
}

const char *netns_name(const struct netns_books *b, uint32_t netns)
{
	const struct book *book = find_book(b, netns);

	if (netns == b->host)
		return "host";
	return book && *book->name ? book->name : NULL;
}

size_t netns_list(const struct netns_books *b, struct netns_named *to, size_t most)
{
	struct book *book, *next;
	size_t n = 0;

	if (most)
		to[n++] = (struct netns_named){.netns = b->host, .name = "host"};
	HASH_ITER(hh, b->books, book, next) {
		if (n == most)
			break;
		if (book->netns == b->host || !*book->name)
			continue;
		to[n].netns = book->netns;
		memcpy(to[n++].name, book->name, sizeof(book->name));
	}
	return n;
}

unsigned int netns_names_version(const struct netns_books *b)
{
	return b->names_version;
}

/* 0 within the namespace. */
static int enter_netns(struct netns_books *b, uint32_t netns)
{
	struct book *book = find_book(b, netns);

	if (book && (!enter_by_process(b, book) || !enter_by_name(b, book)))
		return 0;
	if (b->misses++ % SEARCH_EVERY)
		return -ESRCH;
	if (book)
		book->pid = 0; /* stale, or the search would leave it */
	find_namespaces(b);
	book = find_book(b, netns);
	if (!book || (enter_by_process(b, book) && enter_by_name(b, book)))
		return -ESRCH;
	return 0;
}

int netns_socket(struct netns_books *b, uint32_t netns, int protocol)
{
	struct stat own;
	int err, fd;

	if (b->own_ns >= 0 && !fstat(b->own_ns, &own) && own.st_ino == netns) {
		fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
		return fd < 0 ? -errno : fd;
	}
	err = enter_netns(b, netns);
	if (err)
		return err;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	err = fd < 0 ? -errno : 0;
	if (setns(b->own_ns, CLONE_NEWNET) && !err) {
		err = -errno;
		close(fd);
	}
	return err ? err : fd;
}

void netns_close(struct netns_books *b)
{
	struct book *book, *next;

	if (!b)
		return;
	HASH_ITER(hh, b->books, book, next) {
		HASH_DEL(b->books, book);
		free(book);
	}
	if (b->own_ns >= 0)
		close(b->own_ns);
	free(b);
}
