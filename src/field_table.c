// SPDX-License-Identifier: GPL-2.0-only
/* The columns as data, and how they are found by name. */
#include "src/field.h"

#include <ctype.h>

const struct field fields[FIELDS] = {
	[FIELD_RETR] = {"RETR", "segments sent again since the start; TLPs only when included",
			UNIT_COUNT, 7, 7, 0, false, OF_ALL},
	[FIELD_RETR_RATE] = {"RETR/s", "segments sent again per second, in the last interval",
			     UNIT_RATE, 6, 6, 1, false, OF_ALL},
	[FIELD_TLP] = {"TLP", "segments sent again as tail loss probes", UNIT_COUNT, 6, 6, 13,
		       false, OF_ALL},
	[FIELD_SYNACK] = {"SYNACK", "SYN-ACKs sent again: a client did not answer", UNIT_COUNT, 6,
			  6, 15, false, OF_ALL},
	[FIELD_RATIO] = {"RATIO",
			 "segments sent again / data segments sent, over the socket's life",
			 UNIT_PERCENT, 6, 6, 6, false, OF_WHOLE_FLOWS},
	[FIELD_RTO_WAIT] = {"RTO WAIT", "time spent waiting for timeouts that then expired",
			    UNIT_SECONDS, 8, 8, 5, false, OF_WHOLE_FLOWS},
	[FIELD_RTO_WAIT_RATE] = {"RTO WAIT/s", "the same per second, in the last interval",
				 UNIT_SECONDS, 10, 10, 16, false, OF_WHOLE_FLOWS},
	[FIELD_BYTES] = {"BYTES", "payload bytes sent again", UNIT_BYTES, 9, 9, 17, false,
			 OF_WHOLE_FLOWS},
	[FIELD_SPURIOUS] = {"SPURIOUS",
			    "segments sent again that had arrived before, TLPs included: not loss",
			    UNIT_COUNT, 8, 8, 24, false, OF_WHOLE_FLOWS},
	[FIELD_RTT] = {"RTT", "smoothed round trip time at the last look", UNIT_SECONDS, 6, 6, 8,
		       false, OF_FLOWS},
	[FIELD_RTTVAR] = {"RTTVAR", "variation of the round trip time at the last look",
			  UNIT_SECONDS, 6, 6, 25, false, OF_FLOWS},
	[FIELD_RTO] = {"RTO", "retransmission timeout at the last look", UNIT_SECONDS, 7, 7, 14,
		       false, OF_FLOWS},
	[FIELD_BACKOFF] = {"BACKOFF", "times that the timeout was doubled, at the last look",
			   UNIT_COUNT, 7, 7, 26, false, OF_FLOWS},
	[FIELD_CWND] = {"CWND", "congestion window at the last look, in segments", UNIT_COUNT, 5, 5,
			11, false, OF_FLOWS},
	[FIELD_SSTHRESH] = {"SSTHRESH", "slow start threshold at the last look, in segments",
			    UNIT_COUNT, 8, 8, 27, false, OF_FLOWS},
	[FIELD_IN_FLIGHT] = {"INFLIGHT", "segments on the way at the last look", UNIT_COUNT, 8, 8,
			     28, false, OF_FLOWS},
	[FIELD_MSS] = {"MSS", "largest segment sent, in bytes", UNIT_COUNT, 5, 5, 29, false,
		       OF_FLOWS},
	[FIELD_CC] = {"CC", "congestion control", UNIT_TEXT, 8, 15, 30, true, OF_FLOWS},
	[FIELD_CAUSE] = {"CAUSE", "why the last segment was sent again", UNIT_TEXT, 6, 6, 7, true,
			 OF_WHOLE_FLOWS},
	[FIELD_STATE] = {"STATE", "TCP state at the last look", UNIT_TEXT, 11, 11, 12, true,
			 OF_ALL},
	[FIELD_CA_STATE] = {"CA", "state of the congestion control at the last look", UNIT_TEXT, 8,
			    8, 18, true, OF_FLOWS},
	[FIELD_LADDR] = {"LADDR:LPORT", "local address and port", UNIT_ADDR, 18, 47, 3, true,
			 OF_FLOWS},
	[FIELD_RADDR] = {"RADDR:RPORT", "remote address and port", UNIT_ADDR, 18, 47, 2, true,
			 OF_FLOWS},
	[FIELD_PROCESS] = {"PROCESS", "owner of the socket: name/pid", UNIT_TEXT, 11, 24, 9, true,
			   OF_ALL},
	[FIELD_USER] = {"USER", "user that the socket belongs to", UNIT_TEXT, 8, 16, 21, true,
			OF_ALL},
	[FIELD_UNIT] = {"UNIT", "systemd unit or container that the socket belongs to", UNIT_TEXT,
			12, 32, 22, true, OF_ALL},
	[FIELD_CGROUP] = {"CGROUP", "cgroup that the socket belongs to", UNIT_TEXT, 16, 48, 23,
			  true, OF_ALL},
	[FIELD_NETNS] = {"NETNS", "network namespace: its name, container or inode", UNIT_TEXT, 10,
			 20, 19, true, OF_ALL},
	[FIELD_HOST] = {"HOST", "host of the flow, where there are several (--host)", UNIT_TEXT, 8,
			20, 4, true, OF_ALL},
	[FIELD_AGE] = {"LAST", "time since the last retransmit or probe", UNIT_SECONDS, 6, 6, 20,
		       true, OF_WHOLE_FLOWS},
	[FIELD_HISTORY] = {"HISTORY", "segments sent again, newest to the right", UNIT_HISTORY, 8,
			   24, 10, false, OF_WHOLE_FLOWS},
	[FIELD_FLOWS] = {"FLOWS", "flows in the group", UNIT_COUNT, 6, 6, 3, false, OF_GROUPS},
	[FIELD_GROUP] = {"GROUP", "what the flows of the group have in common", UNIT_TEXT, 18, 48,
			 2, true, OF_GROUPS},
};

/* Letters, digits and what tells two titles apart; case and the rest are free. */
static bool same_name(const char *a, const char *b)
{
	for (;;) {
		while (*a && !isalnum((unsigned char)*a) && *a != '/')
			a++;
		while (*b && !isalnum((unsigned char)*b) && *b != '/')
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (!*a)
			return true;
		a++;
		b++;
	}
}

enum field_id field_find(const char *name)
{
	static const struct {
		const char *name;
		enum field_id id;
	} aliases[] = {{"laddr", FIELD_LADDR},        {"raddr", FIELD_RADDR},
		       {"local", FIELD_LADDR},        {"remote", FIELD_RADDR},
		       {"retrans", FIELD_RETR},       {"rate", FIELD_RETR_RATE},
		       {"retrans bytes", FIELD_BYTES}};

	for (int id = 0; id < FIELDS; id++)
		if (same_name(fields[id].title, name))
			return (enum field_id)id;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
		if (same_name(aliases[i].name, name))
			return aliases[i].id;
	return FIELDS;
}
