// SPDX-License-Identifier: GPL-2.0-only
#include "ui/detail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/evidence.h"
#include "src/format.h"
#include "src/sanitise.h"
#include "ui/graph.h"
#include "ui/line.h"
#include "ui/parts.h"
#include "ui/severity.h"
#include "ui/sheet.h"

enum { LABEL_CELLS = 10, MOST_ROWS = 16, MOST_COLUMN = 40, LEAST_COLUMN = 26, LEAST_HINT = 60 };

/* Rows of a word and a figure under a title. */
struct section {
	const char *title;
	int n;
	struct section_row {
		const char *label;
		enum role role;
		char text[64];
	} rows[MOST_ROWS];
};

/* One flow, and what it is drawn with. */
struct subject {
	const struct state *s;
	const struct flow *f;
	bool live;               /* sock is of just now, else the last sample */
	bool sampled;            /* sock is known at all */
	struct socket_look sock; /* of whichever it is */
};

void detail_open(struct state *s)
{
	if (!s->selection.on)
		return;
	memset(&s->detail, 0, sizeof(s->detail));
	s->detail.on = s->detail.due = true;
	s->detail.key = s->selection.key;
	s->detail.group = s->selection.group;
}

void detail_look(struct state *s, struct source *source)
{
	struct detail *d = &s->detail;
	const struct flow *f;

	if (!d->on || !d->due)
		return;
	d->due = false;
	if (d->group.by)
		return;
	f = model_find(&s->model, &d->key);
	d->look_err = source_look(source, &d->key, &d->look);
	d->command_err = f && f->owner.pid ? source_command(source, f->owner.pid, &d->command)
					   : -ENOENT;
}

void detail_scroll(struct state *s, long lines)
{
	long top = s->detail.top + lines;

	s->detail.top = top < 0 ? 0 : top > DETAIL_LINES ? DETAIL_LINES : (int)top;
}

void detail_hint(const struct state *s, char *buf, size_t size)
{
	int below = s->detail.lines - s->detail.top - (s->frame.body.h - 1);

	const char *rest = s->frame.w < LEAST_HINT ? "" : "   l TLP   Space pause   q quit";

	if (below > 0)
		snprintf(buf, size, "Esc back   ↓ %d more line%s%s", below, below == 1 ? "" : "s",
			 rest);
	else
		snprintf(buf, size, "Esc back%s%s", s->detail.top > 0 ? "   ↑ scroll" : "", rest);
}

static struct subject subject_of(const struct state *s, const struct flow *f)
{
	const struct detail *d = &s->detail;
	struct subject who = {.s = s, .f = f};

	who.live = d->look_err == 0 && d->look.has_info;
	who.sampled = who.live || f->flags & FLOW_SAMPLED;
	if (who.live)
		who.sock = d->look;
	else if (who.sampled)
		look_of_sample(&f->sock, &who.sock);
	who.sock.state = d->look_err == 0 ? d->look.state : f->sock.state;
	return who;
}

static double seconds_ago(const struct state *s, uint64_t ns)
{
	uint64_t now = s->model.interval.now_ns;

	return now > ns ? (double)(now - ns) / 1e9 : 0;
}

/* Where the numbers of the connection come from: of now, or else of when, and why. */
static void origin_text(const struct subject *who, char *buf, size_t size)
{
	const struct detail *d = &who->s->detail;
	char age[24], sample[64] = "no sample was taken";

	if (who->f->flags & FLOW_SAMPLED) {
		format_seconds(seconds_ago(who->s, who->f->sample_ns), 0, age, sizeof(age));
		snprintf(sample, sizeof(sample), "last seen %s ago", age);
	}
	if (who->live)
		snprintf(buf, size, "live from the socket");
	else if (d->look_err == 0)
		snprintf(buf, size, "%s: the socket is in %s", sample, state_name(d->look.state));
	else if (d->look_err == -ENOENT)
		snprintf(buf, size, "%s: the socket is gone", sample);
	else if (d->look_err == -ESRCH)
		snprintf(buf, size, "%s: no way into its namespace", sample);
	else if (d->look_err == -EOPNOTSUPP)
		snprintf(buf, size, "%s", sample);
	else if (d->look_err == -EPROTONOSUPPORT)
		snprintf(buf, size, "%s: this kernel lacks tcp_diag", sample);
	else
		snprintf(buf, size, "%s: the socket cannot be asked (%s)", sample,
			 error_name(d->look_err));
}

__attribute__((format(printf, 4, 5))) static void add(struct section *sec, enum role role,
						      const char *label, const char *fmt, ...)
{
	struct section_row *row = &sec->rows[sec->n < MOST_ROWS ? sec->n++ : MOST_ROWS - 1];
	va_list ap;

	row->label = label;
	row->role = role;
	va_start(ap, fmt);
	vsnprintf(row->text, sizeof(row->text), fmt, ap);
	va_end(ap);
}

/* As the table has it, with its severity. */
static void add_field(struct section *sec, const struct subject *who, const char *label,
		      enum field_id id)
{
	struct value val;
	char text[VALUE_TEXT];

	field_get(id, &who->s->model, &who->s->view, who->f, &val);
	field_text(id, &val, 12, text, sizeof(text));
	add(sec, severity_role(severity_of(id, &val, who->f)), label, "%.40s", text);
}

static void add_count(struct section *sec, const char *label, double n)
{
	char text[24];

	format_count(n, 12, text, sizeof(text));
	add(sec, ROLE_TEXT, label, "%s", text);
}

/* Not known is "-". */
static void add_seconds(struct section *sec, const char *label, bool known, double seconds,
			const char *after)
{
	char text[24];

	format_seconds(known ? seconds : -1, 8, text, sizeof(text));
	add(sec, ROLE_TEXT, label, "%s%s", text, known ? after : "");
}

static void add_probes(struct section *sec, const struct subject *who)
{
	const struct counts *c = &who->f->sum;
	char attempts[16], sent[16];

	format_count((double)c->tlp_attempts, 5, attempts, sizeof(attempts));
	format_count((double)c->tlp_sent, 5, sent, sizeof(sent));
	if (who->s->model.info.tlp_way == TLP_NONE)
		add(sec, ROLE_TEXT, "TLP", "%s sent", sent);
	else
		add(sec, ROLE_PROBE, "TLP", "%s sent of %s", sent, attempts);
}

static void add_share(struct section *sec, const char *label, uint64_t n, uint64_t of)
{
	char count[16], share[16];

	format_count((double)n, 7, count, sizeof(count));
	format_percent(of ? (double)n / (double)of : 0, 5, share, sizeof(share));
	if (n)
		add(sec, ROLE_TEXT, label, "%7s %6s", count, share);
	else
		add(sec, ROLE_QUIET, label, "%7s", count);
}

static void add_spurious(struct section *sec, const struct counts *c)
{
	uint64_t all = counts_shown(c, true);
	char count[16], share[16];

	format_count((double)c->spurious, 7, count, sizeof(count));
	format_percent(all ? (double)c->spurious / (double)all : 0, 5, share, sizeof(share));
	add(sec, ROLE_TEXT, "SPURIOUS", c->spurious ? "%s, %s" : "%s", count, share);
}

static void fill_sent_again(struct section *sec, const struct subject *who)
{
	const struct flow *f = who->f;
	uint8_t cause = who->s->view.tlp ? f->last_cause_tlp : f->last_cause;

	sec->title = who->s->view.tlp ? "Sent again, with TLPs" : "Sent again";
	add_field(sec, who, "RETR", FIELD_RETR);
	add_field(sec, who, "RETR/s", FIELD_RETR_RATE);
	add_field(sec, who, "RATIO", FIELD_RATIO);
	add_field(sec, who, "BYTES", FIELD_BYTES);
	add_field(sec, who, "RTO WAIT", FIELD_RTO_WAIT);
	add_probes(sec, who);
	add_spurious(sec, &f->sum);
	add_count(sec, "DSACKs", (double)f->sum.dsacks);
	if (who->s->model.info.undos_known)
		add(sec, ROLE_TEXT, "UNDONE", "%llu recover%s", (unsigned long long)f->sum.undos,
		    f->sum.undos == 1 ? "y" : "ies");
	else
		add(sec, ROLE_TEXT, "UNDONE", "?");
	add(sec, ROLE_TEXT, "CAUSE", "%s", cause < CAUSES ? cause_name(cause) : "several");
	add_seconds(sec, "LAST", true, seconds_ago(who->s, f->last_ns), " ago");
	add(sec, f->last_err ? ROLE_BAD : ROLE_TEXT, "SEND ERR", "%s",
	    f->last_err ? error_name(f->last_err) : "none");
}

static void fill_causes(struct section *sec, const struct subject *who)
{
	const struct counts *c = &who->f->sum;

	sec->title = "By cause";
	for (unsigned int cause = 0; cause < CAUSES; cause++)
		add_share(sec, cause_name(cause), c->segs[cause], counts_shown(c, true));
}

static void add_flight(struct section *sec, const struct socket_look *k)
{
	char text[24], sacked[16], lost[16];

	format_count(look_in_flight(k), 6, text, sizeof(text));
	format_count(k->sacked, 5, sacked, sizeof(sacked));
	format_count(k->lost, 5, lost, sizeof(lost));
	add(sec, ROLE_TEXT, "IN FLIGHT", "%s", text);
	add(sec, ROLE_TEXT, "SACKED", "%s", sacked);
	add(sec, k->lost ? ROLE_WARN : ROLE_TEXT, "LOST", "%s", lost);
}

static void fill_connection(struct section *sec, const struct subject *who)
{
	const struct socket_look *k = &who->sock;
	char cong[32], window[24];

	sec->title = "Connection";
	add(sec, ROLE_TEXT, "STATE", "%s", state_name(k->state));
	if (!who->sampled)
		return;
	sanitise(k->cong, sizeof(k->cong), cong, sizeof(cong));
	add(sec, ROLE_TEXT, "CC", "%s, %s", cong, ca_state_name(k->ca_state));
	add_seconds(sec, "RTT", k->rtt_us, k->rtt_us / 1e6, "");
	add_seconds(sec, "RTTVAR", k->rttvar_us, k->rttvar_us / 1e6, "");
	add_seconds(sec, "RTO", true, k->rto_us / 1e6, "");
	add(sec, k->backoff ? ROLE_WARN : ROLE_TEXT, "BACKOFF", "%u", k->backoff);
	add_count(sec, "CWND", k->cwnd);
	if (look_ssthresh(k))
		add_count(sec, "SSTHRESH", look_ssthresh(k));
	else
		add(sec, ROLE_TEXT, "SSTHRESH", "none yet");
	add_flight(sec, k);
	add_count(sec, "MSS", k->mss);
	format_bytes(k->snd_wnd, 10, window, sizeof(window));
	add(sec, k->snd_wnd ? ROLE_TEXT : ROLE_WARN, "SND WND", "%s", window);
	add_count(sec, "REORDER", k->reordering);
}

/* What only the socket itself can tell. */
static void fill_live(struct section *sec, const struct subject *who)
{
	const struct socket_look *k = &who->sock;
	char text[24];

	sec->title = "Just now";
	add(sec, k->retransmits ? ROLE_WARN : ROLE_TEXT, "TIMEOUTS", "%u in a row", k->retransmits);
	add_seconds(sec, "LAST ACK", true, k->last_ack_ms / 1e3, " ago");
	add_seconds(sec, "DATA SENT", true, k->last_sent_ms / 1e3, " ago");
	format_bytes(k->queued, 10, text, sizeof(text));
	add(sec, ROLE_TEXT, "SEND QUEUE", "%s", text);
	format_bytes((double)k->delivery_rate, 10, text, sizeof(text));
	add(sec, ROLE_TEXT, "DELIVERY", "%s/s", text);
	add_seconds(sec, "MIN RTT", k->min_rtt_us && k->min_rtt_us != UINT32_MAX,
		    k->min_rtt_us / 1e6, "");
}

static int draw_section(const struct sheet *sh, const struct section *sec, int line, int x, int w)
{
	sheet_put(sh, line++, x, w, ROLE_TITLE, sec->title);
	for (int i = 0; i < sec->n; i++, line++) {
		const struct section_row *row = &sec->rows[i];

		sheet_put(sh, line, x, LABEL_CELLS, ROLE_LABEL, row->label);
		sheet_put(sh, line, x + LABEL_CELLS + 1, w - LABEL_CELLS - 2, row->role, row->text);
	}
	return line;
}

/* Side by side where there is room; each goes into the shortest column. */
static void draw_sections(struct sheet *sh, const struct section *sections, int n)
{
	enum { MOST = 3 };
	int columns = sh->room.w / LEAST_COLUMN, w, end[MOST];

	columns = columns < 1 ? 1 : columns > MOST ? MOST : columns;
	w = sh->room.w / columns < MOST_COLUMN ? sh->room.w / columns : MOST_COLUMN;
	for (int i = 0; i < columns; i++)
		end[i] = sh->line;
	for (int i = 0; i < n; i++) {
		int at = 0;

		for (int c = 1; c < columns; c++)
			if (end[c] < end[at])
				at = c;
		end[at] = draw_section(sh, &sections[i], end[at], at * w, w) + 1;
	}
	for (int i = 0; i < columns; i++)
		sh->line = end[i] > sh->line ? end[i] : sh->line;
}

static void draw_numbers(struct sheet *sh, const struct subject *who)
{
	struct section sections[4] = {{.n = 0}};
	int n = 3;

	fill_sent_again(&sections[0], who);
	fill_connection(&sections[1], who);
	fill_causes(&sections[2], who);
	if (who->live)
		fill_live(&sections[n++], who);
	draw_sections(sh, sections, n);
}

static void draw_history(struct sheet *sh, const struct subject *who)
{
	const struct state *s = who->s;
	double values[HISTORY];
	struct graph g = {values, HISTORY, sh->room.h < 14 ? 2 : sh->room.h < 24 ? 3 : 5};
	char title[80];

	for (unsigned int i = 0; i < HISTORY; i++)
		values[HISTORY - 1 - i] = field_history(&s->model, &s->view, who->f, i);
	snprintf(title, sizeof(title), "Segments sent again in each interval, newest right");
	sheet_put(sh, sh->line++, 0, sh->room.w, ROLE_TITLE, title);
	for (int up = g.lines - 1; up >= 0; up--, sh->line++) {
		int y = sheet_y(sh, sh->line);

		if (y >= 0)
			graph_draw_line(&g, sh->pen, up, y, sh->room.x, sh->room.w);
	}
	sh->line++;
}

static void draw_verdict(struct sheet *sh, const struct subject *who)
{
	const struct model *m = &who->s->model;
	const struct detail *d = &who->s->detail;
	struct evidence e;
	struct verdict v;

	if (who->f->group)
		evidence_of_group(m, who->f->group, &e);
	else
		evidence_of_flow(m, who->f, d->look_err ? NULL : &d->look, &e);
	if (!who->f->group && d->look_err == -ENOENT)
		e.closed = true;
	verdict_make(&e, &v);
	for (unsigned int i = 0; i < v.n; i++) {
		sheet_put(sh, sh->line, 0, 2, ROLE_TITLE, "▸");
		sheet_wrap(sh, 2, ROLE_TEXT, v.text[i]);
	}
}

static void draw_row(struct sheet *sh, const char *label, const char *text)
{
	sheet_put(sh, sh->line, 0, LABEL_CELLS, ROLE_LABEL, label);
	sheet_wrap(sh, LABEL_CELLS + 1, ROLE_TEXT, *text ? text : "-");
}

static void draw_field(struct sheet *sh, const struct subject *who, const char *label,
		       enum field_id id)
{
	struct value val;

	field_get(id, &who->s->model, &who->s->view, who->f, &val);
	draw_row(sh, label, val.known ? val.text : "");
}

/* A number used again shows another name than that which held the socket. */
static void command_text(const struct subject *who, char *buf, size_t size)
{
	const struct detail *d = &who->s->detail;
	size_t comm = sizeof(d->command.comm);
	char name[64];

	if (d->command_err == -EOPNOTSUPP) {
		snprintf(buf, size, "not known");
	} else if (d->command_err) {
		snprintf(buf, size, "the process is gone");
	} else if (strncmp(d->command.comm, who->f->owner.comm, comm) != 0) {
		sanitise(d->command.comm, comm, name, sizeof(name));
		snprintf(buf, size, "(%s by now) ", name);
		sanitise(d->command.line, sizeof(d->command.line), buf + strlen(buf),
			 size - strlen(buf));
	} else if (!*d->command.line) {
		sanitise(d->command.comm, comm, name, sizeof(name));
		snprintf(buf, size, "[%s]", name);
	} else {
		sanitise(d->command.line, sizeof(d->command.line), buf, size);
	}
}

static void process_text(const struct subject *who, char *buf, size_t size)
{
	const struct owner *o = &who->f->owner;
	struct owner one = *o;
	size_t used;

	one.others = 0;
	format_process(&one, buf, size);
	used = strlen(buf);
	if (o->others)
		snprintf(buf + used, size - used, ", %u other%s hold%s the socket, too", o->others,
			 o->others == 1 ? "" : "s", o->others == 1 ? "s" : "");
}

static void seen_text(const struct subject *who, char *buf, size_t size)
{
	const struct model *m = &who->s->model;
	char first[32], last[32];

	format_time(model_unixtime(m, who->f->first_ns), true, first, sizeof(first));
	format_time(model_unixtime(m, who->f->last_ns), true, last, sizeof(last));
	snprintf(buf, size, "first %s, last %s", first, last);
}

static void draw_owner(struct sheet *sh, const struct subject *who)
{
	char text[sizeof(struct command) + 80];

	sheet_put(sh, sh->line++, 0, sh->room.w, ROLE_TITLE, "Owner");
	process_text(who, text, sizeof(text));
	draw_row(sh, "PROCESS", text);
	if (who->f->owner.pid) {
		command_text(who, text, sizeof(text));
		draw_row(sh, "COMMAND", text);
	}
	draw_field(sh, who, "USER", FIELD_USER);
	draw_field(sh, who, "UNIT", FIELD_UNIT);
	draw_field(sh, who, "CGROUP", FIELD_CGROUP);
	draw_field(sh, who, "NETNS", FIELD_NETNS);
	seen_text(who, text, sizeof(text));
	draw_row(sh, "SEEN", text);
}

/* "── 10.0.0.17:443 → 198.51.100.20:51442 ──": endpoints that find no room there get lines of their
 * own. Returns the cells of the rule that are left. */
static int draw_title(struct sheet *sh, const struct subject *who, const struct rect *r)
{
	const ink *inks = sh->pen->theme.plain;
	char local[ADDR_TEXT], remote[ADDR_TEXT], both[2 * ADDR_TEXT + 8];
	int w = r->w - 4;

	format_endpoint(&who->f->key, false, true, local, sizeof(local));
	format_endpoint(&who->f->key, true, true, remote, sizeof(remote));
	snprintf(both, sizeof(both), " %s → %s ", local, remote);
	draw_fill(sh->pen, r->y, r->x, r->w, inks[ROLE_RULE], "─");
	if (text_width(both) <= w)
		return w - draw_text(sh->pen, r->y, r->x + 3, w, inks[ROLE_FOCUS], both);
	draw_text(sh->pen, r->y, r->x + 3, w, inks[ROLE_FOCUS], " details ");
	sheet_put(sh, sh->line++, 0, sh->room.w, ROLE_FOCUS, local);
	snprintf(both, sizeof(both), "→ %s", remote);
	sheet_put(sh, sh->line++, 0, sh->room.w, ROLE_FOCUS, both);
	return 0;
}

/* In the rule, if it has so much room, else in lines of its own. */
static void draw_origin(struct sheet *sh, const struct subject *who, const struct rect *rule,
			int room)
{
	enum role role = who->live ? ROLE_GOOD : ROLE_WARN;
	char text[120], spaced[sizeof(text) + 2];

	origin_text(who, text, sizeof(text));
	snprintf(spaced, sizeof(spaced), " %s ", text);
	if (text_width(spaced) + 3 <= room)
		draw_right(sh->pen, rule->y, rule->x, rule->w - 2, sh->pen->theme.plain[role],
			   spaced);
	else
		sheet_wrap(sh, 0, role, text);
}

/* Whose it is, in short; the whole of it stands at the end. */
static void draw_identity(struct sheet *sh, const struct subject *who)
{
	static const struct {
		enum field_id id;
		const char *label;
	} parts[] = {{FIELD_PROCESS, ""},
		     {FIELD_UNIT, "unit"},
		     {FIELD_USER, "user"},
		     {FIELD_NETNS, "netns"}};
	struct line l = {.n = 0};
	int y = sheet_y(sh, sh->line++);

	for (int i = 0; i < (int)(sizeof(parts) / sizeof(parts[0])); i++) {
		struct value val;

		field_get(parts[i].id, &who->s->model, &who->s->view, who->f, &val);
		if (val.known && *val.text)
			line_add(&l, i, ROLE_TEXT, parts[i].label, 0, "%.60s", val.text);
	}
	line_fit(&l, sh->room.w);
	if (y >= 0)
		line_draw(&l, sh->pen, y, sh->room.x, sh->room.w);
	sh->line++;
}

/* "── remote 198.51.100.20 · 14 flows ──" */
static void draw_group_title(const struct sheet *sh, const struct group *g, const struct rect *r)
{
	const ink *inks = sh->pen->theme.plain;
	char label[VALUE_TEXT], text[VALUE_TEXT + 64];

	if (!group_label(&g->key, label, sizeof(label)))
		snprintf(label, sizeof(label), "not known");
	snprintf(text, sizeof(text), " %s %s · %zu flow%s ", group_ways[g->key.by].name, label,
		 g->nflows, g->nflows == 1 ? "" : "s");
	draw_fill(sh->pen, r->y, r->x, r->w, inks[ROLE_RULE], "─");
	draw_text(sh->pen, r->y, r->x + 3, r->w - 4, inks[ROLE_FOCUS], text);
}

/* What can be said of many flows together: what was sent again, and what that means. */
static void draw_group(struct sheet *sh, const struct state *s, const struct flow *sum)
{
	struct subject who = {.s = s, .f = sum};
	struct section sections[2] = {{.n = 0}};

	draw_group_title(sh, sum->group, &s->frame.body);
	draw_verdict(sh, &who);
	sh->line++;
	draw_history(sh, &who);
	fill_sent_again(&sections[0], &who);
	fill_causes(&sections[1], &who);
	draw_sections(sh, sections, 2);
}

static void draw_flow(struct sheet *sh, const struct state *s, const struct flow *f)
{
	struct subject who = subject_of(s, f);
	int room = draw_title(sh, &who, &s->frame.body);

	draw_verdict(sh, &who);
	draw_origin(sh, &who, &s->frame.body, room);
	draw_identity(sh, &who);
	draw_history(sh, &who);
	draw_numbers(sh, &who);
	draw_owner(sh, &who);
}

static const struct flow *find_subject(const struct state *s)
{
	long row;

	if (!s->detail.group.by)
		return model_find(&s->model, &s->detail.key);
	row = table_find_group(&s->table, &s->detail.group);
	return row < 0 ? NULL : s->table.rows[row];
}

static void draw_from(struct state *s, int top)
{
	const struct rect *r = &s->frame.body;
	const struct flow *f = find_subject(s);
	struct sheet sh = {.pen = &s->pen, .top = top};

	sh.room = (struct rect){r->y + 1, r->x + 1, r->h - 1, r->w - 2};
	for (int i = 0; i < r->h; i++)
		draw_fill(&s->pen, r->y + i, r->x, r->w, s->pen.theme.plain[ROLE_TEXT], " ");
	if (f && f->group)
		draw_group(&sh, s, f);
	else if (f)
		draw_flow(&sh, s, f);
	else
		sheet_wrap(&sh, 0, ROLE_TEXT,
			   s->detail.group.by ? "This group has been quiet for a minute."
					      : "This flow is no longer tracked.");
	s->detail.lines = sh.line;
}

/* How far it can be scrolled is known when it has been written. */
void detail_draw(struct state *s)
{
	int most;

	draw_from(s, s->detail.top);
	most = s->detail.lines - (s->frame.body.h - 1);
	if (most < 0)
		most = 0;
	if (s->detail.top <= most)
		return;
	s->detail.top = most;
	draw_from(s, most);
}
