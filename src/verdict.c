// SPDX-License-Identifier: GPL-2.0-only
#include "src/verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "src/format.h"
#include "src/model.h"

/* Of each topic the first rule that holds speaks. */
enum topic {
	TOPIC_NOW,   /* what the connection is in just now, or how it ended */
	TOPIC_WHY,   /* what the segments sent again tell, taken together */
	TOPIC_WHERE, /* which path */
	TOPIC_COST,  /* what it costs */
	TOPIC_NONE,  /* only if no other rule has spoken */
	TOPICS
};

/* All that RetransSegs counts. */
static uint64_t all_segs(const struct evidence *e)
{
	const struct counts *c = &e->counts;

	return counts_shown(c, true);
}

/* Enough segments that shares of them mean something. */
static bool is_enough(const struct evidence *e)
{
	return all_segs(e) >= LEAST_SEGS;
}

static bool is_share(uint64_t n, uint64_t of, unsigned int percent)
{
	return of && n * 100 >= of * percent;
}

/* Whole percent, never more than there are: 100 is all of them. */
static unsigned int percent(uint64_t n, uint64_t of)
{
	return of ? (unsigned int)(n * 100 / of) : 0;
}

static uint64_t fast_segs(const struct evidence *e)
{
	return e->counts.segs[CAUSE_FAST] + e->counts.segs[CAUSE_RACK];
}

static bool is_opening(const struct evidence *e)
{
	return e->state == STATE_SYN_SENT || e->state == STATE_SYN_RECV ||
	       e->state == STATE_NEW_SYN_RECV;
}

static bool is_one(const struct evidence *e)
{
	return e->flows == 1;
}

static const char *times(uint64_t n, char *buf, size_t size)
{
	if (n == 1)
		snprintf(buf, size, "once");
	else
		snprintf(buf, size, "%" PRIu64 " times", n);
	return buf;
}

/* At least a tenth could not be sent at all. */
static bool sends_fail(const struct evidence *e)
{
	return is_share(e->counts.segs[CAUSE_FAILED], all_segs(e), 10);
}

static const char *whose_fault(int32_t err)
{
	switch (err) {
	case 0:
		return "this host, not the network";
	case -ENOBUFS:
	case 1: /* NET_XMIT_DROP */
		return "this host's queue, not the network";
	case -ENOMEM:
		return "this host's memory, not the network";
	case -EPERM:
	case -EACCES:
		return "a filter or policy of this host, not the network";
	case -ENETUNREACH:
	case -EHOSTUNREACH:
	case -ENETDOWN:
	case -ENODEV:
	case -EADDRNOTAVAIL:
		return "this host's routes or links";
	default:
		return "this host, not the network";
	}
}

static void say_sends_fail(const struct evidence *e, char *buf, size_t size)
{
	char with[32] = "";

	if (e->last_err)
		snprintf(with, sizeof(with), " with %s", error_name(e->last_err));
	snprintf(buf, size, "%" PRIu64 " of %" PRIu64 " sends failed here%s: %s.",
		 (uint64_t)e->counts.segs[CAUSE_FAILED], all_segs(e), with,
		 whose_fault(e->last_err));
}

static bool syn_unanswered(const struct evidence *e)
{
	return is_one(e) && !e->closed && e->state == STATE_SYN_SENT && e->counts.segs[CAUSE_SYN];
}

static void say_syn_unanswered(const struct evidence *e, char *buf, size_t size)
{
	uint64_t n = e->counts.segs[CAUSE_SYN];
	char text[32];

	snprintf(buf, size, "SYN sent again %s: %s.", times(n, text, sizeof(text)),
		 n == 1 ? "no answer yet" : "nothing answers at the peer");
}

/* Nothing but SYNs: it may have come up, but had nothing to send again. */
static bool syn_given_up(const struct evidence *e)
{
	return is_one(e) && e->closed && e->counts.segs[CAUSE_SYN] &&
	       e->counts.segs[CAUSE_SYN] == all_segs(e);
}

static void say_syn_given_up(const struct evidence *e, char *buf, size_t size)
{
	char text[32];

	snprintf(buf, size,
		 "SYN sent again %s, now closed: the peer answered late, with a refusal, or never.",
		 times(e->counts.segs[CAUSE_SYN], text, sizeof(text)));
}

static bool synack_unanswered(const struct evidence *e)
{
	return is_one(e) && !e->closed && e->counts.segs[CAUSE_SYNACK] &&
	       (e->state == STATE_SYN_RECV || e->state == STATE_NEW_SYN_RECV);
}

static void say_synack_unanswered(const struct evidence *e, char *buf, size_t size)
{
	char text[32];

	snprintf(buf, size,
		 "SYN-ACK sent again %s: it does not reach the peer, or the peer's ACK not us.",
		 times(e->counts.segs[CAUSE_SYNACK], text, sizeof(text)));
}

static bool zero_window(const struct evidence *e)
{
	return is_one(e) && e->zero_window && !e->closed && !is_opening(e);
}

static void say_zero_window(const struct evidence *e, char *buf, size_t size)
{
	(void)e;
	snprintf(buf, size,
		 "The peer's window is 0 now: its application does not read. That is no "
		 "loss.");
}

enum { GONE_TIMEOUTS = 3, GONE_SECONDS = 2 };

/* Three timeouts in a row take at least 1.4 s; an ACK of old data would still prove a path. */
static bool peer_gone(const struct evidence *e)
{
	return is_one(e) && !e->closed && !is_opening(e) && !e->zero_window &&
	       e->timeouts >= GONE_TIMEOUTS && (e->since_ack < 0 || e->since_ack >= GONE_SECONDS);
}

static void say_peer_gone(const struct evidence *e, char *buf, size_t size)
{
	char ago[32], silence[64] = "nothing acknowledged between them";

	if (e->since_ack >= 0) {
		format_seconds(e->since_ack, 0, ago, sizeof(ago));
		snprintf(silence, sizeof(silence), "no ACK since %s", ago);
	}
	snprintf(buf, size, "%u timeouts in a row and %s: the peer or the path is gone.",
		 e->timeouts, silence);
}

static bool ended_silent(const struct evidence *e)
{
	return is_one(e) && e->closed && !e->zero_window && e->timeouts >= GONE_TIMEOUTS &&
	       e->counts.segs[CAUSE_RTO];
}

static void say_ended_silent(const struct evidence *e, char *buf, size_t size)
{
	snprintf(buf, size,
		 "Closed after %u timeouts in a row: nothing was acknowledged between them.",
		 e->timeouts);
}

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
	uint64_t timers = e->counts.segs[CAUSE_RTO] + e->counts.segs[CAUSE_TLP];
	uint64_t fast = fast_segs(e);

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

/* One connection that came up and has been well since. */
static bool slow_start(const struct evidence *e)
{
	uint64_t opening = e->counts.segs[CAUSE_SYN] + e->counts.segs[CAUSE_SYNACK];

	return is_one(e) && !e->closed && e->state && !is_opening(e) && opening &&
	       opening == all_segs(e);
}

static void say_slow_start(const struct evidence *e, char *buf, size_t size)
{
	const char *what = e->counts.segs[CAUSE_SYN] ? "SYN" : "SYN-ACK";
	char text[32];

	snprintf(buf, size, "%s sent again %s before it came up; nothing since.", what,
		 times(all_segs(e), text, sizeof(text)));
}

/* At least half of them, and enough. */
static bool is_most(const struct evidence *e, uint64_t n)
{
	return is_enough(e) && is_share(n, all_segs(e), 50);
}

static bool window_probes(const struct evidence *e)
{
	return is_most(e, e->counts.segs[CAUSE_PROBE]);
}

static void say_window_probes(const struct evidence *e, char *buf, size_t size)
{
	snprintf(buf, size,
		 "%u %% of the segments sent again met a window of 0: the peer's application does "
		 "not read.",
		 percent(e->counts.segs[CAUSE_PROBE], all_segs(e)));
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

static bool unknown_cause(const struct evidence *e)
{
	return is_most(e, e->counts.segs[CAUSE_OTHER]);
}

static void say_unknown_cause(const struct evidence *e, char *buf, size_t size)
{
	snprintf(buf, size, "Of %u %% of the segments sent again the cause is not known.",
		 percent(e->counts.segs[CAUSE_OTHER], all_segs(e)));
}

static bool is_loss(const struct evidence *e)
{
	return is_most(e, fast_segs(e));
}

/* Not every peer tells of what it got twice, so "nothing was spurious" cannot be said. */
static void say_loss(const struct evidence *e, char *buf, size_t size)
{
	unsigned int spurious = percent(e->counts.spurious, all_segs(e));
	char known[32] = "none";

	if (e->counts.spurious)
		snprintf(known, sizeof(known), spurious ? "%u %%" : "under 1 %%", spurious);
	snprintf(buf, size,
		 "FAST and RACK sent %u %% again, %s known as spurious: the path loses segments, "
		 "and these were mended without a timeout.",
		 percent(fast_segs(e), all_segs(e)), known);
}

static bool is_tail_loss(const struct evidence *e)
{
	return is_most(e, e->counts.segs[CAUSE_TLP]);
}

static void say_tail_loss(const struct evidence *e, char *buf, size_t size)
{
	snprintf(buf, size,
		 "%u %% of the segments sent again were tail loss probes: ends of bursts are lost, "
		 "or their ACKs are late.",
		 percent(e->counts.segs[CAUSE_TLP], all_segs(e)));
}

/* While the peer is gone that has been said. */
static bool is_timeouts(const struct evidence *e)
{
	return is_most(e, e->counts.segs[CAUSE_RTO]) && !peer_gone(e) && !ended_silent(e);
}

static void say_timeouts(const struct evidence *e, char *buf, size_t size)
{
	snprintf(buf, size,
		 "%u %% of the segments sent again waited for a timeout: whole flights are lost, "
		 "or too few ACKs come back to recover faster.",
		 percent(e->counts.segs[CAUSE_RTO], all_segs(e)));
}

static uint64_t handshake_segs(const struct evidence *e)
{
	return e->counts.segs[CAUSE_SYN] + e->counts.segs[CAUSE_SYNACK];
}

static bool is_handshakes(const struct evidence *e)
{
	return is_most(e, handshake_segs(e)) && !syn_unanswered(e) && !syn_given_up(e) &&
	       !synack_unanswered(e);
}

static void say_handshakes(const struct evidence *e, char *buf, size_t size)
{
	snprintf(buf, size,
		 "%u %% of the segments sent again were SYNs or SYN-ACKs: it is new connections "
		 "that suffer.",
		 percent(handshake_segs(e), all_segs(e)));
}

static bool is_mixed(const struct evidence *e)
{
	return is_enough(e) && !is_most(e, e->counts.segs[CAUSE_RTO]) &&
	       !is_most(e, handshake_segs(e)) && !sends_fail(e);
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

static const struct rule {
	enum topic topic;
	bool (*holds)(const struct evidence *e);
	void (*say)(const struct evidence *e, char *buf, size_t size);
} rules[RULES] = {
	/* One flow as it is now, or as it ended; all of these but the first are of one flow. */

	/* ≥ 10 % could not be sent */
	[RULE_SENDS_FAIL] = {TOPIC_NOW, sends_fail, say_sends_fail},
	/* in SYN_SENT */
	[RULE_SYN_UNANSWERED] = {TOPIC_NOW, syn_unanswered, say_syn_unanswered},
	/* closed, nothing but SYNs again */
	[RULE_SYN_GIVEN_UP] = {TOPIC_NOW, syn_given_up, say_syn_given_up},
	/* in SYN_RECV */
	[RULE_SYNACK_UNANSWERED] = {TOPIC_NOW, synack_unanswered, say_synack_unanswered},
	/* the peer's window is 0 */
	[RULE_ZERO_WINDOW] = {TOPIC_NOW, zero_window, say_zero_window},
	/* ≥ 3 timeouts in a row, no ACK since ≥ 2 s */
	[RULE_PEER_GONE] = {TOPIC_NOW, peer_gone, say_peer_gone},
	/* the same, closed */
	[RULE_ENDED_SILENT] = {TOPIC_NOW, ended_silent, say_ended_silent},

	/* Shares of all segments sent again, of at least 10 where nothing else is said. */

	/* ≥ 50 % PROBE */
	[RULE_WINDOW_PROBES] = {TOPIC_WHY, window_probes, say_window_probes},
	/* up, nothing but SYNs again, any number */
	[RULE_SLOW_START] = {TOPIC_WHY, slow_start, say_slow_start},
	/* ≥ 50 % had arrived before; fewer than 10: all */
	[RULE_SPURIOUS] = {TOPIC_WHY, is_spurious, say_spurious},
	/* ≥ 20 % */
	[RULE_PARTLY_SPURIOUS] = {TOPIC_WHY, is_partly_spurious, say_partly_spurious},
	/* ≥ 10 % MTU, of any number */
	[RULE_SMALLER_MTU] = {TOPIC_WHY, smaller_mtu, say_smaller_mtu},
	/* ≥ 50 % OTHER */
	[RULE_UNKNOWN_CAUSE] = {TOPIC_WHY, unknown_cause, say_unknown_cause},
	/* ≥ 50 % FAST and RACK */
	[RULE_LOSS] = {TOPIC_WHY, is_loss, say_loss},
	/* ≥ 50 % TLP */
	[RULE_TAIL_LOSS] = {TOPIC_WHY, is_tail_loss, say_tail_loss},
	/* ≥ 50 % RTO, the peer not gone */
	[RULE_TIMEOUTS] = {TOPIC_WHY, is_timeouts, say_timeouts},
	/* ≥ 50 % SYN and SYNACK */
	[RULE_HANDSHAKES] = {TOPIC_WHY, is_handshakes, say_handshakes},
	/* none of these */
	[RULE_MIXED] = {TOPIC_WHY, is_mixed, say_mixed},

	/* Not the flow alone. */

	/* ≥ 80 % suffer there, ≤ 20 % elsewhere, ≥ 3 each */
	[RULE_PATH] = {TOPIC_WHERE, is_path, say_path},
	/* ≥ 1 s, ≥ 10 % of the time */
	[RULE_WAIT] = {TOPIC_COST, is_wait, say_wait},

	/* If nothing else can be said. */

	/* no segment */
	[RULE_NOTHING] = {TOPIC_NONE, is_nothing, say_nothing},
	/* fewer than 10 */
	[RULE_TOO_FEW] = {TOPIC_NONE, is_few, say_few},
};

void verdict_make(const struct evidence *e, struct verdict *v)
{
	bool spoken[TOPICS] = {false};

	v->n = 0;
	for (int id = 0; id < RULES && v->n < SENTENCES; id++) {
		const struct rule *r = &rules[id];

		if (spoken[r->topic] || (r->topic == TOPIC_NONE && v->n) || !r->holds(e))
			continue;
		spoken[r->topic] = true;
		r->say(e, v->text[v->n], SENTENCE_TEXT);
		v->rule[v->n++] = (enum rule_id)id;
	}
}
