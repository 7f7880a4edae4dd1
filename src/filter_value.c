// SPDX-License-Identifier: GPL-2.0-only
#include "src/filter_value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A whole number from 0 to most. */
static bool whole_number(const char *word, double most, double *n)
{
	char *end;

	if (!isdigit((unsigned char)*word))
		return false;
	*n = strtod(word, &end);
	return !*end && *n <= most && floor(*n) == *n && !strpbrk(word, "xX.eE");
}

static bool read_host(const char *text, struct filter *f)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	char plain[FILTER_WORD];
	size_t len = strlen(text);

	if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
		memcpy(plain, text + 1, len - 2);
		plain[len - 2] = '\0';
		text = plain;
	}
	f->family = 4;
	f->bits = 32;
	if (inet_pton(AF_INET, text, f->addr) == 1)
		return true;
	f->family = 6;
	f->bits = 128;
	if (inet_pton(AF_INET6, text, f->addr) != 1)
		return false;
	if (!memcmp(f->addr, mapped, sizeof(mapped))) {
		f->family = 4;
		f->bits = 32;
		memmove(f->addr, f->addr + 12, 4);
		memset(f->addr + 4, 0, 12);
	}
	return true;
}

static bool read_net(const char *word, struct filter *f)
{
	char addr[FILTER_WORD], *slash, *end;
	unsigned long bits;

	strcpy(addr, word);
	slash = strchr(addr, '/');
	if (!slash || !isdigit((unsigned char)slash[1]))
		return false;
	*slash = '\0';
	bits = strtoul(slash + 1, &end, 10);
	if (*end || !read_host(addr, f) || bits > f->bits)
		return false;
	f->bits = (unsigned int)bits;
	return true;
}

static bool read_port(const char *word, struct filter *f)
{
	bool is_one = whole_number(word, 65535, &f->number);

	f->most = f->number;
	return is_one;
}

static bool read_portrange(const char *word, struct filter *f)
{
	char first[FILTER_WORD], *dash;

	strcpy(first, word);
	dash = strchr(first, '-');
	if (!dash)
		return read_port(word, f);
	*dash = '\0';
	return whole_number(first, 65535, &f->number) && whole_number(dash + 1, 65535, &f->most) &&
	       f->number <= f->most;
}

static bool read_number(const char *word, struct filter *f)
{
	return whole_number(word, UINT32_MAX, &f->number);
}

static bool read_name(const char *word, struct filter *f)
{
	strcpy(f->word, word);
	return *word;
}

static bool read_netns(const char *word, struct filter *f)
{
	return read_number(word, f) || read_name(word, f);
}

/* But for what is neither a letter nor a digit. */
static bool is_like(const char *a, const char *b)
{
	do {
		while (*a && !isalnum((unsigned char)*a))
			a++;
		while (*b && !isalnum((unsigned char)*b))
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
	} while (*a++ && *b++);
	return true;
}

/* As ss(8) has it, too: syn-sent, estab. A name that nothing has would only ever match nothing: it is
 * a slip. */
static bool read_state(const char *word, struct filter *f)
{
	static const struct {
		const char *word, *name;
	} of_ss[] = {{"estab", "ESTABLISHED"}, {"closed", "CLOSE"}, {"listening", "LISTEN"}};

	for (size_t i = 0; i < sizeof(of_ss) / sizeof(*of_ss); i++)
		if (!strcasecmp(of_ss[i].word, word))
			return read_name(of_ss[i].name, f);
	for (unsigned int state = 1; state <= 12; state++)
		if (is_like(state_name(state), word))
			return read_name(state_name(state), f);
	return false;
}

static bool read_cause(const char *word, struct filter *f)
{
	for (unsigned int cause = 0; cause < CAUSES; cause++)
		if (!strcasecmp(cause_name(cause), word))
			return read_name(word, f);
	return false;
}

/* The words that take a value after them. */
static const struct primitive primitives[] = {
	{"host", KIND_NET, true, read_host, "an IPv4 or IPv6 address is wanted here"},
	{"net", KIND_NET, true, read_net, "a network such as 10.0.0.0/8 is wanted here"},
	{"port", KIND_PORT, true, read_port, "a port from 0 to 65535 is wanted here"},
	{"portrange", KIND_PORT, true, read_portrange, "ports such as 8000-8099 are wanted here"},
	{"process", KIND_PROCESS, false, read_name, "the name of a process is wanted here"},
	{"pid", KIND_PID, false, read_number, "the number of a process is wanted here"},
	{"cgroup", KIND_CGROUP, false, read_name,
	 "a pattern such as */nginx.service is wanted here"},
	{"netns", KIND_NETNS, false, read_netns,
	 "the name or number of a namespace is wanted here"},
	{"state", KIND_STATE, false, read_state, "a TCP state such as ESTABLISHED is wanted here"},
	{"cause", KIND_CAUSE, false, read_cause,
	 "a cause is wanted here: RTO FAST RACK TLP SYN SYNACK PROBE MTU FAILED OTHER"},
};

const struct primitive *filter_primitive(const char *word)
{
	for (size_t i = 0; i < sizeof(primitives) / sizeof(*primitives); i++)
		if (!strcasecmp(word, primitives[i].word))
			return &primitives[i];
	return NULL;
}

bool filter_op(const char *word, enum op *op)
{
	static const struct {
		const char *word;
		enum op op;
	} ops[] = {
		{"<", OP_LESS},           {"<=", OP_LESS_EQUAL}, {">", OP_GREATER},
		{">=", OP_GREATER_EQUAL}, {"=", OP_EQUAL},       {"==", OP_EQUAL},
		{"!=", OP_NOT_EQUAL},
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (!strcmp(word, ops[i].word)) {
			*op = ops[i].op;
			return true;
		}
	return false;
}

/* What may follow a number of a column, and what it is worth. Fractions are divided by what they are
 * of, as what they are compared with: 204 * 1e-3 is not 204000 / 1e6. */
static const struct quantity {
	enum unit unit;
	const char *suffix;
	double times, of;
} units[] = {
	{UNIT_SECONDS, "us", 1, 1e6},
	{UNIT_SECONDS, "ms", 1, 1e3},
	{UNIT_SECONDS, "s", 1, 1},
	{UNIT_SECONDS, "m", 60, 1},
	{UNIT_SECONDS, "h", 3600, 1},
	{UNIT_PERCENT, "%", 1, 100},
	{UNIT_COUNT, "k", 1e3, 1},
	{UNIT_COUNT, "M", 1e6, 1},
	{UNIT_COUNT, "G", 1e9, 1},
	{UNIT_RATE, "k", 1e3, 1},
	{UNIT_RATE, "M", 1e6, 1},
	{UNIT_RATE, "G", 1e9, 1},
	{UNIT_RATE, "/s", 1, 1},
	{UNIT_BYTES, "k", 1024, 1},
	{UNIT_BYTES, "KiB", 1024, 1},
	{UNIT_BYTES, "M", 1048576, 1},
	{UNIT_BYTES, "MiB", 1048576, 1},
	{UNIT_BYTES, "G", 1073741824, 1},
	{UNIT_BYTES, "GiB", 1073741824, 1},
	{UNIT_BYTES, "B", 1, 1},
};
enum { UNITS = sizeof(units) / sizeof(*units) };

/* NULL if the suffix is none of the unit's. */
static const struct quantity *find_unit(enum unit unit, const char *suffix)
{
	static const struct quantity itself = {.times = 1, .of = 1};

	if (!*suffix)
		return &itself;
	for (size_t i = 0; i < UNITS; i++)
		if (units[i].unit == unit && !strcasecmp(units[i].suffix, suffix))
			return &units[i];
	return NULL;
}

/* "a number of seconds, or one with us, ms, s, m or h, is wanted here" */
void filter_quantity_wanted(enum field_id id, char *buf, size_t size)
{
	enum unit unit = fields[id].unit;
	const char *of = unit == UNIT_SECONDS ? " of seconds"
			 : unit == UNIT_BYTES ? " of bytes"
					      : "";
	size_t used = (size_t)snprintf(buf, size, "a number%s", of), left = 0, n = 0;

	for (size_t i = 0; i < UNITS; i++)
		left += units[i].unit == unit;
	for (size_t i = 0; i < UNITS && used < size; i++) {
		if (units[i].unit != unit)
			continue;
		left--;
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
					 !n++   ? ", or one with "
					 : left ? ", "
						: " or ",
					 units[i].suffix);
	}
	if (used < size)
		snprintf(buf + used, size - used, "%s is wanted here", n ? "," : "");
}

bool filter_quantity(const char *word, struct filter *f)
{
	const struct quantity *of;
	char *suffix;
	double n;

	if (!(isdigit((unsigned char)*word) || *word == '.') || strpbrk(word, "xX"))
		return false;
	n = strtod(word, &suffix);
	of = suffix == word ? NULL : find_unit(fields[f->field].unit, suffix);
	if (!of)
		return false;
	f->number = n * of->times / of->of;
	return isfinite(f->number);
}
