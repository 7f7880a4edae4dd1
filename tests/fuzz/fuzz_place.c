// SPDX-License-Identifier: GPL-2.0-only
/* Any texts as mounts, as the path of a cgroup, and as what container runtimes keep about it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/cgroups.h"
#include "src/smallfile.h"
#include "tests/fuzz/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pieces input;
static struct dirent entry_read;

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* In the place of src/smallfile.c */
int smallfile_read(const char *path, char *buf, size_t size)
{
	ssize_t len = piece_read(&input, buf, size - 1);

	require(!strncmp(path, "/var/lib/", 9) && !strstr(path, ".."));
	buf[len > 0 ? len : 0] = '\0';
	return len < 0 ? -ENOENT : (int)len;
}

static struct dirent *input_entry(void)
{
	ssize_t len = piece_read(&input, entry_read.d_name, sizeof(entry_read.d_name) - 1);

	if (len <= 0)
		return NULL;
	entry_read.d_name[len] = '\0';
	return &entry_read;
}

#define setmntent(path, mode) piece_open(&input)
#define open(path, flags) 0
#define openat(fd, path, flags) (-1)
#define close(fd) (void)(fd)
#define fstat(fd, to) ((void)(to), -1)
#define open_by_handle_at(fd, handle, flags) (errno = ESTALE, input.at == input.end ? -1 : 0)
#define readlink(path, to, most) piece_read(&input, to, most)
#define opendir(path) ((DIR *)&entry_read)
#define readdir(dir) ((void)(dir), input_entry())
#define closedir(dir) (void)(dir)
#include "src/cgroups.c"
#include "src/container.c"

static void check(const struct cgroup_info *c)
{
	require(!c->path || *c->path);
	require(!c->unit || c->path);
	require(!c->pod ||
		(c->unit && !strncmp(c->pod, c->unit, strlen(c->pod)) && !strchr(c->pod, '/')));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cgroups *all;

	input = (struct pieces){data, data + size};
	all = cgroups_open();
	require(all);
	for (uint64_t id = 1; id <= 4; id++) {
		const struct cgroup_info *c = cgroups_find(all, id, 0);

		if (!c)
			continue;
		check(c);
		require(cgroups_find(all, id, 0) == c);
	}
	cgroups_close(all);
	return 0;
}
