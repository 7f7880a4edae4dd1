// SPDX-License-Identifier: GPL-2.0-only
/* The live source: opened and closed, its clocks, and what it is asked besides what it reads. */
#include "src/live.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "src/helper.h"
#include "src/host.h"
#include "src/live_owner.h"
#include "src/live_parts.h"
#include "src/live_types.h"
#include "src/place.h"
#include "src/sanitise.h"
#include "src/sockdiag.h"
#include "src/timens.h"
#include "src/trim.h"

uint64_t live_clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

uint64_t live_host_ns(const struct live *l)
{
	return live_clock_ns(CLOCK_MONOTONIC) - (uint64_t)l->timens_ns;
}

uint64_t live_cpu_ns(const struct live *l)
{
	return live_clock_ns(CLOCK_PROCESS_CPUTIME_ID) + (l->helper ? helper_cpu_ns(l->helper) : 0);
}

static int live_look(struct source *s, const struct flow_key *key, struct socket_look *look)
{
	struct live *l = (struct live *)s;
	int fd = host_netns_socket(l->host, key->netns), err;

	if (fd < 0)
		return fd;
	err = sockdiag_look(fd, key, look);
	close(fd);
	return err;
}

static int live_command(struct source *s, int32_t pid, struct command *c)
{
	return host_command(((struct live *)s)->host, pid, c);
}

static const struct failure *live_trouble(struct source *s)
{
	struct live *l = (struct live *)s;

	if (!l->helper || !helper_is_gone(l->helper))
		return NULL;
	if (!l->trouble.status)
		fail(&l->trouble, EXIT_RUNTIME,
		     "the helper process has ended, or does not answer: coverage, and the names of "
		     "new cgroups, are no longer known; start tcpretop again");
	return &l->trouble;
}

static void live_close(struct source *s)
{
	struct live *l = (struct live *)s;

	ring_buffer__free(l->ring);
	changes_close(&l->changes);
	counters_close(&l->counters);
	probes_close(&l->probes);
	places_close(l->places);
	host_close(l->host);
	owners_free(l->owners);
	free(l->events);
	free(l->batch);
	free(l->part);
	free(l->unowned);
	free(l);
}

static void fill_info(struct live *l)
{
	struct source_info *info = &l->source.info;
	struct utsname name;

	if (!uname(&name)) {
		sanitise(name.nodename, sizeof(name.nodename), info->host, sizeof(info->host));
		sanitise(name.release, sizeof(name.release), info->release, sizeof(info->release));
	}
	info->start_ns = live_host_ns(l);
	l->start_cpu_ns = live_cpu_ns(l);
	info->max_flows = l->probes.max_flows;
	info->tlp_way = l->probes.tlp_way;
	info->undos_known = l->probes.has_undo;
	info->errors_unknown = !l->probes.has_err;
	info->probes = l->probes.attached;
	info->probes_wanted = l->probes.wanted;
}

static int alloc_buffers(struct live *l)
{
	int err;

	err = changes_open(&l->changes, l->probes.reader_fd, l->probes.changes_fd);
	if (err)
		return err;
	l->ring = ring_buffer__new(l->probes.events_fd, live_take_event, l, NULL);
	l->batch = malloc(sizeof(*l->batch));
	l->part = malloc(BATCH * sizeof(*l->part));
	if (!l->ring || !l->batch || !l->part)
		return -ENOMEM;
	l->counters.totals_fd = l->probes.totals_fd;
	l->counters.netns_fd = l->probes.netns_fd;
	l->counters.near_fd = l->probes.near_fd;
	err = counters_open(&l->counters);
	if (err)
		return err;
	l->host = host_open(l->helper, &l->counters, &err);
	if (!l->host)
		return err;
	l->places = places_open(l->host);
	return l->places ? 0 : -ENOMEM;
}

static int fail_buffers(struct failure *why, int err)
{
	if (err == -EPIPE)
		return fail(why, EXIT_RUNTIME,
			    "the helper process that reads other network namespaces ended at once; "
			    "try again, and see the kernel's log");
	if (err != -ENOMEM)
		return fail(why, EXIT_RUNTIME, "cannot read what the kernel programs count: %s",
			    strerror(-err));
	return fail(why, EXIT_RUNTIME, "out of memory; choose a smaller --max-flows");
}

/* Before Linux 5.11 maps count against it. libbpf would see to it, but not for several threads. */
static void lift_memory_limit(void)
{
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	setrlimit(RLIMIT_MEMLOCK, &all);
}

/* The kernel programs, their maps and links take some fifty; that there is no room for one more, libbpf
 * tells in several ways. The helper has a limit of its own. */
static int lift_file_limit(struct failure *why)
{
	enum { LEAST_FILES = 64 };
	struct rlimit now, more = {LEAST_FILES, LEAST_FILES};

	if (getrlimit(RLIMIT_NOFILE, &now) || now.rlim_cur >= LEAST_FILES)
		return 0;
	if (now.rlim_max > LEAST_FILES)
		more.rlim_max = now.rlim_max;
	if (!setrlimit(RLIMIT_NOFILE, &more))
		return 0;
	return fail(why, EXIT_RUNTIME,
		    "only %llu files may be open at once, and %d are needed: ulimit -n %d",
		    (unsigned long long)now.rlim_cur, LEAST_FILES, LEAST_FILES);
}

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"

static int fail_types(struct failure *why, int err)
{
	if (err == ENOMEM)
		return fail(why, EXIT_RUNTIME, "out of memory");
	if (access(KERNEL_TYPES, R_OK) && errno == EACCES)
		return fail(why, EXIT_NOT_PERMITTED,
			    "cannot read the kernel's types (" KERNEL_TYPES "): not permitted; "
			    "run it as root: sudo tcpretop; tcpretop --doctor tells more");
	return fail(why, EXIT_KERNEL_LACKS,
		    "this kernel has no BTF (" KERNEL_TYPES "): it says nothing of its types; "
		    "boot one built with CONFIG_DEBUG_INFO_BTF=y; tcpretop --doctor tells more");
}

static int load(struct live *l, const struct live_options *o, struct failure *why)
{
	struct live_types *types;
	int err, owners_err;

	l->owners = owners_new();
	if (!l->owners)
		return fail(why, EXIT_RUNTIME, "out of memory");
	if (lift_file_limit(why))
		return -1;
	lift_memory_limit();
	libbpf_set_print(NULL);
	types = live_types_read();
	if (!types)
		return fail_types(why, errno);
	owners_load(l->owners, types);
	err = probes_open(&l->probes, types, o, why);
	owners_err = owners_loaded(l->owners);
	live_types_free(types);
	if (o->hooks)
		o->hooks->err[HOOK_OWNERS] = owners_err;
	return err;
}

struct source *live_open(const struct live_options *o, struct failure *why)
{
	static const struct source_ops ops = {
		.tick = live_tick,
		.drain = live_drain,
		.close = live_close,
		.look = live_look,
		.command = live_command,
		.trouble = live_trouble,
	};
	struct live *l = calloc(1, sizeof(*l));
	int err;

	if (!l) {
		fail(why, EXIT_RUNTIME, "out of memory");
		return NULL;
	}
	l->source.ops = &ops;
	l->helper = o->helper;
	l->timens_ns = timens_offset();
	keep_large_apart();
	if (load(l, o, why)) {
		live_close(&l->source);
		return NULL;
	}
	err = alloc_buffers(l);
	if (err) {
		fail_buffers(why, err);
		live_close(&l->source);
		return NULL;
	}
	trim_memory();
	/* The books of the namespaces begin at once, not at the first tick. */
	host_coverage(l->host);
	fill_info(l);
	return &l->source;
}

bool live_reads(struct source *s)
{
	struct totals totals;

	return !counters_totals(&((struct live *)s)->counters, &totals);
}

size_t live_commands(bool only_read, const unsigned int **commands)
{
	enum { READING = 2 };
	static const unsigned int all[] = {
		BPF_MAP_LOOKUP_ELEM,  BPF_MAP_LOOKUP_BATCH, /* and beyond reading: */
		BPF_MAP_UPDATE_BATCH, BPF_MAP_DELETE_BATCH, BPF_ITER_CREATE,
	};

	*commands = all;
	return only_read ? READING : sizeof(all) / sizeof(*all);
}
