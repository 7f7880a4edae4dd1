/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording on the screen: how fast it is played, where it is, and what the keys want of it. */
#ifndef TCPRETOP_UI_REPLAY_H
#define TCPRETOP_UI_REPLAY_H

#include "src/source.h"
#include "ui/keys.h"
#include "ui/line.h"

struct state;

struct replay {
	bool live;       /* the source is a recording that comes while it is made */
	bool on;         /* it is one that was made before */
	bool ended;      /* no tick is left */
	bool step;       /* one tick is wanted, at once */
	double speed;    /* 0 is as fast as can be */
	double share;    /* of the recording that was read, 0 to 1; negative: not known */
	int64_t jump_ns; /* wanted, in recorded time; 0 is none */
};

/* Keys of a replay. False if the action is none of them. */
bool replay_act(struct state *s, enum action action);

/* Jumps, if that is wanted: backwards it is read anew from its beginning. 0 or -1 with *why
 * filled. */
int replay_jump(struct state *s, struct source *source, struct failure *why);

/* The recorded time, the speed and how far it is, for the first line. */
void replay_add_title(const struct state *s, struct line *l);

#endif
