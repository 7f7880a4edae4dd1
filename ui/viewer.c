// SPDX-License-Identifier: GPL-2.0-only
/* The engine: one loop that reads, updates and draws. */
#include "ui/viewer.h"

#include <curses.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/pace.h"
#include "ui/parts.h"
#include "ui/term.h"

/* So often in a row there may be input that curses makes no key of: the rest of one is on its way. */
enum { DRAIN_MS = 200, MOST_DEAF = 1000 };

/* How far a look has come: a snapshot is taken in part by part. */
struct look {
	bool more;  /* parts of it are still to be read */
	bool holds; /* the picture is frozen; a recording and the metrics go on */
	bool full;  /* it found no memory for some flows */
	int err;    /* it failed: a negative errno */
};

struct viewer {
	struct source *source;
	struct terminal term;
	struct loop loop;
	struct pace pace;
	struct state state;
	long iterations_left; /* below 0 is no end */
	bool finished;        /* all iterations are done */
	struct look look;
	bool record;
	int64_t drained_ms; /* when events were last taken */
	double ticking;     /* the delay that the loop has now */
	bool dirty;         /* the screen does not show the state */
	bool new_events;    /* nor do its events */
	bool told;          /* of the trouble with the source */
	unsigned int deaf;  /* how often in a row there was input, and no key */
	int signal;         /* that ends it, or 0 */
};

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void take_event(void *arg, const struct event_sample *e)
{
	struct viewer *v = arg;

	if (state_add_event(&v->state, e))
		v->new_events = true;
}

/* Events while paused are taken, too: they must not fill the kernel's ring. */
static int drain(struct viewer *v, struct failure *why)
{
	int err = source_drain(v->source, take_event, v);

	v->drained_ms = clock_ms();
	if (err < 0)
		return fail(why, EXIT_RUNTIME, "cannot read the events: %s", strerror(-err));
	/* What the pane showed may have left the log. */
	if (err > 0 && !v->state.events.follow)
		state_scroll_events(&v->state, 0);
	return 0;
}

static int fail_to_read(int err, struct failure *why)
{
	return fail(why, EXIT_RUNTIME, "cannot read the counters: %s", strerror(-err));
}

static void take_size(struct viewer *v)
{
	struct state *s = &v->state;

	state_layout(s, LINES, COLS);
	/* What texts needed is found anew, or one long name would widen its column for ever. */
	state_forget_widths(s);
	state_update(s);
	v->dirty = true;
}

static void resize(struct viewer *v)
{
	term_resize(&v->term);
	take_size(v);
}

static void end_look(struct viewer *v)
{
	if (v->look.holds) {
		if (v->look.full)
			state_notice(&v->state, "out of memory: some flows will not be shown");
		v->dirty |= v->look.full;
		return;
	}
	state_ticked(&v->state, v->look.full ? MODEL_FULL : 0);
	v->dirty = true;
	v->finished = v->iterations_left > 0 && --v->iterations_left == 0;
}

static void look_on(struct viewer *v)
{
	struct look *l = &v->look;
	int err = l->holds ? held_ticks_read_part(&v->state.held_ticks, v->source, &l->more)
			   : model_read_part(&v->state.model, v->source, &l->more);

	l->full |= err == MODEL_FULL;
	l->err = err < 0 ? err : 0;
	if (!l->more && !l->err)
		end_look(v);
}

/* What is counted from now on, or kept as it is now, is so between two looks. */
static bool waits_for_look(const struct viewer *v, int key)
{
	enum action action = key_action(key);

	return action == ACT_ZERO || action == ACT_SAVE || (action == ACT_PAUSE && v->look.holds) ||
	       v->state.overlay == OVERLAY_SAVE || key == KEY_MOUSE;
}

static void read_keys(struct viewer *v)
{
	struct mouse mouse;
	int key;
	bool any = false;

	while (!v->state.quit && (key = key_read(&mouse)) != -1) {
		any = true;
		while (v->look.more && waits_for_look(v, key))
			look_on(v);
		/* The key may save what the last one opened, or a look since then has changed. */
		detail_look(&v->state, v->source);
		if (key == KEY_RESIZE)
			take_size(v);
		else if (key == KEY_MOUSE)
			mouse_pressed(&v->state, &mouse);
		else
			key_pressed(&v->state, key);
	}
	v->deaf = any ? 0 : v->deaf + 1;
	if (any)
		v->dirty = true;
	else if (term_is_gone(&v->term))
		v->signal = SIGHUP;
}

static void draw(struct viewer *v)
{
	if (v->dirty) {
		detail_look(&v->state, v->source);
		frame_draw(&v->state);
	} else if (v->new_events) {
		frame_draw_events(&v->state);
	}
	v->dirty = v->new_events = false;
}

static void handle(struct viewer *v, const struct wake *w)
{
	if (w->stop)
		v->signal = w->stop;
	if (w->suspend)
		term_suspend(&v->term);
	else if (w->resumed)
		term_retake(&v->term);
	if (w->resized || w->suspend || w->resumed)
		resize(v);
	if (w->input && !v->signal)
		read_keys(v);
}

/* A look at many flows, on a host that is full, takes longer than a person waits: keys do not wait for it. */
static void answer(struct viewer *v)
{
	struct pollfd input = {.fd = term_fd(&v->term), .events = POLLIN};

	if (poll(&input, 1, 0) <= 0 || !(input.revents & POLLIN))
		return;
	v->state.now_ms = clock_ms();
	read_keys(v);
	if (v->look.more)
		draw(v);
}

static int tick(struct viewer *v, struct failure *why)
{
	bool answers = !v->state.replay.on && v->state.model.tick;

	v->look = (struct look){.more = true, .holds = v->state.paused && !v->state.replay.on};
	while (v->look.more) {
		look_on(v);
		if (v->look.more && answers)
			answer(v);
	}
	return v->look.err ? fail_to_read(v->look.err, why) : 0;
}

/* A recording stands still while it is paused, its events as well. */
static int play(struct viewer *v, const struct wake *w, struct failure *why)
{
	struct replay *r = &v->state.replay;

	if (r->jump_ns) {
		if (replay_jump(&v->state, v->source, why))
			return -1;
		pace_restart(&v->pace);
		v->dirty = true;
		return 0;
	}
	if (!w->tick && !w->end)
		return 0;
	v->dirty |= r->ended != w->end;
	r->ended = w->end;
	r->step = false;
	if (drain(v, why))
		return -1;
	return w->tick ? tick(v, why) : 0;
}

static void tell_trouble(struct viewer *v)
{
	const struct failure *trouble = source_trouble(v->source);

	if (!trouble || v->told)
		return;
	state_notice(&v->state, "%s", trouble->text);
	v->told = v->dirty = true;
}

/* What is due whether or not there is anything new to look at. */
static void keep_up(struct viewer *v)
{
	if (state_end_hold(&v->state))
		v->dirty = true;
	if (v->state.names && names_work(v->state.names))
		v->dirty = true;
}

static int update_live(struct viewer *v, const struct wake *w, struct failure *why)
{
	if (w->tick || clock_ms() - v->drained_ms >= DRAIN_MS) {
		if (drain(v, why) < 0)
			return -1;
	}
	return w->tick ? tick(v, why) : 0;
}

static int update(struct viewer *v, const struct wake *w, struct failure *why)
{
	int err = v->state.replay.on ? play(v, w, why) : update_live(v, w, why);

	if (!err)
		keep_up(v);
	return err;
}

static int keep_ticking(struct viewer *v, struct failure *why)
{
	int err;

	if (v->pace.recorded || v->ticking == v->state.delay)
		return 0;
	v->ticking = v->state.delay;
	err = loop_set_interval(&v->loop, v->ticking);
	if (err < 0)
		return fail(why, EXIT_RUNTIME, "cannot set the timer: %s", strerror(-err));
	return 0;
}

static int wait(struct viewer *v, struct wake *w)
{
	const struct replay *r = &v->state.replay;
	int err;

	v->pace.speed = r->speed;
	v->pace.held = v->state.paused && r->on;
	v->pace.step = r->step;
	err = pace_wait(&v->pace, term_fd(&v->term), DRAIN_MS, w);
	if (v->pace.recorded && v->state.replay.share != v->pace.share)
		v->dirty = true; /* after a jump */
	v->state.replay.share = v->pace.share;
	return err;
}

/* What came since the last tick belongs to the recording. */
static int end_recording(struct viewer *v, struct failure *why)
{
	if (!v->record || v->finished || v->pace.recorded)
		return 0;
	return drain(v, why) < 0 ? -1 : tick(v, why);
}

static int run(struct viewer *v, struct failure *why)
{
	while (!v->state.quit && !v->finished && !v->signal) {
		struct wake w;
		int err;

		draw(v);
		err = wait(v, &w);
		if (err < 0)
			return fail(why, EXIT_RUNTIME, "cannot wait for input: %s", strerror(-err));
		v->state.now_ms = clock_ms();
		handle(v, &w);
		if (v->signal)
			break;
		if (v->deaf > MOST_DEAF)
			return fail(why, EXIT_RUNTIME, "cannot read keys from the terminal");
		if (update(v, &w, why) < 0 || keep_ticking(v, why) < 0)
			return -1;
		tell_trouble(v);
		if (links_look(&v->state, v->source))
			v->dirty = true;
	}
	if (!v->signal)
		draw(v);
	return end_recording(v, why);
}

static int run_on_terminal(struct viewer *v, const struct viewer_options *o, struct failure *why)
{
	struct term_options t = {.color = o->color, .ascii = o->ascii, .mouse = o->mouse};
	int err;

	if (term_open(&v->term, &t, why) < 0)
		return -1;
	v->state.pen.ascii = v->term.ascii;
	theme_init(&v->state.pen.theme, o->theme, v->term.color);
	if (o->notice && *o->notice)
		state_notice(&v->state, "%s", o->notice);
	if (v->term.notice[0])
		state_notice(&v->state, "%s", v->term.notice);
	take_size(v);
	err = run(v, why);
	term_close(&v->term, v->finished, v->state.frame.too_small ? 0 : 1);
	return err;
}

int viewer_run(struct source *source, const struct viewer_options *o, struct failure *why)
{
	struct viewer *v = calloc(1, sizeof(*v));
	int err;

	if (!v) {
		fail(why, EXIT_RUNTIME, "out of memory");
		return EXIT_RUNTIME;
	}
	v->source = source;
	v->iterations_left = o->iterations;
	v->record = o->record;
	v->ticking = o->delay;
	state_init(&v->state, &source->info, &o->view, o->delay);
	v->state.events.on = o->event_pane;
	v->state.open_resolver = o->open_resolver;
	v->state.files = o->files;
	if (o->resolve)
		state_show_names(&v->state, true);
	v->state.given.theme = o->theme;
	v->state.given.no_color = o->no_color;
	v->state.given.ascii = o->ascii;
	v->state.given.no_mouse = !o->mouse;
	/* Before the terminal is taken: a signal must find someone who gives it back. */
	err = pace_open(&v->pace, &v->loop, source, o->delay, true);
	v->pace.stays = true;
	v->state.replay.live = v->pace.live;
	v->state.replay.on = v->pace.recorded && !v->pace.live;
	v->state.replay.speed = o->speed;
	if (err < 0) {
		fail(why, EXIT_RUNTIME, "cannot wait for signals: %s", strerror(-err));
	} else {
		err = run_on_terminal(v, o, why);
		loop_close(&v->loop);
	}
	if (err == 0 && v->signal)
		err = 128 + v->signal;
	else if (err < 0)
		err = (int)why->status;
	state_free(&v->state);
	free(v);
	return err;
}
