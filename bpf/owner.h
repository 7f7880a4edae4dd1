/* SPDX-License-Identifier: GPL-2.0-only */
/* What the owner iterator writes: one record for each process that holds a wanted socket. */
#ifndef TCPRETOP_BPF_OWNER_H
#define TCPRETOP_BPF_OWNER_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define MAX_WANTED 16384 /* inodes asked for in one walk */

struct owner_found {
	__u64 inode;
	__u64 start_ns; /* when the process began */
	__s32 pid;      /* of the process (tgid), in the first pid namespace */
	char comm[16];
	__u32 pad;
};

_Static_assert(sizeof(struct owner_found) == 40, "owner_found has no padding");

#endif
