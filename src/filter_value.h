/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of the filter language that take a value, and how a value is read from a word. */
#ifndef TCPRETOP_SRC_FILTER_VALUE_H
#define TCPRETOP_SRC_FILTER_VALUE_H

#include "src/filter_node.h"

struct primitive {
	const char *word;
	enum kind kind;
	bool has_end; /* may be led by local, remote, src, dst */
	/* Reads the word after it into *f. False if it is none of its values. */
	bool (*read)(const char *word, struct filter *f);
	const char *wanted; /* for the error */
};

/* NULL if the word is none. */
const struct primitive *filter_primitive(const char *word);

/* The comparison that a word is; false if it is none. */
bool filter_op(const char *word, enum op *op);

/* What such a number is, for the error. */
void filter_quantity_wanted(enum field_id id, char *buf, size_t size);

/* A number with a unit that goes with the column f->field, into f->number. */
bool filter_quantity(const char *word, struct filter *f);

#endif
