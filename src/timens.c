// SPDX-License-Identifier: GPL-2.0-only
#include "src/timens.h"

#include <stdio.h>
#include <string.h>

#include "src/smallfile.h"

int64_t timens_monotonic(const char *text)
{
	const char *line = strstr(text, "monotonic");
	long long seconds = 0, ns = 0;

	if (!line || sscanf(line, "monotonic %18lld %9lld", &seconds, &ns) != 2 ||
	    seconds > INT64_MAX / 1000000000 - 1 || seconds < INT64_MIN / 1000000000 + 1)
		return 0;
	return (int64_t)seconds * 1000000000 + (int64_t)ns;
}

int64_t timens_offset(void)
{
	char text[256];

	return smallfile_read("/proc/self/timens_offsets", text, sizeof(text)) < 0
		       ? 0
		       : timens_monotonic(text);
}
