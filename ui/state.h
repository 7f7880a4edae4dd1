/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that the frame is drawn from: the data, the view of it, and where the user is in it. Keys
 * change it, drawing only reads it (but for the cells where things were drawn, for the mouse).
 */
#ifndef TCPRETOP_UI_STATE_H
#define TCPRETOP_UI_STATE_H

#include <limits.h>

#include "src/eventlog.h"
#include "src/held_ticks.h"
#include "src/model.h"
#include "src/names.h"
#include "src/order.h"
#include "src/settings.h"
#include "src/table.h"
#include "src/view.h"
#include "ui/columns.h"
#include "ui/detail.h"
#include "ui/keys.h"
#include "ui/layout.h"
#include "ui/links.h"
#include "ui/replay.h"

/* A notice may hold any path, and what of it. */
enum { MENU_CELLS = 18, MOST_BUTTONS = 16, NOTICE_TEXT = PATH_MAX + 160 };

enum pane { PANE_TABLE, PANE_EVENTS };

/* What is open over or beside the table. */
enum overlay {
	OVERLAY_NONE,
	OVERLAY_HELP,
	OVERLAY_SORT,
	OVERLAY_GROUP,
	OVERLAY_DELAY,
	OVERLAY_FILTER,
	OVERLAY_SEARCH,
	OVERLAY_COLUMNS,
	OVERLAY_SAVE,
	OVERLAYS
};

struct selection {
	bool on;
	struct flow_key key;    /* it is the flow that is selected, */
	struct group_key group; /* or the group */
	size_t row;             /* where that is, as of the last table_build() */
};

/* Where the user was among the groups when one of them was opened. */
struct place {
	size_t top, row;
	enum field_id sort;
	bool reverse;
};

/* What is looked for with `/`, and where that began: there Esc leads back. */
struct search {
	char text[FILTER_TEXT];
	bool failed; /* nothing holds what is typed */
	struct selection selection;
	size_t top;
	uint64_t end;
	bool follow;
};

/* What Esc at the filter prompt brings back. */
struct filtering {
	char text[FILTER_TEXT];
	struct selection selection;
	size_t top;
};

/* The part of the event log in the pane. */
struct event_view {
	bool on;
	bool of_selection; /* only the events of the selected row */
	bool follow;       /* its end is the end of the log */
	uint64_t end;      /* one past the last event shown, unless following */
	uint64_t found;    /* one past the event that a search found; 0 is none */
	unsigned char local_width, remote_width; /* cells that endpoints have needed so far */
};

/* A cell range of the footer that can be clicked. */
struct button {
	int x, width;
	enum action action;
};

/* The order of the rows, kept for a moment after the user moved among them. */
struct hold {
	struct order order;
	int64_t until_ms;
	/* for as long as the view is this one */
	enum field_id sort;
	bool reverse, tlp;
	enum group_by group;
	struct group_key within;
};

struct state {
	/* Data */
	struct model model;
	struct table table;
	struct eventlog log;
	struct eventlog held; /* events that arrived while paused */
	struct held_ticks held_ticks;

	/* View */
	struct view view;
	double delay;
	int64_t now_ms; /* of the clock that state.hold goes by; set before each change */
	struct hold hold;
	struct names *names; /* owned; NULL until names are wanted for the first time */
	open_resolver_fn *open_resolver;
	struct helper *files; /* makes files; NULL: we do */
	bool paused;
	struct replay replay;
	struct links links;
	bool quit;
	struct saved_settings given; /* what no key changes, for the next writing */

	/* Place */
	enum pane focus;
	enum overlay overlay;
	struct selection selection;
	size_t top;          /* first row shown */
	struct place groups; /* to come back to, while view.within is a group */
	struct event_view events;
	struct search search;
	struct chooser chooser;
	struct detail detail;
	int help_top, help_lines; /* first line shown; as many as were there at the last drawing */
	int menu_at;              /* entry of the open menu */
	char input[FILTER_TEXT];  /* being typed at a prompt */
	struct filtering filtering; /* when the filter prompt was opened */
	char wrong[160];            /* with what is typed at a prompt; "" is nothing */
	char notice[NOTICE_TEXT];   /* in place of the footer until the next key */

	/* Frame */
	struct pen pen;
	struct frame frame;
	struct columns columns;
	unsigned char need[FIELDS]; /* for layout_columns() */
	struct button buttons[MOST_BUTTONS];
	unsigned int nbuttons;
	bool redraw_all; /* the screen is not trusted to show what was drawn */
};

/* s is all zero, as calloc() gives it: what nobody touches of it (events held while paused) takes no memory. */
void state_init(struct state *s, const struct source_info *info, const struct view *v,
		double delay);

void state_free(struct state *s);

/* Divides a screen of this size among what is open now. */
void state_layout(struct state *s, int lines, int columns);

/* After the model has taken in a tick; `full` is what model_read() says of that. */
void state_ticked(struct state *s, int full);

/* After the model, the view or the size of the screen changed: rows, selection and scrolling. */
void state_update(struct state *s);

/* Filters by this text, "" by none. False with .wrong filled if it is no filter: the one
 * before stays. */
bool state_filter(struct state *s, const char *text);

/* Groups the rows anew, from the top. */
void state_group(struct state *s, enum group_by by);

/* Shows the flows of the selected group. False if no group is selected. */
bool state_open_group(struct state *s);

/* Back from the flows of a group to the groups. False if it is not there. */
bool state_close_group(struct state *s);

/* Names in place of addresses, or addresses again. Only from the first call on is anybody asked. */
void state_show_names(struct state *s, bool on);

/* Lets columns be as narrow as what they hold now. */
void state_forget_widths(struct state *s);

/* Takes an event in; while paused it is held. True if it changes the frame. */
bool state_add_event(struct state *s, const struct event_sample *e);

/* Does the event pane let it through? */
bool state_shows_event(const struct state *s, const struct event_sample *e);

/* Narrows the event pane to the selected row, or widens it again. */
void state_follow(struct state *s, bool on);

/* Is the order of the rows held? */
bool state_is_held(const struct state *s);

/* Lets go of an order that has been held for long enough. True if it did. */
bool state_end_hold(struct state *s);

/* What was held meanwhile is there when the picture goes on. */
void state_pause(struct state *s, bool on);

/* Counts from now, also while the picture shows an earlier moment. */
void state_zero(struct state *s);

void state_notice(struct state *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Table: selects the row that is `lines` away from the selected one, and scrolls to it. */
void state_move(struct state *s, long lines);

void state_select(struct state *s, size_t row);

/* Puts all rows in order, also those out of sight. */
void state_sort_all(struct state *s);

/* Table: scrolls the view and leaves the selection alone. */
void state_scroll(struct state *s, long lines);

/* Events: scrolls by lines; forward to the end is to follow it. */
void state_scroll_events(struct state *s, long lines);

/* One past the last event of the pane. */
uint64_t state_events_end(const struct state *s);

#endif
