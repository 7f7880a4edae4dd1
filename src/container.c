// SPDX-License-Identifier: GPL-2.0-only
#include "src/container.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/smallfile.h"

#define DOCKER_DIR "/var/lib/docker/containers"
#define STORAGE_FILE "/var/lib/containers/storage/overlay-containers/containers.json"
#define KUBE_DIR "/var/log/containers"
#define MAX_FILE (1 << 20)

static char *read_text(const char *path)
{
	char *text = malloc(MAX_FILE + 1);

	if (text && smallfile_read(path, text, MAX_FILE + 1) >= 0)
		return text;
	free(text);
	return NULL;
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

void container_text(const struct cgroup_names *names, char *buf, size_t size)
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
