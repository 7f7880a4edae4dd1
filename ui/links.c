// SPDX-License-Identifier: GPL-2.0-only
#include "ui/links.h"

#include <stdio.h>
#include <string.h>

#include "ui/state.h"

static const char *word_of(enum link_state state)
{
	switch (state) {
	case LINK_CONNECTING:
		return "CONNECTING";
	case LINK_STALLED:
		return "STALLED";
	case LINK_WAITING:
		return "RETRYING";
	case LINK_ENDED:
		return "ENDED";
	case LINK_LIVE:
		break;
	}
	return "";
}

/* The first of them by name, the rest as a number. */
static void describe(const struct links *l, char *buf, size_t size)
{
	const struct link_look *first = NULL;
	char name[72] = "", more[20] = "", ago[16] = "";
	unsigned int others = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (l->looks[i].state == LINK_LIVE)
			continue;
		others += first != NULL;
		first = first ? first : &l->looks[i];
	}
	*buf = '\0';
	if (!first)
		return;
	if (l->n > 1)
		text_shorten(first->host, 16, SHORTEN_END, name, sizeof(name) - 2);
	if (*name)
		strcat(name, ": ");
	if (first->state != LINK_ENDED && first->seconds)
		snprintf(ago, sizeof(ago), " %u s", first->seconds);
	if (others)
		snprintf(more, sizeof(more), ", %u more", others);
	snprintf(buf, size, " %s%s%s%s ", name, word_of(first->state), ago, more);
}

/* The last words of a link that was lost, once. */
static void tell(struct state *s, const struct link_look *look)
{
	struct links *l = &s->links;

	if (look->state != LINK_WAITING || !*look->why)
		return;
	if (!strncmp(l->told, look->why, sizeof(l->told) - 1))
		return;
	snprintf(l->told, sizeof(l->told), "%s", look->why);
	state_notice(s, "%s", look->why);
}

bool links_look(struct state *s, struct source *source)
{
	struct links *l = &s->links;
	char bad[sizeof(l->bad)], told[sizeof(l->told)];
	bool changed;

	l->n = source_links(source, l->looks, FLEET_MOST);
	describe(l, bad, sizeof(bad));
	memcpy(told, l->told, sizeof(told));
	for (size_t i = 0; i < l->n; i++)
		tell(s, &l->looks[i]);
	changed = strcmp(bad, l->bad) != 0 || strcmp(told, l->told) != 0;
	memcpy(l->bad, bad, sizeof(bad));
	return changed;
}

void links_add_title(const struct state *s, struct line *l)
{
	if (*s->links.bad)
		line_add(l, 0, ROLE_PAUSED, "", 0, "%s", s->links.bad);
}

bool links_has_lost(const struct state *s, const struct flow *f)
{
	return f->key.host && f->key.host <= s->links.n &&
	       s->links.looks[f->key.host - 1].state != LINK_LIVE;
}
