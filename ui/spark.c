// SPDX-License-Identifier: GPL-2.0-only
#include "ui/spark.h"

#include <string.h>

enum { FULL = 8 };

static const char *const bars[FULL + 1] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

static int height_by_scale(double value, double scale)
{
	int height = (int)(value / scale * FULL + 0.5);

	if (value <= 0)
		return 0;
	return height < 1 ? 1 : height > FULL ? FULL : height;
}

static int height_by_steps(double value)
{
	static const double steps[FULL] = {1, 2, 5, 10, 30, 100, 300, 1000};
	int height = 0;

	while (height < FULL && value >= steps[height])
		height++;
	return height;
}

/* Returns the bytes used in buf, with this bar. */
static size_t add_bar(int height, char *buf, size_t used, size_t size)
{
	size_t len = strlen(bars[height]);

	if (used + len >= size)
		return used;
	memcpy(buf + used, bars[height], len + 1);
	return used + len;
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
	for (int i = 0; i < n; i++)
		used = add_bar(height_by_scale(values[i], scale), buf, used, size);
}

void spark_text_by_steps(const double *values, int n, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (int i = 0; i < n; i++)
		used = add_bar(height_by_steps(values[i]), buf, used, size);
}
