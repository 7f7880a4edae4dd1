// SPDX-License-Identifier: GPL-2.0-only
#include "src/live_tlp.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "bpf/ksym.skel.h"
#include "bpf/retrans.skel.h"
#include "bpf/tlp_fentry.skel.h"
#include "bpf/tlp_kprobe.skel.h"
#include "bpf/tlp_timer.skel.h"
#include "src/thread.h"

/* Each object is compiled with maps of its own: here all use those of the first. */
static int share_maps(const struct bpf_object *obj, const struct bpf_object *with)
{
	struct bpf_map *map, *shared;
	int err;

	bpf_object__for_each_map(map, obj) {
		shared = bpf_object__find_map_by_name(with, bpf_map__name(map));
		if (!shared || bpf_map__is_internal(map))
			continue;
		err = bpf_map__reuse_fd(map, bpf_map__fd(shared));
		if (err)
			return err;
	}
	return 0;
}

static int load(struct tlp *t, struct bpf_object_skeleton *s)
{
	int err = share_maps(*s->obj, t->retrans->obj);

	return err ? err : bpf_object__load_skeleton(s);
}

static int load_fentry(struct tlp *t)
{
	struct bpf_object_open_opts opts = live_types_options(t->types);

	t->fentry = tlp_fentry_bpf__open_opts(&opts);
	if (!t->fentry)
		return -errno;
	t->fentry->rodata->settings = t->retrans->rodata->settings;
	return load(t, t->fentry->skeleton);
}

static int load_kprobe(struct tlp *t)
{
	struct bpf_object_open_opts opts = live_types_options(t->types);

	t->kprobe = tlp_kprobe_bpf__open_opts(&opts);
	if (!t->kprobe)
		return -errno;
	t->kprobe->rodata->settings = t->retrans->rodata->settings;
	return load(t, t->kprobe->skeleton);
}

/* Address of tcp_write_timer(). 0 or a negative errno: -EPERM where the kernel does not tell it
 * without CAP_SYSLOG. */
static int find_write_timer(uint64_t *addr)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct ksym_bpf *skel = ksym_bpf__open_and_load();
	int err;

	*addr = 0;
	if (!skel)
		return -errno;
	err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.find_write_timer), &run);
	if (!err)
		err = (int)run.retval;
	if (!err)
		*addr = skel->bss->tcp_write_timer;
	ksym_bpf__destroy(skel);
	return err;
}

static int load_timer(struct tlp *t)
{
	struct bpf_object_open_opts opts = live_types_options(t->types);
	uint64_t addr;
	int err = find_write_timer(&addr);

	if (err)
		return err;
	t->timer = tlp_timer_bpf__open_opts(&opts);
	if (!t->timer)
		return -errno;
	t->timer->rodata->settings = t->retrans->rodata->settings;
	t->timer->rodata->tcp_write_timer = addr;
	return load(t, t->timer->skeleton);
}

static int load_way(struct tlp *t, enum tlp_way way)
{
	switch (way) {
	case TLP_FENTRY:
		return load_fentry(t);
	case TLP_KPROBE:
		return load_kprobe(t);
	case TLP_TIMER:
		return load_timer(t);
	case TLP_NONE:
		break;
	}
	return -ENOENT;
}

static int *error_of(const struct tlp *t, enum tlp_way way)
{
	static const enum hook_id hooks[] = {
		[TLP_TIMER] = HOOK_TLP_TIMER,
		[TLP_KPROBE] = HOOK_TLP_KPROBE,
		[TLP_FENTRY] = HOOK_TLP_FENTRY,
	};

	return &t->hooks->err[hooks[way]];
}

/* Switched off, it lets programs attach to functions, but never calls them. */
static bool ftrace_is_on(void)
{
	char value = '1';
	int fd = open("/proc/sys/kernel/ftrace_enabled", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read(fd, &value, 1) != 1)
		value = '1';
	if (fd >= 0)
		close(fd);
	return value != '0';
}

static bool has_kprobes(void)
{
	return !access("/sys/bus/event_source/devices/kprobe/type", F_OK);
}

/* 0, or why not. */
static int may_try(const struct tlp *t, enum tlp_way way)
{
	if (t->options->tlp_way_given && t->options->tlp_way != way)
		return HOOK_NOT_TRIED;
	if (way != TLP_TIMER && !ftrace_is_on())
		return HOOK_NOT_TRIED;
	if (way == TLP_FENTRY)
		return *error_of(t, way);
	return way == TLP_KPROBE && !has_kprobes() ? -ENOENT : 0;
}

/* Loads this one, or the best of those that are worse. */
static void load_best(struct tlp *t, enum tlp_way from)
{
	for (t->way = from; t->way != TLP_NONE; t->way--) {
		int *err = error_of(t, t->way);

		*err = may_try(t, t->way);
		if (!*err)
			*err = load_way(t, t->way);
		if (!*err)
			return;
		tlp_close(t);
	}
}

static void *load_main(void *arg)
{
	load_best(arg, TLP_FENTRY);
	return NULL;
}

void tlp_load(struct tlp *t, const struct retrans_bpf *retrans, const struct live_types *types,
	      struct hooks *hooks, const struct live_options *o)
{
	t->types = types;
	t->retrans = retrans;
	t->hooks = hooks;
	t->options = o;
	t->loading = thread_begin(&t->thread, load_main, t);
	if (!t->loading)
		load_main(t);
}

void tlp_loaded(struct tlp *t)
{
	if (t->loading)
		pthread_join(t->thread, NULL);
	t->loading = false;
}

/* Loading alone proves nothing: some kernels load fentry programs that they cannot attach. */
static int attach(const struct tlp *t)
{
	if (t->fentry)
		return live_types_attach(t->fentry->skeleton);
	if (t->kprobe)
		return tlp_kprobe_bpf__attach(t->kprobe);
	return t->timer ? live_types_attach(t->timer->skeleton) : -ENOENT;
}

enum tlp_way tlp_attach(struct tlp *t)
{
	while (t->way != TLP_NONE) {
		int *err = error_of(t, t->way);

		*err = attach(t);
		if (!*err)
			break;
		tlp_close(t);
		load_best(t, t->way - 1);
	}
	return t->way;
}

void tlp_close(struct tlp *t)
{
	tlp_timer_bpf__destroy(t->timer);
	tlp_kprobe_bpf__destroy(t->kprobe);
	tlp_fentry_bpf__destroy(t->fentry);
	t->timer = NULL;
	t->kprobe = NULL;
	t->fentry = NULL;
}
