// SPDX-License-Identifier: GPL-2.0-only
#include "src/snmp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* After "GROUP:" of the first such line at or after text; NULL if there is none. */
static const char *group_line(const char *text, const char *group)
{
	size_t len = strlen(group);

	while (text && *text) {
		if (!strncmp(text, group, len) && text[len] == ':')
			return text + len + 1;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

/* The next word of the line, its length in *len; NULL at the line's end. */
static const char *next_word(const char *line, size_t *len)
{
	line += strspn(line, " ");
	*len = strcspn(line, " \n");
	return *len ? line : NULL;
}

int snmp_value(const char *text, const char *group, const char *name, uint64_t *value)
{
	const char *names = group_line(text, group);
	const char *values = names ? group_line(names, group) : NULL;
	size_t name_len, value_len, wanted = strlen(name);

	while (names && values) {
		names = next_word(names, &name_len);
		values = next_word(values, &value_len);
		if (!names || !values)
			break;
		if (name_len == wanted && !strncmp(names, name, wanted)) {
			*value = strtoull(values, NULL, 10);
			return 0;
		}
		names += name_len;
		values += value_len;
	}
	return -ENOENT;
}
