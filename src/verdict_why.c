// SPDX-License-Identifier: GPL-2.0-only
/* What the segments sent again tell, taken together: shares of all of them, and where nothing else is
 * said of at least 10. */
#include <inttypes.h>
#include <stdio.h>

#include "src/model.h"
#include "src/verdict_rules.h"

enum { FAST_OR_RACK = OF(CAUSE_FAST) | OF(CAUSE_RACK), OPENING = OF(CAUSE_SYN) | OF(CAUSE_SYNACK) };

/* Of all of them it can be said whatever their number. */
static bool is_spurious(const struct evidence *e)
{
	return is_share(e->counts.spurious, all_segs(e), is_enough(e) ? 50 : 100);
}

static bool is_partly_spurious(const struct evidence *e)
{
	return is_enough(e) && is_share(e->counts.spurious, all_segs(e), 20);
}

static const char *spurious_by(const struct evidence *e)
{
	if (!e->counts.undos)
		return "DSACK";
	return e->counts.dsacks ? "DSACK, undo" : "undo";
}

/* What sent them tells what was too hasty. */
static const char *why_spurious(const struct evidence *e)
{
	uint64_t timers = some_segs(e, OF(CAUSE_RTO) | OF(CAUSE_TLP));
	uint64_t fast = some_segs(e, FAST_OR_RACK);

	if (!fast && !timers)
		return "they had arrived, but no answer to them in time";
	if (fast >= 4 * timers)
		return "reordering on the path";
	if (timers >= 4 * fast)
		return 4 * e->counts.segs[CAUSE_RTO] >= timers
			       ? "RTO too small, or ACKs late or missing"
			       : "ACKs late or missing";
	return "reordering on the path or RTO too small";
}

static void say_spurious(const struct evidence *e, char *buf, size_t size)
{
	uint64_t n = all_segs(e);
	char which[64];

	if (is_enough(e))
		snprintf(which, sizeof(which), "%u %% of the segments sent again were",
			 percent(e->counts.spurious, n));
	else
		snprintf(which, sizeof(which), "%" PRIu64 " segment%s sent again, all", n,
			 n == 1 ? "" : "s");
	snprintf(buf, size, "%s spurious (%s): %s, not loss.", which, spurious_by(e),
		 why_spurious(e));
}

static void say_partly_spurious(const struct evidence *e, char *buf, size_t size)
{
	snprintf(buf, size,
		 "%u %% of the segments sent again were spurious (%s): these had not been lost.",
		 percent(e->counts.spurious, all_segs(e)), spurious_by(e));
}

/* One connection that came up and has been well since. Of a closed one whose SYN-ACKs were few the
 * same is likely, but not known. */
static bool slow_start(const struct evidence *e)
{
	uint64_t opening = some_segs(e, OPENING);

	if (!is_one(e) || !opening || opening != all_segs(e))
		return false;
	if (e->closed)
		return !e->counts.segs[CAUSE_SYN] && !is_enough(e);
	return e->state && !is_opening(e);
}

static void say_slow_start(const struct evidence *e, char *buf, size_t size)
{
	const char *what = e->counts.segs[CAUSE_SYN] ? "SYN" : "SYN-ACK";

	say_again(what, all_segs(e),
		  e->closed ? " and nothing else; now closed."
			    : " before it came up; nothing since.",
		  buf, size);
}

static bool smaller_mtu(const struct evidence *e)
{
	return is_share(e->counts.segs[CAUSE_MTU], all_segs(e), 10);
}

static void say_smaller_mtu(const struct evidence *e, char *buf, size_t size)
{
	snprintf(buf, size,
		 "%" PRIu64 " of %" PRIu64 " segments were too large for the path and were sent "
		 "again smaller: its MTU, not loss.",
		 (uint64_t)e->counts.segs[CAUSE_MTU], all_segs(e));
}

static void say_unknown_cause(const struct evidence *e, char *buf, size_t size)
{
	snprintf(buf, size, "Of %u %% of the segments sent again the cause is not known.",
		 percent(e->counts.segs[CAUSE_OTHER], all_segs(e)));
}

/* Not every peer tells of what it got twice, so "nothing was spurious" cannot be said. */
static void say_loss(const struct evidence *e, char *buf, size_t size)
{
	unsigned int spurious = percent(e->counts.spurious, all_segs(e));
	unsigned int share = percent(some_segs(e, FAST_OR_RACK), all_segs(e));
	char known[32] = "none";

	if (e->one_cause) {
		snprintf(buf, size,
			 "%u %% of these segments went by FAST or RACK: lost or overtaken on the path, and "
			 "mended without a timeout.",
			 share);
		return;
	}
	if (e->counts.spurious)
		snprintf(known, sizeof(known), spurious ? "%u %%" : "under 1 %%", spurious);
	snprintf(buf, size,
		 "%u %% of the segments sent again went by FAST or RACK, %s known as spurious: the "
		 "path loses segments, and these were mended without a timeout.",
		 share, known);
}

static bool is_mixed(const struct evidence *e)
{
	return is_enough(e) && !is_most(e, OF(CAUSE_RTO)) && !is_most(e, OPENING) && !sends_fail(e);
}

/* Names what makes up at least a tenth. */
static void say_mixed(const struct evidence *e, char *buf, size_t size)
{
	int used = snprintf(buf, size, "No cause stands out:");
	const char *comma = " ";

	for (unsigned int cause = 0; cause < CAUSES && (size_t)used < size; cause++) {
		unsigned int share = percent(e->counts.segs[cause], all_segs(e));

		if (share < 10)
			continue;
		used += snprintf(buf + used, size - (size_t)used, "%s%s %u %%", comma,
				 cause_name(cause), share);
		comma = ", ";
	}
	if ((size_t)used < size)
		snprintf(buf + used, size - (size_t)used, ".");
}

const struct rule rules_why[] = {
	/* ≥ 50 % PROBE */
	{RULE_WINDOW_PROBES, .causes = OF(CAUSE_PROBE),
	 .text = "met a window of 0: the peer's application does not read."},
	/* up, nothing but SYNs again, any number */
	{RULE_SLOW_START, .holds = slow_start, .say = say_slow_start},
	/* ≥ 50 % had arrived before; fewer than 10: all */
	{RULE_SPURIOUS, .holds = is_spurious, .say = say_spurious},
	/* ≥ 20 % */
	{RULE_PARTLY_SPURIOUS, .holds = is_partly_spurious, .say = say_partly_spurious},
	/* ≥ 10 % MTU, of any number */
	{RULE_SMALLER_MTU, .holds = smaller_mtu, .say = say_smaller_mtu},
	/* ≥ 50 % OTHER */
	{RULE_UNKNOWN_CAUSE, .causes = OF(CAUSE_OTHER), .say = say_unknown_cause},
	/* ≥ 50 % FAST and RACK */
	{RULE_LOSS, .causes = FAST_OR_RACK, .say = say_loss},
	/* ≥ 50 % TLP */
	{RULE_TAIL_LOSS, .causes = OF(CAUSE_TLP),
	 .text = "were tail loss probes: ends of bursts are lost, or their ACKs are late."},
	/* ≥ 50 % RTO, the peer not gone */
	{RULE_TIMEOUTS, .causes = OF(CAUSE_RTO), .is_said = is_gone,
	 .text = "waited for a timeout: whole flights are lost, or too few ACKs come back to "
		 "recover faster."},
	/* ≥ 50 % SYN and SYNACK */
	{RULE_HANDSHAKES, .causes = OPENING, .is_said = is_unanswered,
	 .text = "were SYNs or SYN-ACKs: it is new connections that suffer."},
	/* none of these */
	{RULE_MIXED, .holds = is_mixed, .say = say_mixed},
	{.id = RULES},
};
