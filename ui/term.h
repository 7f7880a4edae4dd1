/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal: taken over by term_open(), given back as it was by term_close() and, should the
 * program crash, by a signal handler.
 */
#ifndef TCPRETOP_UI_TERM_H
#define TCPRETOP_UI_TERM_H

#include <stdbool.h>
#include <stdio.h>
#include <termios.h>

#include "src/doctor_facts.h"
#include "src/failure.h"

struct screen; /* SCREEN of curses */

struct terminal {
	struct screen *screen;
	FILE *in, *out;
	struct termios before; /* modes to give back */
	bool ascii;            /* it cannot show more than ASCII, or shall not */
	bool color, mouse;
	char notice[120]; /* to be told to the user once; "" for nothing */
};

struct term_options {
	bool color, ascii, mouse;
};

/* What standard output is, without touching it. */
void term_ask(struct terminal_facts *t);

/* 0, or -1 with *why filled and the terminal untouched. */
int term_open(struct terminal *t, const struct term_options *o, struct failure *why);

/* keep leaves the last frame, all but its `keep_but` last lines, on the normal screen. */
void term_close(struct terminal *t, bool keep, int keep_but);

/* Gives the terminal back, stops the process as Ctrl-Z does, and takes it again when continued. */
void term_suspend(struct terminal *t);

/* Someone else may have used the terminal: sets its modes and draws all of it with the next frame. */
void term_retake(struct terminal *t);

/* Takes over the size that the terminal has now. */
void term_resize(const struct terminal *t);

/* The descriptor that keys come from. */
int term_fd(const struct terminal *t);

/* Nobody is left at the other end: hung up, or end of file. */
bool term_is_gone(const struct terminal *t);

#endif
