// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a path of a cgroup, and as a file of a container runtime. */
#include "src/cgroup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ID "4b8c4a6e9f0d1c2b3a4958677665544332211000ffeeddccbbaa998877665544"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_within(struct span s, const char *text, size_t len)
{
	require(!s.len ||
		(s.at >= text && s.at + s.len <= text + len && !memchr(s.at, '/', s.len)));
}

static void check_path(const char *path)
{
	size_t len = strlen(path);
	struct cgroup_names n;

	cgroup_parse(path, &n);
	check_within(n.unit, path, len);
	check_within(n.container, path, len);
	check_within(n.pod, path, len);
}

/* A name is one that can go to any terminal and into any path. */
static void check_name(bool found, const char *name)
{
	require(!found || (*name && strspn(name, "abcdefghijklmnopqrstuvwxyz"
						 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/") ==
					    strlen(name)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span id = {ID, CONTAINER_ID};
	size_t room = size ? 1 + data[0] : 1;
	/* On the heap, exactly as long as they may be: the sanitizers see one byte too much. */
	char *text = malloc(size + 1), *name = malloc(room);

	require(text && name);
	memcpy(text, data, size);
	text[size] = '\0';
	check_path(text);
	check_name(cgroup_docker_name(text, name, room), name);
	check_name(cgroup_storage_name(text, id, name, room), name);
	check_name(cgroup_kube_name(text, id, name, room), name);
	free(text);
	free(name);
	return 0;
}
