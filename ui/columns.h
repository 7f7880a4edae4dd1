/* SPDX-License-Identifier: GPL-2.0-only */
/* The column chooser: which columns there are, and in what order. */
#ifndef TCPRETOP_UI_COLUMNS_H
#define TCPRETOP_UI_COLUMNS_H

#include "src/field.h"

struct state;

/* All fields, those shown in their order; the list stays as it is while they come and go. */
struct chooser {
	enum field_id order[FIELDS];
	bool shown[FIELDS]; /* by field */
	int at;             /* entry of the list */
};

void columns_open(struct state *s);

/* Nothing if it is not open. */
void columns_draw(struct state *s);

void columns_key(struct state *s, int key);

/* A press of the mouse: on an entry it shows or hides that, elsewhere it closes the chooser. */
void columns_click(struct state *s, int y, int x);

/* For the footer. */
const char *columns_keys(void);

#endif
