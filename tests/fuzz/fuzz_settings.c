// SPDX-License-Identifier: GPL-2.0-only
/* Any file is settings that can be used and written again, or warnings in one line each. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_warning(void *arg, const char *text)
{
	(void)arg;
	if (strncmp(text, "file:", 5) || strpbrk(text, "\n\r\033"))
		abort();
}

static void no_warning(void *arg, const char *text)
{
	(void)arg;
	(void)text;
	abort();
}

static struct options read_all(const void *data, size_t size, settings_warn_fn *warn)
{
	FILE *f = fmemopen((void *)data, size, "r");
	struct options o;

	options_init(&o);
	if (!f)
		abort();
	settings_read(f, "file", &o, warn, NULL);
	fclose(f);
	return o;
}

static size_t write_all(const struct options *o, char *text, size_t size)
{
	struct saved_settings s = {.view = &o->view,
				   .delay = o->delay,
				   .event_pane = o->event_pane,
				   .resolve = o->resolve,
				   .theme = o->theme,
				   .no_color = o->no_color,
				   .ascii = o->ascii,
				   .no_mouse = !o->mouse};
	FILE *f = fmemopen(text, size, "w");

	if (!f)
		abort();
	settings_write(&s, f);
	fclose(f);
	return strlen(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char first[4096] = "", again[4096] = "";
	struct options o;

	if (size == 0)
		return 0;
	o = read_all(data, size, check_warning);
	if (!field_is_of(o.view.sort, o.view.group) || !(o.delay >= 0.1 && o.delay <= 3600) ||
	    o.view.ncolumns > FIELDS)
		abort();
	write_all(&o, first, sizeof(first));
	o = read_all(first, strlen(first), no_warning);
	write_all(&o, again, sizeof(again));
	if (strcmp(first, again))
		abort();
	return 0;
}
