// SPDX-License-Identifier: GPL-2.0-only
#include "ui/figures.h"

#include "src/format.h"
#include "src/sanitise.h"
#include "ui/section.h"
#include "ui/severity.h"

/* As the table has it, with its severity. */
static void add_field(struct section *sec, const struct subject *who, const char *label,
		      enum field_id id)
{
	struct value val;
	char text[VALUE_TEXT];

	field_get(id, &who->s->model, &who->s->view, who->f, &val);
	field_text(id, &val, 12, text, sizeof(text));
	section_add(sec, severity_role(severity_of(id, &val, who->f)), label, "%.40s", text);
}

static void add_probes(struct section *sec, const struct subject *who)
{
	const struct counts sum = flow_sum(who->f), *c = &sum;
	char attempts[16], sent[16];

	format_count((double)c->tlp_attempts, 5, attempts, sizeof(attempts));
	format_count((double)c->tlp_sent, 5, sent, sizeof(sent));
	if (who->s->model.info.tlp_way == TLP_NONE)
		section_add(sec, ROLE_TEXT, "TLP", "? sent");
	else
		section_add(sec, ROLE_PROBE, "TLP", "%s sent of %s", sent, attempts);
}

static void add_share(struct section *sec, const char *label, uint64_t n, uint64_t of)
{
	char count[16], share[16];

	format_count((double)n, 7, count, sizeof(count));
	format_percent(of ? (double)n / (double)of : 0, 5, share, sizeof(share));
	if (n)
		section_add(sec, ROLE_TEXT, label, "%7s %6s", count, share);
	else
		section_add(sec, ROLE_QUIET, label, "%7s", count);
}

static void add_spurious(struct section *sec, const struct counts *c)
{
	uint64_t all = counts_shown(c, true);
	char count[16], share[16];

	format_count((double)c->spurious, 7, count, sizeof(count));
	format_percent(all ? (double)c->spurious / (double)all : 0, 5, share, sizeof(share));
	section_add(sec, ROLE_TEXT, "SPURIOUS", c->spurious ? "%s, %s" : "%s", count, share);
}

/* What is counted flow by flow, and not by cause. */
static void add_in_vain(struct section *sec, const struct subject *who, const struct counts *sum)
{
	const struct group *g = flow_group(who->f);

	if (g && !field_is_of(FIELD_SPURIOUS, (enum group_by)g->key.by)) {
		section_add(sec, ROLE_TEXT, "SPURIOUS", "-");
		section_add(sec, ROLE_TEXT, "DSACKs", "-");
		section_add(sec, ROLE_TEXT, "UNDONE", "-");
		return;
	}
	add_spurious(sec, sum);
	section_add_count(sec, "DSACKs", (double)sum->dsacks);
	if (who->s->model.info.undos_known)
		section_add(sec, ROLE_TEXT, "UNDONE", "%llu recover%s",
			    (unsigned long long)sum->undos, sum->undos == 1 ? "y" : "ies");
	else
		section_add(sec, ROLE_TEXT, "UNDONE", "?");
}

static void fill_sent_again(struct section *sec, const struct subject *who)
{
	const struct flow *f = who->f;
	const struct counts sum = flow_sum(f);
	uint8_t cause = who->s->view.tlp ? f->last_cause_tlp : f->last_cause;

	sec->title = who->s->view.tlp ? "Sent again, with TLPs" : "Sent again";
	add_field(sec, who, "RETR", FIELD_RETR);
	add_field(sec, who, "RETR/s", FIELD_RETR_RATE);
	add_field(sec, who, "RATIO", FIELD_RATIO);
	add_field(sec, who, "BYTES", FIELD_BYTES);
	add_field(sec, who, "RTO WAIT", FIELD_RTO_WAIT);
	add_probes(sec, who);
	add_in_vain(sec, who, &sum);
	section_add(sec, ROLE_TEXT, "CAUSE", "%s",
		    cause < CAUSES                         ? cause_name(cause)
		    : counts_shown(&sum, who->s->view.tlp) ? "several"
							   : "none");
	section_add_seconds(sec, "LAST", true, model_age(&who->s->model, f->last_ns), " ago");
	section_add(sec, f->last_err ? ROLE_BAD : ROLE_TEXT, "SEND ERR", "%s",
		    f->last_err                         ? error_name(f->last_err)
		    : who->s->model.info.errors_unknown ? "?"
							: "none");
}

static void fill_causes(struct section *sec, const struct subject *who)
{
	const struct counts sum = flow_sum(who->f), *c = &sum;

	sec->title = "By cause";
	for (unsigned int cause = 0; cause < CAUSES; cause++) {
		if (cause_is_known(&who->s->model.info, cause))
			add_share(sec, cause_name(cause), c->segs[cause], counts_shown(c, true));
		else
			section_add(sec, ROLE_QUIET, cause_name(cause), "%7s", "?");
	}
}

static void add_flight(struct section *sec, const struct socket_look *k)
{
	char text[24], sacked[16], lost[16];

	format_count(look_in_flight(k), 6, text, sizeof(text));
	format_count(k->sacked, 5, sacked, sizeof(sacked));
	format_count(k->lost, 5, lost, sizeof(lost));
	section_add(sec, ROLE_TEXT, "IN FLIGHT", "%s", text);
	section_add(sec, ROLE_TEXT, "SACKED", "%s", sacked);
	section_add(sec, k->lost ? ROLE_WARN : ROLE_TEXT, "LOST", "%s", lost);
}

static void fill_connection(struct section *sec, const struct subject *who)
{
	const struct socket_look *k = &who->sock;
	char cong[32], window[24];

	sec->title = "Connection";
	section_add(sec, ROLE_TEXT, "STATE", "%s", state_name(k->state));
	if (!who->sampled)
		return;
	sanitise(k->cong, sizeof(k->cong), cong, sizeof(cong));
	section_add(sec, ROLE_TEXT, "CC", "%s", cong);
	section_add(sec, ROLE_TEXT, "CA", "%s", ca_state_name(k->ca_state));
	section_add_seconds(sec, "RTT", k->rtt_us, k->rtt_us / 1e6, "");
	section_add_seconds(sec, "RTTVAR", k->rttvar_us, k->rttvar_us / 1e6, "");
	section_add_seconds(sec, "RTO", true, k->rto_us / 1e6, "");
	section_add(sec, k->backoff ? ROLE_WARN : ROLE_TEXT, "BACKOFF", "%u", k->backoff);
	section_add_count(sec, "CWND", k->cwnd);
	if (look_ssthresh(k))
		section_add_count(sec, "SSTHRESH", look_ssthresh(k));
	else
		section_add(sec, ROLE_TEXT, "SSTHRESH", "none yet");
	add_flight(sec, k);
	section_add_count(sec, "MSS", k->mss);
	format_bytes(k->snd_wnd, 10, window, sizeof(window));
	section_add(sec, k->snd_wnd ? ROLE_TEXT : ROLE_WARN, "SND WND", "%s", window);
	section_add_count(sec, "REORDER", k->reordering);
}

/* What only the socket itself can tell. */
static void fill_live(struct section *sec, const struct subject *who)
{
	const struct socket_look *k = &who->sock;
	char text[24];

	sec->title = "Just now";
	section_add(sec, k->retransmits ? ROLE_WARN : ROLE_TEXT, "TIMEOUTS", "%u in a row",
		    k->retransmits);
	section_add_seconds(sec, "LAST ACK", true, k->last_ack_ms / 1e3, " ago");
	section_add_seconds(sec, "DATA SENT", true, k->last_sent_ms / 1e3, " ago");
	format_bytes(k->queued, 10, text, sizeof(text));
	section_add(sec, ROLE_TEXT, "SEND QUEUE", "%s", text);
	format_bytes((double)k->delivery_rate, 10, text, sizeof(text));
	section_add(sec, ROLE_TEXT, "DELIVERY", "%s/s", text);
	section_add_seconds(sec, "MIN RTT", k->min_rtt_us && k->min_rtt_us != UINT32_MAX,
			    k->min_rtt_us / 1e6, "");
}

void figures_of_flow(struct sheet *sh, const struct subject *who)
{
	struct section sections[4] = {{.n = 0}};
	int n = 3;

	fill_sent_again(&sections[0], who);
	fill_connection(&sections[1], who);
	fill_causes(&sections[2], who);
	if (who->live)
		fill_live(&sections[n++], who);
	sections_draw(sh, sections, n);
}

void figures_of_group(struct sheet *sh, const struct subject *who)
{
	struct section sections[2] = {{.n = 0}};

	fill_sent_again(&sections[0], who);
	fill_causes(&sections[1], who);
	sections_draw(sh, sections, 2);
}
