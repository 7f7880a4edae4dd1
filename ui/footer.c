// SPDX-License-Identifier: GPL-2.0-only
/* The last line: the main keys, or a word to the user. */
#include "ui/parts.h"

#include <stdio.h>

#include "ui/fit.h"
#include "ui/promptline.h"

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

static void draw_message(const struct state *s, enum role role, enum shorten how, const char *text)
{
	const struct rect *r = &s->frame.footer;
	char spelled[NOTICE_TEXT], fitting[NOTICE_TEXT];

	text_spell(&s->pen, text, spelled, sizeof(spelled));
	text_shorten(spelled, r->w - 1, how, fitting, sizeof(fitting));
	draw_fill(&s->pen, r->y, r->x, r->w, s->pen.theme.plain[role], " ");
	draw_text(&s->pen, r->y, r->x + 1, r->w - 1, s->pen.theme.plain[role], fitting);
}

static void draw_hint(const struct state *s, const char *text)
{
	draw_message(s, ROLE_HEAD, SHORTEN_END, text);
}

/* Why stands at its end. */
static void draw_notice(const struct state *s)
{
	draw_message(s, ROLE_NOTICE, SHORTEN_ADDRESS, s->notice);
}

static void draw_prompt(const struct state *s, const char *ask, const char *wrong)
{
	struct prompt_line p = {.ask = ask, .typed = s->input, .wrong = wrong};
	char text[NOTICE_TEXT];

	prompt_line_fit(&p, s->frame.footer.w - 1, text, sizeof(text));
	draw_message(s, *wrong ? ROLE_WARN : ROLE_NOTICE, SHORTEN_END, text);
}

/* False if nothing is open that has a word to say. */
static bool draw_overlay(const struct state *s)
{
	char ask[48];

	switch (s->overlay) {
	case OVERLAY_HELP:
		draw_hint(s, "Esc back   ↑ ↓ PgUp PgDn scroll");
		return true;
	case OVERLAY_SORT:
	case OVERLAY_GROUP:
		draw_hint(s, menu_keys(s));
		return true;
	case OVERLAY_COLUMNS:
		if (s->notice[0])
			return false;
		draw_hint(s, columns_keys());
		return true;
	case OVERLAY_DELAY:
		snprintf(ask, sizeof(ask), "seconds between two looks (now %g)", s->delay);
		draw_prompt(s, ask, s->wrong);
		return true;
	case OVERLAY_FILTER:
		draw_prompt(s, "filter", s->wrong);
		return true;
	case OVERLAY_SAVE:
		draw_prompt(s, "save what is shown to", s->wrong);
		return true;
	case OVERLAY_SEARCH:
		draw_prompt(s, "search", s->search.failed ? "nothing holds that" : "");
		return true;
	default:
		return false;
	}
}

void footer_draw(struct state *s)
{
	char hint[160];

	s->nbuttons = 0;
	if (draw_overlay(s))
		return;
	if (s->notice[0]) {
		draw_notice(s);
	} else if (s->detail.on) {
		detail_hint(s, hint, sizeof(hint));
		draw_hint(s, hint);
	} else {
		draw_keys(s);
	}
}
