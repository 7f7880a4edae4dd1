// SPDX-License-Identifier: GPL-2.0-only
/* The gaps of the completions. What an option takes is told by the word that the help has for it:
 * FILE, COL and so on; the completions know these words. */
#include "src/docs/fill.h"

#include <string.h>

#include "src/field.h"

/* In single quotes of a shell; escape goes before each of these characters. */
static void put_quoted(FILE *f, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", f);
		else
			fprintf(f, "%s%c", strchr(escaped, *text) ? "\\" : "", *text);
	}
}

/* A title that needs no quotes: what -o and --columns take as well. */
static void put_title(FILE *f, const char *title)
{
	for (; *title && *title != ':'; title++)
		fputc(*title == ' ' ? '_' : *title, f);
}

static void put_titles(FILE *f, const char *lead)
{
	fputs(lead, f);
	for (int i = 0; i < FIELDS; i++) {
		fputs(i ? " " : "", f);
		put_title(f, fields[i].title);
	}
	fputs("'\n", f);
}

void shell_columns(FILE *f)
{
	put_titles(f, "\tcolumns='");
}

void fish_columns(FILE *f)
{
	put_titles(f, "\tset columns '");
}

void shell_groups(FILE *f)
{
	fputs("\tgroups='", f);
	for (int i = 0; i < GROUPS; i++)
		fprintf(f, "%s%s", i ? " " : "", group_ways[i].name);
	fputs("'\n", f);
}

void bash_options(FILE *f)
{
	fputs("\toptions='", f);
	for (const struct option_def *d = option_defs; d->name; d++) {
		if (!d->help)
			continue;
		if (d->id < 256)
			fprintf(f, "-%c ", d->id);
		fprintf(f, "--%s ", d->name);
	}
	fputs("'\n", f);
}

void bash_values(FILE *f)
{
	for (const struct option_def *d = option_defs; d->name; d++) {
		if (!d->help || !d->arg)
			continue;
		fputs("\t", f);
		if (d->id < 256)
			fprintf(f, "-%c | ", d->id);
		fprintf(f, "--%s) takes=%s ;;\n", d->name, d->arg);
	}
}

/* (-o --sort){-o+,--sort=}: one of the two, once. */
static void put_zsh_names(FILE *f, const struct option_def *d)
{
	const char *plus = d->arg ? "+" : "", *equals = d->arg ? "=" : "";

	if (d->id < 256)
		fprintf(f, "\t\t'(-%c --%s)'{-%c%s,--%s%s}", d->id, d->name, d->id, plus, d->name,
			equals);
	else
		fprintf(f, "\t\t--%s%s", d->name, equals);
}

void zsh_options(FILE *f)
{
	for (const struct option_def *d = option_defs; d->name; d++) {
		if (!d->help)
			continue;
		put_zsh_names(f, d);
		fputs("'[", f);
		put_quoted(f, d->help, "[]\\");
		fputs("]", f);
		if (d->arg)
			fprintf(f, ":%s:_tcpretop_value %s", d->arg, d->arg);
		fputs("'\n", f);
	}
}

void zsh_groups(FILE *f)
{
	for (int i = 0; i < GROUPS; i++) {
		fprintf(f, "\t\t'%s:", group_ways[i].name);
		put_quoted(f, group_ways[i].help, ":\\");
		fputs("'\n", f);
	}
}

void fish_options(FILE *f)
{
	for (const struct option_def *d = option_defs; d->name; d++) {
		if (!d->help)
			continue;
		fputs("\tcomplete -c $command", f);
		if (d->id < 256)
			fprintf(f, " -s %c", d->id);
		fprintf(f, " -l %s", d->name);
		if (d->arg && !strcmp(d->arg, "FILE"))
			fputs(" -r -F", f);
		else if (d->arg)
			fprintf(f, " -x -a '(__tcpretop_value %s)'", d->arg);
		fputs(" -d '", f);
		put_quoted(f, d->help, "\\");
		fputs("'\n", f);
	}
}

void fish_groups(FILE *f)
{
	for (int i = 0; i < GROUPS; i++) {
		fprintf(f, "\t\tprintf '%%s\\t%%s\\n' %s '", group_ways[i].name);
		put_quoted(f, group_ways[i].help, "\\");
		fputs("'\n", f);
	}
}
