// SPDX-License-Identifier: GPL-2.0-only
#include "src/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/filter.h"
#include "src/group.h"
#include "src/sanitise.h"

#define HINT "; try 'tcpretop --help'"

/* Options without a letter. */
enum {
	OPT_COLUMNS = 256,
	OPT_ROWS,
	OPT_JSON,
	OPT_CSV,
	OPT_SPEED,
	OPT_MAX_FLOWS,
	OPT_RESOLVE,
	OPT_ASCII,
	OPT_VERBOSE
};

struct option_def {
	int id; /* the letter, where there is one */
	const char *name, *arg, *help;
};

static const struct option_def option_defs[] = {
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
	{OPT_SPEED, "speed", "X", "-r: X times as fast, or max (viewer 1, else max)"},
	{OPT_MAX_FLOWS, "max-flows", "N", "size of the kernel's flow table (65536)"},
	{OPT_RESOLVE, "resolve", NULL, "names for addresses: reverse DNS, as key a"},
	{'C', "no-color", NULL, "no colour; the variable NO_COLOR does the same"},
	{OPT_ASCII, "ascii", NULL, "draw with ASCII characters only"},
	{'M', "no-mouse", NULL, "leave the mouse to the terminal"},
	{OPT_VERBOSE, "verbose", NULL, "show the log of loading the kernel programs"},
	{'V', "version", NULL, "print the version and exit"},
	{'h', "help", NULL, "print this and exit"},
};

enum { OPTIONS = sizeof(option_defs) / sizeof(option_defs[0]) };

static int usage_error(struct failure *why, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int usage_error(struct failure *why, const char *fmt, ...)
{
	char text[sizeof(why->text) - sizeof(HINT)], line[sizeof(text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sanitise(text, sizeof(text), line, sizeof(line)); /* an argument may hold a newline */
	return fail(why, EXIT_USAGE, "%s" HINT, line);
}

static void list_columns(char *buf, size_t size)
{
	size_t used = 0;

	for (int i = 0; i < FIELDS && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
					 fields[i].title);
}

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

void options_help(FILE *f)
{
	static const char *const statuses[] = {
		"0 fine",
		"1 failed at run time",
		"2 bad usage",
		"3 not permitted",
		"4 this kernel lacks what is needed",
		"5 a recording that cannot be read",
	};
	const char *titles[FIELDS], *groups[GROUPS];

	fputs("usage: tcpretop [OPTION]...\n"
	      "Shows which TCP connections of this host send segments again, how often and why.\n"
	      "Without -e, -c or -b: the live viewer, or -b if its output is no terminal.\n\n",
	      f);
	for (int i = 0; i < OPTIONS; i++)
		put_option(f, &option_defs[i]);
	for (int i = 0; i < FIELDS; i++)
		titles[i] = fields[i].title;
	for (int i = 0; i < GROUPS; i++)
		groups[i] = group_ways[i].name;
	fputc('\n', f);
	put_wrapped(f, "Columns: ", titles, FIELDS);
	put_wrapped(f, "Groups: ", groups, GROUPS);
	put_wrapped(f, "Exit status: ", statuses, sizeof(statuses) / sizeof(*statuses));
}

/* Number of letters to change, add or drop; a and b in any letter case. */
static unsigned int edit_distance(const char *a, const char *b)
{
	enum { LONGEST = 32 };
	unsigned int row[LONGEST + 1];
	size_t lb = strlen(b);

	if (strlen(a) > LONGEST || lb > LONGEST)
		return LONGEST;
	for (unsigned int j = 0; j <= lb; j++)
		row[j] = j;
	for (unsigned int i = 1; a[i - 1]; i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (unsigned int j = 1; j <= lb; j++) {
			bool same = tolower((unsigned char)a[i - 1]) ==
				    tolower((unsigned char)b[j - 1]);
			unsigned int best = diagonal + !same;

			diagonal = row[j];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
		}
	}
	return row[lb];
}

/* The column that was probably meant; FIELDS if none is near. */
static enum field_id nearest_column(const char *name)
{
	enum field_id best = FIELDS;
	unsigned int best_distance = 3;

	for (int i = 0; i < FIELDS; i++) {
		unsigned int d = edit_distance(name, fields[i].title);

		if (d < best_distance && 2 * d <= strlen(name)) {
			best_distance = d;
			best = (enum field_id)i;
		}
	}
	return best;
}

static int unknown_column(const char *name, struct failure *why)
{
	enum field_id near = nearest_column(name);
	char columns[300];

	list_columns(columns, sizeof(columns));
	if (near < FIELDS)
		return usage_error(why, "there is no column '%.40s'; did you mean %s? There are %s",
				   name, fields[near].title, columns);
	return usage_error(why, "there is no column '%.40s'; there are %s", name, columns);
}

static int parse_sort(const char *arg, struct view *v, struct failure *why)
{
	v->reverse = *arg == '-';
	v->sort = field_find(arg + v->reverse);
	return v->sort == FIELDS ? unknown_column(arg + v->reverse, why) : 0;
}

static int parse_group(const char *arg, struct view *v, struct failure *why)
{
	char names[100] = "";
	size_t used = 0;

	v->group = group_find(arg);
	if (v->group < GROUPS)
		return 0;
	for (int by = 0; by < GROUPS && used < sizeof(names); by++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 by + 1 == GROUPS ? " or "
					 : by             ? ", "
							  : "",
					 group_ways[by].name);
	return usage_error(why, "-g takes %s, not '%.40s'", names, arg);
}

/* Once all options are known. */
static int check_sort(const struct view *v, struct failure *why)
{
	if (field_is_of(v->sort, v->group))
		return 0;
	if (v->group == GROUP_FLOW)
		return usage_error(why, "-o %s is for groups: add -g", fields[v->sort].title);
	return usage_error(why, "-o %s is not known of the groups of -g %s", fields[v->sort].title,
			   group_ways[v->group].name);
}

static int add_column(struct view *v, const char *name, struct failure *why)
{
	enum field_id id = field_find(name);

	if (id == FIELDS)
		return unknown_column(name, why);
	for (unsigned int i = 0; i < v->ncolumns; i++) {
		if (v->columns[i] == id)
			return usage_error(why, "--columns names %s twice", fields[id].title);
	}
	v->columns[v->ncolumns++] = id;
	return 0;
}

static int parse_columns(const char *arg, struct view *v, struct failure *why)
{
	char name[64];

	v->ncolumns = 0;
	for (;;) {
		size_t len = strcspn(arg, ",");

		snprintf(name, sizeof(name), "%.*s", (int)len, arg);
		if (add_column(v, name, why))
			return -1;
		if (!arg[len])
			return 0;
		arg += len + 1;
	}
}

static int parse_delay(const char *arg, struct options *o, struct failure *why)
{
	char *end;

	o->delay = strtod(arg, &end);
	o->delay_given = true;
	/* strtod() also takes blanks, nan, infinity and hexadecimal. */
	if (!*arg || arg[strspn(arg, "0123456789.")] || *end ||
	    !(o->delay >= 0.1 && o->delay <= 3600))
		return usage_error(why, "-d takes 0.1 to 3600 seconds, not '%.40s'", arg);
	return 0;
}

/* A whole number from min to max. */
static int parse_number(const char *arg, const char *option, long min, long max, long *value,
			struct failure *why)
{
	errno = 0;
	*value = strtol(arg, NULL, 10);
	if (*arg && !arg[strspn(arg, "0123456789")] && !errno && *value >= min && *value <= max)
		return 0;
	if (max == INT32_MAX)
		return usage_error(why, "%s takes a whole number from %ld, not '%.40s'", option,
				   min, arg);
	return usage_error(why, "%s takes a whole number from %ld to %ld, not '%.40s'", option, min,
			   max, arg);
}

static int parse_speed(const char *arg, struct options *o, struct failure *why)
{
	char *end;

	o->speed_given = true;
	o->speed = strcmp(arg, "max") != 0 ? strtod(arg, &end) : 0;
	if (!strcmp(arg, "max"))
		return 0;
	if (!*arg || arg[strspn(arg, "0123456789.")] || *end ||
	    !(o->speed >= 0.01 && o->speed <= 10000))
		return usage_error(why, "--speed takes 0.01 to 10000, or 'max', not '%.40s'", arg);
	return 0;
}

static int set_mode(struct options *o, enum mode mode, struct failure *why)
{
	if (o->mode != MODE_VIEWER && o->mode != mode)
		return usage_error(why, "-e, -c and -b exclude each other");
	o->mode = mode;
	return 0;
}

static int set_output(struct options *o, enum output output, struct failure *why)
{
	if (o->output != OUTPUT_TEXT && o->output != output)
		return usage_error(why, "--json and --csv exclude each other");
	o->output = output;
	return 0;
}

static int set_family(struct view *v, int family, struct failure *why)
{
	if (v->family && v->family != family)
		return usage_error(why,
				   "-4 and -6 exclude each other; without them both are shown");
	v->family = family;
	return 0;
}

/* The error shows the text and points at the character, all in one line. */
static int parse_filter(const char *arg, struct view *v, struct failure *why)
{
	struct filter_error err;

	if (strlen(arg) >= sizeof(v->filter_text))
		return usage_error(why, "-f takes at most %zu characters",
				   sizeof(v->filter_text) - 1);
	filter_free(v->filter);
	v->filter = filter_parse(arg, &err);
	if (!v->filter)
		return usage_error(why, "-f '%.*s' <here> '%.80s': %s", (int)err.at, arg,
				   arg + err.at, err.text);
	snprintf(v->filter_text, sizeof(v->filter_text), "%s", arg);
	return 0;
}

static int apply(int id, const char *arg, struct options *o, struct failure *why)
{
	long n;

	switch (id) {
	case 'e':
		return set_mode(o, MODE_EVENTS, why);
	case 'c':
		return set_mode(o, MODE_COUNT, why);
	case 'b':
		return set_mode(o, MODE_BATCH, why);
	case 'l':
		o->view.tlp = true;
		return 0;
	case '4':
		return set_family(&o->view, 4, why);
	case '6':
		return set_family(&o->view, 6, why);
	case 's':
		o->sequence = true;
		return 0;
	case 'd':
		return parse_delay(arg, o, why);
	case 'n':
		return parse_number(arg, "-n", 1, INT32_MAX, &o->iterations, why);
	case 'f':
		return parse_filter(arg, &o->view, why);
	case 'g':
		return parse_group(arg, &o->view, why);
	case 'o':
		return parse_sort(arg, &o->view, why);
	case OPT_COLUMNS:
		o->view.columns_given = true;
		return parse_columns(arg, &o->view, why);
	case OPT_ROWS:
		return parse_number(arg, "--rows", 0, INT32_MAX, &o->rows, why);
	case OPT_JSON:
		return set_output(o, OUTPUT_JSON, why);
	case OPT_CSV:
		return set_output(o, OUTPUT_CSV, why);
	case 'w':
		o->record = arg;
		return 0;
	case 'r':
		o->replay = arg;
		return 0;
	case OPT_SPEED:
		return parse_speed(arg, o, why);
	case OPT_MAX_FLOWS:
		if (parse_number(arg, "--max-flows", 256, 1 << 24, &n, why))
			return -1;
		o->max_flows = (uint32_t)n;
		return 0;
	case OPT_RESOLVE:
		o->resolve = true;
		return 0;
	case 'C':
		o->color = false;
		o->no_color = true;
		return 0;
	case OPT_ASCII:
		o->ascii = true;
		return 0;
	case 'M':
		o->mouse = false;
		return 0;
	case OPT_VERBOSE:
		o->verbose = true;
		return 0;
	}
	return -1;
}

void options_init(struct options *o)
{
	const char *no_color = getenv("NO_COLOR");

	memset(o, 0, sizeof(*o));
	view_init(&o->view);
	o->delay = 1;
	o->iterations = -1;
	o->rows = 50;
	o->max_flows = 65536;
	o->color = !no_color || !*no_color;
	o->mouse = true;
	o->event_pane = true;
}

int options_set(struct options *o, const char *name, const char *value, struct failure *why)
{
	for (int i = 0; i < OPTIONS; i++) {
		const struct option_def *d = &option_defs[i];

		if (strcmp(d->name, name))
			continue;
		if (!d->arg != !value)
			return usage_error(why, "%s %s", name,
					   value ? "takes no value" : "needs a value");
		return apply(d->id, value, o, why);
	}
	return usage_error(why, "there is no option %.60s", name);
}

/* The table above in the form that getopt_long() wants. */
static void getopt_tables(struct option longs[OPTIONS + 1], char shorts[2 * OPTIONS + 2])
{
	*shorts++ = ':';
	for (int i = 0; i < OPTIONS; i++) {
		const struct option_def *d = &option_defs[i];

		longs[i] = (struct option){d->name, d->arg != NULL, NULL, d->id};
		if (d->id >= 256)
			continue;
		*shorts++ = (char)d->id;
		if (d->arg)
			*shorts++ = ':';
	}
	longs[OPTIONS] = (struct option){0};
	*shorts = '\0';
}

/* As the user may have typed it. False if there is no such option. */
static bool option_name(int id, char *buf, size_t size)
{
	for (int i = 0; i < OPTIONS; i++) {
		if (option_defs[i].id != id)
			continue;
		if (id < 256)
			snprintf(buf, size, "-%c (--%s)", id, option_defs[i].name);
		else
			snprintf(buf, size, "--%s", option_defs[i].name);
		return true;
	}
	return false;
}

/* A word that begins several options. */
static bool is_ambiguous(const char *word)
{
	size_t len = strcspn(word, "=");
	int n = 0;

	for (int i = 0; i < OPTIONS; i++)
		n += !strncmp(option_defs[i].name, word, len);
	return n > 1;
}

/* What getopt_long() stopped at; with a word that it did not know, that is before optind. */
static int bad_option(int c, char **argv, struct failure *why)
{
	const char *word = argv[optind - 1];
	char name[32];

	if (option_name(optopt, name, sizeof(name)))
		return usage_error(why, "%s %s", name,
				   c == ':' ? "needs a value" : "takes no value");
	if (optopt)
		return usage_error(why, "there is no option -%c", isprint(optopt) ? optopt : '?');
	if (is_ambiguous(word + 2))
		return usage_error(why, "%.60s is short for more than one option", word);
	return usage_error(why, "there is no option %.60s", word);
}

/* One that is given here wins over the other, where that was not and they do not go together. */
static void settle_sort_and_group(struct view *v, bool sort_given, bool group_given)
{
	if (group_given && !sort_given)
		view_settle_sort(v);
	else if (sort_given && !group_given && !field_is_of(v->sort, v->group))
		v->group = GROUP_FLOW;
}

/* Where standard output is the recording, or another recording is copied, nothing is shown. */
static int check_recording(struct options *o, struct failure *why)
{
	bool to_stdout = o->record && !strcmp(o->record, "-");

	if (o->speed_given && !o->replay)
		return usage_error(why, "--speed is for a replay: add -r FILE");
	if (to_stdout && o->mode != MODE_VIEWER)
		return usage_error(why, "-w - needs standard output for itself: leave out -e, -c, "
					"-b, --json and --csv, or record to a file");
	if (o->mode == MODE_VIEWER && (to_stdout || (o->record && o->replay)))
		o->mode = MODE_RECORD;
	return 0;
}

int options_take(int argc, char **argv, struct options *o, struct failure *why)
{
	struct option longs[OPTIONS + 1];
	char shorts[2 * OPTIONS + 2];
	bool sort_given = false, group_given = false;
	int c;

	getopt_tables(longs, shorts);
	opterr = 0;
	optind = 0; /* starts anew, also where it ran before */
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == 'h' || c == 'V') {
			o->mode = c == 'h' ? MODE_HELP : MODE_VERSION;
			return 0;
		}
		if (c == '?' || c == ':')
			return bad_option(c, argv, why);
		if (apply(c, optarg, o, why))
			return -1;
		sort_given = sort_given || c == 'o';
		group_given = group_given || c == 'g';
	}
	if (optind < argc)
		return usage_error(why, "there is nothing to do with '%.60s'", argv[optind]);
	if (o->mode == MODE_VIEWER && o->output != OUTPUT_TEXT)
		o->mode = MODE_BATCH;
	if (check_recording(o, why))
		return -1;
	if (o->resolve && o->mode != MODE_VIEWER)
		return usage_error(why, "--resolve is for the viewer; text has addresses");
	settle_sort_and_group(&o->view, sort_given, group_given);
	return check_sort(&o->view, why);
}

int options_parse(int argc, char **argv, struct options *o, struct failure *why)
{
	options_init(o);
	return options_take(argc, argv, o, why);
}

void options_free(struct options *o)
{
	filter_free(o->view.filter);
	o->view.filter = NULL;
}
