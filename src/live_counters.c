// SPDX-License-Identifier: GPL-2.0-only
#include "src/live_counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Adds what each CPU counts apart from the totals. */
static int total_near(struct counters *c, struct totals *sum)
{
	__u32 zero = 0;

	if (bpf_map_lookup_elem(c->near_fd, &zero, c->near))
		return -errno;
	for (size_t cpu = 0; cpu < c->ncpus; cpu++) {
		sum->events_left_out += c->near[cpu].events_left_out;
		for (size_t i = 0; i < NEAR_SLOTS; i++) {
			const struct near_slot *slot = &c->near[cpu].slots[i];

			for (int cause = 0; cause < CAUSES; cause++)
				sum->counts.segs[cause] += slot->segs[cause];
			sum->counts.rto_wait_us += slot->rto_wait_us;
		}
	}
	return 0;
}

int counters_totals(struct counters *c, struct totals *sum)
{
	enum { FIELDS_OF_TOTALS = sizeof(struct totals) / sizeof(__u64) };
	__u64 *to = (__u64 *)sum;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(c->totals_fd, &zero, c->totals))
		return -errno;
	memset(sum, 0, sizeof(*sum));
	for (size_t cpu = 0; cpu < c->ncpus; cpu++)
		for (int i = 0; i < FIELDS_OF_TOTALS; i++)
			to[i] += ((const __u64 *)&c->totals[cpu])[i];
	return total_near(c, sum);
}

/* Adds to what was seen in a namespace; returns how many namespaces there are then. */
static size_t add_seen(struct counters *c, size_t n, uint32_t netns, uint64_t segs)
{
	size_t i = 0;

	while (i < n && c->seen[i].netns != netns)
		i++;
	if (i == MAX_NETNS)
		return n;
	if (i == n)
		c->seen[i] = (struct netns_seen){.netns = netns};
	c->seen[i].segs += segs;
	return i == n ? n + 1 : n;
}

static uint64_t sum_of(const struct near_slot *slot)
{
	uint64_t sum = 0;

	for (int cause = 0; cause < CAUSES; cause++)
		sum += slot->segs[cause];
	return sum;
}

/* Each CPU counts the first namespaces that it sees apart from the others. */
static size_t add_near(struct counters *c, size_t n)
{
	__u32 zero = 0;

	if (bpf_map_lookup_elem(c->near_fd, &zero, c->near))
		return n;
	for (size_t cpu = 0; cpu < c->ncpus; cpu++)
		for (size_t i = 0; i < NEAR_NETNS; i++)
			if (c->near[cpu].slots[i].netns)
				n = add_seen(c, n, c->near[cpu].slots[i].netns,
					     sum_of(&c->near[cpu].slots[i]));
	return n;
}

/* Reads the segments seen in each namespace. Returns how many namespaces, 0 if they cannot be read. */
static size_t read_seen(struct counters *c)
{
	uint32_t keys[MAX_NETNS], out;
	__u32 n = MAX_NETNS;
	int err = bpf_map_lookup_batch(c->netns_fd, NULL, &out, keys, c->per_cpu, &n, NULL);

	if (err && err != -ENOENT)
		return 0;
	for (__u32 i = 0; i < n; i++) {
		c->seen[i].netns = keys[i];
		c->seen[i].segs = 0;
		for (size_t cpu = 0; cpu < c->ncpus; cpu++)
			c->seen[i].segs += c->per_cpu[i * c->ncpus + cpu];
	}
	return add_near(c, n);
}

struct coverage counters_coverage(struct counters *c, struct netns_books *b)
{
	netns_read(b, c->seen, read_seen(c));
	netns_enter(b, c->seen, read_seen(c));
	return netns_coverage(b);
}

int counters_open(struct counters *c)
{
	int ncpus = libbpf_num_possible_cpus();

	if (ncpus < 0)
		return ncpus;
	c->ncpus = (size_t)ncpus;
	c->seen = malloc(MAX_NETNS * sizeof(*c->seen));
	c->per_cpu = malloc(MAX_NETNS * c->ncpus * sizeof(*c->per_cpu));
	c->near = malloc(c->ncpus * sizeof(*c->near));
	c->totals = malloc(c->ncpus * sizeof(*c->totals));
	return c->seen && c->per_cpu && c->near && c->totals ? 0 : -ENOMEM;
}

void counters_close(struct counters *c)
{
	free(c->seen);
	free(c->per_cpu);
	free(c->near);
	free(c->totals);
}
