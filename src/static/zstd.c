// SPDX-License-Identifier: GPL-2.0-only
/* Only in the static program: in place of zstd's decoders for its formats before 1.0, see link.ld. */
#include <stddef.h>

void *no_legacy_zstd(void);

/* No context for them: their frames are refused for want of memory. */
void *no_legacy_zstd(void)
{
	return NULL;
}
