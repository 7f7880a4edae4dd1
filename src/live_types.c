// SPDX-License-Identifier: GPL-2.0-only
#include "src/live_types.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/smallfile.h"

#ifndef MFD_NOEXEC_SEAL /* Linux 6.3 */
#define MFD_NOEXEC_SEAL 8U
#endif

/* What the programs read: the types of bpf/kernel.h, sorted. */
static const char *const read_types[] = {
#include "bpf/kernel_types.h"
};

/* What the programs are attached to, and what is asked for. */
static const struct hook {
	const char *name;
	uint32_t kind;
} hooks[] = {
	{"btf_trace_tcp_retransmit_skb", BTF_KIND_TYPEDEF},
	{"btf_trace_tcp_retransmit_synack", BTF_KIND_TYPEDEF},
	{"btf_trace_inet_sock_set_state", BTF_KIND_TYPEDEF},
	{"btf_trace_tcp_cong_state_set", BTF_KIND_TYPEDEF},
	{"btf_trace_timer_expire_entry", BTF_KIND_TYPEDEF},
	{"btf_trace_timer_expire_exit", BTF_KIND_TYPEDEF},
	{"tcp_send_loss_probe", BTF_KIND_FUNC},
	{"tcp_rack_reo_timeout", BTF_KIND_FUNC},
	{"bpf_iter_task_file", BTF_KIND_FUNC},
	{"bpf_get_socket_ptr_cookie", BTF_KIND_FUNC},
	{"bpf_prog_inc_misses_counter", BTF_KIND_FUNC},
};

/* How libbpf's names of sections make those. */
static const struct section {
	const char *name;
	const char *hook;
	uint32_t kind;
	enum bpf_attach_type type;
} sections[] = {
	{"tp_btf+", "btf_trace_", BTF_KIND_TYPEDEF, BPF_TRACE_RAW_TP},
	{"fentry+", "", BTF_KIND_FUNC, BPF_TRACE_FENTRY},
	{"fexit+", "", BTF_KIND_FUNC, BPF_TRACE_FEXIT},
	{"iter+", "bpf_iter_", BTF_KIND_FUNC, BPF_TRACE_ITER},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define PAIRS 65536

struct handler {
	const struct live_types *types;
	const struct section *section;
	int id; /* libbpf's; negative: none */
};

struct live_types {
	int ids[COUNT(hooks)];  /* 0: this kernel has none */
	int args[COUNT(hooks)]; /* of a tracepoint */
	struct handler handlers[COUNT(sections)];
	int fd;        /* a file with the types that are read */
	char path[32]; /* its name, or empty */
};

/* ---- The types that are read, with all that they are made of. Pointers are not followed: what is
 * behind one begins with a type that the programs name. */

struct copy {
	const struct btf *from;
	struct btf *to;
	int *ids; /* by those in from; 0: not copied yet */
	int pointer;
};

static int copy_type(struct copy *c, uint32_t id);

static int copy_array(struct copy *c, const struct btf_array *a)
{
	int index = copy_type(c, a->index_type), element = copy_type(c, a->type);

	if (index < 0 || element < 0)
		return -ENOMEM;
	return btf__add_array(c->to, index, element, a->nelems);
}

static int copy_members(struct copy *c, const struct btf_type *t)
{
	const struct btf_member *m = btf_members(t);
	int err = 0;

	for (uint32_t i = 0; !err && i < btf_vlen(t); i++)
		err = btf__add_field(c->to, btf__name_by_offset(c->from, m[i].name_off),
				     copy_type(c, m[i].type), btf_member_bit_offset(t, i),
				     btf_member_bitfield_size(t, i));
	return err;
}

/* The types of its members come first, as members can be added to the last type only. */
static int copy_record(struct copy *c, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(c->from, t->name_off);
	const struct btf_member *m = btf_members(t);
	int id, err;

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		err = copy_type(c, m[i].type);
		if (err < 0)
			return err;
	}
	id = btf_is_struct(t) ? btf__add_struct(c->to, name, t->size)
			      : btf__add_union(c->to, name, t->size);
	if (id < 0)
		return id;
	err = copy_members(c, t);
	return err ? err : id;
}

static int copy_new(struct copy *c, const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return copy_record(c, t);
	case BTF_KIND_ARRAY:
		return copy_array(c, btf_array(t));
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return btf__add_type(c->to, c->from, t);
	default:
		return 0; /* void */
	}
}

/* The id of the copy, or a negative errno. */
static int copy_type(struct copy *c, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(c->from, id);

	while (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t)) {
		id = t->type;
		t = btf__type_by_id(c->from, id);
	}
	if (btf_is_ptr(t))
		return c->pointer;
	if (!c->ids[id])
		c->ids[id] = copy_new(c, t);
	return c->ids[id];
}

static int compare_names(const void *name, const void *element)
{
	return strcmp(name, *(const char *const *)element);
}

static bool is_read(const char *name)
{
	return bsearch(name, read_types, COUNT(read_types), sizeof(*read_types), compare_names);
}

static int copy_named(struct copy *c, uint32_t id, const struct btf_type *t, const char *name)
{
	int copied = copy_type(c, id);

	if (copied >= 0 && btf_is_typedef(t))
		copied = btf__add_typedef(c->to, name, copied);
	return copied < 0 ? copied : 0;
}

/* ---- One look at all types of the kernel */

/* Of a tracepoint: pointer to a function, whose first argument is the tracepoint's own. */
static int count_args(const struct btf *btf, const struct btf_type *t)
{
	t = btf__type_by_id(btf, t->type);
	t = btf__type_by_id(btf, t->type);
	return btf_vlen(t) - 1;
}

static void note_hook(struct live_types *types, const struct btf *btf, uint32_t id,
		      const struct btf_type *t, const char *name)
{
	for (size_t i = 0; i < COUNT(hooks); i++) {
		if (types->ids[i] || btf_kind(t) != hooks[i].kind || strcmp(name, hooks[i].name))
			continue;
		types->ids[i] = (int)id;
		if (btf_is_typedef(t))
			types->args[i] = count_args(btf, t);
	}
}

/* Two letters tell most names from those that are looked for. */
static unsigned int pair_of(const char *name)
{
	return *name ? (unsigned int)(unsigned char)name[0] << 8 | (unsigned char)name[1] : 0;
}

static void note_pairs(bool *pairs)
{
	for (size_t i = 0; i < COUNT(read_types); i++)
		pairs[pair_of(read_types[i])] = true;
	for (size_t i = 0; i < COUNT(hooks); i++)
		pairs[pair_of(hooks[i].name)] = true;
}

static int look_at_all(struct live_types *types, struct copy *c, bool *pairs)
{
	int err = 0;

	note_pairs(pairs);
	for (uint32_t id = 1; !err && id < btf__type_cnt(c->from); id++) {
		const struct btf_type *t = btf__type_by_id(c->from, id);
		const char *name = btf__name_by_offset(c->from, t->name_off);

		if (!pairs[pair_of(name)])
			continue;
		if (btf_is_typedef(t) || btf_is_func(t))
			note_hook(types, c->from, id, t, name);
		if ((btf_is_composite(t) || btf_is_typedef(t)) && is_read(name))
			err = copy_named(c, id, t, name);
	}
	return err;
}

static int look(struct live_types *types, struct copy *c)
{
	bool *pairs = calloc(PAIRS, sizeof(*pairs));
	int err = -ENOMEM;

	c->ids = calloc(btf__type_cnt(c->from), sizeof(*c->ids));
	c->to = btf__new_empty();
	if (pairs && c->ids && c->to) {
		c->pointer = btf__add_ptr(c->to, 0);
		err = c->pointer < 0 ? c->pointer : look_at_all(types, c, pairs);
	}
	free(c->ids);
	free(pairs);
	return err;
}

/* ---- For libbpf */

static int make_file(void)
{
	int fd = memfd_create("tcpretop-types", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create("tcpretop-types", MFD_CLOEXEC) : fd;
}

/* libbpf takes other types than the kernel's from a file only. Without one, and without /proc where it
 * has its name, each object reads them all: that takes longer, and no more. */
static void put_in_file(struct live_types *types, const struct btf *btf)
{
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);

	types->fd = data ? make_file() : -1;
	if (types->fd < 0 || smallfile_write(types->fd, data, size))
		return;
	snprintf(types->path, sizeof(types->path), "/proc/self/fd/%d", types->fd);
	if (access(types->path, R_OK))
		types->path[0] = '\0';
}

static int find_hook(const struct live_types *types, const char *prefix, const char *name,
		     uint32_t kind)
{
	size_t len = strlen(prefix);

	for (size_t i = 0; i < COUNT(hooks); i++)
		if (hooks[i].kind == kind && !strncmp(hooks[i].name, prefix, len) &&
		    !strcmp(hooks[i].name + len, name))
			return types->ids[i] ? (int)i : -ENOENT;
	return -ENOENT;
}

/* An object with a program that is for tracing makes libbpf read all of the kernel's types, before it
 * asks what the program is attached to: so the program says what it is when that is over. */
static int prepare(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const struct handler *h = (const struct handler *)cookie;
	const char *name = strchr(bpf_program__section_name(prog), '/');
	int hook = name ? find_hook(h->types, h->section->hook, name + 1, h->section->kind)
			: -ENOENT;

	if (hook < 0)
		return hook;
	opts->attach_btf_id = (uint32_t)h->types->ids[hook];
	return bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING);
}

static int handle_sections(struct live_types *types)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts);

	opts.prog_prepare_load_fn = prepare;
	for (size_t i = 0; i < COUNT(sections); i++) {
		struct handler *h = &types->handlers[i];

		h->types = types;
		h->section = &sections[i];
		opts.cookie = (long)h;
		h->id = libbpf_register_prog_handler(sections[i].name, BPF_PROG_TYPE_RAW_TRACEPOINT,
						     sections[i].type, &opts);
		if (h->id < 0)
			return h->id;
	}
	return 0;
}

static int take_all(struct live_types *types)
{
	struct copy c = {.from = btf__load_vmlinux_btf()};
	int err = c.from ? look(types, &c) : -errno;

	if (!err)
		put_in_file(types, c.to);
	if (!err)
		err = handle_sections(types);
	btf__free(c.to);
	btf__free((struct btf *)c.from);
	return err;
}

struct live_types *live_types_read(void)
{
	struct live_types *types = calloc(1, sizeof(*types));
	int err;

	if (!types)
		return NULL;
	types->fd = -1;
	for (size_t i = 0; i < COUNT(sections); i++)
		types->handlers[i].id = -1;
	err = take_all(types);
	if (!err)
		return types;
	live_types_free(types);
	errno = -err;
	return NULL;
}

void live_types_free(struct live_types *types)
{
	if (!types)
		return;
	for (size_t i = 0; i < COUNT(sections); i++)
		if (types->handlers[i].id >= 0)
			libbpf_unregister_prog_handler(types->handlers[i].id);
	if (types->fd >= 0)
		close(types->fd);
	free(types);
}

struct bpf_object_open_opts live_types_options(const struct live_types *types)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);

	if (*types->path)
		opts.btf_custom_path = types->path;
	return opts;
}

/* libbpf attaches by itself only what is still what it was when it was opened. */
int live_types_attach(struct bpf_object_skeleton *s)
{
	for (int i = 0; i < s->prog_cnt; i++) {
		const struct bpf_program *prog = *s->progs[i].prog;
		struct bpf_link *link;

		if (!bpf_program__autoload(prog))
			continue;
		link = bpf_program__expected_attach_type(prog) == BPF_TRACE_ITER
			       ? bpf_program__attach_iter(prog, NULL)
			       : bpf_program__attach_trace(prog);
		if (!link)
			return -errno;
		*s->progs[i].link = link;
	}
	return 0;
}

int live_types_function(const struct live_types *types, const char *name)
{
	int hook = find_hook(types, "", name, BTF_KIND_FUNC);

	return hook < 0 ? hook : types->ids[hook];
}

int live_types_tracepoint_args(const struct live_types *types, const char *name)
{
	int hook = find_hook(types, "btf_trace_", name, BTF_KIND_TYPEDEF);

	return hook < 0 ? hook : types->args[hook];
}
