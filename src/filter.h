/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which flows and events to show, in pcap-filter's words:
 *
 *   [local|remote|src|dst] host ADDR | net ADDR/LEN | port N | portrange N-N, and src ADDR
 *   process NAME, pid N, cgroup GLOB, netns N|NAME, state NAME, cause NAME, ip, ip6, tcp
 *   COLUMN > NUMBER[unit]    (>= < <= = !=), units by column: filter_value.c
 *   WORD                     matches any text column
 *   and or not ( ), also && || !; terms side by side are joined by and
 *
 * An event is matched by its own addresses, state, cause and owner; any other column by its flow.
 */
#ifndef TCPRETOP_SRC_FILTER_H
#define TCPRETOP_SRC_FILTER_H

#include "src/model.h"

struct view;
struct filter;

struct filter_error {
	unsigned int at; /* byte of the text where it goes wrong, from 0 */
	char text[120];  /* what is wrong there and what is wanted */
};

/* NULL with *err filled if the text is no filter. The caller frees it. */
struct filter *filter_parse(const char *text, struct filter_error *err);

/* A NULL filter lets everything through. */
bool filter_flow(const struct filter *filter, const struct model *m, const struct view *v,
		 const struct flow *f);
bool filter_event(const struct filter *filter, const struct model *m, const struct view *v,
		  const struct event_sample *e);

/* Does a text of the row, a flow or a group, or of the event hold this one? As a bare word does, but
 * whatever is in it. */
bool filter_row_holds(const char *word, const struct model *m, const struct view *v,
		      const struct flow *row);
bool filter_event_holds(const char *word, const struct model *m, const struct view *v,
			const struct event_sample *e);

/* NULL is fine. */
void filter_free(struct filter *filter);

#endif
