// SPDX-License-Identifier: GPL-2.0-only
/* What the connection is in just now, or how it ended: all rules but the first are of one flow. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "src/format.h"
#include "src/model.h"
#include "src/verdict_rules.h"

enum { GONE_TIMEOUTS = 3, GONE_SECONDS = 2 };

bool is_opening(const struct evidence *e)
{
	return e->state == STATE_SYN_SENT || e->state == STATE_SYN_RECV ||
	       e->state == STATE_NEW_SYN_RECV;
}

/* At least a tenth could not be sent at all. */
bool sends_fail(const struct evidence *e)
{
	return is_share(e->counts.segs[CAUSE_FAILED], all_segs(e), 10);
}

static const char *whose_fault(int32_t err)
{
	switch (err) {
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

	say_again("SYN", n, n == 1 ? ": no answer yet." : ": nothing answers at the peer.", buf,
		  size);
}

/* Nothing but SYNs: it may have come up, but had nothing to send again. */
static bool syn_given_up(const struct evidence *e)
{
	return is_one(e) && e->closed && e->counts.segs[CAUSE_SYN] &&
	       e->counts.segs[CAUSE_SYN] == all_segs(e);
}

static void say_syn_given_up(const struct evidence *e, char *buf, size_t size)
{
	say_again("SYN", e->counts.segs[CAUSE_SYN],
		  ", now closed: the peer answered late, with a refusal, or never.", buf, size);
}

static bool synack_unanswered(const struct evidence *e)
{
	return is_one(e) && !e->closed && e->counts.segs[CAUSE_SYNACK] &&
	       (e->state == STATE_SYN_RECV || e->state == STATE_NEW_SYN_RECV);
}

static void say_synack_unanswered(const struct evidence *e, char *buf, size_t size)
{
	say_again("SYN-ACK", e->counts.segs[CAUSE_SYNACK],
		  ": it does not reach the peer, or the peer's ACK not us.", buf, size);
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

bool is_gone(const struct evidence *e)
{
	return peer_gone(e) || ended_silent(e);
}

bool is_unanswered(const struct evidence *e)
{
	return syn_unanswered(e) || syn_given_up(e) || synack_unanswered(e);
}

const struct rule rules_now[] = {
	/* ≥ 10 % could not be sent */
	{RULE_SENDS_FAIL, .holds = sends_fail, .say = say_sends_fail},
	/* in SYN_SENT */
	{RULE_SYN_UNANSWERED, .holds = syn_unanswered, .say = say_syn_unanswered},
	/* closed, nothing but SYNs again */
	{RULE_SYN_GIVEN_UP, .holds = syn_given_up, .say = say_syn_given_up},
	/* in SYN_RECV */
	{RULE_SYNACK_UNANSWERED, .holds = synack_unanswered, .say = say_synack_unanswered},
	/* the peer's window is 0 */
	{RULE_ZERO_WINDOW, .holds = zero_window, .say = say_zero_window},
	/* ≥ 3 timeouts in a row, no ACK since ≥ 2 s */
	{RULE_PEER_GONE, .holds = peer_gone, .say = say_peer_gone},
	/* the same, closed */
	{RULE_ENDED_SILENT, .holds = ended_silent, .say = say_ended_silent},
	{.id = RULES},
};
