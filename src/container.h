/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of containers, where a file of their runtime tells them. */
#ifndef TCPRETOP_SRC_CONTAINER_H
#define TCPRETOP_SRC_CONTAINER_H

#include "src/cgroup.h"

/* The name of the container that a cgroup is of, or its short id. Raw text of strangers. */
void container_text(const struct cgroup_names *names, char *buf, size_t size);

#endif
