// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's programs */
#include "tests/faults/faults.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

FAULTY(int, libbpf_num_possible_cpus, (void), (), -errno)
FAULTY(int, btf__load_into_kernel, (struct btf * btf), (btf), -errno)
FAULTY(struct btf *, btf__load_vmlinux_btf, (void), (), NULL)
FAULTY(struct btf *, btf__new, (const void *data, __u32 size), (data, size), NULL)
FAULTY(const void *, btf__raw_data, (const struct btf *btf, __u32 *size), (btf, size), NULL)
FAULTY(__s32, btf__find_by_name_kind, (const struct btf *btf, const char *name, __u32 kind),
       (btf, name, kind), -errno)
FAULTY(struct btf *, btf__new_empty, (void), (), NULL)
FAULTY(int, btf__add_array, (struct btf * b, int index, int element, __u32 n),
       (b, index, element, n), -errno)
FAULTY(int, btf__add_field, (struct btf * b, const char *name, int type, __u32 bit, __u32 bits),
       (b, name, type, bit, bits), -errno)
FAULTY(int, btf__add_ptr, (struct btf * b, int type), (b, type), -errno)
FAULTY(int, btf__add_struct, (struct btf * b, const char *name, __u32 size), (b, name, size),
       -errno)
FAULTY(int, btf__add_type, (struct btf * b, const struct btf *from, const struct btf_type *type),
       (b, from, type), -errno)
FAULTY(int, btf__add_typedef, (struct btf * b, const char *name, int type), (b, name, type), -errno)
FAULTY(int, btf__add_union, (struct btf * b, const char *name, __u32 size), (b, name, size), -errno)
FAULTY(int, libbpf_register_prog_handler,
       (const char *section, enum bpf_prog_type type, enum bpf_attach_type attach,
	const struct libbpf_prog_handler_opts *o),
       (section, type, attach, o), -errno)
FAULTY(int, bpf_prog_load,
       (enum bpf_prog_type type, const char *name, const char *license,
	const struct bpf_insn *insns, size_t n, const struct bpf_prog_load_opts *o),
       (type, name, license, insns, n, o), -errno)
FAULTY(int, bpf_prog_test_run_opts, (int fd, struct bpf_test_run_opts *o), (fd, o), -errno)
FAULTY(int, bpf_iter_create, (int fd), (fd), -errno)
FAULTY(int, bpf_raw_tracepoint_open, (const char *name, int prog), (name, prog), -errno)
FAULTY(int, bpf_map_create,
       (enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size, __u32 n,
	const struct bpf_map_create_opts *o),
       (type, name, key_size, value_size, n, o), -errno)
FAULTY(int, bpf_map__reuse_fd, (struct bpf_map * m, int fd), (m, fd), -errno)
FAULTY(int, bpf_map__set_max_entries, (struct bpf_map * m, __u32 n), (m, n), -errno)
FAULTY(int, bpf_map_lookup_elem, (int fd, const void *key, void *value), (fd, key, value), -errno)
FAULTY(int, bpf_map_lookup_batch,
       (int fd, void *from, void *to, void *keys, void *values, __u32 *n,
	const struct bpf_map_batch_opts *o),
       (fd, from, to, keys, values, n, o), (*n = 0, -errno))
FAULTY(int, bpf_map_update_batch,
       (int fd, const void *keys, const void *values, __u32 *n, const struct bpf_map_batch_opts *o),
       (fd, keys, values, n, o), (*n = 0, -errno))
FAULTY(int, bpf_map_delete_batch,
       (int fd, const void *keys, __u32 *n, const struct bpf_map_batch_opts *o), (fd, keys, n, o),
       (*n = 0, -errno))
FAULTY(struct bpf_map *, bpf_object__find_map_by_name,
       (const struct bpf_object *object, const char *name), (object, name), NULL)
FAULTY(int, bpf_object__open_skeleton,
       (struct bpf_object_skeleton * s, const struct bpf_object_open_opts *o), (s, o), -errno)
FAULTY(int, bpf_object__load_skeleton, (struct bpf_object_skeleton * s), (s), -errno)
FAULTY(int, bpf_object__attach_skeleton, (struct bpf_object_skeleton * s), (s), -errno)
FAULTY(int, bpf_program__set_autoload, (struct bpf_program * p, bool on), (p, on), -errno)
FAULTY(int, bpf_program__set_type, (struct bpf_program * p, enum bpf_prog_type type), (p, type),
       -errno)
FAULTY(struct bpf_link *, bpf_program__attach_iter,
       (const struct bpf_program *p, const struct bpf_iter_attach_opts *o), (p, o), NULL)
FAULTY(struct bpf_link *, bpf_program__attach_trace, (const struct bpf_program *p), (p), NULL)
FAULTY(struct ring_buffer *, ring_buffer__new,
       (int fd, ring_buffer_sample_fn fn, void *arg, const struct ring_buffer_opts *o),
       (fd, fn, arg, o), NULL)
FAULTY(int, ring_buffer__consume, (struct ring_buffer * r), (r), -errno)
