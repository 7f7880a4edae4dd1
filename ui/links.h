/* SPDX-License-Identifier: GPL-2.0-only */
/* The links to other hosts on the screen: which of them are not as they should be. */
#ifndef TCPRETOP_UI_LINKS_H
#define TCPRETOP_UI_LINKS_H

#include "src/fleet.h"
#include "ui/line.h"

struct flow;
struct state;

struct links {
	struct link_look looks[FLEET_MOST];
	size_t n;       /* 0: the source is here */
	char bad[128];  /* how those that are not live are, for the first line; "": all are */
	char told[160]; /* why one was lost: what the user was last told of */
};

/* Asks the source, and tells why a host was lost. True if what is shown has changed. */
bool links_look(struct state *s, struct source *source);

void links_add_title(const struct state *s, struct line *l);

/* Is the flow one of several hosts', and its host not there? What is shown of it is old then. */
bool links_has_lost(const struct state *s, const struct flow *f);

#endif
