// SPDX-License-Identifier: GPL-2.0-only
/* Any words as a command line: options that can be used, or one line that says what is wrong. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/options.h"

enum { MOST_WORDS = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check(const struct options *o)
{
	if (o->mode == MODE_HELP || o->mode == MODE_VERSION) /* nothing else matters then */
		return;
	require(o->delay >= 0.1 && o->delay <= 3600);
	require(o->rows >= 0 && o->iterations >= -1 && o->iterations != 0);
	require(o->view.ncolumns <= FIELDS && field_is_of(o->view.sort, o->view.group));
	require(!o->speed_given || o->speed == 0 || (o->speed >= 0.01 && o->speed <= 10000));
	require(o->max_flows > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *words[MOST_WORDS + 2] = {"tcpretop"};
	struct failure why = {0};
	struct options o;
	int n = 1;

	require(text);
	memcpy(text, data, size);
	text[size] = '\0';
	/* Each word but the last ends with its line. */
	for (char *word = text; word && n <= MOST_WORDS; n++) {
		words[n] = word;
		word = strchr(word, '\n');
		if (word)
			*word++ = '\0';
	}
	if (!options_parse(n, words, &o, &why))
		check(&o);
	else
		require(why.status == EXIT_USAGE && *why.text && !strpbrk(why.text, "\n\r\033"));
	options_free(&o);
	free(text);
	return 0;
}
