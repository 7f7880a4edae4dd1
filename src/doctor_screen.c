// SPDX-License-Identifier: GPL-2.0-only
/* What is shown of a flow, and where. */
#include <string.h>

#include "src/doctor_checks.h"

enum { LEAST_COLS = 40, LEAST_ROWS = 10 };

/* Who copies a command is to know what it does. */
static void remedy_umount(struct finding *f, const char *mount)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-";

	if (mount[strspn(mount, plain)])
		set_remedy(f, "findmnt -t cgroup2   # and umount what covers it");
	else
		set_remedy(f, "umount %s", mount);
}

/* Sockets belong to a cgroup of the v2 hierarchy (sk_cgrp_data), whatever else is mounted. */
void check_cgroup(const struct host_facts *h, struct finding *f)
{
	static const char cost[] = "UNIT and CGROUP are not known, and -g cgroup has one group.";

	if (!h->proc) {
		f->verdict = FINDING_UNKNOWN;
		set_value(f, "not told (no /proc)");
		return;
	}
	switch (h->cgroup) {
	case CGROUP_V2:
		set_value(f, "version 2, %s", h->cgroup_mount);
		if (!h->own_cgroup_ns)
			return;
		set_limited(f, "This container sees its own only: UNIT and CGROUP of others are "
			       "not known.");
		set_remedy(f, "docker run --cgroupns=host -v /sys/fs/cgroup:/sys/fs/cgroup ...");
		return;
	case CGROUP_V1_ONLY:
		set_value(f, "version 1 only");
		set_limited(f, "%s", cost);
		set_remedy(f, "boot with systemd.unified_cgroup_hierarchy=1");
		return;
	case CGROUP_COVERED:
		set_value(f, "version 2, covered by another mount");
		set_limited(f, "%s", cost);
		remedy_umount(f, h->cgroup_mount);
		return;
	default:
		set_value(f, "not mounted");
		set_limited(f, "%s", cost);
		set_remedy(f, "mount -t cgroup2 cgroup2 /sys/fs/cgroup");
	}
}

static void check_size(const struct terminal_facts *t, struct finding *f)
{
	if (!t->rows || !t->cols || (t->cols >= LEAST_COLS && t->rows >= LEAST_ROWS))
		return;
	set_limited(f,
		    "The viewer needs %d by %d and shows nothing until then; tcpretop -b needs "
		    "none.",
		    LEAST_COLS, LEAST_ROWS);
	set_remedy(f, "stty cols 80 rows 24   # or enlarge the window");
}

static void check_type(const struct terminal_facts *t, struct finding *f)
{
	switch (t->type) {
	case TERMINAL_UNSET:
		set_value(f, "TERM is not set");
		set_limited(f, "The viewer takes it for a common one, which may look odd.");
		set_remedy(f, "export TERM=xterm-256color");
		break;
	case TERMINAL_UNKNOWN:
		set_value(f, "%s is not known here", t->name);
		set_limited(f, "The viewer takes it for a common one, which may look odd.");
		set_remedy(f, "export TERM=xterm-256color   # or install ncurses-term");
		break;
	case TERMINAL_DUMB:
		set_value(f, "%s cannot place its cursor", t->name);
		set_limited(f, "The viewer cannot be shown; tcpretop -b can.");
		set_remedy(f, "export TERM=xterm-256color   # if it is more than that");
		break;
	default:
		check_size(t, f);
	}
}

void check_terminal(const struct host_facts *h, struct finding *f)
{
	const struct terminal_facts *t = &h->terminal;
	const char *sort = t->colors >= 256 ? "256 colours"
			   : t->colors >= 8 ? "8 colours"
					    : "no colours: ! and !! mark what is bad";

	if (!t->attached && t->type == TERMINAL_UNSET) {
		set_value(f, "none: tcpretop is as tcpretop -b");
		return;
	}
	if (t->rows && t->cols)
		set_value(f, "%s, %s, %u by %u", t->name, sort, t->cols, t->rows);
	else
		set_value(f, "%s, %s", t->name, sort);
	check_type(t, f);
}

/* The viewer helps itself (ui/term.c), the text modes go by the locale. */
void check_locale(const struct host_facts *h, struct finding *f)
{
	set_value(f, "%s", h->charset);
	if (h->locale_known && !strcmp(h->charset, "UTF-8"))
		return;
	if (!h->locale_named)
		set_value(f, "none is set: %s", h->charset);
	else if (!h->locale_known)
		set_value(f, "the one that is set is not installed: %s", h->charset);
	if (h->locale_named && h->locale_known)
		set_limited(f, "The viewer draws with ASCII, and other letters are shown as ?.");
	else
		set_limited(f, "Text shows letters that are not ASCII as ?; the viewer takes the "
			       "terminal for UTF-8.");
	set_remedy(f, "export LC_ALL=C.UTF-8");
}
