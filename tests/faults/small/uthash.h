/* SPDX-License-Identifier: GPL-2.0-only */
/* uthash whose tables grow with some entries, not with hundreds: growing is a call that can fail. */
#include_next <uthash.h>

#undef HASH_INITIAL_NUM_BUCKETS
#undef HASH_INITIAL_NUM_BUCKETS_LOG2
#undef HASH_BKT_CAPACITY_THRESH
#define HASH_INITIAL_NUM_BUCKETS 2U
#define HASH_INITIAL_NUM_BUCKETS_LOG2 1U
#define HASH_BKT_CAPACITY_THRESH 3U
