// SPDX-License-Identifier: GPL-2.0-only
/* tcpretop -e: one line per event, column for column as bcc's tcpretrans. */
#include "src/modes.h"

#include <inttypes.h>
#include <string.h>

#include "src/csv.h"
#include "src/format.h"
#include "src/json.h"

/* The reader polls, as waking it for each event costs more than all the rest. */
enum { DRAIN_MS = 50 };

struct printer {
	const struct options *o;
	FILE *f;
	int64_t realtime_offset_ns;
	uint64_t events_lost;
	bool looked;        /* the clocks are known */
	struct model model; /* kept for a filter alone: it may ask for columns of an event's flow */
};

static void print_header(const struct printer *p)
{
	if (p->o->output == OUTPUT_CSV)
		csv_event_header(p->f, p->model.info.hosts);
	if (p->o->output != OUTPUT_TEXT)
		return;
	fputs(TRACING_LINE, p->f);
	fprintf(p->f, "%-8s %-7s %-2s %-20s %1s> %-20s ", "TIME", "PID", "IP", "LADDR:LPORT", "T",
		"RADDR:RPORT");
	fprintf(p->f, p->o->sequence || p->model.info.hosts ? "%-12s" : "%s", "STATE");
	if (p->o->sequence)
		fprintf(p->f, p->model.info.hosts ? " %-10s" : " %s", "SEQ");
	fputs(p->model.info.hosts ? " HOST\n" : "\n", p->f);
}

/* tcpretrans' columns; of several hosts one more. */
static void print_text(const struct printer *p, const struct event_sample *sample, double time)
{
	const struct event *e = &sample->event;
	const char *state = state_name(e->state);
	char hms[16], laddr[ADDR_TEXT], raddr[ADDR_TEXT], number[8];

	format_time(time, false, hms, sizeof(hms));
	format_endpoint(&e->key, false, false, laddr, sizeof(laddr));
	format_endpoint(&e->key, true, false, raddr, sizeof(raddr));
	if (*state == '?') {
		snprintf(number, sizeof(number), "%u", e->state);
		state = number;
	}
	fprintf(p->f, "%-8s %-7d %-2d %-20s %c> %-20s ", hms, sample->owner.pid, e->key.family,
		laddr, e->kind, raddr);
	fprintf(p->f, p->o->sequence || sample->owner.host ? "%-12s" : "%s", state);
	if (p->o->sequence)
		fprintf(p->f, sample->owner.host ? " %-10" PRIu32 : " %" PRIu32, e->seq);
	if (sample->owner.host)
		fprintf(p->f, " %s", sample->owner.host);
	fputc('\n', p->f);
}

static void print_event(void *arg, const struct event_sample *e)
{
	const struct printer *p = arg;
	double time = (double)((int64_t)e->event.time_ns + p->realtime_offset_ns) / 1e9;

	if (!view_shows_event(&p->o->view, &p->model, e))
		return;
	switch (p->o->output) {
	case OUTPUT_TEXT:
		print_text(p, e, time);
		break;
	case OUTPUT_JSON:
		json_event(p->f, e, time);
		break;
	case OUTPUT_CSV:
		csv_event(p->f, e, time);
		break;
	}
}

/* Keeps the difference of the two clocks current, as somebody may set the real one. */
static int look(struct source *s, struct printer *p, struct failure *why)
{
	struct snapshot snap;
	int err;

	do {
		err = source_tick(s, &snap);
		if (!err && p->o->view.filter)
			err = model_tick(&p->model, &snap);
		if (err)
			return fail(why, EXIT_RUNTIME, "cannot read the totals: %s",
				    strerror(-err));
	} while (snap.more);
	p->looked = true;
	p->realtime_offset_ns = snap.realtime_offset_ns;
	p->events_lost = snap.totals.events_lost;
	return 0;
}

static int drain(struct source *s, struct printer *p, struct failure *why)
{
	int n = source_drain(s, print_event, p);

	return n >= 0 ? 0 : fail(why, EXIT_RUNTIME, "cannot read the events: %s", strerror(-n));
}

/* The first look is before the first event; live it is none of the iterations. False: it failed. */
static bool update(struct source *s, struct printer *p, bool tick, struct failure *why)
{
	if (!p->looked)
		return !tick || (!look(s, p, why) && !drain(s, p, why));
	return !drain(s, p, why) && (!tick || !look(s, p, why));
}

/* Returns the error of the output, or 0; *why tells whether anything else failed. */
static int run(struct pace *pace, struct source *s, struct printer *p, struct out *out,
	       struct failure *why)
{
	long left = p->o->iterations;
	struct wake w = {0};
	int err;

	if (!pace->recorded && look(s, p, why))
		return 0;
	print_header(p);
	err = out_flush(out);
	while (!err && !w.stop && !w.end && left) {
		bool counts = p->looked || pace->recorded;

		err = pace_wait(pace, -1, DRAIN_MS, &w);
		if (err) {
			fail(why, EXIT_RUNTIME, "cannot wait for events: %s", strerror(-err));
			return 0;
		}
		if (!update(s, p, w.tick, why))
			return 0;
		if (w.tick && counts && left > 0)
			left--;
		err = out_flush(out);
	}
	return err;
}

/*
 * A line of its own on stderr: the lines on stdout are for a parser. A recording is not asked once more:
 * its copy would have a tick that it has not.
 */
static void report_lost(struct source *s, struct printer *p, bool recorded)
{
	struct failure ignored = {0};

	if (!recorded)
		look(s, p, &ignored);
	if (p->events_lost)
		fprintf(stderr,
			"tcpretop: %" PRIu64 " events were lost: the ring buffer was full; the "
			"counts in -c and -b are exact\n",
			p->events_lost);
}

int mode_events(struct source *s, const struct options *o, struct out *out, struct failure *why)
{
	struct printer p = {.o = o, .f = out->f};
	struct loop loop;
	struct pace pace;
	int err;

	if (open_pace(&pace, &loop, s, o, why))
		return why->status;
	model_init(&p.model, &s->info);
	out->stop_fd = loop.signal_fd;
	err = run(&pace, s, &p, out, why);
	report_lost(s, &p, pace.recorded);
	model_free(&p.model);
	return close_pace(&loop, out, err, why);
}
