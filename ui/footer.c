// SPDX-License-Identifier: GPL-2.0-only
/* The last line: the main keys, or a word to the user. */
#include "ui/parts.h"

#include <stdio.h>

#include "ui/fit.h"

enum { GAP = 2 };

struct label {
	char key[16];
	const struct binding *binding;
};

/* "F1 Help": the key, then what it does. */
static int make_label(const struct binding *b, struct label *l)
{
	key_label(b->keys[0], l->key, sizeof(l->key));
	l->binding = b;
	return text_width(l->key) + 1 + text_width(b->footer);
}

static void draw_label(struct state *s, const struct label *l, int x, int width)
{
	const ink *inks = s->pen.theme.plain;
	int y = s->frame.footer.y;
	int key = draw_text(&s->pen, y, x, width, inks[ROLE_KEY], l->key);

	draw_text(&s->pen, y, x + key + 1, width - key - 1, inks[ROLE_LABEL], l->binding->footer);
	s->buttons[s->nbuttons++] = (struct button){x, width, l->binding->action};
}

static void draw_keys(struct state *s)
{
	struct label labels[MOST_BUTTONS];
	struct fit fit[MOST_BUTTONS];
	int n = 0, x = s->frame.footer.x + 1;

	for (const struct binding *b = bindings; b->action && n < MOST_BUTTONS; b++) {
		if (!b->footer)
			continue;
		fit[n] = (struct fit){make_label(b, &labels[n]), b->priority, false};
		n++;
	}
	fit_row(fit, n, GAP, s->frame.footer.w - 1);
	for (int i = 0; i < n; i++) {
		if (!fit[i].shown)
			continue;
		draw_label(s, &labels[i], x, fit[i].width);
		x += fit[i].width + GAP;
	}
}

static void draw_message(const struct state *s, enum role role, const char *text)
{
	const struct rect *r = &s->frame.footer;
	ink how = s->pen.theme.plain[role];

	draw_fill(&s->pen, r->y, r->x, r->w, how, " ");
	draw_text(&s->pen, r->y, r->x + 1, r->w - 1, how, text);
}

void footer_draw(struct state *s)
{
	char text[FILTER_TEXT + 200];

	s->nbuttons = 0;
	switch (s->overlay) {
	case OVERLAY_HELP:
		draw_message(s, ROLE_HEAD, "Esc back   ↑ ↓ PgUp PgDn scroll");
		return;
	case OVERLAY_SORT:
	case OVERLAY_GROUP:
		draw_message(s, ROLE_HEAD, menu_keys(s));
		return;
	case OVERLAY_DELAY:
		snprintf(text, sizeof(text), "seconds between two looks (now %g): %s_", s->delay,
			 s->input);
		draw_message(s, ROLE_NOTICE, text);
		return;
	case OVERLAY_FILTER:
		snprintf(text, sizeof(text), "filter: %s_   %s", s->input, s->filter_error);
		draw_message(s, s->filter_error[0] ? ROLE_WARN : ROLE_NOTICE, text);
		return;
	case OVERLAY_COLUMNS:
		if (s->notice[0])
			break;
		draw_message(s, ROLE_HEAD, columns_keys());
		return;
	case OVERLAY_SAVE:
		snprintf(text, sizeof(text), "save what is shown to: %s_", s->input);
		draw_message(s, ROLE_NOTICE, text);
		return;
	case OVERLAY_SEARCH:
		snprintf(text, sizeof(text), "search: %s_   %s", s->input,
			 s->search.failed ? "nothing holds that" : "");
		draw_message(s, s->search.failed ? ROLE_WARN : ROLE_NOTICE, text);
		return;
	default:
		break;
	}
	if (s->notice[0]) {
		draw_message(s, ROLE_NOTICE, s->notice);
	} else if (s->detail.on) {
		detail_hint(s, text, sizeof(text));
		draw_message(s, ROLE_HEAD, text);
	} else {
		draw_keys(s);
	}
}
