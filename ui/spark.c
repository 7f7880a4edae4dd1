// SPDX-License-Identifier: GPL-2.0-only
#include "ui/spark.h"

#include <string.h>

static const char *const bars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

enum { FULL = 8 };

static int bar(double value, double scale)
{
	int height = (int)(value / scale * FULL + 0.5);

	if (value <= 0)
		return 0;
	return height < 1 ? 1 : height > FULL ? FULL : height;
}

void spark_text(const double *values, int n, char *buf, size_t size)
{
	double scale = FULL;
	size_t used = 0;

	for (int i = 0; i < n; i++) {
		if (values[i] > scale)
			scale = values[i];
	}
	buf[0] = '\0';
	for (int i = 0; i < n; i++) {
		const char *glyph = bars[bar(values[i], scale)];
		size_t len = strlen(glyph);

		if (used + len >= size)
			break;
		memcpy(buf + used, glyph, len + 1);
		used += len;
	}
}
