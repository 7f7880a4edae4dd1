/* SPDX-License-Identifier: GPL-2.0-only */
/* Everything about one flow or one group, in place of the table and the events. */
#ifndef TCPRETOP_UI_DETAIL_H
#define TCPRETOP_UI_DETAIL_H

#include <stdio.h>

#include "src/group.h"
#include "src/source.h"

struct state;

enum { DETAIL_LINES = 10000 }; /* more than there ever are */

/* The flow or group whose details are open. That is what stays, whatever the table does. */
struct detail {
	bool on;
	bool due; /* the source is to be asked before they are drawn or saved */
	struct flow_key key;
	struct group_key group; /* by GROUP_FLOW: it is the flow */
	int look_err;           /* 0, or why there is no look */
	struct socket_look look;
	int command_err;
	struct command command; /* of the flow's owner */
	int top, lines;         /* first line shown; as many as were there at the last drawing */
};

/* Of what is selected. Nothing happens if nothing is. */
void detail_open(struct state *s);

/* Of this flow, whether or not it has a row. False if it is no longer tracked. */
bool detail_open_flow(struct state *s, const struct flow_key *key);

/* Asks the source, if that is due: of one socket and one process, and only while the pane is open. */
void detail_look(struct state *s, struct source *source);

void detail_draw(struct state *s);

/* All of it as text, also what is out of sight. 0 or a negative errno; f tells its own errors. */
int detail_write(const struct state *s, FILE *f);

/* "Esc back …", for the footer. */
void detail_hint(const struct state *s, char *buf, size_t size);

/* By lines; the next drawing stops it at the end. */
void detail_scroll(struct state *s, long lines);

#endif
