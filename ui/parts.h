/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the frame. Each draws itself into its own rectangle of state.frame. */
#ifndef TCPRETOP_UI_PARTS_H
#define TCPRETOP_UI_PARTS_H

#include "ui/state.h"

void header_draw(const struct state *s);

/* Lays out the columns first. */
void table_draw(struct state *s);

/* The column that the table is sorted by moves among those shown; -1 is to the left. */
void table_sort_neighbour(struct state *s, int step);

/* Sorts by this column in its first direction. If it is sorted by it already: reverses. */
void table_sort_by(struct state *s, enum field_id id);

void events_draw(struct state *s);

void footer_draw(struct state *s);

void help_draw(struct state *s);

/* OVERLAY_SORT or OVERLAY_GROUP. */
void menu_open(struct state *s, enum overlay which);

/* Nothing if no menu is open. */
void menu_draw(struct state *s);

/* The keys of the open menu, for the footer; NULL if none is open. */
const char *menu_keys(const struct state *s);

void delay_prompt_open(struct state *s);
void filter_prompt_open(struct state *s);

/* Starts to search in the pane that has the focus. */
void search_open(struct state *s);

/* Goes to the next row that holds what was looked for last, from the selected one on and round to
 * the other end; -1 goes back. The next event is an older one. */
void search_next(struct state *s, int step);

/* One key of a line of text into state.input: text, Backspace, Ctrl-U. False if it is none;
 * `allowed` limits the characters, NULL does not. */
bool prompt_edit(struct state *s, int key, const char *allowed);
bool prompt_is_enter(int key);
bool prompt_is_escape(int key);

/* Keys while something is open over the table. */
void help_key(struct state *s, int key);
void menu_key(struct state *s, int key);
void delay_prompt_key(struct state *s, int key);
void filter_prompt_key(struct state *s, int key);
void search_key(struct state *s, int key);

/* A key or a click anywhere else. */
void key_pressed(struct state *s, int key);
void mouse_pressed(struct state *s);

/* The whole frame, or only its events; one doupdate(). */
void frame_draw(struct state *s);
void frame_draw_events(struct state *s);

#endif
