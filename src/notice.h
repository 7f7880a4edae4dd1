/* SPDX-License-Identifier: GPL-2.0-only */
/* What there is to tell before there is a screen. The first of it is kept, to be shown there. */
#ifndef TCPRETOP_SRC_NOTICE_H
#define TCPRETOP_SRC_NOTICE_H

#include "src/options.h"

/* Bytes of the notice that is kept; "" as long as there is none. */
enum { FIRST_NOTICE = 160 };

/* Something is wrong, and we go on: to stderr. The notice is a void *, as settings_load() has it. */
void notice_warn(void *arg, const char *text);

/* So it is here, and nothing is wrong. */
void notice_tell(const struct options *o, char *notice, const char *text);

#endif
