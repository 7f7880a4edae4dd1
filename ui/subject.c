// SPDX-License-Identifier: GPL-2.0-only
#include "ui/subject.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/format.h"
#include "src/sanitise.h"

struct subject subject_of(const struct state *s, const struct flow *f)
{
	const struct detail *d = &s->detail;
	struct subject who = {.s = s, .f = f};

	who.live = d->look_err == 0 && d->look.has_info;
	who.sampled = who.live || f->flags & FLOW_SAMPLED;
	if (who.live)
		who.sock = d->look;
	else if (who.sampled)
		flow_look(f, &who.sock);
	who.sock.state = d->look_err == 0 ? d->look.state : f->sock.state;
	return who;
}

void subject_origin(const struct subject *who, char *buf, size_t size)
{
	const struct detail *d = &who->s->detail;
	char age[24], sample[64] = "no sample was taken";

	if (who->f->flags & FLOW_SAMPLED) {
		format_seconds(model_age(&who->s->model, who->f->sample_ns), 0, age, sizeof(age));
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

/* A number used again shows another name than that which held the socket. */
void subject_command(const struct subject *who, char *buf, size_t size)
{
	const struct detail *d = &who->s->detail;
	size_t comm = sizeof(d->command.comm);
	char name[64];

	if (d->command_err == -EOPNOTSUPP) {
		snprintf(buf, size, "not known");
	} else if (d->command_err) {
		snprintf(buf, size, "the process is gone");
	} else if (strncmp(d->command.comm, flow_owner(who->f).comm, comm) != 0) {
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

void subject_process(const struct subject *who, char *buf, size_t size)
{
	struct owner one = flow_owner(who->f);
	unsigned int others = one.others;
	size_t used;

	one.others = 0;
	format_process(&one, buf, size);
	used = strlen(buf);
	if (others)
		snprintf(buf + used, size - used, ", %u other%s hold%s the socket, too", others,
			 others == 1 ? "" : "s", others == 1 ? "s" : "");
}

void subject_seen(const struct subject *who, char *buf, size_t size)
{
	const struct model *m = &who->s->model;
	char first[32], last[32];

	format_time(model_unixtime(m, who->f->first_ns), true, first, sizeof(first));
	format_time(model_unixtime(m, who->f->last_ns), true, last, sizeof(last));
	snprintf(buf, size, "first %s, last %s", first, last);
}
