// SPDX-License-Identifier: GPL-2.0-only
/* Changes records of a running tcpretop's tables just as its own programs do, for flows that nobody
 * has: more of them than this machine could have sockets. */
#include "bpf/flow.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define PER_RUN 32

struct {
	__u32 first, n; /* at most PER_RUN */
	__u32 failed;
} job SEC(".data.job");

SEC("syscall")
int change(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct flow_key key ALIGNED;
	__u32 *laddr = (__u32 *)key.laddr, *raddr = (__u32 *)key.raddr;
	struct flow_rec *r;

	for (__u32 i = 0; i < PER_RUN; i++) {
		if (i >= job.n)
			break;
		__builtin_memset(&key, 0, sizeof(key));
		key.netns = 1;
		key.family = 4;
		key.lport = 443;
		key.rport = 1024 + (job.first + i) % 60000;
		laddr[0] = bpf_htonl(0x0a000001);
		raddr[0] = bpf_htonl(0x0b000000 + (job.first + i) / 60000);
		r = flow_get(&key);
		if (!r) {
			job.failed++;
			continue;
		}
		r->counts.segs[CAUSE_RTO]++;
		add_total(offsetof(struct totals, counts.segs[CAUSE_RTO]), 1);
		seen_at(r, now);
		announce(r);
	}
	return 0;
}
