// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as an answer of NETLINK_SOCK_DIAG. */
#include "src/sockdiag.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct flow_key keys[] = {
		{.family = 4, .lport = 443, .rport = 51442, .laddr = {10}, .raddr = {198}},
		{.family = 6, .lport = 443, .rport = 51442, .laddr = {0x20}, .raddr = {0x20}},
		{.family = 4},
	};
	/* On the heap, exactly as long as it is: the sanitizers see one byte too much. */
	uint8_t *answer = malloc(size + 1);

	require(answer);
	if (size)
		memcpy(answer, data, size);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct socket_look look;
		int err = sockdiag_parse(answer, size, &keys[i], &look);

		require(err <= 0 && err >= -4095);
		require(memchr(look.cong, '\0', sizeof(look.cong)));
	}
	free(answer);
	return 0;
}
