/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text modes. Each runs until a signal, the iterations of the options or a reader that left end
 * it, and returns the exit status, with *why filled unless it is EXIT_FINE. The caller owns the
 * source and out.
 */
#ifndef TCPRETOP_SRC_MODES_H
#define TCPRETOP_SRC_MODES_H

#include "src/doctor_facts.h"
#include "src/model.h"
#include "src/options.h"
#include "src/out.h"
#include "src/pace.h"
#include "src/source.h"

#define TRACING_LINE "Tracing retransmits ... Hit Ctrl-C to end\n"

/* -e: a line per event. The source must have been opened for events. */
int mode_events(struct source *s, const struct options *o, struct out *out, struct failure *why);

/* -c: flows and their counts, at the end. */
int mode_count(struct source *s, const struct options *o, struct out *out, struct failure *why);

/* -b: the table, every interval. */
int mode_batch(struct source *s, const struct options *o, struct out *out, struct failure *why);

/* -w and --metrics without another mode: records, keeps metrics, and prints nothing. */
int mode_record(struct source *s, const struct options *o, struct failure *why);

/* --doctor: what is missing here. No source is open yet; the terminal is as ui/ sees it. */
int mode_doctor(const struct options *o, const struct terminal_facts *terminal, FILE *out);

/* Opens the loop of a text mode: a recording is played at the speed of the options. 0 or -1 with
 * *why filled. */
int open_pace(struct pace *p, struct loop *l, struct source *s, const struct options *o,
	      struct failure *why);

/* Closes it, and returns the exit status; err is that of the output. */
int close_pace(struct loop *l, struct out *out, int err, struct failure *why);

/* One -b report of the model's last interval, as text. 0 or -1: there is no memory to sort its rows. */
int batch_text(const struct model *m, const struct options *o, FILE *f);

/* Takes the next snapshot into the model. 0 or -1 with *why filled. */
int take_snapshot(struct source *s, struct model *m, struct failure *why);

/* The view for CSV: every column but the history, unless columns were asked for. */
struct view csv_view(const struct options *o);

#endif
