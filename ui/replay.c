// SPDX-License-Identifier: GPL-2.0-only
#include "ui/replay.h"

#include <stdio.h>
#include <string.h>

#include "src/format.h"
#include "ui/state.h"

enum { JUMP_SECONDS = 60 };

static const double slowest = 1.0 / 16, fastest = 1024;

static void change_speed(struct replay *r, double factor)
{
	double speed = (r->speed ? r->speed : 2 * fastest) * factor;

	if (speed >= slowest && speed <= fastest)
		r->speed = speed;
}

bool replay_act(struct state *s, enum action action)
{
	struct replay *r = &s->replay;

	if (action < ACT_STEP || action > ACT_JUMP_ON) {
		if (action != ACT_DELAY || (!r->on && !r->live))
			return false;
		state_notice(s, "%s",
			     r->live ? "the interval is that of the host: --host takes it from -d"
				     : "a recording has its own interval; [ and ] change its speed");
		return true;
	}
	if (!r->on) {
		state_notice(s, "this is live; tcpretop -r plays what -w recorded");
		return true;
	}
	switch (action) {
	case ACT_STEP:
		r->step = true;
		state_pause(s, true);
		break;
	case ACT_SLOWER:
		change_speed(r, 0.5);
		break;
	case ACT_FASTER:
		change_speed(r, 2);
		break;
	case ACT_JUMP_BACK:
		r->jump_ns -= JUMP_SECONDS * INT64_C(1000000000);
		break;
	default:
		r->jump_ns += JUMP_SECONDS * INT64_C(1000000000);
	}
	return true;
}

static void forget(struct state *s, const struct source_info *info)
{
	model_free(&s->model);
	model_init(&s->model, info);
	s->log.count = s->held.count = 0;
	s->events.follow = true;
	s->events.found = 0;
}

static void take_event(void *arg, const struct event_sample *e)
{
	state_add_event(arg, e);
}

/* All ticks up to this time of the source, and at least one. */
static int run_to(struct state *s, struct source *source, uint64_t target)
{
	const struct model *m = &s->model;
	struct due due;
	int err = 0;

	while (err >= 0 && source_due(source, &due) && due.state == DUE_TICK &&
	       (!m->tick || m->interval.now_ns + due.after_ns <= target)) {
		err = source_drain(source, take_event, s);
		if (err >= 0)
			err = model_read(&s->model, source);
	}
	return err < 0 ? err : 0;
}

int replay_jump(struct state *s, struct source *source, struct failure *why)
{
	int64_t now = (int64_t)s->model.interval.now_ns, target = now + s->replay.jump_ns;
	bool back = s->replay.jump_ns < 0;
	int err = 0;

	if (!s->replay.jump_ns)
		return 0;
	s->replay.jump_ns = 0;
	s->replay.ended = false;
	if (back && source_rewind(source)) {
		state_notice(s, "this recording cannot be read again: it is no file");
		return 0;
	}
	if (back)
		forget(s, &source->info);
	err = run_to(s, source, target > 0 ? (uint64_t)target : 0);
	state_update(s);
	s->detail.due = true;
	return err ? fail(why, EXIT_RUNTIME, "cannot read the recording: %s", strerror(-err)) : 0;
}

static void speed_text(double speed, char *buf, size_t size)
{
	if (speed)
		snprintf(buf, size, "×%.4g", speed);
	else
		snprintf(buf, size, "×max");
}

void replay_add_title(const struct state *s, struct line *l)
{
	const struct replay *r = &s->replay;
	char text[32];

	if (r->ended)
		line_add(l, 0, ROLE_PAUSED, "", 0, " END ");
	else if (s->paused)
		line_add(l, 0, ROLE_PAUSED, "", 0, " PAUSED ");
	speed_text(r->speed, text, sizeof(text));
	line_add(l, r->ended || s->paused ? 6 : 0, ROLE_PROBE, "replay", 0, "%s", text);
	if (s->model.tick) {
		format_time(model_unixtime(&s->model, s->model.interval.now_ns), true, text,
			    sizeof(text));
		line_add(l, 2, ROLE_TEXT, "", 0, "%s", text);
	}
	if (r->share >= 0)
		line_add(l, 5, ROLE_TEXT, "", 0, "%.0f %%", r->share * 100);
}
