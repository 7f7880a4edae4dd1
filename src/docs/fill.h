/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The manual and the completions are texts with gaps, "@columns@" on a line of its own, which are
 * filled from the tables of the program: neither can name what the other or the help does not.
 */
#ifndef TCPRETOP_SRC_DOCS_FILL_H
#define TCPRETOP_SRC_DOCS_FILL_H

#include <stdio.h>

#include "src/option_table.h"

/* Each writes whole lines. */
void manual_option(FILE *f, const struct option_def *d);
void manual_columns(FILE *f);
void manual_groups(FILE *f);
void manual_keys(FILE *f);

void bash_options(FILE *f);
void bash_values(FILE *f);
void zsh_options(FILE *f);
void zsh_groups(FILE *f);
void fish_options(FILE *f);
void fish_columns(FILE *f);
void fish_groups(FILE *f);
void shell_columns(FILE *f);
void shell_groups(FILE *f);

#endif
