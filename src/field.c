// SPDX-License-Identifier: GPL-2.0-only
#include "src/field.h"

#include <stdio.h>
#include <string.h>

#include "src/format.h"
#include "src/model.h"
#include "src/names.h"
#include "src/sanitise.h"
#include "src/view.h"

/* No field has negative values. */
#define UNKNOWN (-1.0)

/* What an accessor may need besides the flow. */
struct lens {
	const struct model *m;
	const struct view *v;
};

/* What rates are of. */
static struct counts counts_lately(const struct lens *l, const struct flow *f)
{
	return l->v->whole_run ? flow_sum(f) : flow_interval(l->m, f);
}

static double rate(const struct lens *l, double n)
{
	const struct model *m = l->m;
	double seconds = l->v->whole_run ? model_age(m, m->start_ns) : m->interval.elapsed;

	return seconds > 0 ? n / seconds : 0;
}

/* Of a sampled socket only; 0 is the kernel's word for "never measured" where zero_unknown. */
static double sampled(const struct flow *f, double n, bool zero_unknown)
{
	return f->flags & FLOW_SAMPLED && (n > 0 || !zero_unknown) ? n : UNKNOWN;
}

bool field_is_of(enum field_id id, enum group_by rows)
{
	switch (fields[id].rows) {
	case OF_FLOWS:
		return rows == GROUP_FLOW;
	case OF_WHOLE_FLOWS:
		return rows != GROUP_CAUSE;
	case OF_GROUPS:
		return rows != GROUP_FLOW;
	case OF_ALL:
		break;
	}
	return true;
}

/* Among the flows of a cause only its segments count: they add up to what its group says. */
static double segs_shown(const struct lens *l, struct counts c)
{
	const struct group_key *within = &l->v->within;

	return (double)(within->by == GROUP_CAUSE ? c.segs[within->cause]
						  : counts_shown(&c, l->v->tlp));
}

static bool is_known_of(enum field_id id, const struct flow *f)
{
	const struct group *g = flow_group(f);

	return field_is_of(id, g ? (enum group_by)g->key.by : GROUP_FLOW);
}

static unsigned int history_of(const struct model *m, const struct view *v, const struct flow *f,
			       unsigned int ticks_ago)
{
	const struct group *g = flow_group(f);

	return g ? group_history(g, ticks_ago, v->tlp) : flow_history(m, f, ticks_ago, v->tlp);
}

double field_bar(const struct model *m, const struct view *v, const struct flow *f,
		 unsigned int ticks_ago)
{
	return history_bar(m, ticks_ago, history_of(m, v, f, ticks_ago));
}

static double history_sum(const struct lens *l, const struct flow *f)
{
	double sum = 0;

	for (unsigned int i = 0; i < HISTORY; i++)
		sum += history_of(l->m, l->v, f, i);
	return sum;
}

/* A record may be read while it is written: the bytes of the probes may be ahead of them all. */
static double bytes_shown(struct counts c, bool with_tlp)
{
	if (with_tlp)
		return (double)c.bytes;
	return c.bytes > c.tlp_bytes ? (double)(c.bytes - c.tlp_bytes) : 0;
}

/* The number of a numeric field; negative where not known. */
static double number_of(enum field_id id, const struct lens *l, const struct flow *f)
{
	const struct group *g = flow_group(f);

	if (!is_known_of(id, f))
		return UNKNOWN;
	switch (id) {
	case FIELD_RETR:
		return segs_shown(l, flow_sum(f));
	case FIELD_RETR_RATE:
		return rate(l, segs_shown(l, counts_lately(l, f)));
	case FIELD_TLP:
		return (double)flow_sum(f).segs[CAUSE_TLP];
	case FIELD_SYNACK:
		return (double)flow_sum(f).segs[CAUSE_SYNACK];
	case FIELD_RATIO:
		return g ? group_ratio(g) : flow_ratio(f);
	case FIELD_RTO_WAIT:
		return (double)flow_sum(f).rto_wait_us / 1e6;
	case FIELD_RTO_WAIT_RATE:
		return rate(l, (double)counts_lately(l, f).rto_wait_us / 1e6);
	case FIELD_BYTES:
		return bytes_shown(flow_sum(f), l->v->tlp);
	case FIELD_SPURIOUS:
		return (double)flow_sum(f).spurious;
	case FIELD_RTT:
		return sampled(f, f->sock.srtt_us / 1e6, true);
	case FIELD_RTTVAR:
		return sampled(f, f->sock.srtt_us ? f->sock.rttvar_us / 1e6 : 0, true);
	case FIELD_RTO:
		return sampled(f, f->sock.rto_us / 1e6, true);
	case FIELD_BACKOFF:
		return sampled(f, f->sock.backoff, false);
	case FIELD_CWND:
		return sampled(f, f->sock.cwnd, false);
	case FIELD_SSTHRESH:
		return sampled(f, sock_ssthresh(&f->sock), true);
	case FIELD_IN_FLIGHT:
		return sampled(f, sock_in_flight(&f->sock), false);
	case FIELD_MSS:
		return sampled(f, f->sock.mss, true);
	case FIELD_AGE:
		return model_age(l->m, f->last_ns);
	case FIELD_HISTORY:
		return history_sum(l, f);
	case FIELD_FLOWS:
		return g ? (double)g->nflows : UNKNOWN;
	default:
		return UNKNOWN;
	}
}

/* Text of strangers, or NULL where not known. */
static bool clean_text(const char *text, char *buf, size_t size)
{
	if (text)
		sanitise(text, SIZE_MAX, buf, size);
	return text;
}

/* Without a source that gives it a name, a namespace goes by its number. */
static bool netns_text(const struct flow *f, const char *name, char *buf, size_t size)
{
	if (name)
		return clean_text(name, buf, size);
	snprintf(buf, size, "%u", f->key.netns);
	return f->key.netns;
}

/* A host by its name, where names are shown. */
static bool group_text(const struct view *v, const struct group_key *k, char *buf, size_t size)
{
	const char *name = NULL;

	if (k->by == GROUP_REMOTE)
		name = names_find(v->names, k->part.family, k->part.raddr, true);
	if (!name)
		return group_label(k, buf, size);
	snprintf(buf, size, "%s", name);
	return true;
}

/* The text of a text field; false where not known. */
static bool text_of(enum field_id id, const struct view *v, const struct flow *f, char *buf,
		    size_t size)
{
	unsigned int cause = v->tlp ? f->last_cause_tlp : f->last_cause;
	const struct group *g = flow_group(f);
	struct owner owner;

	if (!is_known_of(id, f))
		return false;
	owner = flow_owner(f);
	switch (id) {
	case FIELD_CAUSE:
		snprintf(buf, size, "%s", cause_name(cause));
		return cause < CAUSES;
	case FIELD_STATE:
		snprintf(buf, size, "%s", state_name(f->sock.state));
		return f->sock.state;
	case FIELD_CA_STATE:
		snprintf(buf, size, "%s", ca_state_name(f->sock.ca_state));
		return f->flags & FLOW_SAMPLED;
	case FIELD_CC:
		return f->flags & FLOW_SAMPLED && clean_text(flow_shared(f)->cong, buf, size);
	case FIELD_LADDR:
	case FIELD_RADDR:
		names_endpoint(v->names, &f->key, id == FIELD_RADDR, true, buf, size);
		return true;
	case FIELD_PROCESS:
		format_process(&owner, buf, size);
		return owner.pid;
	case FIELD_USER:
		return clean_text(owner.user, buf, size);
	case FIELD_UNIT:
		return clean_text(owner.unit, buf, size);
	case FIELD_CGROUP:
		return clean_text(owner.cgroup, buf, size);
	case FIELD_HOST:
		return clean_text(owner.host, buf, size);
	case FIELD_NETNS:
		return netns_text(f, owner.netns, buf, size);
	case FIELD_GROUP:
		return g && group_text(v, &g->key, buf, size);
	default:
		return false;
	}
}

static bool is_text(enum field_id id)
{
	return fields[id].unit == UNIT_TEXT || fields[id].unit == UNIT_ADDR;
}

void field_get(enum field_id id, const struct model *m, const struct view *v, const struct flow *f,
	       struct value *out)
{
	struct lens l = {m, v};

	out->text[0] = '\0';
	out->number = 0;
	if (is_text(id)) {
		out->known = text_of(id, v, f, out->text, sizeof(out->text));
	} else {
		out->number = number_of(id, &l, f);
		out->known = out->number >= 0;
	}
}

void field_text(enum field_id id, const struct value *val, unsigned int width, char *buf,
		size_t size)
{
	if (!val->known) {
		snprintf(buf, size, "-");
		return;
	}
	switch (fields[id].unit) {
	case UNIT_COUNT:
	case UNIT_RATE:
		format_count(val->number, width, buf, size);
		break;
	case UNIT_PERCENT:
		format_percent(val->number, width, buf, size);
		break;
	case UNIT_SECONDS:
		format_seconds(val->number, width, buf, size);
		break;
	case UNIT_BYTES:
		format_bytes(val->number, width, buf, size);
		break;
	case UNIT_TEXT:
	case UNIT_ADDR:
		sanitise(val->text, sizeof(val->text), buf, size); /* cuts at a whole character */
		break;
	case UNIT_HISTORY:
		*buf = '\0';
		break;
	}
}

void field_sort_key(enum field_id id, const struct model *m, const struct view *v,
		    const struct flow *f, struct sort_key *key)
{
	struct lens l = {m, v};

	key->text[0] = '\0';
	if (fields[id].unit == UNIT_TEXT)
		key->number = text_of(id, v, f, key->text, sizeof(key->text)) ? 0 : UNKNOWN;
	else
		key->number = fields[id].unit == UNIT_ADDR ? 0 : number_of(id, &l, f);
}

static int order_known(enum field_id id, const struct sort_key *ka, const struct flow *a,
		       const struct sort_key *kb, const struct flow *b)
{
	if (fields[id].unit == UNIT_ADDR)
		return flow_key_order(&a->key, &b->key, id == FIELD_RADDR);
	if (id == FIELD_GROUP)
		return group_order(&flow_group(a)->key, &flow_group(b)->key);
	/* Paths are longer than a key, and begin alike. */
	if (id == FIELD_CGROUP)
		return strcmp(flow_shared(a)->cgroup, flow_shared(b)->cgroup);
	if (fields[id].unit == UNIT_TEXT)
		return strcmp(ka->text, kb->text);
	if (ka->number == kb->number)
		return 0;
	return (ka->number < kb->number) == fields[id].ascending ? -1 : 1;
}

int field_order(const struct view *v, const struct sort_key *ka, const struct flow *a,
		const struct sort_key *kb, const struct flow *b)
{
	bool known_a = ka->number >= 0, known_b = kb->number >= 0;
	int order;

	if (known_a != known_b)
		return known_a ? -1 : 1;
	order = known_a ? order_known(v->sort, ka, a, kb, b) : 0;
	return v->reverse ? -order : order;
}
