/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the path of a cgroup tells of who lives there: the systemd unit, or the container. Only
 * text in, text out; nothing is opened here.
 */
#ifndef TCPRETOP_SRC_CGROUP_H
#define TCPRETOP_SRC_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

enum { CONTAINER_ID = 64, SHORT_ID = 12 };

/* A part of somebody else's string. len 0: there is none. */
struct span {
	const char *at;
	size_t len;
};

struct cgroup_names {
	struct span unit;      /* the innermost that systemd made */
	struct span container; /* its id, CONTAINER_ID hex digits; of LXC its name */
	struct span pod;       /* UID of the Kubernetes pod, as the path writes it */
	const char *runtime;   /* "docker", "podman" …; NULL: not told by the path */
};

/* Takes a path of the cgroup v2 hierarchy apart. The spans point into it. */
void cgroup_parse(const char *path, struct cgroup_names *names);

/* The container's name out of Docker's config.v2.json. False without one. */
bool cgroup_docker_name(const char *json, char *buf, size_t size);

/* The same out of the containers.json of Podman and CRI-O, which lists all of them. */
bool cgroup_storage_name(const char *json, struct span id, char *buf, size_t size);

/* "POD/CONTAINER" out of a file name of /var/log/containers, if it is that container's. */
bool cgroup_kube_name(const char *file, struct span id, char *buf, size_t size);

#endif
