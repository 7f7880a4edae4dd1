// SPDX-License-Identifier: GPL-2.0-only
#include "src/notice.h"

#include <stdio.h>

/* The first is told on the screen, where all are gone once it is drawn. */
void notice_warn(void *arg, const char *text)
{
	char *notice = arg;

	fprintf(stderr, "tcpretop: %s\n", text);
	if (!*notice)
		snprintf(notice, FIRST_NOTICE, "%s", text);
}

/* On the screen; the text modes write to scripts, and say it with --verbose only. */
void notice_tell(const struct options *o, char *notice, const char *text)
{
	if (o->verbose)
		notice_warn(notice, text);
	else if (o->mode == MODE_VIEWER && !*notice)
		snprintf(notice, FIRST_NOTICE, "%s", text);
}
