/* SPDX-License-Identifier: GPL-2.0-only */
/* The books, one for each network namespace, as netns.c finds and reads them and netns_book.c enters what
 * had been seen. */
#ifndef TCPRETOP_SRC_NETNS_BOOK_H
#define TCPRETOP_SRC_NETNS_BOOK_H

#include <time.h>

#include "src/hash.h"
#include "src/netns.h"

struct book {
	uint32_t netns;
	int32_t pid;   /* a process in it; 0: none known */
	char name[64]; /* its file in /run/netns; "": none known */
	bool from_start, begun, fresh;
	bool lost;                       /* the process in it, since the last entry */
	unsigned int name_searches;      /* of all books at the last entry */
	uint64_t before;                 /* seen just before the reading */
	uint64_t reading;                /* what the kernel said */
	uint64_t seen, kernel;           /* at the last entry */
	uint64_t base_seen, base_kernel; /* where the books begin; */
	uint64_t base_doubt; /* so much more may have been seen there: until a later reading tells, as much
				    * that was missed since goes untold */
	uint64_t past_kernel; /* of namespaces that had this number before */
	UT_hash_handle hh;
};

struct netns_books {
	struct book *books;
	unsigned int readings;
	uint32_t host; /* the namespace of the first process, or if that is not told, our own */
	int own_ns;    /* to come back from a namespace that has no process */
	unsigned int misses;        /* namespaces that were asked for and not found */
	time_t named;               /* when /run/netns was last changed */
	uint64_t names_sum;         /* of what was in it */
	unsigned int name_searches; /* how often it was read */
	unsigned int names_version;
};

#endif
