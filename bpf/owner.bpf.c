// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who holds a socket: walks the open files of all processes and reports those sockets that user
 * space asks for. Needs no kprobe, and once its link is made, no privilege.
 */
#include "kernel.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "owner.h"

char LICENSE[] SEC("license") = "GPL";

#define S_IFMT 0170000
#define S_IFSOCK 0140000

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_WANTED);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, __u8);
} wanted SEC(".maps");

SEC("iter/task_file")
int find_owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct owner_found found = {};
	struct inode *inode;

	if (!task || !file)
		return 0;
	inode = file->f_inode;
	if ((inode->i_mode & S_IFMT) != S_IFSOCK)
		return 0;
	found.inode = inode->i_ino;
	if (!bpf_map_lookup_elem(&wanted, &found.inode))
		return 0;
	found.start_ns = task->group_leader->start_time;
	found.pid = task->tgid;
#pragma unroll
	for (int i = 0; i < 16; i++)
		found.comm[i] = task->group_leader->comm[i];
	bpf_seq_write(ctx->meta->seq, &found, sizeof(found));
	return 0;
}
