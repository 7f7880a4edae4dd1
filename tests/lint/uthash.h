/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Comes before all else of a source when gcc's analyser reads it: the memory in which uthash itself
 * keeps a table is not malloc()'s then. Through its arithmetic with pointers gcc 12 loses the buckets
 * and takes them for leaked. What is ours to allocate and free, all that is kept in tables, stays
 * malloc()'s.
 */
#ifndef TCPRETOP_TESTS_LINT_UTHASH_H
#define TCPRETOP_TESTS_LINT_UTHASH_H

#include <stddef.h>

void *table_take(size_t size);
void table_give(void *memory);

#define uthash_malloc(size) table_take(size)
#define uthash_free(memory, size) table_give(memory)

#endif
