// SPDX-License-Identifier: GPL-2.0-only
/*
 * empty [PROGRAM]: attaches a program of empty.bpf.c, says "ready" and stays until its standard input
 * ends. Without a name it is the empty one, and the kernel keeps the run time of all BPF programs. The
 * kernel undoes both with the end of this process, whatever ends it.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/empty.skel.h"

/* This one is loaded, and no other. */
static int choose(struct bpf_object *obj, const char *name)
{
	struct bpf_program *prog;
	int err;

	bpf_object__for_each_program(prog, obj) {
		err = bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), name));
		if (err)
			return err;
	}
	return bpf_object__find_program_by_name(obj, name) ? 0 : -ENOENT;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "empty";
	int stats = argc > 1 ? 0 : bpf_enable_stats(BPF_STATS_RUN_TIME);
	struct empty_bpf *skel;
	char byte;

	if (stats < 0) {
		fprintf(stderr, "empty: the kernel keeps no run times: %s\n", strerror(-stats));
		return 1;
	}
	libbpf_set_print(NULL);
	skel = empty_bpf__open();
	if (!skel || choose(skel->obj, name) || empty_bpf__load(skel) || empty_bpf__attach(skel)) {
		fprintf(stderr, "empty: cannot load or attach a program %s\n", name);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	empty_bpf__destroy(skel);
	if (stats)
		close(stats);
	return 0;
}
