/* SPDX-License-Identifier: GPL-2.0-only */
/* The last frame, kept to be left on the normal screen after the alternate one is gone. */
#ifndef TCPRETOP_UI_KEEP_H
#define TCPRETOP_UI_KEEP_H

struct kept;

/* Copies the frame but for its `but` last lines. NULL without memory. */
struct kept *keep_frame(int but);

/* Prints it to stdout, as it looked, and frees it. NULL is fine. */
void keep_print(struct kept *k);

#endif
