// SPDX-License-Identifier: GPL-2.0-only
#include "src/counts.h"

uint64_t counts_retrans(const struct counts *c)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < CAUSES; i++)
		if (i != CAUSE_TLP && i != CAUSE_SYNACK)
			n += c->segs[i];
	return n;
}

uint64_t counts_shown(const struct counts *c, bool with_tlp)
{
	return counts_retrans(c) + c->segs[CAUSE_SYNACK] + (with_tlp ? c->segs[CAUSE_TLP] : 0);
}

/* struct counts is all __u64, and says so by a static assertion: it can be summed as an array. */
enum { NCOUNTS = sizeof(struct counts) / sizeof(__u64) };

void counts_add(struct counts *to, const struct counts *what)
{
	__u64 *t = (__u64 *)to;
	const __u64 *w = (const __u64 *)what;

	for (int i = 0; i < NCOUNTS; i++)
		t[i] = count_sum(t[i], w[i]);
}

bool counts_are_possible(const struct counts *c)
{
	const __u64 *n = (const __u64 *)c;

	for (int i = 0; i < NCOUNTS; i++)
		if (n[i] > COUNTS_MOST)
			return false;
	return true;
}

struct counts counts_growth(const struct counts *now, const struct counts *before)
{
	struct counts grown = {0};
	__u64 *g = (__u64 *)&grown;
	const __u64 *n = (const __u64 *)now, *b = (const __u64 *)before;

	for (int i = 0; i < NCOUNTS; i++)
		g[i] = count_growth(n[i], b[i]);
	return grown;
}
