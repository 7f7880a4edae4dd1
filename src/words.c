// SPDX-License-Identifier: GPL-2.0-only
#include "src/words.h"

#include <string.h>

const char *cause_name(unsigned int cause)
{
	static const char *const names[CAUSES] = {
		[CAUSE_RTO] = "RTO",     [CAUSE_FAST] = "FAST", [CAUSE_RACK] = "RACK",
		[CAUSE_TLP] = "TLP",     [CAUSE_SYN] = "SYN",   [CAUSE_SYNACK] = "SYNACK",
		[CAUSE_PROBE] = "PROBE", [CAUSE_MTU] = "MTU",   [CAUSE_FAILED] = "FAILED",
		[CAUSE_OTHER] = "OTHER",
	};

	return cause < CAUSES ? names[cause] : "?";
}

const char *state_name(unsigned int state)
{
	/* enum of include/net/tcp_states.h. A request socket is what people call SYN_RECV. */
	static const char *const names[] = {
		[1] = "ESTABLISHED", [2] = "SYN_SENT",  [3] = "SYN_RECV", [4] = "FIN_WAIT1",
		[5] = "FIN_WAIT2",   [6] = "TIME_WAIT", [7] = "CLOSE",    [8] = "CLOSE_WAIT",
		[9] = "LAST_ACK",    [10] = "LISTEN",   [11] = "CLOSING", [12] = "SYN_RECV",
	};

	return state < sizeof(names) / sizeof(*names) && names[state] ? names[state] : "?";
}

const char *ca_state_name(unsigned int ca_state)
{
	static const char *const names[] = {"Open", "Disorder", "CWR", "Recovery", "Loss"};

	return ca_state < sizeof(names) / sizeof(*names) ? names[ca_state] : "?";
}

const char *tlp_way_name(enum tlp_way way)
{
	static const char *const names[] = {
		[TLP_NONE] = "none",
		[TLP_TIMER] = "timer",
		[TLP_KPROBE] = "kprobe",
		[TLP_FENTRY] = "fentry",
	};

	return names[way];
}

const char *error_name(int32_t err)
{
	const char *name = err < 0 ? strerrorname_np(-err) : NULL;

	if (err == 1) /* NET_XMIT_DROP */
		return "XMIT_DROP";
	return name ? name : "?";
}

const char *link_state_name(enum link_state state)
{
	static const char *const names[] = {
		[LINK_CONNECTING] = "connecting", [LINK_LIVE] = "live",
		[LINK_STALLED] = "stalled",       [LINK_WAITING] = "retrying",
		[LINK_ENDED] = "ended",
	};

	return names[state];
}
