// SPDX-License-Identifier: GPL-2.0-only
#include "ui/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ui/fit.h"

struct part *line_add(struct line *l, int priority, enum role role, const char *label, int least,
		      const char *fmt, ...)
{
	struct part *p = &l->parts[l->n < LINE_PARTS ? l->n++ : LINE_PARTS - 1];
	va_list ap;

	memset(p, 0, sizeof(*p));
	va_start(ap, fmt);
	vsnprintf(p->text, sizeof(p->text), fmt, ap);
	va_end(ap);
	snprintf(p->label, sizeof(p->label), "%s%s", label, *label && *p->text ? " " : "");
	p->role = role;
	p->priority = priority;
	p->width = text_width(p->label) + text_width(p->text);
	if (p->width < least)
		p->width = least;
	return p;
}

int line_fit(struct line *l, int width)
{
	struct fit fit[LINE_PARTS];
	int left;

	for (int i = 0; i < l->n; i++)
		fit[i] = (struct fit){l->parts[i].width, l->parts[i].priority, false};
	left = fit_row(fit, l->n, LINE_GAP, width);
	for (int i = 0; i < l->n; i++)
		l->parts[i].shown = fit[i].shown;
	return left;
}

static int right_width(const struct line *l)
{
	int width = 0;

	for (int i = 0; i < l->n; i++) {
		if (l->parts[i].shown && l->parts[i].right)
			width += l->parts[i].width + (width ? LINE_GAP : 0);
	}
	return width;
}

static void draw_part(const struct part *part, const struct pen *p, int y, int x)
{
	int used = draw_text(p, y, x, part->width, p->theme.plain[ROLE_LABEL], part->label);

	draw_text(p, y, x + used, part->width - used, p->theme.plain[part->role], part->text);
}

void line_draw(const struct line *l, const struct pen *p, int y, int x, int width)
{
	int left_x = x, right_x = x + width - right_width(l);

	for (int i = 0; i < l->n; i++) {
		const struct part *part = &l->parts[i];
		int *at = part->right ? &right_x : &left_x;

		if (!part->shown)
			continue;
		draw_part(part, p, y, *at);
		*at += part->width + LINE_GAP;
	}
}
