/* SPDX-License-Identifier: GPL-2.0-only */
/* The figures in the details: what was sent again and why, and how the connection fares. */
#ifndef TCPRETOP_UI_FIGURES_H
#define TCPRETOP_UI_FIGURES_H

#include "ui/sheet.h"
#include "ui/subject.h"

void figures_of_flow(struct sheet *sh, const struct subject *who);

/* Only those that can be summed up. */
void figures_of_group(struct sheet *sh, const struct subject *who);

#endif
