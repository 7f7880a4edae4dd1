// SPDX-License-Identifier: GPL-2.0-only
/* What each option does, and the values that it takes. */
#include "src/option_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/filter.h"
#include "src/metrics.h"
#include "src/ssh.h"
#include "src/words.h"

static void list_columns(char *buf, size_t size)
{
	size_t used = 0;

	for (int i = 0; i < FIELDS && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
					 fields[i].title);
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

	v->columns_given = true;
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

/* strtod() also takes blanks, nan, infinity and hexadecimal. */
static bool is_decimal(const char *arg, double min, double max, double *value)
{
	char *end;

	*value = strtod(arg, &end);
	return *arg && !arg[strspn(arg, "0123456789.")] && !*end && *value >= min && *value <= max;
}

bool options_delay(const char *text, double *delay)
{
	return is_decimal(text, 0.1, 3600, delay);
}

static int parse_delay(const char *arg, struct options *o, struct failure *why)
{
	o->delay_given = true;
	if (!options_delay(arg, &o->delay))
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
	o->speed_given = true;
	o->speed = 0;
	if (strcmp(arg, "max") != 0 && !is_decimal(arg, 0.01, 10000, &o->speed))
		return usage_error(why, "--speed takes 0.01 to 10000, or 'max', not '%.40s'", arg);
	return 0;
}

static int parse_max_flows(const char *arg, struct options *o, struct failure *why)
{
	long n;

	if (parse_number(arg, "--max-flows", 256, 1 << 24, &n, why))
		return -1;
	o->max_flows = (uint32_t)n;
	o->max_flows_given = true;
	return 0;
}

static int parse_tlp_way(const char *arg, struct options *o, struct failure *why)
{
	for (o->tlp_way = TLP_NONE; o->tlp_way <= TLP_FENTRY; o->tlp_way++) {
		o->tlp_way_given = !strcmp(arg, tlp_way_name(o->tlp_way));
		if (o->tlp_way_given)
			return 0;
	}
	return usage_error(why, "--tlp-way takes fentry, kprobe, timer or none, not '%.40s'", arg);
}

static int set_mode(struct options *o, enum mode mode, struct failure *why)
{
	if (o->mode != MODE_VIEWER && o->mode != mode)
		return usage_error(why, "-e, -c, -b and --doctor exclude each other");
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

static int add_host(struct options *o, const char *name, bool by_ssh, struct failure *why)
{
	if (o->nhosts == FLEET_MOST)
		return usage_error(why, "--host and -r can be given %d times", FLEET_MOST);
	o->hosts[o->nhosts++] = (struct fleet_host){name, by_ssh, 0};
	return 0;
}

/* Those that take no value. */
static int apply_switch(int id, struct options *o, struct failure *why)
{
	switch (id) {
	case 'e':
		return set_mode(o, MODE_EVENTS, why);
	case 'c':
		return set_mode(o, MODE_COUNT, why);
	case 'b':
		return set_mode(o, MODE_BATCH, why);
	case OPT_DOCTOR:
		return set_mode(o, MODE_DOCTOR, why);
	case OPT_JSON:
		return set_output(o, OUTPUT_JSON, why);
	case OPT_CSV:
		return set_output(o, OUTPUT_CSV, why);
	case '4':
		return set_family(&o->view, 4, why);
	case '6':
		return set_family(&o->view, 6, why);
	case 'l':
		o->view.tlp = true;
		break;
	case 's':
		o->sequence = true;
		break;
	case OPT_RESOLVE:
		o->resolve = true;
		break;
	case 'C':
		o->color = false;
		o->no_color = true;
		break;
	case OPT_ASCII:
		o->ascii = true;
		break;
	case 'M':
		o->mouse = false;
		break;
	case OPT_VERBOSE:
		o->verbose = true;
		break;
	}
	return 0;
}

int option_apply(int id, const char *arg, struct options *o, struct failure *why)
{
	switch (id) {
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
		return parse_columns(arg, &o->view, why);
	case OPT_ROWS:
		return parse_number(arg, "--rows", 0, INT32_MAX, &o->rows, why);
	case OPT_SPEED:
		return parse_speed(arg, o, why);
	case OPT_MAX_FLOWS:
		return parse_max_flows(arg, o, why);
	case OPT_TLP_WAY:
		return parse_tlp_way(arg, o, why);
	case 'w':
		o->record = arg;
		return 0;
	case 'r':
		o->replay = o->replay ? o->replay : arg;
		return add_host(o, arg, false, why);
	case OPT_METRICS:
		o->metrics = arg;
		return 0;
	case OPT_METRICS_BY:
		if (metrics_ways(arg, &o->metrics_ways))
			return 0;
		return usage_error(why,
				   "--metrics-by takes cgroup, subnet, both with a comma, or "
				   "none, not '%.40s'",
				   arg);
	case OPT_HOST:
		if (!ssh_is_host(arg))
			return usage_error(why, "--host takes a name for ssh, not '%.40s'", arg);
		return add_host(o, arg, true, why);
	default:
		return apply_switch(id, o, why);
	}
}
