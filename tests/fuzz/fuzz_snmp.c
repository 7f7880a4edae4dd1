// SPDX-License-Identifier: GPL-2.0-only
/* Any text as /proc/net/snmp. */
#include "src/snmp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* What was found stands there, if it is a plain number. */
static void check(const char *text, const char *group, const char *name)
{
	uint64_t value = 4711;
	int err = snmp_value(text, group, name, &value);
	char digits[24];

	require(err ? err == -ENOENT && value == 4711 : strstr(text, name) != NULL);
	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	require(err || !value || value == UINT64_MAX || strchr(text, '-') || strstr(text, digits));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* On the heap, exactly as long as it is: the sanitizers see one byte too much. */
	char *text = malloc(size + 1);

	require(text);
	memcpy(text, data, size);
	text[size] = '\0';
	check(text, "Tcp", "RetransSegs");
	check(text, "TcpExt", "TCPLossProbes");
	free(text);
	return 0;
}
