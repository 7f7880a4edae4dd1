// SPDX-License-Identifier: GPL-2.0-only
#include "src/tally.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct counts tally_get(const struct tally *t)
{
	struct counts c;
	__u64 *n = (__u64 *)&c;

	if (t->is_large)
		return *t->large;
	for (int i = 0; i < COUNTERS; i++)
		n[i] = t->small[i];
	return c;
}

uint64_t tally_shown(const struct tally *t, bool with_tlp)
{
	const uint32_t *segs = &t->small[offsetof(struct counts, segs) / sizeof(__u64)];
	uint64_t n = 0;

	if (t->is_large)
		return counts_shown(t->large, with_tlp);
	for (int cause = 0; cause < CAUSES; cause++)
		n += segs[cause];
	return with_tlp ? n : n - segs[CAUSE_TLP];
}

static bool is_large(const struct counts *c)
{
	__u64 bits = 0;

	for (int i = 0; i < COUNTERS; i++)
		bits |= ((const __u64 *)c)[i];
	return bits > UINT32_MAX;
}

static int set_large(struct tally *t, const struct counts *c)
{
	struct counts *large = t->is_large ? t->large : malloc(sizeof(*large));

	if (!large)
		return -ENOMEM;
	*large = *c;
	t->large = large;
	t->is_large = true;
	return 0;
}

int tally_set(struct tally *t, const struct counts *c)
{
	if (is_large(c))
		return set_large(t, c);
	if (t->is_large)
		tally_clear(t);
	for (int i = 0; i < COUNTERS; i++)
		t->small[i] = (uint32_t)((const __u64 *)c)[i];
	return 0;
}

void tally_clear(struct tally *t)
{
	if (t->is_large)
		free(t->large);
	memset(t, 0, sizeof(*t));
}
