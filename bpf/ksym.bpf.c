// SPDX-License-Identifier: GPL-2.0-only
/* Finds one kernel address without reading all of /proc/kallsyms. Run once, by the loader. */
#include "kernel.h"

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

__u64 tcp_write_timer;

SEC("syscall")
int find_write_timer(void *ctx)
{
	return bpf_kallsyms_lookup_name("tcp_write_timer", sizeof("tcp_write_timer"), 0,
					&tcp_write_timer);
}
