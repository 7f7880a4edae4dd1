// SPDX-License-Identifier: GPL-2.0-only
#include "src/live_probes.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bpf/retrans.skel.h"
#include "src/live_changes.h"
#include "src/live_tlp.h"
#include "src/live_trial.h"
#include "src/lru.h"
#include "src/words.h"

__attribute__((format(printf, 2, 0))) static int log_to_stderr(enum libbpf_print_level level,
							       const char *fmt, va_list ap)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, ap);
}

static int fail_load(struct failure *why, int err)
{
	if ((err == -EPERM || err == -EACCES) && geteuid())
		return fail(
			why, EXIT_NOT_PERMITTED,
			"cannot load the kernel programs: not permitted; run it as root: sudo tcpretop");
	if (err == -EPERM || err == -EACCES)
		return fail(
			why, EXIT_NOT_PERMITTED,
			"cannot load the kernel programs: root here lacks CAP_BPF and CAP_PERFMON "
			"(or CAP_SYS_ADMIN), or may not use them; tcpretop --doctor says how to get them");
	if (err == -ENOMEM)
		return fail(
			why, EXIT_RUNTIME,
			"cannot make the flow table: out of memory; choose a smaller --max-flows");
	return fail(why, EXIT_KERNEL_LACKS,
		    "cannot load the kernel programs: %s; --verbose shows the kernel's reasons",
		    strerror(-err));
}

/* Decides by the kernel's types, never by its version: distributions backport. */
static int look_at_kernel(struct probes *p, const struct live_types *types, struct failure *why)
{
	struct settings *settings = &p->retrans->rodata->settings;
	int args = live_types_tracepoint_args(types, "tcp_retransmit_skb");

	if (args < 0)
		return fail(
			why, EXIT_KERNEL_LACKS,
			"this kernel has no tracepoint tcp:tcp_retransmit_skb; Linux 5.10 or later "
			"is needed; tcpretop --doctor tells more");
	p->hooks.err[HOOK_TLP_FENTRY] =
		trial_fentry(live_types_function(types, "tcp_send_loss_probe"));
	p->has_undo = live_types_tracepoint_args(types, "tcp_cong_state_set") > 0;
	bpf_program__set_autoload(p->retrans->progs.on_recovered, p->has_undo);
	settings->has_cookie = live_types_function(types, "bpf_get_socket_ptr_cookie") > 0;
	/* Linux 6.1 named it so as it began to check that no program runs within itself. */
	settings->runs_alone = live_types_function(types, "bpf_prog_inc_misses_counter") > 0;
	/* Linux 6.17 added the send's error, and some distributions have it earlier. */
	p->has_err = args > 2;
	p->hooks.err[HOOK_SEND_ERROR] = p->has_err ? 0 : -ENOENT;
	settings->has_err = p->has_err;
	return 0;
}

/* The resolution of the coarse clock is one jiffy, without asking for the kernel's configuration. */
static uint32_t jiffy_ns(void)
{
	struct timespec ts;

	return clock_getres(CLOCK_MONOTONIC_COARSE, &ts) ? 4000000 : (uint32_t)ts.tv_nsec;
}

static void configure(struct retrans_bpf *skel, struct probes *p, const struct live_options *o)
{
	int cpus = libbpf_num_possible_cpus();

	p->max_flows = o->max_flows;
	bpf_map__set_max_entries(skel->maps.flows,
				 lru_entries(o->max_flows, cpus > 0 ? (unsigned int)cpus : 1));
	bpf_map__set_max_entries(skel->maps.changes, changes_ring_bytes(p->max_flows));
	bpf_map__set_max_entries(skel->maps.events,
				 o->events ? o->ring_bytes : (uint32_t)getpagesize());
	p->tick_ns = skel->rodata->settings.tick_ns = jiffy_ns();
	skel->rodata->settings.want_events = o->events;
	skel->rodata->settings.event_ration = o->event_ration;
}

/* The object's types, with which bpftool shows what is in a map. NULL where this kernel does not take them. */
static struct btf *load_types(const struct bpf_object *obj)
{
	uint32_t size;
	const void *data = btf__raw_data(bpf_object__btf(obj), &size);
	struct btf *types = data ? btf__new(data, size) : NULL;

	if (types && !btf__load_into_kernel(types))
		return types;
	btf__free(types);
	return NULL;
}

static int make_map(struct bpf_map *map, const struct btf *types)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	int fd, err;

	opts.map_flags = bpf_map__map_flags(map);
	if (types && bpf_map__btf_value_type_id(map)) {
		opts.btf_fd = (uint32_t)btf__fd(types);
		opts.btf_key_type_id = bpf_map__btf_key_type_id(map);
		opts.btf_value_type_id = bpf_map__btf_value_type_id(map);
	}
	fd = bpf_map_create(bpf_map__type(map), bpf_map__name(map), bpf_map__key_size(map),
			    bpf_map__value_size(map), bpf_map__max_entries(map), &opts);
	if (fd < 0)
		return fd;
	err = bpf_map__reuse_fd(map, fd);
	close(fd);
	return err;
}

/* Before any program: two objects use them, and are loaded side by side. */
static int make_maps(const struct bpf_object *obj)
{
	struct btf *types = load_types(obj);
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, obj) {
		if (err || bpf_map__is_internal(map))
			continue;
		err = make_map(map, types);
		if (err && types) /* not every kernel takes types with every map */
			err = make_map(map, NULL);
	}
	btf__free(types);
	return err;
}

static int load(struct probes *p, const struct live_types *types, const struct live_options *o)
{
	struct settings *settings = &p->retrans->rodata->settings;
	int err = make_maps(p->retrans->obj);

	if (err)
		return err;
	if (getentropy(settings->mix, sizeof(settings->mix)))
		return -errno;
	memcpy(p->mix, settings->mix, sizeof(p->mix));
	tlp_load(&p->tlp, p->retrans, types, &p->hooks, o);
	err = retrans_bpf__load(p->retrans);
	tlp_loaded(&p->tlp);
	return err;
}

static int load_and_attach(struct probes *p, const struct live_types *types,
			   const struct live_options *o, struct failure *why)
{
	struct retrans_bpf *skel = p->retrans;
	int err = load(p, types, o);

	if (!err)
		err = live_types_attach(skel->skeleton);
	if (err)
		return fail_load(why, err);
	p->flows_fd = bpf_map__fd(skel->maps.flows);
	p->totals_fd = bpf_map__fd(skel->maps.totals);
	p->netns_fd = bpf_map__fd(skel->maps.netns_segs);
	p->near_fd = bpf_map__fd(skel->maps.near);
	p->events_fd = bpf_map__fd(skel->maps.events);
	p->reader_fd = bpf_map__fd(skel->maps.reader);
	p->changes_fd = bpf_map__fd(skel->maps.changes);
	for (int i = HOOK_RETRANSMIT; i <= HOOK_STATE; i++)
		p->hooks.err[i] = 0;
	p->hooks.err[HOOK_RECOVERED] = p->has_undo ? 0 : -ENOENT;
	/* A probe that is seen before its hooks are there counts by its retransmit event. */
	p->tlp_way = tlp_attach(&p->tlp);
	if (o->tlp_way_given && o->tlp_way != p->tlp_way)
		return fail(why, EXIT_KERNEL_LACKS,
			    "this kernel does not let tail loss probes be watched by way of %s; "
			    "leave out --tlp-way, and the best way there is will be taken",
			    tlp_way_name(o->tlp_way));
	/* One more for the probes, and twice two programs share a hook. */
	p->wanted = (unsigned int)skel->skeleton->prog_cnt - 1;
	p->attached = p->wanted - (p->tlp_way == TLP_NONE) - !p->has_undo;
	return 0;
}

/* All together failed: asks each alone, for the user to be told. */
static void try_alone(struct hooks *hooks)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (btf)
		trial_tracepoints(btf, hooks);
	btf__free(btf);
}

int probes_open(struct probes *p, const struct live_types *types, const struct live_options *o,
		struct failure *why)
{
	struct bpf_object_open_opts opts = live_types_options(types);
	bool failed;

	memset(p, 0, sizeof(*p));
	for (int i = 0; i < HOOKS; i++)
		p->hooks.err[i] = HOOK_NOT_TRIED;
	libbpf_set_print(o->verbose ? log_to_stderr : NULL);
	p->retrans = retrans_bpf__open_opts(&opts);
	if (!p->retrans)
		return fail_load(why, -errno);
	configure(p->retrans, p, o);
	failed = look_at_kernel(p, types, why) || load_and_attach(p, types, o, why);
	if (o->hooks) {
		if (failed)
			try_alone(&p->hooks);
		*o->hooks = p->hooks;
	}
	if (failed)
		probes_close(p);
	return failed ? -1 : 0;
}

void probes_close(struct probes *p)
{
	tlp_close(&p->tlp);
	retrans_bpf__destroy(p->retrans);
	memset(p, 0, sizeof(*p));
}
