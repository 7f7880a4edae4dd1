// SPDX-License-Identifier: GPL-2.0-only
/* Any texts as the variables of the environment that tcpretop reads numbers from. */
#include <curses.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/caller.h"
#include "ui/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char variables[2][64];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static char *input_getenv(const char *name)
{
	return variables[!strcmp(name, "SUDO_GID")];
}

#define getenv(name) input_getenv(name)
#define geteuid() 0
#define getegid() 0
#include "src/caller.c"
#include "ui/theme.c"

/* A number is that number, in decimal; anything else is none. */
static void check_id(const char *text, unsigned int id)
{
	char *again = NULL;
	const char *digits = text + strspn(text, "0");

	require(asprintf(&again, "%u", id) > 0);
	require(!strcmp(again, *digits ? digits : "0"));
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t half = size / 2;
	struct caller c;

	if (half >= sizeof(variables[0]))
		return 0;
	memset(variables, 0, sizeof(variables));
	memcpy(variables[0], data, half);
	memcpy(variables[1], data + half, half);
	c = caller_find();
	require(c.uid != UINT32_MAX && c.gid != UINT32_MAX);
	if (c.uid || c.gid) {
		check_id(variables[0], c.uid);
		check_id(variables[1], c.gid);
	}
	is_light_ground();
	return 0;
}
