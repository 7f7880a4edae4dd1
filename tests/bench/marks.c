// SPDX-License-Identifier: GPL-2.0-only
/*
 * marks: says "begun" once the first mark is attached; the second is with the first line of its
 * standard input, so that what was attached in between is between them: "between". Each further line
 * is answered with "marked NS EVENTS INTERRUPTED", of all since then.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/marks.skel.h"

struct mark {
	__u64 began, ns, events, interrupted;
};

static int answer(const struct marks_bpf *skel, struct mark *of_cpus, int cpus)
{
	struct mark sum = {0};
	__u32 zero = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(skel->maps.marks), &zero, of_cpus))
		return -1;
	for (int i = 0; i < cpus; i++) {
		sum.ns += of_cpus[i].ns;
		sum.events += of_cpus[i].events;
		sum.interrupted += of_cpus[i].interrupted;
	}
	printf("marked %llu %llu %llu\n", sum.ns, sum.events, sum.interrupted);
	return 0;
}

int main(void)
{
	struct marks_bpf *skel = marks_bpf__open_and_load();
	int cpus = libbpf_num_possible_cpus();
	struct mark *of_cpus = cpus > 0 ? calloc((size_t)cpus, sizeof(*of_cpus)) : NULL;
	char line[16];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!skel || !of_cpus ||
	    !(skel->links.mark_begin = bpf_program__attach(skel->progs.mark_begin))) {
		fputs("marks: cannot load or attach the programs\n", stderr);
		return 1;
	}
	puts("begun");
	while (fgets(line, sizeof(line), stdin)) {
		if (skel->links.mark_end) {
			if (answer(skel, of_cpus, cpus))
				return 1;
			continue;
		}
		skel->links.mark_end = bpf_program__attach(skel->progs.mark_end);
		if (!skel->links.mark_end)
			return 1;
		puts("between");
	}
	marks_bpf__destroy(skel);
	free(of_cpus);
	return 0;
}
