// SPDX-License-Identifier: GPL-2.0-only
/* The manual's gaps, in mdoc(7). */
#include "src/docs/fill.h"

#include <ctype.h>
#include <string.h>

#include <utf8proc.h>

#include "src/field.h"
#include "ui/keys.h"

/* As it is: no hyphen for a minus, no macro at the start of a line, and ASCII for any reader. */
static void put_roff(FILE *f, const char *text)
{
	while (*text) {
		utf8proc_int32_t c;
		utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);

		if (len <= 0)
			return;
		if (c == '\\')
			fputs("\\e", f);
		else if (c == '-')
			fputs("\\-", f);
		else if (c == '\'')
			fputs("\\(aq", f);
		else if (c >= 0x80)
			fprintf(f, "\\[u%04X]", (unsigned int)c);
		else
			fputc((int)c, f);
		text += len;
	}
}

/* A line of the help as a sentence. */
static void put_sentence(FILE *f, const char *text)
{
	char first[] = {(char)toupper((unsigned char)text[0]), '\0'};
	const char *more = strstr(text, "…");

	put_roff(f, first);
	put_roff(f, text + 1);
	fputs(more && !more[strlen("…")] ? "\n" : ".\n", f);
}

static void put_entry(FILE *f, const char *word, const char *text)
{
	fputs(".It Sy \"\\&", f); /* "." is no punctuation there */
	put_roff(f, word);
	fputs("\"\n", f);
	put_sentence(f, text);
}

void manual_option(FILE *f, const struct option_def *d)
{
	fputs(".It", f);
	if (d->id < 256)
		fprintf(f, " Fl %c%s%s ,", d->id, d->arg ? " Ar " : "", d->arg ? d->arg : "");
	fprintf(f, " Fl \\-%s%s%s\n", d->name, d->arg ? " Ar " : "", d->arg ? d->arg : "");
	put_sentence(f, d->help);
}

void manual_columns(FILE *f)
{
	for (int i = 0; i < FIELDS; i++)
		put_entry(f, fields[i].title, fields[i].help);
}

void manual_groups(FILE *f)
{
	for (int i = 0; i < GROUPS; i++)
		put_entry(f, group_ways[i].name, group_ways[i].help);
}

void manual_keys(FILE *f)
{
	for (const struct binding *b = bindings; b->action; b++) {
		char labels[64];

		if (b->group && b != bindings)
			fputs(".El\n.Pp\n", f);
		if (b->group) {
			fputs(".Em ", f);
			put_roff(f, b->group);
			fputs("\n.Bl -tag -width \"PgDn End G\" -compact\n", f);
		}
		key_labels(b, labels, sizeof(labels));
		put_entry(f, labels, b->help);
	}
	fputs(".El\n", f);
}
