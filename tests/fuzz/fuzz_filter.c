// SPDX-License-Identifier: GPL-2.0-only
/* Any text is a filter or an error that points into it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/filter.h"
#include "src/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct flow flow = {.key.family = 4, .flags = FLOW_SAMPLED};
	struct filter_error err = {0};
	struct model m = {0};
	struct filter *f;
	struct view v;
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	view_init(&v);
	f = filter_parse(text, &err);
	if (f)
		filter_flow(f, &m, &v, &flow);
	else if (err.at > strlen(text) || !*err.text)
		abort();
	filter_free(f);
	free(text);
	return 0;
}
