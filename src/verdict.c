// SPDX-License-Identifier: GPL-2.0-only
#include "src/verdict.h"

#include <inttypes.h>
#include <stdio.h>

#include "src/format.h"
#include "src/model.h"
#include "src/verdict_rules.h"

/* ---- What rules are written in */

uint64_t all_segs(const struct evidence *e)
{
	return counts_shown(&e->counts, true);
}

bool is_enough(const struct evidence *e)
{
	return all_segs(e) >= LEAST_SEGS;
}

uint64_t some_segs(const struct evidence *e, unsigned int causes)
{
	uint64_t n = 0;

	for (unsigned int cause = 0; cause < CAUSES; cause++)
		n += causes & OF(cause) ? e->counts.segs[cause] : 0;
	return n;
}

/* No counter of a kernel gets there, but a recording may say anything. */
static uint64_t times(uint64_t n, unsigned int factor)
{
	uint64_t product;

	return __builtin_mul_overflow(n, factor, &product) ? UINT64_MAX : product;
}

bool is_share(uint64_t n, uint64_t of, unsigned int percent)
{
	return of && times(n, 100) >= times(of, percent);
}

bool is_most(const struct evidence *e, unsigned int causes)
{
	return is_enough(e) && is_share(some_segs(e, causes), all_segs(e), 50);
}

unsigned int percent(uint64_t n, uint64_t of)
{
	unsigned int nearest;

	if (!of || n >= of)
		return of ? 100 : 0;
	nearest = (unsigned int)((double)n * 100 / (double)of + 0.5);
	return nearest < 100 ? nearest : 99;
}

bool is_one(const struct evidence *e)
{
	return e->flows == 1;
}

/* A share of all segments, and what it means. */
static void say_share(const struct rule *r, const struct evidence *e, char *buf, size_t size)
{
	snprintf(buf, size, "%u %% of the segments sent again %s",
		 percent(some_segs(e, r->causes), all_segs(e)), r->text);
}

void say_again(const char *what, uint64_t n, const char *rest, char *buf, size_t size)
{
	if (n == 1)
		snprintf(buf, size, "%s sent again once%s", what, rest);
	else
		snprintf(buf, size, "%s sent again %" PRIu64 " times%s", what, n, rest);
}

/* ---- Not the flow alone: which path, what it costs */

enum { LEAST_FLOWS = 3 };

/* Four fifths here, one fifth elsewhere. */
static bool is_path(const struct evidence *e)
{
	const struct path *p = &e->path;

	return *p->net && p->near >= LEAST_FLOWS && p->far >= LEAST_FLOWS &&
	       is_share(p->near_bad, p->near, 80) && p->far_bad * 5 <= p->far;
}

static void say_path(const struct evidence *e, char *buf, size_t size)
{
	const struct path *p = &e->path;

	snprintf(buf, size,
		 "%zu of the %zu flows seen to %s suffer, elsewhere %zu of %zu: look at that path.",
		 p->near_bad, p->near, p->net, p->far_bad, p->far);
}

/* A second and a tenth of the time; of many flows, whose times overlap, a second each. */
static bool is_wait(const struct evidence *e)
{
	double waited = (double)e->counts.rto_wait_us / 1e6;

	if (!is_one(e))
		return waited >= (double)e->flows;
	return waited >= 1 && waited >= e->seconds / 10;
}

static void say_wait(const struct evidence *e, char *buf, size_t size)
{
	char waited[32], span[32];

	format_seconds((double)e->counts.rto_wait_us / 1e6, 0, waited, sizeof(waited));
	format_seconds(e->seconds, 0, span, sizeof(span));
	/* The first wait began before the first segment was seen to be sent again. */
	if (is_one(e) && (double)e->counts.rto_wait_us / 1e6 > e->seconds)
		snprintf(buf, size, "It waited %s for timeouts.", waited);
	else if (is_one(e))
		snprintf(buf, size, "It waited %s of %s for timeouts.", waited, span);
	else
		snprintf(buf, size, "Together these %zu flows waited %s for timeouts.", e->flows,
			 waited);
}

static const struct rule rules_where[] = {
	/* ≥ 80 % suffer there, ≤ 20 % elsewhere, ≥ 3 each */
	{RULE_PATH, .holds = is_path, .say = say_path},
	{.id = RULES},
};

static const struct rule rules_cost[] = {
	/* ≥ 1 s, ≥ 10 % of the time */
	{RULE_WAIT, .holds = is_wait, .say = say_wait},
	{.id = RULES},
};

/* ---- If nothing else can be said */

static bool is_nothing(const struct evidence *e)
{
	return !all_segs(e);
}

static void say_nothing(const struct evidence *e, char *buf, size_t size)
{
	if (e->counts.tlp_attempts)
		snprintf(buf, size, "Nothing was sent again, but tail loss probes were due.");
	else
		snprintf(buf, size, "Nothing was sent again since counting began.");
}

static bool is_few(const struct evidence *e)
{
	return all_segs(e) > 0;
}

static void say_few(const struct evidence *e, char *buf, size_t size)
{
	uint64_t n = all_segs(e);

	snprintf(buf, size, "%" PRIu64 " segment%s sent again: too few to say why.", n,
		 n == 1 ? "" : "s");
}

static const struct rule rules_else[] = {
	/* no segment */
	{RULE_NOTHING, .holds = is_nothing, .say = say_nothing},
	/* fewer than 10 */
	{RULE_TOO_FEW, .holds = is_few, .say = say_few},
	{.id = RULES},
};

/* ---- All of it */

static bool holds(const struct rule *r, const struct evidence *e)
{
	return (r->holds ? r->holds(e) : is_most(e, r->causes)) && !(r->is_said && r->is_said(e));
}

/* The first rule of a topic that holds, if there is one. */
static void speak(const struct rule *r, const struct evidence *e, struct verdict *v)
{
	while (r->id != RULES && !holds(r, e))
		r++;
	if (r->id == RULES)
		return;
	if (r->say)
		r->say(e, v->text[v->n], SENTENCE_TEXT);
	else
		say_share(r, e, v->text[v->n], SENTENCE_TEXT);
	v->rule[v->n++] = r->id;
}

void verdict_make(const struct evidence *e, struct verdict *v)
{
	static const struct rule *const topics[] = {rules_now, rules_why, rules_where, rules_cost};

	v->n = 0;
	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics) && v->n < SENTENCES; i++)
		speak(topics[i], e, v);
	if (!v->n)
		speak(rules_else, e, v);
}
