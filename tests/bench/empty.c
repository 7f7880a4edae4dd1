// SPDX-License-Identifier: GPL-2.0-only
/*
 * empty [untimed]: has the kernel keep the run time of its BPF programs, attaches the empty one, says
 * "ready" and stays until its standard input ends. The kernel undoes both with the end of this
 * process, whatever ends it. Untimed it only attaches.
 */
#include <bpf/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/empty.skel.h"

int main(int argc, char **argv)
{
	struct empty_bpf *skel;
	bool timed = argc < 2 || strcmp(argv[1], "untimed");
	int stats = timed ? bpf_enable_stats(BPF_STATS_RUN_TIME) : 0;
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
	if (timed)
		close(stats);
	return 0;
}
