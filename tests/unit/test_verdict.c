// SPDX-License-Identifier: GPL-2.0-only
/* Each rule of the verdict at its boundaries, and which of them speak together. */
#include "src/verdict.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { ESTABLISHED = STATE_ESTABLISHED, SYN_SENT = STATE_SYN_SENT, SYN_RECV = STATE_SYN_RECV };

#define NO_RULE RULES
#define SEGS(...)                       \
	{                               \
		.segs = { __VA_ARGS__ } \
	}

/* One flow; what is not named is as with_defaults() has it. */
#define FLOW(...)                       \
	{                               \
		.flows = 1, __VA_ARGS__ \
	}

static const struct test {
	struct evidence e;
	enum rule_id rules[SENTENCES + 1]; /* NO_RULE ends them */
	const char *first;                 /* the first sentence, or NULL */
} tests[] = {
	/* Nothing, and too few to say why */
	{FLOW(.seconds = 1),
	 {RULE_NOTHING, NO_RULE},
	 "Nothing was sent again since counting began."},
	{FLOW(.counts = {.tlp_attempts = 3}),
	 {RULE_NOTHING, NO_RULE},
	 "Nothing was sent again, but tail loss probes were due."},
	{FLOW(.counts = SEGS([CAUSE_FAST] = 1)),
	 {RULE_TOO_FEW, NO_RULE},
	 "1 segment sent again: too few to say why."},
	{FLOW(.counts = SEGS([CAUSE_FAST] = 9)),
	 {RULE_TOO_FEW, NO_RULE},
	 "9 segments sent again: too few to say why."},
	{FLOW(.counts = {.segs = {[CAUSE_FAST] = 9}, .spurious = 8}), {RULE_TOO_FEW, NO_RULE}, NULL},
	{FLOW(.counts = {.segs = {[CAUSE_FAST] = 9}, .spurious = 9}),
	 {RULE_SPURIOUS, NO_RULE},
	 "9 segments sent again, all spurious (DSACK): reordering on the path, not loss."},
	{FLOW(.counts = {.segs = {[CAUSE_TLP] = 1}, .spurious = 1}),
	 {RULE_SPURIOUS, NO_RULE},
	 "1 segment sent again, all spurious (DSACK): ACKs late or missing, not loss."},
	{FLOW(.counts = {.segs = {[CAUSE_PROBE] = 12}, .spurious = 12}),
	 {RULE_WINDOW_PROBES, NO_RULE},
	 NULL},

	/* Sends that fail here: a tenth of them, and whose fault that is */
	{FLOW(.counts = SEGS([CAUSE_FAST] = 18, [CAUSE_FAILED] = 2), .last_err = -ENOBUFS),
	 {RULE_SENDS_FAIL, RULE_LOSS, NO_RULE},
	 "2 of 20 sends failed here with ENOBUFS: this host's queue, not the network."},
	{FLOW(.counts = SEGS([CAUSE_FAST] = 19, [CAUSE_FAILED] = 2), .last_err = -ENOBUFS),
	 {RULE_LOSS, NO_RULE},
	 NULL},
	{FLOW(.counts = SEGS([CAUSE_FAILED] = 1), .last_err = 1),
	 {RULE_SENDS_FAIL, NO_RULE},
	 "1 of 1 sends failed here with XMIT_DROP: this host's queue, not the network."},
	{FLOW(.counts = SEGS([CAUSE_FAILED] = 12), .last_err = -EPERM),
	 {RULE_SENDS_FAIL, NO_RULE},
	 "12 of 12 sends failed here with EPERM: a filter or policy of this host, not the network."},
	{FLOW(.counts = SEGS([CAUSE_FAILED] = 12), .last_err = -ENETUNREACH),
	 {RULE_SENDS_FAIL, NO_RULE},
	 "12 of 12 sends failed here with ENETUNREACH: this host's routes or links."},
	{FLOW(.counts = SEGS([CAUSE_FAILED] = 12), .last_err = -ENOMEM),
	 {RULE_SENDS_FAIL, NO_RULE},
	 "12 of 12 sends failed here with ENOMEM: this host's memory, not the network."},
	{FLOW(.counts = SEGS([CAUSE_FAILED] = 12), .last_err = 0),
	 {RULE_SENDS_FAIL, NO_RULE},
	 "12 of 12 sends failed here: this host, not the network."},
	/* An error long ago, of which nothing was counted, is none */
	{FLOW(.counts = SEGS([CAUSE_FAST] = 20), .last_err = -EPERM), {RULE_LOSS, NO_RULE}, NULL},

	/* Opening */
	{FLOW(.state = SYN_SENT, .counts = SEGS([CAUSE_SYN] = 1)),
	 {RULE_SYN_UNANSWERED, NO_RULE},
	 "SYN sent again once: no answer yet."},
	{FLOW(.state = SYN_SENT, .counts = SEGS([CAUSE_SYN] = 4)),
	 {RULE_SYN_UNANSWERED, NO_RULE},
	 "SYN sent again 4 times: nothing answers at the peer."},
	{FLOW(.state = SYN_SENT, .counts = SEGS([CAUSE_SYN] = 40), .timeouts = 6,
	      .zero_window = true),
	 {RULE_SYN_UNANSWERED, NO_RULE},
	 NULL},
	{FLOW(.state = SYN_SENT), {RULE_NOTHING, NO_RULE}, NULL},
	{FLOW(.state = STATE_CLOSE, .closed = true, .counts = SEGS([CAUSE_SYN] = 6)),
	 {RULE_SYN_GIVEN_UP, NO_RULE},
	 "SYN sent again 6 times, now closed: the peer answered late, with a refusal, or never."},
	/* It had come up: other segments were sent again */
	{FLOW(.state = STATE_CLOSE, .closed = true,
	      .counts = SEGS([CAUSE_SYN] = 6, [CAUSE_FAST] = 1)),
	 {RULE_TOO_FEW, NO_RULE},
	 NULL},
	{FLOW(.counts = SEGS([CAUSE_SYN] = 2)),
	 {RULE_SLOW_START, NO_RULE},
	 "SYN sent again 2 times before it came up; nothing since."},
	{FLOW(.counts = SEGS([CAUSE_SYNACK] = 1)),
	 {RULE_SLOW_START, NO_RULE},
	 "SYN-ACK sent again once before it came up; nothing since."},
	{FLOW(.counts = SEGS([CAUSE_SYN] = 2, [CAUSE_RTO] = 1)), {RULE_TOO_FEW, NO_RULE}, NULL},
	{FLOW(.state = SYN_RECV, .counts = SEGS([CAUSE_SYNACK] = 5)),
	 {RULE_SYNACK_UNANSWERED, NO_RULE},
	 "SYN-ACK sent again 5 times: it does not reach the peer, or the peer's ACK not us."},
	{FLOW(.state = STATE_NEW_SYN_RECV, .counts = SEGS([CAUSE_SYNACK] = 25)),
	 {RULE_SYNACK_UNANSWERED, NO_RULE},
	 NULL},
	{FLOW(.state = STATE_CLOSE, .closed = true, .counts = SEGS([CAUSE_SYNACK] = 6)),
	 {RULE_SLOW_START, NO_RULE},
	 "SYN-ACK sent again 6 times and nothing else; now closed."},
	{FLOW(.state = STATE_CLOSE, .closed = true, .counts = SEGS([CAUSE_SYNACK] = 25)),
	 {RULE_HANDSHAKES, NO_RULE},
	 NULL},

	/* A window of 0, now and before */
	{FLOW(.zero_window = true, .counts = SEGS([CAUSE_PROBE] = 1)),
	 {RULE_ZERO_WINDOW, NO_RULE},
	 "The peer's window is 0 now: its application does not read. That is no loss."},
	{FLOW(.zero_window = true, .closed = true, .counts = SEGS([CAUSE_PROBE] = 1)),
	 {RULE_TOO_FEW, NO_RULE},
	 NULL},
	{FLOW(.zero_window = true, .timeouts = 5, .counts = SEGS([CAUSE_PROBE] = 5)),
	 {RULE_ZERO_WINDOW, NO_RULE},
	 NULL},
	{FLOW(.counts = SEGS([CAUSE_PROBE] = 5, [CAUSE_FAST] = 5)),
	 {RULE_WINDOW_PROBES, NO_RULE},
	 "50 % of the segments sent again met a window of 0: the peer's application does not read."},
	{FLOW(.counts = SEGS([CAUSE_PROBE] = 4, [CAUSE_FAST] = 3, [CAUSE_RTO] = 4)),
	 {RULE_MIXED, NO_RULE},
	 "No cause stands out: RTO 36 %, FAST 27 %, PROBE 36 %."},

	/* The peer gone: three timeouts, and no ACK at all since two seconds */
	{FLOW(.timeouts = 3, .since_ack = 12, .counts = SEGS([CAUSE_RTO] = 3)),
	 {RULE_PEER_GONE, NO_RULE},
	 "3 timeouts in a row and no ACK since 12.0 s: the peer or the path is gone."},
	{FLOW(.timeouts = 3, .since_ack = 2, .counts = SEGS([CAUSE_RTO] = 30)),
	 {RULE_PEER_GONE, NO_RULE},
	 "3 timeouts in a row and no ACK since 2.0 s: the peer or the path is gone."},
	{FLOW(.timeouts = 3, .since_ack = 1.9, .counts = SEGS([CAUSE_RTO] = 3)),
	 {RULE_TOO_FEW, NO_RULE},
	 NULL},
	{FLOW(.timeouts = 2, .since_ack = 12, .counts = SEGS([CAUSE_RTO] = 3)),
	 {RULE_TOO_FEW, NO_RULE},
	 NULL},
	{FLOW(.timeouts = 4, .counts = SEGS([CAUSE_RTO] = 4)),
	 {RULE_PEER_GONE, NO_RULE},
	 "4 timeouts in a row and nothing acknowledged between them: the peer or the path is gone."},
	{FLOW(.timeouts = 8, .closed = true, .counts = SEGS([CAUSE_RTO] = 8)),
	 {RULE_ENDED_SILENT, NO_RULE},
	 "Closed after 8 timeouts in a row: nothing was acknowledged between them."},
	{FLOW(.timeouts = 2, .closed = true, .counts = SEGS([CAUSE_RTO] = 8)),
	 {RULE_TOO_FEW, NO_RULE},
	 NULL},

	/* Spurious: half, a fifth, and what sent them */
	{FLOW(.counts = {.segs = {[CAUSE_FAST] = 50, [CAUSE_RTO] = 50},
			 .spurious = 88,
			 .dsacks = 88}),
	 {RULE_SPURIOUS, NO_RULE},
	 "88 % of the segments sent again were spurious (DSACK): reordering on the path or RTO too "
	 "small, not loss."},
	{FLOW(.counts = {.segs = {[CAUSE_FAST] = 8, [CAUSE_RTO] = 2},
			 .spurious = 5,
			 .dsacks = 1,
			 .undos = 1}),
	 {RULE_SPURIOUS, NO_RULE},
	 "50 % of the segments sent again were spurious (DSACK, undo): reordering on the path, not "
	 "loss."},
	{FLOW(.counts = {.segs = {[CAUSE_FAST] = 2, [CAUSE_RTO] = 7, [CAUSE_TLP] = 1},
			 .spurious = 10,
			 .undos = 1}),
	 {RULE_SPURIOUS, NO_RULE},
	 "100 % of the segments sent again were spurious (undo): RTO too small, or ACKs late or missing, not loss."},
	{FLOW(.counts = {.segs = {[CAUSE_RTO] = 4, [CAUSE_TLP] = 13}, .spurious = 17, .dsacks = 9}),
	 {RULE_SPURIOUS, NO_RULE},
	 "100 % of the segments sent again were spurious (DSACK): ACKs late or missing, not loss."},
	{FLOW(.counts = {.segs = {[CAUSE_RTO] = 4, [CAUSE_TLP] = 12}, .spurious = 16, .dsacks = 9}),
	 {RULE_SPURIOUS, NO_RULE},
	 "100 % of the segments sent again were spurious (DSACK): RTO too small, or ACKs late or "
	 "missing, not loss."},
	{FLOW(.counts = {.segs = {[CAUSE_FAST] = 10}, .spurious = 4, .dsacks = 4}),
	 {RULE_PARTLY_SPURIOUS, NO_RULE},
	 "40 % of the segments sent again were spurious (DSACK): these had not been lost."},
	{FLOW(.counts = {.segs = {[CAUSE_FAST] = 10}, .spurious = 2}),
	 {RULE_PARTLY_SPURIOUS, NO_RULE},
	 NULL},
	{FLOW(.counts = {.segs = {[CAUSE_FAST] = 11}, .spurious = 2}),
	 {RULE_LOSS, NO_RULE},
	 "100 % of the segments sent again went by FAST or RACK, 18 % known as spurious: the path loses segments, and "
	 "these were mended without a timeout."},
	/* A flow that suffered from reordering before its peer went */
	{FLOW(.timeouts = 5, .since_ack = 9, .counts = {.segs = {[CAUSE_RTO] = 10}, .spurious = 5}),
	 {RULE_PEER_GONE, RULE_SPURIOUS, NO_RULE},
	 NULL},

	/* By the cause of half of them */
	{FLOW(.counts = SEGS([CAUSE_FAST] = 3, [CAUSE_RACK] = 2, [CAUSE_RTO] = 4, [CAUSE_TLP] = 1)),
	 {RULE_LOSS, NO_RULE},
	 "50 % of the segments sent again went by FAST or RACK, none known as spurious: the path loses segments, and "
	 "these were mended without a timeout."},
	{FLOW(.counts = {.segs = {[CAUSE_FAST] = 1000}, .spurious = 1}),
	 {RULE_LOSS, NO_RULE},
	 "100 % of the segments sent again went by FAST or RACK, under 1 % known as spurious: the path loses segments, and "
	 "these were mended without a timeout."},
	{FLOW(.counts = SEGS([CAUSE_TLP] = 5, [CAUSE_RTO] = 5)),
	 {RULE_TAIL_LOSS, NO_RULE},
	 "50 % of the segments sent again were tail loss probes: ends of bursts are lost, or their "
	 "ACKs are late."},
	{FLOW(.counts = SEGS([CAUSE_TLP] = 4, [CAUSE_RTO] = 6)),
	 {RULE_TIMEOUTS, NO_RULE},
	 "60 % of the segments sent again waited for a timeout: whole flights are lost, or too few "
	 "ACKs come back to recover faster."},
	{FLOW(.counts = SEGS([CAUSE_MTU] = 1, [CAUSE_FAST] = 9)),
	 {RULE_SMALLER_MTU, NO_RULE},
	 "1 of 10 segments were too large for the path and were sent again smaller: its MTU, not "
	 "loss."},
	{FLOW(.counts = SEGS([CAUSE_MTU] = 1)), {RULE_SMALLER_MTU, NO_RULE}, NULL},
	{FLOW(.counts = SEGS([CAUSE_MTU] = 1, [CAUSE_FAST] = 10)), {RULE_LOSS, NO_RULE}, NULL},
	{FLOW(.counts = SEGS([CAUSE_OTHER] = 7, [CAUSE_FAST] = 7)),
	 {RULE_UNKNOWN_CAUSE, NO_RULE},
	 "Of 50 % of the segments sent again the cause is not known."},
	{FLOW(.counts = SEGS([CAUSE_RTO] = 49, [CAUSE_FAST] = 49, [CAUSE_OTHER] = 2)),
	 {RULE_MIXED, NO_RULE},
	 "No cause stands out: RTO 49 %, FAST 49 %."},

	/* The path: four of five there, one of five elsewhere, three of each */
	{FLOW(.counts = SEGS([CAUSE_FAST] = 10), .path = {"198.51.100.0/24", 15, 14, 12, 1}),
	 {RULE_LOSS, RULE_PATH, NO_RULE},
	 NULL},
	{FLOW(.path = {"198.51.100.0/24", 15, 14, 12, 1}, .counts = SEGS([CAUSE_FAST] = 1)),
	 {RULE_PATH, NO_RULE},
	 "14 of the 15 flows seen to 198.51.100.0/24 suffer, elsewhere 1 of 12: look at that path."},
	{FLOW(.path = {"n", 5, 4, 5, 1}), {RULE_PATH, NO_RULE}, NULL},
	{FLOW(.path = {"n", 5, 4, 5, 2}), {RULE_NOTHING, NO_RULE}, NULL},
	{FLOW(.path = {"n", 5, 3, 5, 1}), {RULE_NOTHING, NO_RULE}, NULL},
	{FLOW(.path = {"n", 2, 2, 5, 0}), {RULE_NOTHING, NO_RULE}, NULL},
	{FLOW(.path = {"n", 5, 5, 2, 0}), {RULE_NOTHING, NO_RULE}, NULL},
	{FLOW(.path = {"n", 3, 3, 3, 0}), {RULE_PATH, NO_RULE}, NULL},

	/* Waiting: a second, and a tenth of the time */
	{FLOW(.counts = {.segs = {[CAUSE_RTO] = 10}, .rto_wait_us = 6000000}),
	 {RULE_TIMEOUTS, RULE_WAIT, NO_RULE},
	 NULL},
	{FLOW(.counts = {.rto_wait_us = 6000000}),
	 {RULE_WAIT, NO_RULE},
	 "It waited 6.0 s of 1m00s for timeouts."},
	{FLOW(.seconds = 1.5, .counts = {.rto_wait_us = 2000000}),
	 {RULE_WAIT, NO_RULE},
	 "It waited 2.0 s for timeouts."},
	{FLOW(.counts = {.rto_wait_us = 5999999}), {RULE_NOTHING, NO_RULE}, NULL},
	{FLOW(.seconds = 2, .counts = {.rto_wait_us = 999999}), {RULE_NOTHING, NO_RULE}, NULL},
	{FLOW(.seconds = 2, .counts = {.rto_wait_us = 1000000}), {RULE_WAIT, NO_RULE}, NULL},

	/* Three at most, in the order of the table */
	{FLOW(.timeouts = 5, .since_ack = 9, .path = {"n", 5, 5, 5, 0},
	      .counts = {.segs = {[CAUSE_RTO] = 10}, .spurious = 5, .rto_wait_us = 60000000}),
	 {RULE_PEER_GONE, RULE_SPURIOUS, RULE_PATH, NO_RULE},
	 NULL},
	{FLOW(.timeouts = 5, .since_ack = 9,
	      .counts = {.segs = {[CAUSE_RTO] = 10}, .rto_wait_us = 60000000}),
	 {RULE_PEER_GONE, RULE_WAIT, NO_RULE},
	 NULL},

	/* Many flows: what is of one flow does not speak */
	{{.flows = 14,
	  .state = SYN_SENT,
	  .since_ack = 20,
	  .timeouts = 5,
	  .zero_window = true,
	  .counts = SEGS([CAUSE_SYN] = 40)},
	 {RULE_HANDSHAKES, NO_RULE},
	 "100 % of the segments sent again were SYNs or SYN-ACKs: it is new connections that suffer."},
	{{.flows = 14, .counts = SEGS([CAUSE_SYN] = 9)}, {RULE_TOO_FEW, NO_RULE}, NULL},
	{{.flows = 14,
	  .since_ack = -1,
	  .counts = {.segs = {[CAUSE_FAST] = 40}, .rto_wait_us = 14000000}},
	 {RULE_LOSS, RULE_WAIT, NO_RULE},
	 NULL},
	{{.flows = 14,
	  .since_ack = -1,
	  .counts = {.segs = {[CAUSE_FAST] = 40}, .rto_wait_us = 13999999}},
	 {RULE_LOSS, NO_RULE},
	 NULL},
	{{.flows = 14, .counts = {.rto_wait_us = 14000000}},
	 {RULE_WAIT, NO_RULE},
	 "Together these 14 flows waited 14.0 s for timeouts."},
	{{.flows = 3, .last_err = -EPERM, .counts = SEGS([CAUSE_FAILED] = 3)},
	 {RULE_SENDS_FAIL, NO_RULE},
	 NULL},
};

/* One flow is established, of many nothing such is known; no ACK is known of any. */
static struct evidence with_defaults(const struct evidence *from)
{
	struct evidence e = *from;

	if (!e.state && e.flows == 1)
		e.state = ESTABLISHED;
	if (e.seconds <= 0)
		e.seconds = 60;
	if (e.since_ack <= 0)
		e.since_ack = -1;
	return e;
}

static void print_case(const struct test *t, const struct verdict *v)
{
	print_message("# case %td:\n", t - tests);
	for (unsigned int i = 0; i < v->n; i++)
		print_message("#   rule %d: %s\n", v->rule[i], v->text[i]);
}

static bool is_right(const struct test *t, const struct verdict *v)
{
	unsigned int n = 0;

	while (t->rules[n] != NO_RULE) {
		if (n >= v->n || v->rule[n] != t->rules[n])
			return false;
		n++;
	}
	return v->n == n && (!t->first || !strcmp(t->first, v->text[0]));
}

static void each_case(void **state)
{
	bool failed = false;

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		struct evidence e = with_defaults(&tests[i].e);
		struct verdict v;

		verdict_make(&e, &v);
		if (is_right(&tests[i], &v))
			continue;
		print_case(&tests[i], &v);
		failed = true;
	}
	assert_false(failed);
}

/* A rule that no case names is one that nobody knows to work. */
static void each_rule_has_a_case(void **state)
{
	bool named[RULES] = {false};

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		for (int n = 0; tests[i].rules[n] != NO_RULE; n++)
			named[tests[i].rules[n]] = true;
	for (int id = 0; id < RULES; id++) {
		if (!named[id])
			print_message("# rule %d\n", id);
		assert_true(named[id]);
	}
}

/* Whatever the numbers are, something whole is said. */
static void large_numbers(void **state)
{
	struct evidence e;
	struct verdict v;

	(void)state;
	memset(&e, 0x3f, sizeof(e));
	e.flows = 1;
	e.closed = e.zero_window = false;
	memset(e.path.net, 'f', sizeof(e.path.net) - 1);
	e.path.net[sizeof(e.path.net) - 1] = '\0';
	e.path.near = e.path.near_bad = e.path.far = SIZE_MAX / 1000;
	e.path.far_bad = 0;
	for (int cause = 0; cause < CAUSES; cause++)
		e.counts.segs[cause] = UINT64_MAX / 5000;
	verdict_make(&e, &v);
	assert_in_range(v.n, 1, SENTENCES);
	for (unsigned int i = 0; i < v.n; i++)
		assert_int_equal(v.text[i][strlen(v.text[i]) - 1], '.');
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		cmocka_unit_test(each_case),
		cmocka_unit_test(each_rule_has_a_case),
		cmocka_unit_test(large_numbers),
	};

	return cmocka_run_group_tests(cases, NULL, NULL);
}
