// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has the kernel keep the run time of its BPF programs, attaches the empty one, says "ready" and
 * stays until its standard input ends. The kernel undoes both with the end of this process,
 * whatever ends it.
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/empty.skel.h"

int main(void)
{
	struct empty_bpf *skel;
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	char byte;

	if (stats < 0) {
		fprintf(stderr, "empty: the kernel keeps no run times: %s\n", strerror(-stats));
		return 1;
	}
	libbpf_set_print(NULL);
	skel = empty_bpf__open_and_load();
	if (!skel || empty_bpf__attach(skel)) {
		fputs("empty: cannot load or attach its program\n", stderr);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	empty_bpf__destroy(skel);
	close(stats);
	return 0;
}
