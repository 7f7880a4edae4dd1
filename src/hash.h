/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uthash with shorter chains than its own: each step along one is a cache miss. Without memory it
 * must not exit: what could not be added has no hh.tbl, and is the caller's to free.
 */
#ifndef TCPRETOP_SRC_HASH_H
#define TCPRETOP_SRC_HASH_H

#define HASH_NONFATAL_OOM 1
#define HASH_BKT_CAPACITY_THRESH 6U
#include <uthash.h>

#endif
