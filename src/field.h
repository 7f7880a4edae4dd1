/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The columns, as data. One accessor per field feeds drawing, sorting, searching and CSV, so that
 * they cannot disagree.
 */
#ifndef TCPRETOP_SRC_FIELD_H
#define TCPRETOP_SRC_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/group.h"

struct view;

enum field_id {
	FIELD_RETR,
	FIELD_RETR_RATE,
	FIELD_TLP,
	FIELD_SYNACK,
	FIELD_RATIO,
	FIELD_RTO_WAIT,
	FIELD_RTO_WAIT_RATE,
	FIELD_BYTES,
	FIELD_SPURIOUS,
	FIELD_RTT,
	FIELD_RTTVAR,
	FIELD_RTO,
	FIELD_BACKOFF,
	FIELD_CWND,
	FIELD_SSTHRESH,
	FIELD_IN_FLIGHT,
	FIELD_MSS,
	FIELD_CC,
	FIELD_CAUSE,
	FIELD_STATE,
	FIELD_CA_STATE,
	FIELD_LADDR,
	FIELD_RADDR,
	FIELD_PROCESS,
	FIELD_USER,
	FIELD_UNIT,
	FIELD_CGROUP,
	FIELD_NETNS,
	FIELD_HOST,
	FIELD_AGE,
	FIELD_HISTORY,
	FIELD_FLOWS,
	FIELD_GROUP,
	FIELDS
};

/* Decides how a value is written; all but the last three are numbers. */
enum unit {
	UNIT_COUNT,   /* an exact count */
	UNIT_RATE,    /* per second */
	UNIT_PERCENT, /* of 1.0 */
	UNIT_SECONDS,
	UNIT_BYTES,
	UNIT_TEXT,
	UNIT_ADDR,    /* text that is shortened in the middle, if at all */
	UNIT_HISTORY, /* drawn as a sparkline, sorted by its sum */
};

/* Of which rows it is known. */
enum field_rows {
	OF_ALL,
	OF_FLOWS,       /* a measure of one socket */
	OF_WHOLE_FLOWS, /* counted flow by flow: of groups, but not by cause */
	OF_GROUPS,
};

struct field {
	const char *title; /* in the header, in -o and --columns (letter case and spaces are free) */
	const char *help;  /* one line for the help screen and the manual */
	enum unit unit;
	unsigned char width;     /* in cells, as wide as it may ever need for a number */
	unsigned char max_width; /* text columns grow up to here when there is room */
	unsigned char priority; /* 0 stays longest when the terminal is narrow; one of its own in rows
				  * of each kind */
	bool ascending;         /* the first direction of sorting: text ascends, numbers descend */
	enum field_rows rows;
};

/* PATH_MAX: paths of cgroups are the longest. */
enum { VALUE_TEXT = 4096 };

struct value {
	bool known;
	double number;
	char text[VALUE_TEXT]; /* UNIT_TEXT and UNIT_ADDR; sanitised UTF-8 */
};

extern const struct field fields[FIELDS];

/* Can it be known of rows grouped like this? */
bool field_is_of(enum field_id id, enum group_by rows);

void field_get(enum field_id id, const struct model *m, const struct view *v, const struct flow *f,
	       struct value *out);

/* How high a bar of the history is: flow_history() as history_bar(). */
double field_bar(const struct model *m, const struct view *v, const struct flow *f,
		 unsigned int ticks_ago);

/* The value as text without padding; "-" where not known. Numbers shorten by unit prefix to fit
 * `width` cells (0 is unlimited) and never lose half of themselves; text comes whole, whoever draws
 * it cuts it. A history is not written by this. */
void field_text(enum field_id id, const struct value *val, unsigned int width, char *buf,
		size_t size);

/* What a flow is sorted by. Negative numbers are values not known. */
struct sort_key {
	double number;
	char text[32]; /* of text fields; addresses are compared by the flows' keys */
};

void field_sort_key(enum field_id id, const struct model *m, const struct view *v,
		    const struct flow *f, struct sort_key *key);

/* Orders a before b by the view's field in its direction: < 0, 0, > 0. Unknown values come last in
 * both directions. */
int field_order(const struct view *v, const struct sort_key *ka, const struct flow *a,
		const struct sort_key *kb, const struct flow *b);

/* Finds a field by its title: "RETR/s", "rto wait", "rtowait", "laddr". FIELDS if there is none. */
enum field_id field_find(const char *name);

#endif
