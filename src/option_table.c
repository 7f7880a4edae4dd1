// SPDX-License-Identifier: GPL-2.0-only
#include "src/option_table.h"

#include <string.h>

#include "src/field.h"
#include "src/group.h"

const struct option_def option_defs[] = {
	{'e', "events", NULL, "one line per retransmit, as tcpretrans prints it"},
	{'c', "count", NULL, "count per flow, print at Ctrl-C, as tcpretrans -c"},
	{'b', "batch", NULL, "the table as plain text every interval, as top -b"},
	{'l', "lossprobe", NULL, "include tail loss probes (TLP), as key l of the viewer"},
	{'4', "ipv4", NULL, "IPv4 flows only"},
	{'6', "ipv6", NULL, "IPv6 flows only"},
	{'s', "sequence", NULL, "-e: add the sequence number"},
	{'d', "delay", "SEC", "the interval in seconds, 0.1 to 3600 (1)"},
	{'n', "iterations", "N", "end after N intervals, the last screen stays visible"},
	{'f', "filter", "EXPR", "only what matches, as in 'port 443 and RTT > 50ms'"},
	{'g', "group", "BY", "sum flows up by remote, subnet, lport, process and more"},
	{'o', "sort", "COL", "sort by this column; -COL is reversed (RETR)"},
	{OPT_COLUMNS, "columns", "A,B,...", "the columns and their order"},
	{OPT_ROWS, "rows", "N", "-b: rows of each table, 0 is all of them (50)"},
	{OPT_JSON, "json", NULL, "-e, -c, -b: print JSON Lines"},
	{OPT_CSV, "csv", NULL, "-e, -c, -b: print comma-separated values"},
	{'w', "record", "FILE", "record what is seen, in any mode; - is stdout"},
	{'r', "replay", "FILE", "show a recording, in any mode, as any user"},
	{OPT_HOST, "host", "HOST", "look at HOST by ssh; repeat it for many in one table"},
	{OPT_SPEED, "speed", "X", "-r: X times as fast, or max (viewer 1, else max)"},
	{OPT_METRICS, "metrics", "FILE", "keep a textfile for Prometheus's node_exporter"},
	{OPT_METRICS_BY, "metrics-by", "A,B", "its labels: cgroup, subnet or none (cgroup)"},
	{OPT_MAX_FLOWS, "max-flows", "N", "size of the kernel's flow table (65536)"},
	/* For tests of each way: fentry, kprobe, timer or none. Users get the best by themselves. */
	{OPT_TLP_WAY, "tlp-way", "WAY", NULL},
	{OPT_RESOLVE, "resolve", NULL, "names for addresses: reverse DNS, as key a"},
	{'C', "no-color", NULL, "no colour; the variable NO_COLOR does the same"},
	{OPT_ASCII, "ascii", NULL, "draw with ASCII characters only"},
	{'M', "no-mouse", NULL, "leave the mouse to the terminal"},
	{OPT_DOCTOR, "doctor", NULL, "tell what is missing here, why, and what mends it"},
	{OPT_VERBOSE, "verbose", NULL, "show the log of loading the kernel programs"},
	{'V', "version", NULL, "print the version and exit"},
	{'h', "help", NULL, "print this and exit"},
	{0, NULL, NULL, NULL},
};

_Static_assert(sizeof(option_defs) / sizeof(*option_defs) <= MOST_OPTIONS + 1, "all find room");

/* Writes words with commas between, in lines of at most 79. */
static void put_wrapped(FILE *f, const char *lead, const char *const *words, int n)
{
	size_t used = strlen(lead);

	fputs(lead, f);
	for (int i = 0; i < n; i++) {
		size_t len = strlen(words[i]) + 2;

		if (used + len > 79) {
			fprintf(f, "\n%*s", (int)strlen(lead), "");
			used = strlen(lead);
		} else if (i) {
			fputc(' ', f);
		}
		fprintf(f, "%s%c", words[i], i + 1 < n ? ',' : '\n');
		used += len;
	}
}

static void put_option(FILE *f, const struct option_def *d)
{
	char letter[] = "-?,", left[40];

	letter[1] = (char)d->id;
	snprintf(left, sizeof(left), "%3s --%s%s%s", d->id < 256 ? letter : "", d->name,
		 d->arg ? " " : "", d->arg ? d->arg : "");
	fprintf(f, "  %-22s %s\n", left, d->help);
}

/* Those of bcc's tool, in its order. */
static void tcpretrans_help(FILE *f)
{
	fputs("usage: tcpretrans [-h] [-s] [-l] [-c] [-4 | -6] [OPTION]...\n"
	      "Prints a line per TCP retransmit, as bcc's tool does. This one is tcpretop.\n"
	      "\n",
	      f);
	for (const char *letter = "hslc46"; *letter; letter++) {
		for (const struct option_def *d = option_defs; d->name; d++) {
			if (d->id == *letter)
				put_option(f, d);
		}
	}
	fputs("\nIt takes tcpretop's other options, too (tcpretop --help). Where it differs from\n"
	      "bcc's: TCPRETRANS in tcpretop(8).\n",
	      f);
}

static void tcpretop_help(FILE *f)
{
	static const char *const statuses[] = {
		"0 fine",
		"1 failed at run time",
		"2 bad usage",
		"3 not permitted",
		"4 this kernel lacks what is needed",
		"5 a recording that cannot be read",
		"128+N the viewer, ended by signal N",
	};
	const char *titles[FIELDS], *groups[GROUPS];

	fputs("usage: tcpretop [OPTION]...\n"
	      "Shows which TCP connections of this host send segments again, how often and why.\n"
	      "Without -e, -c or -b: the live viewer, or -b if its output is no terminal.\n"
	      "Called by the name tcpretrans: as with -e.\n\n",
	      f);
	for (const struct option_def *d = option_defs; d->name; d++) {
		if (d->help)
			put_option(f, d);
	}
	for (int i = 0; i < FIELDS; i++)
		titles[i] = fields[i].title;
	for (int i = 0; i < GROUPS; i++)
		groups[i] = group_ways[i].name;
	fputc('\n', f);
	put_wrapped(f, "Columns: ", titles, FIELDS);
	put_wrapped(f, "Groups: ", groups, GROUPS);
	put_wrapped(f, "Exit status: ", statuses, sizeof(statuses) / sizeof(*statuses));
}

void options_help(FILE *f, bool tcpretrans)
{
	if (tcpretrans)
		tcpretrans_help(f);
	else
		tcpretop_help(f);
}
