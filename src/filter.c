// SPDX-License-Identifier: GPL-2.0-only
#include "src/filter.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/filter_node.h"
#include "src/format.h"
#include "src/names.h"
#include "src/sanitise.h"
#include "src/view.h"

/* ---- What is matched: a flow, or an event with the flow it belongs to */

struct subject {
	const struct model *m;
	const struct view *v;
	const struct flow_key *key;
	struct owner owner;
	unsigned int state, cause;
	const struct flow *flow; /* NULL if the model does not know it (yet) */
	bool event;
};

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int rest = bits % 8;

	if (memcmp(a, b, bits / 8))
		return false;
	return !rest || !((a[bits / 8] ^ b[bits / 8]) >> (8 - rest));
}

static bool match_net(const struct filter *f, const struct flow_key *k)
{
	if (f->family != k->family)
		return false;
	return (f->end != END_REMOTE && same_bits(f->addr, k->laddr, f->bits)) ||
	       (f->end != END_LOCAL && same_bits(f->addr, k->raddr, f->bits));
}

static bool match_port(const struct filter *f, const struct flow_key *k)
{
	return (f->end != END_REMOTE && k->lport >= f->number && k->lport <= f->most) ||
	       (f->end != END_LOCAL && k->rport >= f->number && k->rport <= f->most);
}

static bool match_process(const struct filter *f, const struct owner *o)
{
	char comm[64];

	if (!o->pid)
		return false;
	sanitise(o->comm, sizeof(o->comm), comm, sizeof(comm));
	return !strcasecmp(comm, f->word);
}

static bool compare(double a, enum op op, double b)
{
	switch (op) {
	case OP_LESS:
		return a < b;
	case OP_LESS_EQUAL:
		return a <= b;
	case OP_GREATER:
		return a > b;
	case OP_GREATER_EQUAL:
		return a >= b;
	case OP_EQUAL:
		return a == b;
	case OP_NOT_EQUAL:
		return a != b;
	}
	return false;
}

/* What is not known is neither more nor less than anything. */
static bool match_column(const struct filter *f, const struct subject *s)
{
	struct value val;

	if (!s->flow)
		return false;
	field_get(f->field, s->m, s->v, s->flow, &val);
	return val.known && compare(val.number, f->op, f->number);
}

/* What an event tells itself, its flow may say of a later one. */
static bool event_tells(const struct subject *s, enum field_id id)
{
	const struct owner *o = &s->owner;

	if (!s->event)
		return false;
	switch (id) {
	case FIELD_CAUSE:
	case FIELD_STATE:
		return true;
	case FIELD_PROCESS:
		return o->pid;
	case FIELD_USER:
		return o->user;
	case FIELD_UNIT:
	case FIELD_CGROUP:
		return o->cgroup;
	default:
		return false;
	}
}

/* In a text column of the row. */
static bool column_holds(const char *word, const struct subject *s)
{
	for (int id = 0; s->flow && id < FIELDS; id++) {
		struct value val;

		if (fields[id].unit != UNIT_TEXT || event_tells(s, (enum field_id)id))
			continue;
		field_get((enum field_id)id, s->m, s->v, s->flow, &val);
		if (val.known && strcasestr(val.text, word))
			return true;
	}
	return false;
}

/* Also by a name that is known, where names are shown. */
static bool endpoint_holds(const char *word, const struct subject *s, bool remote)
{
	char text[VALUE_TEXT];

	format_endpoint(s->key, remote, true, text, sizeof(text));
	if (strcasestr(text, word))
		return true;
	names_endpoint(s->v->names, s->key, remote, false, text, sizeof(text));
	return strcasestr(text, word);
}

static bool owner_holds(const char *word, const struct owner *o, uint32_t netns)
{
	const char *const names[] = {o->user, o->unit, o->cgroup, o->netns, o->host};
	char text[VALUE_TEXT];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i] && strcasestr(names[i], word))
			return true;
	}
	snprintf(text, sizeof(text), "%u", netns);
	if (!o->netns && strstr(text, word))
		return true;
	format_process(o, text, sizeof(text));
	return o->pid && strcasestr(text, word);
}

static bool match_word(const char *word, const struct subject *s)
{
	if (endpoint_holds(word, s, false) || endpoint_holds(word, s, true))
		return true;
	if (strcasestr(state_name(s->state), word) || strcasestr(cause_name(s->cause), word))
		return true;
	/* Its flow is not known before the next look, and then by what was last seen of it. */
	if (s->event && owner_holds(word, &s->owner, s->key->netns))
		return true;
	return column_holds(word, s);
}

static bool match(const struct filter *f, const struct subject *s)
{
	switch (f->kind) {
	case KIND_AND:
		return match(f->left, s) && match(f->right, s);
	case KIND_OR:
		return match(f->left, s) || match(f->right, s);
	case KIND_NOT:
		return !match(f->left, s);
	case KIND_NET:
		return match_net(f, s->key);
	case KIND_PORT:
		return match_port(f, s->key);
	case KIND_PROCESS:
		return match_process(f, &s->owner);
	case KIND_PID:
		return s->owner.pid && s->owner.pid == f->number;
	case KIND_CGROUP:
		return s->owner.cgroup && !fnmatch(f->word, s->owner.cgroup, 0);
	case KIND_NETNS:
		return *f->word ? s->owner.netns && !strcmp(s->owner.netns, f->word)
				: s->key->netns == f->number;
	case KIND_STATE:
		return !strcasecmp(state_name(s->state), f->word);
	case KIND_CAUSE:
		return !strcasecmp(cause_name(s->cause), f->word);
	case KIND_FAMILY:
		return !f->family || s->key->family == f->family;
	case KIND_COLUMN:
		return match_column(f, s);
	case KIND_WORD:
		return match_word(f->word, s);
	}
	return false;
}

static struct subject of_flow(const struct model *m, const struct view *v, const struct flow *f)
{
	return (struct subject){
		.m = m,
		.v = v,
		.key = &f->key,
		.owner = flow_owner(f),
		.state = f->sock.state,
		.cause = v->tlp ? f->last_cause_tlp : f->last_cause,
		.flow = f,
	};
}

static struct subject of_event(const struct model *m, const struct view *v,
			       const struct event_sample *e)
{
	return (struct subject){
		.m = m,
		.v = v,
		.key = &e->event.key,
		.owner = e->owner,
		.state = e->event.state,
		.cause = e->event.cause,
		.flow = model_find(m, &e->event.key),
		.event = true,
	};
}

bool filter_flow(const struct filter *filter, const struct model *m, const struct view *v,
		 const struct flow *f)
{
	struct subject s;

	if (!filter)
		return true;
	s = of_flow(m, v, f);
	return match(filter, &s);
}

bool filter_event(const struct filter *filter, const struct model *m, const struct view *v,
		  const struct event_sample *e)
{
	struct subject s;

	if (!filter)
		return true;
	s = of_event(m, v, e);
	return match(filter, &s);
}

bool filter_row_holds(const char *word, const struct model *m, const struct view *v,
		      const struct flow *row)
{
	const struct group *g = flow_group(row);
	struct subject s = of_flow(m, v, row);
	char label[VALUE_TEXT];

	if (!g)
		return match_word(word, &s);
	/* What the flows of a group do not have in common is none of its texts. */
	return column_holds(word, &s) ||
	       (group_label(&g->key, label, sizeof(label)) && strcasestr(label, word));
}

bool filter_event_holds(const char *word, const struct model *m, const struct view *v,
			const struct event_sample *e)
{
	struct subject s = of_event(m, v, e);

	return match_word(word, &s);
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	filter_free(filter->left);
	filter_free(filter->right);
	free(filter);
}
