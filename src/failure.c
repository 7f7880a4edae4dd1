// SPDX-License-Identifier: GPL-2.0-only
#include "src/failure.h"

#include <stdarg.h>
#include <stdio.h>

int fail(struct failure *f, enum exit_status status, const char *fmt, ...)
{
	va_list ap;

	if (f->status)
		return -1;
	f->status = status;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	return -1;
}
