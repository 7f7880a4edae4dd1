// SPDX-License-Identifier: GPL-2.0-only
/*
 * crowd PID FLOWS: fills the tables of the tcpretop with this process id with so many flows that
 * nobody has, says "ready", then changes some of them each second, always the same: as many as the
 * last line of its standard input says, until that ends.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/tcpretop.h"

#include "bpf/retrans.skel.h"
#include "tests/bench/crowd.skel.h"

enum { PER_RUN = 32 };

/* The map of this name that the process holds, or -1. */
static int map_of(const char *pid, const char *name)
{
	char path[64], line[128];
	struct dirent *entry;
	unsigned int id;
	DIR *dir;
	int found = -1;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo", pid);
	dir = opendir(path);
	while (found < 0 && dir && (entry = readdir(dir))) {
		char file[400];
		FILE *f;

		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		f = fopen(file, "r");
		while (found < 0 && f && fgets(line, sizeof(line), f)) {
			struct bpf_map_info info = {0};
			__u32 size = sizeof(info);
			int fd;

			if (sscanf(line, "map_id: %u", &id) != 1)
				continue;
			fd = bpf_map_get_fd_by_id(id);
			if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size) &&
			    !strncmp(info.name, name, sizeof(info.name) - 1))
				found = fd;
			else if (fd >= 0)
				close(fd);
		}
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Flows are where that process's programs would look for them. */
static int take_settings(struct crowd_bpf *skel, const char *pid)
{
	int fd = map_of(pid, "retrans_.rodata"), err;
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info), zero = 0;
	struct retrans_bpf__rodata *theirs = NULL;

	err = bpf_obj_get_info_by_fd(fd, &info, &size);
	if (!err)
		theirs = malloc(info.value_size); /* constants without a name are in it, too */
	if (!theirs || bpf_map_lookup_elem(fd, &zero, theirs)) {
		fprintf(stderr, "crowd: cannot read the settings of process %s\n", pid);
		err = -1;
	} else {
		skel->rodata->settings = theirs->settings;
	}
	free(theirs);
	close(fd);
	return err;
}

static int take_maps(struct crowd_bpf *skel, const char *pid)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, skel->obj) {
		int fd = bpf_map__is_internal(map) ? -1 : map_of(pid, bpf_map__name(map));

		if (bpf_map__is_internal(map))
			continue;
		if (fd < 0 || bpf_map__reuse_fd(map, fd)) {
			fprintf(stderr, "crowd: process %s has no map %s\n", pid,
				bpf_map__name(map));
			return -1;
		}
		close(fd);
	}
	return crowd_bpf__load(skel);
}

static int change(struct crowd_bpf *skel, __u32 flows)
{
	for (__u32 at = 0; at < flows; at += PER_RUN) {
		LIBBPF_OPTS(bpf_test_run_opts, run);

		skel->data_job->job.first = at;
		skel->data_job->job.n = flows - at < PER_RUN ? flows - at : PER_RUN;
		if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.change), &run) || run.retval)
			return -1;
	}
	return skel->data_job->job.failed ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	struct crowd_bpf *skel = argc == 3 ? crowd_bpf__open() : NULL;
	__u32 changing = 0;
	char line[32];
	int ready;

	if (!skel || take_settings(skel, argv[1]) || take_maps(skel, argv[1]))
		return 1;
	if (change(skel, (__u32)atoi(argv[2])))
		return 1;
	puts("ready");
	fflush(stdout);
	while ((ready = poll(&in, 1, 1000)) >= 0) {
		memset(line, 0, sizeof(line));
		if (ready && read(STDIN_FILENO, line, sizeof(line) - 1) <= 0)
			break;
		if (ready)
			changing = (__u32)atoi(line);
		else if (change(skel, changing))
			return 1;
	}
	crowd_bpf__destroy(skel);
	return 0;
}
