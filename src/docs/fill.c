// SPDX-License-Identifier: GPL-2.0-only
/* fill <TEMPLATE >FILE: a text with its gaps filled. Fails on a gap that it does not know, and on a
 * manual that leaves out an option. */
#include "src/docs/fill.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *gap;
	void (*fill)(FILE *f);
} fillers[] = {
	{"@columns@", manual_columns},
	{"@groups@", manual_groups},
	{"@keys@", manual_keys},
	{"@bash-options@", bash_options},
	{"@bash-values@", bash_values},
	{"@zsh-options@", zsh_options},
	{"@zsh-groups@", zsh_groups},
	{"@fish-options@", fish_options},
	{"@fish-columns@", fish_columns},
	{"@fish-groups@", fish_groups},
	{"@shell-columns@", shell_columns},
	{"@shell-groups@", shell_groups},
};

static int fail_with(const char *what, const char *which)
{
	fprintf(stderr, "fill: %s %s\n", what, which);
	return -1;
}

/* "@option NAME@" begins the entry of an option; told counts the entries of each. */
static int fill_option(const char *gap, unsigned int told[MOST_OPTIONS])
{
	for (int i = 0; option_defs[i].name; i++) {
		char want[64];

		snprintf(want, sizeof(want), "@option %s@", option_defs[i].name);
		if (strcmp(gap, want) != 0)
			continue;
		manual_option(stdout, &option_defs[i]);
		told[i]++;
		return 0;
	}
	return fail_with("there is no option for", gap);
}

static int fill_gap(const char *gap, unsigned int told[MOST_OPTIONS])
{
	for (size_t i = 0; i < sizeof(fillers) / sizeof(*fillers); i++) {
		if (!strcmp(gap, fillers[i].gap)) {
			fillers[i].fill(stdout);
			return 0;
		}
	}
	if (!strncmp(gap, "@option ", 8))
		return fill_option(gap, told);
	return fail_with("there is nothing to fill", gap);
}

/* A text that tells of options tells of each that the help has, once. */
static int check_told(const unsigned int told[MOST_OPTIONS])
{
	unsigned int sum = 0;
	int err = 0;

	for (int i = 0; i < MOST_OPTIONS; i++)
		sum += told[i];
	for (int i = 0; sum && option_defs[i].name; i++) {
		if (told[i] != (option_defs[i].help ? 1 : 0))
			err = fail_with("not told just once: --", option_defs[i].name);
	}
	return err;
}

int main(void)
{
	unsigned int told[MOST_OPTIONS] = {0};
	char line[4096];
	int err = 0;

	while (fgets(line, sizeof(line), stdin) && !err) {
		size_t len = strcspn(line, "\n");

		if (len > 1 && line[0] == '@' && line[len - 1] == '@') {
			line[len] = '\0';
			err = fill_gap(line, told);
		} else {
			fputs(line, stdout);
		}
	}
	if (!err)
		err = check_told(told);
	return err || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
