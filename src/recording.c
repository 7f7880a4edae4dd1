// SPDX-License-Identifier: GPL-2.0-only
#include "src/recording.h"

static const struct wire_field key_fields[] = {
	WIRE(1, WIRE_UNSIGNED, struct flow_key, netns),
	WIRE(2, WIRE_UNSIGNED, struct flow_key, family),
	WIRE(3, WIRE_UNSIGNED, struct flow_key, lport),
	WIRE(4, WIRE_UNSIGNED, struct flow_key, rport),
	WIRE(5, WIRE_BYTES, struct flow_key, laddr),
	WIRE(6, WIRE_BYTES, struct flow_key, raddr),
	{0},
};

/* 1 to 31 are for causes. */
static const struct wire_field counts_fields[] = {
	WIRE(1, WIRE_UNSIGNED, struct counts, segs[CAUSE_RTO]),
	WIRE(2, WIRE_UNSIGNED, struct counts, segs[CAUSE_FAST]),
	WIRE(3, WIRE_UNSIGNED, struct counts, segs[CAUSE_RACK]),
	WIRE(4, WIRE_UNSIGNED, struct counts, segs[CAUSE_TLP]),
	WIRE(5, WIRE_UNSIGNED, struct counts, segs[CAUSE_SYN]),
	WIRE(6, WIRE_UNSIGNED, struct counts, segs[CAUSE_SYNACK]),
	WIRE(7, WIRE_UNSIGNED, struct counts, segs[CAUSE_PROBE]),
	WIRE(8, WIRE_UNSIGNED, struct counts, segs[CAUSE_MTU]),
	WIRE(9, WIRE_UNSIGNED, struct counts, segs[CAUSE_FAILED]),
	WIRE(10, WIRE_UNSIGNED, struct counts, segs[CAUSE_OTHER]),
	WIRE(32, WIRE_UNSIGNED, struct counts, bytes),
	WIRE(33, WIRE_UNSIGNED, struct counts, tlp_bytes),
	WIRE(34, WIRE_UNSIGNED, struct counts, rto_wait_us),
	WIRE(35, WIRE_UNSIGNED, struct counts, tlp_attempts),
	WIRE(36, WIRE_UNSIGNED, struct counts, tlp_sent),
	WIRE(37, WIRE_UNSIGNED, struct counts, unattributed),
	WIRE(38, WIRE_UNSIGNED, struct counts, spurious),
	WIRE(39, WIRE_UNSIGNED, struct counts, dsacks),
	WIRE(40, WIRE_UNSIGNED, struct counts, undos),
	{0},
};

static const struct wire_field sock_fields[] = {
	WIRE(1, WIRE_UNSIGNED, struct sock_sample, inode),
	WIRE(2, WIRE_UNSIGNED, struct sock_sample, cgroup),
	WIRE(3, WIRE_UNSIGNED, struct sock_sample, bytes_sent),
	WIRE(4, WIRE_UNSIGNED, struct sock_sample, uid),
	WIRE(5, WIRE_UNSIGNED, struct sock_sample, total_retrans),
	WIRE(6, WIRE_UNSIGNED, struct sock_sample, data_segs_out),
	WIRE(7, WIRE_UNSIGNED, struct sock_sample, srtt_us),
	WIRE(8, WIRE_UNSIGNED, struct sock_sample, rttvar_us),
	WIRE(9, WIRE_UNSIGNED, struct sock_sample, rto_us),
	WIRE(10, WIRE_UNSIGNED, struct sock_sample, cwnd),
	WIRE(11, WIRE_UNSIGNED, struct sock_sample, ssthresh),
	WIRE(12, WIRE_UNSIGNED, struct sock_sample, packets_out),
	WIRE(13, WIRE_UNSIGNED, struct sock_sample, lost_out),
	WIRE(14, WIRE_UNSIGNED, struct sock_sample, sacked_out),
	WIRE(15, WIRE_UNSIGNED, struct sock_sample, retrans_out),
	WIRE(16, WIRE_UNSIGNED, struct sock_sample, mss),
	WIRE(17, WIRE_UNSIGNED, struct sock_sample, snd_wnd),
	WIRE(18, WIRE_UNSIGNED, struct sock_sample, dsack_dups),
	WIRE(19, WIRE_UNSIGNED, struct sock_sample, reordering),
	WIRE(20, WIRE_UNSIGNED, struct sock_sample, state),
	WIRE(21, WIRE_UNSIGNED, struct sock_sample, ca_state),
	WIRE(22, WIRE_UNSIGNED, struct sock_sample, backoff),
	WIRE(23, WIRE_BYTES, struct sock_sample, cong),
	{0},
};

static const struct wire_field rec_fields[] = {
	WIRE(1, WIRE_UNSIGNED, struct flow_rec, first_ns),
	WIRE(2, WIRE_UNSIGNED, struct flow_rec, last_ns),
	WIRE(3, WIRE_UNSIGNED, struct flow_rec, change_ns),
	WIRE(4, WIRE_UNSIGNED, struct flow_rec, sample_ns),
	WIRE(5, WIRE_UNSIGNED, struct flow_rec, last_cause),
	WIRE(6, WIRE_UNSIGNED, struct flow_rec, last_cause_tlp),
	WIRE(7, WIRE_UNSIGNED, struct flow_rec, flags),
	WIRE(8, WIRE_SIGNED, struct flow_rec, last_err),
	WIRE_NESTED(9, struct flow_rec, counts, counts_fields),
	WIRE_NESTED(10, struct flow_rec, sock, sock_fields),
	{0},
};

static const struct wire_field owner_fields[] = {
	WIRE(1, WIRE_SIGNED, struct recorded_owner, pid),
	WIRE(2, WIRE_UNSIGNED, struct recorded_owner, others),
	WIRE(3, WIRE_BYTES, struct recorded_owner, comm),
	WIRE(4, WIRE_UNSIGNED, struct recorded_owner, cgroup),
	WIRE(5, WIRE_UNSIGNED, struct recorded_owner, unit),
	WIRE(6, WIRE_UNSIGNED, struct recorded_owner, netns),
	WIRE(7, WIRE_UNSIGNED, struct recorded_owner, user),
	{0},
};

const struct wire_field recording_flow[] = {
	WIRE_NESTED(1, struct recorded_flow, key, key_fields),
	WIRE_NESTED(2, struct recorded_flow, rec, rec_fields),
	WIRE_NESTED(3, struct recorded_flow, owner, owner_fields),
	{0},
};

static const struct wire_field event_fields[] = {
	WIRE(1, WIRE_UNSIGNED, struct event, time_ns),
	WIRE(2, WIRE_UNSIGNED, struct event, inode),
	WIRE(3, WIRE_UNSIGNED, struct event, cgroup),
	WIRE(4, WIRE_UNSIGNED, struct event, uid),
	WIRE(5, WIRE_UNSIGNED, struct event, seq),
	WIRE(6, WIRE_UNSIGNED, struct event, segs),
	WIRE(7, WIRE_UNSIGNED, struct event, kind),
	WIRE(8, WIRE_UNSIGNED, struct event, cause),
	WIRE(9, WIRE_UNSIGNED, struct event, state),
	WIRE(10, WIRE_UNSIGNED, struct event, sent),
	WIRE(11, WIRE_SIGNED, struct event, err),
	WIRE_NESTED(12, struct event, key, key_fields),
	{0},
};

const struct wire_field recording_event[] = {
	WIRE_NESTED(1, struct recorded_event, event, event_fields),
	WIRE_NESTED(2, struct recorded_event, owner, owner_fields),
	{0},
};

static const struct wire_field totals_fields[] = {
	WIRE_NESTED(1, struct totals, counts, counts_fields),
	WIRE(2, WIRE_UNSIGNED, struct totals, inserts),
	WIRE(3, WIRE_UNSIGNED, struct totals, insert_failed),
	WIRE(4, WIRE_UNSIGNED, struct totals, events_lost),
	WIRE(5, WIRE_UNSIGNED, struct totals, events_left_out),
	WIRE(6, WIRE_UNSIGNED, struct totals, netns_failed),
	{0},
};

static const struct wire_field coverage_fields[] = {
	WIRE(1, WIRE_UNSIGNED, struct coverage, seen),
	WIRE(2, WIRE_UNSIGNED, struct coverage, kernel),
	WIRE(3, WIRE_UNSIGNED, struct coverage, netns),
	WIRE(4, WIRE_UNSIGNED, struct coverage, unread),
	{0},
};

const struct wire_field recording_rest[] = {
	WIRE(1, WIRE_UNSIGNED, struct snapshot, now_ns),
	WIRE(2, WIRE_SIGNED, struct snapshot, realtime_offset_ns),
	WIRE(3, WIRE_UNSIGNED, struct snapshot, tracked),
	WIRE(4, WIRE_UNSIGNED, struct snapshot, evicted),
	WIRE(5, WIRE_UNSIGNED, struct snapshot, cpu_ns),
	WIRE_NESTED(6, struct snapshot, totals, totals_fields),
	WIRE_NESTED(7, struct snapshot, coverage, coverage_fields),
	{0},
};

const struct wire_field recording_info[] = {
	WIRE(1, WIRE_BYTES, struct source_info, host),
	WIRE(2, WIRE_BYTES, struct source_info, release),
	WIRE(3, WIRE_UNSIGNED, struct source_info, start_ns),
	WIRE(4, WIRE_UNSIGNED, struct source_info, max_flows),
	WIRE(5, WIRE_UNSIGNED, struct source_info, tlp_way),
	WIRE(6, WIRE_UNSIGNED, struct source_info, undos_known),
	WIRE(7, WIRE_UNSIGNED, struct source_info, probes),
	WIRE(8, WIRE_UNSIGNED, struct source_info, probes_wanted),
	WIRE(9, WIRE_UNSIGNED, struct source_info, errors_unknown),
	{0},
};
