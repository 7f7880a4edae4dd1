/* SPDX-License-Identifier: GPL-2.0-only */
/* A filter as the parser makes it and the matcher reads it: a tree of these. */
#ifndef TCPRETOP_SRC_FILTER_NODE_H
#define TCPRETOP_SRC_FILTER_NODE_H

#include "src/field.h"
#include "src/filter.h"

enum { FILTER_WORD = 128 };

enum kind {
	KIND_AND,
	KIND_OR,
	KIND_NOT,
	KIND_NET,  /* a host is a net of full length */
	KIND_PORT, /* from .number to .most */
	KIND_PROCESS,
	KIND_PID,
	KIND_CGROUP,
	KIND_NETNS,
	KIND_STATE,
	KIND_CAUSE,
	KIND_FAMILY, /* 0 is either */
	KIND_COLUMN,
	KIND_WORD,
};

enum end { END_ANY, END_LOCAL, END_REMOTE };
enum op { OP_LESS, OP_LESS_EQUAL, OP_GREATER, OP_GREATER_EQUAL, OP_EQUAL, OP_NOT_EQUAL };

struct filter {
	enum kind kind;
	struct filter *left, *right; /* of and, or; left alone of not */
	enum end end;
	uint8_t family;
	uint8_t addr[16];
	unsigned int bits;
	enum field_id field;
	enum op op;
	double number, most;
	char word[FILTER_WORD];
};

#endif
