// SPDX-License-Identifier: GPL-2.0-only
#include "src/cgroup.h"

#include <stdio.h>
#include <string.h>

/* What stands before the id in the name of a container's cgroup, by its runtime and driver. */
static const struct {
	const char *before;
	const char *runtime;
} id_patterns[] = {
	{"docker-", "docker"},
	{"cri-containerd-", "containerd"},
	{"nerdctl-", "containerd"},
	{"crio-", "cri-o"},
	{"libpod-", "podman"},
	{":docker:", "docker"},
	{":cri-containerd:", "containerd"},
	{":crio:", "cri-o"},
};

/* Runtimes that name the cgroup after the container, and where: before it, or as its parent. */
static const struct {
	const char *before;
	const char *parent;
} name_patterns[] = {
	{"lxc.payload.", NULL},
	{"", "lxc"},
	{"", "lxc.payload"},
};

static const char *const unit_suffixes[] = {".service", ".scope", ".slice"};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static bool ends_with(struct span s, const char *suffix)
{
	size_t len = strlen(suffix);

	return s.len >= len && !memcmp(s.at + s.len - len, suffix, len);
}

static bool starts_with(struct span s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && !memcmp(s.at, prefix, len);
}

static bool equals(struct span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.at, text, s.len);
}

static bool consists_of(struct span s, const char *set)
{
	for (size_t i = 0; i < s.len; i++)
		if (!s.at[i] || !strchr(set, s.at[i]))
			return false;
	return s.len;
}

static void parse_id(struct span part, struct span parent, struct cgroup_names *names)
{
	struct span id = part, before;

	if (ends_with(id, ".scope"))
		id.len -= strlen(".scope");
	if (id.len < CONTAINER_ID)
		return;
	before = (struct span){id.at, id.len - CONTAINER_ID};
	id = (struct span){id.at + before.len, CONTAINER_ID};
	if (!consists_of(id, "0123456789abcdef"))
		return;
	if (!before.len) {
		names->container = id;
		names->runtime = equals(parent, "docker") ? "docker" : NULL;
		return;
	}
	for (size_t i = 0; i < COUNT(id_patterns); i++) {
		const char *pattern = id_patterns[i].before;

		if (*pattern == ':' ? !ends_with(before, pattern) : !equals(before, pattern))
			continue;
		names->container = id;
		names->runtime = id_patterns[i].runtime;
	}
}

static void parse_lxc(struct span part, struct span parent, struct cgroup_names *names)
{
	for (size_t i = 0; i < COUNT(name_patterns); i++) {
		size_t len = strlen(name_patterns[i].before);

		if (!starts_with(part, name_patterns[i].before) || part.len == len)
			continue;
		if (name_patterns[i].parent && !equals(parent, name_patterns[i].parent))
			continue;
		names->container = (struct span){part.at + len, part.len - len};
		names->runtime = "lxc";
		return;
	}
}

/* "pod<UID>", or "kubepods-burstable-pod<UID with underscores>.slice" */
static void parse_pod(struct span part, struct cgroup_names *names)
{
	struct span uid = part;

	if (ends_with(uid, ".slice"))
		uid.len -= strlen(".slice");
	for (size_t i = 0; i + 3 < uid.len; i++) {
		struct span rest = {uid.at + i + 3, uid.len - i - 3};

		if ((i && uid.at[i - 1] != '-') || memcmp(uid.at + i, "pod", 3))
			continue;
		if (rest.len >= 32 && rest.len <= 36 && consists_of(rest, "0123456789abcdef-_"))
			names->pod = rest;
	}
}

static void parse_unit(struct span part, struct cgroup_names *names)
{
	for (size_t i = 0; i < COUNT(unit_suffixes); i++)
		if (part.len > strlen(unit_suffixes[i]) && ends_with(part, unit_suffixes[i]))
			names->unit = part;
}

void cgroup_parse(const char *path, struct cgroup_names *names)
{
	struct span parent = {"", 0};

	memset(names, 0, sizeof(*names));
	while (*(path += strspn(path, "/"))) {
		struct span part = {path, strcspn(path, "/")};

		parse_unit(part, names);
		parse_pod(part, names);
		parse_lxc(part, parent, names);
		parse_id(part, parent, names);
		parent = part;
		path += part.len;
	}
}

/* Docker, Podman and Kubernetes allow no more than this in a name. Others are not repeated. */
static bool copy_name(struct span name, char *buf, size_t size)
{
	if (!consists_of(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"))
		return false;
	return (size_t)snprintf(buf, size, "%.*s", (int)name.len, name.at) < size;
}

/* The string that begins behind the quote at `at`, without its quotes; escapes stay as they are. */
static struct span json_string_at(const char *at)
{
	struct span s = {at, 0};

	while (s.at[s.len] && s.at[s.len] != '"')
		s.len += s.at[s.len] == '\\' && s.at[s.len + 1] ? 2 : 1;
	return s;
}

/*
 * The member "Name" of the outermost object. Labels are the user's own and may well hold a "Name",
 * so the depth counts.
 */
bool cgroup_docker_name(const char *json, char *buf, size_t size)
{
	unsigned int depth = 0;

	for (const char *p = json; *p; p++) {
		struct span s;

		depth += *p == '{' || *p == '[';
		depth -= depth && (*p == '}' || *p == ']');
		if (*p != '"')
			continue;
		s = json_string_at(p + 1);
		p = s.at + s.len;
		if (!*p)
			return false;
		if (depth != 1 || !equals(s, "Name") || strncmp(p, "\":\"/", 4))
			continue;
		return copy_name(json_string_at(p + 4), buf, size);
	}
	return false;
}

/* Written by one program without blanks, id before names; within a string the quotes would be
 * escaped, so the text can be found as it is. */
bool cgroup_storage_name(const char *json, struct span id, char *buf, size_t size)
{
	char key[CONTAINER_ID + 32];
	const char *found;

	if (id.len != CONTAINER_ID)
		return false;
	snprintf(key, sizeof(key), "{\"id\":\"%.*s\",\"names\":[\"", CONTAINER_ID, id.at);
	found = strstr(json, key);
	return found && copy_name(json_string_at(found + strlen(key)), buf, size);
}

/* POD_NAMESPACE_CONTAINER-ID.log; none of the names has an underscore in it. */
bool cgroup_kube_name(const char *file, struct span id, char *buf, size_t size)
{
	struct span s = {file, strlen(file)}, pod, container;
	char name[256];

	if (id.len != CONTAINER_ID || s.len >= sizeof(name) || !ends_with(s, ".log"))
		return false;
	s.len -= strlen(".log");
	if (s.len < CONTAINER_ID + 1 || memcmp(s.at + s.len - CONTAINER_ID, id.at, CONTAINER_ID))
		return false;
	s.len -= CONTAINER_ID + 1;
	pod = (struct span){s.at, strcspn(s.at, "_")};
	container = (struct span){strrchr(s.at, '_'), 0};
	if (s.at[s.len] != '-' || !container.at || container.at <= pod.at + pod.len)
		return false;
	container.at++;
	if (container.at >= s.at + s.len)
		return false;
	container.len = (size_t)(s.at + s.len - container.at);
	if (!copy_name(pod, name, sizeof(name)) || !copy_name(container, name, sizeof(name)))
		return false;
	return (size_t)snprintf(buf, size, "%.*s/%s", (int)pod.len, pod.at, name) < size;
}
