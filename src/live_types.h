/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's types (BTF), read once for all objects. Left to itself, libbpf reads all 130,000 of them
 * for each object, and looks through all of their names for each type that a program names and for
 * each function that it is attached to: half of the time that a start takes.
 */
#ifndef TCPRETOP_SRC_LIVE_TYPES_H
#define TCPRETOP_SRC_LIVE_TYPES_H

#include <bpf/libbpf.h>
#include <stdint.h>

/* The few that the kernel programs name, and where those are attached. */
struct live_types;

/*
 * Until live_types_free(), objects that are opened with live_types_options() are relocated against
 * these. NULL, with errno, if the kernel does not tell its types, or there is no memory.
 */
struct live_types *live_types_read(void);
void live_types_free(struct live_types *t);

struct bpf_object_open_opts live_types_options(const struct live_types *t);

/* Attaches all programs of an object that was loaded so: tracepoints, functions, iterators. 0 or a
 * negative errno. */
int live_types_attach(struct bpf_object_skeleton *s);

/* BTF id of a function, or a negative errno. */
int live_types_function(const struct live_types *t, const char *name);

/* Arguments of a tracepoint; negative where the kernel has no such. */
int live_types_tracepoint_args(const struct live_types *t, const char *name);

#endif
