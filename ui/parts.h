/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the frame. Each draws itself into its own rectangle of state.frame. */
#ifndef TCPRETOP_UI_PARTS_H
#define TCPRETOP_UI_PARTS_H

#include <stdio.h>

#include "ui/state.h"

void header_draw(const struct state *s);

/* Lays out the columns first. */
void table_draw(struct state *s);

/* The column that the table is sorted by moves among those shown; -1 is to the left. */
void table_sort_neighbour(struct state *s, int step);

/* Sorts by this column in its first direction. If it is sorted by it already: reverses. */
void table_sort_by(struct state *s, enum field_id id);

void events_draw(struct state *s);

/* All events of the pane as text, also those out of sight. */
void events_write(const struct state *s, FILE *f);

void footer_draw(struct state *s);

void help_draw(struct state *s);

/* OVERLAY_SORT or OVERLAY_GROUP. */
void menu_open(struct state *s, enum overlay which);

/* Nothing if no menu is open. */
void menu_draw(struct state *s);

/* Draws a list in the place of a menu, the entry `at` marked. */
enum { MENU_TEXT = 32 };
void menu_draw_list(struct state *s, const char *title, const char (*entries)[MENU_TEXT], int n,
		    int at);

/* The entry of such a list at this point of the screen, or -1. */
int menu_entry_at(const struct state *s, int y, int x, int n, int at);

/* Moves through a list of n entries. False if the action does not. */
bool menu_step(enum action action, int *at, int n);

/* The keys of the open menu, for the footer; NULL if none is open. */
const char *menu_keys(const struct state *s);

void delay_prompt_open(struct state *s);
void filter_prompt_open(struct state *s);

/* Starts to search in the pane that has the focus. */
void search_open(struct state *s);

/* Goes to the next row that holds what was looked for last, from the selected one on and round to
 * the other end; -1 goes back. The next event is an older one. */
void search_next(struct state *s, int step);

/* Asks for the name of a file to save what is shown to. */
void save_open(struct state *s);

/* Writes what the view is to the user's settings. */
void save_settings(struct state *s);

/* One key of a line of text into state.input: text, Backspace, Ctrl-U. False if it is none. */
bool prompt_edit(struct state *s, int key);
bool prompt_is_enter(int key);
bool prompt_is_escape(int key);

/* Keys while something is open over the table. */
void help_key(struct state *s, int key);
void menu_key(struct state *s, int key);
void delay_prompt_key(struct state *s, int key);
void filter_prompt_key(struct state *s, int key);
void search_key(struct state *s, int key);
void save_key(struct state *s, int key);

/* A press of the mouse there: on an entry it chooses that, elsewhere it closes what is open. */
void menu_click(struct state *s, int y, int x);

/* A key or a click anywhere else. */
void key_pressed(struct state *s, int key);
void mouse_pressed(struct state *s, const struct mouse *m);

/* The whole frame, or only its events; one doupdate(). */
void frame_draw(struct state *s);
void frame_draw_events(struct state *s);

#endif
