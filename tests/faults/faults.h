/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands between the program and all functions outside of it that can fail: sites.py renames
 * malloc in its objects to fault_malloc, and so on, and links the files here in. No other name of
 * theirs begins with fault_: a call of one that does is a site.
 */
#ifndef TCPRETOP_TESTS_FAULTS_H
#define TCPRETOP_TESTS_FAULTS_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

struct order {
	uint64_t address, first, times;
	bool all;             /* calls of the function, once it has failed at the address */
	const char *function; /* that has */
	uint64_t taken;       /* faults that there have been */
	int error;
};

/* The order by which this call is to fail, or NULL; errno is then set. The caller is an address of the
 * program's image. */
const struct order *is_due(const char *function, const void *caller);

/* Where the program called: only in what it calls itself. */
#define HERE __builtin_return_address(0)

#define FAULTY(type, name, parameters, arguments, failed) \
	type fault_##name parameters;                     \
	type fault_##name parameters                      \
	{                                                 \
		if (is_due(#name, HERE))                  \
			return failed;                    \
		return name arguments;                    \
	}

/* Those that give back or have done something even if they fail. */
#define FAULTY_AFTER(type, name, parameters, arguments, failed) \
	type fault_##name parameters;                           \
	type fault_##name parameters                            \
	{                                                       \
		int error;                                      \
		type result;                                    \
                                                                \
		if (!is_due(#name, HERE))                       \
			return name arguments;                  \
		error = errno;                                  \
		result = name arguments;                        \
		errno = error;                                  \
		(void)result;                                   \
		return failed;                                  \
	}

#endif
