// SPDX-License-Identifier: GPL-2.0-only
#include "ui/severity.h"

/* Where harm begins and where it is serious; in the field's unit. */
static const struct threshold {
	enum field_id id;
	double warn, bad;
	bool judges_flow; /* a figure of now, not of the past */
} thresholds[] = {
	{FIELD_RETR_RATE, 10, 100, true},
	{FIELD_RTO_WAIT_RATE, 0.1, 0.5, true}, /* of each second spent waiting */
	{FIELD_RATIO, 0.01, 0.05, true},
	{FIELD_RTO, 1, 5, false}, /* a timer that has backed off */
};

#define THRESHOLDS (sizeof(thresholds) / sizeof(thresholds[0]))

/* A share of a handful says nothing. */
enum { LEAST_FOR_RATIO = 10 };

static uint64_t retransmitted(const struct flow *f)
{
	const struct group *g = flow_group(f);

	return g ? g->total_retrans : f->sock.total_retrans;
}

static enum severity judge(const struct threshold *t, const struct value *val, const struct flow *f)
{
	const struct group *g = flow_group(f);
	double number = val->number;

	/* Many flows that wait a little now and then are fine: judged by the wait of each. */
	if (g && t->id == FIELD_RTO_WAIT_RATE)
		number /= (double)g->nflows;
	if (!val->known || number < t->warn)
		return SEVERITY_FINE;
	if (t->id == FIELD_RATIO && retransmitted(f) < LEAST_FOR_RATIO)
		return SEVERITY_FINE;
	return number < t->bad ? SEVERITY_WARN : SEVERITY_BAD;
}

enum severity severity_of(enum field_id id, const struct value *val, const struct flow *f)
{
	for (size_t i = 0; i < THRESHOLDS; i++) {
		if (thresholds[i].id == id)
			return judge(&thresholds[i], val, f);
	}
	return SEVERITY_FINE;
}

/* One that waits for a timer that has backed off sends nothing meanwhile: no figure of the interval
 * tells of it. */
static enum severity judge_silence(const struct model *m, const struct flow *f)
{
	unsigned int timeouts = flow_group(f) || f->flags & FLOW_CLOSED ? 0 : flow_timeouts(m, f);

	if (timeouts < 2)
		return SEVERITY_FINE;
	return timeouts < 3 ? SEVERITY_WARN : SEVERITY_BAD;
}

enum severity severity_of_flow(const struct model *m, const struct view *v, const struct flow *f)
{
	enum severity worst = judge_silence(m, f);

	for (size_t i = 0; i < THRESHOLDS; i++) {
		struct value val;
		enum severity s;

		if (!thresholds[i].judges_flow)
			continue;
		field_get(thresholds[i].id, m, v, f, &val);
		s = judge(&thresholds[i], &val, f);
		if (s > worst)
			worst = s;
	}
	return worst;
}

enum role severity_role(enum severity s)
{
	return s == SEVERITY_BAD ? ROLE_BAD : s == SEVERITY_WARN ? ROLE_WARN : ROLE_TEXT;
}
