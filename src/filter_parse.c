// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/filter_node.h"

/* Bounds what a stranger's text can make of the stack. */
enum { MAX_DEPTH = 64, MAX_TERMS = 1000 };

/* ---- The parser: recursive descent over words, operators and parentheses */

struct parser {
	const char *text;
	const char *next;       /* where the next token begins */
	const char *token;      /* the current one */
	size_t len;             /* 0 at the end of the text */
	char word[FILTER_WORD]; /* the current one, without quotes */
	bool quoted;
	unsigned int depth, terms;
	struct filter_error *err;
	bool failed;
};

static void *wrong(struct parser *p, const char *at, const char *what)
{
	if (!p->failed) {
		p->failed = true;
		p->err->at = (unsigned int)(at - p->text);
		snprintf(p->err->text, sizeof(p->err->text), "%s", what);
	}
	return NULL;
}

static size_t operator_length(const char *s)
{
	static const char *const operators[] = {"&&", "||", ">=", "<=", "!=", "==",
						"(",  ")",  "!",  "<",  ">",  "="};

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (!strncmp(s, operators[i], strlen(operators[i])))
			return strlen(operators[i]);
	return 0;
}

static void take_quoted(struct parser *p)
{
	const char *end = strchr(p->token + 1, '"');

	if (!end) {
		wrong(p, p->token, "this quote is never closed");
		p->len = 0;
		return;
	}
	p->quoted = true;
	p->len = (size_t)(end + 1 - p->token);
}

static size_t word_length(const char *s)
{
	size_t n = 0;

	while (s[n] && !isspace((unsigned char)s[n]) && s[n] != '"' && !operator_length(s + n))
		n++;
	return n;
}

static void advance(struct parser *p)
{
	size_t len, skip;

	while (isspace((unsigned char)*p->next))
		p->next++;
	p->token = p->next;
	p->quoted = false;
	p->len = operator_length(p->token);
	if (!p->len && *p->token == '"')
		take_quoted(p);
	else if (!p->len)
		p->len = word_length(p->token);
	p->next = p->token + p->len;
	skip = p->quoted ? 1 : 0;
	len = p->len - 2 * skip;
	if (len >= sizeof(p->word)) {
		wrong(p, p->token, "this word is too long");
		len = sizeof(p->word) - 1;
	}
	memcpy(p->word, p->token + skip, len);
	p->word[len] = '\0';
}

static bool at_end(const struct parser *p)
{
	return !p->len || p->failed;
}

static bool is(const struct parser *p, const char *word)
{
	return !p->quoted && !strcasecmp(p->word, word);
}

static bool take(struct parser *p, const char *word)
{
	if (at_end(p) || !is(p, word))
		return false;
	advance(p);
	return true;
}

static bool is_word(const struct parser *p)
{
	return !at_end(p) && (p->quoted || !operator_length(p->token));
}

static struct filter *new_node(struct parser *p, enum kind kind)
{
	struct filter *f = ++p->terms > MAX_TERMS ? NULL : calloc(1, sizeof(*f));

	if (!f)
		return wrong(p, p->token,
			     p->terms > MAX_TERMS ? "this is too long" : "out of memory");
	f->kind = kind;
	return f;
}

static struct filter *join(struct parser *p, enum kind kind, struct filter *left,
			   struct filter *right)
{
	struct filter *f = left && right ? new_node(p, kind) : NULL;

	if (!f) {
		filter_free(left);
		filter_free(right);
		return NULL;
	}
	f->left = left;
	f->right = right;
	return f;
}

/* A whole number from 0 to most; the current word. */
static bool whole_number(const struct parser *p, double most, double *n)
{
	char *end;

	if (!is_word(p) || !isdigit((unsigned char)*p->word))
		return false;
	*n = strtod(p->word, &end);
	return !*end && *n <= most && floor(*n) == *n && !strpbrk(p->word, "xX.eE");
}

static bool parse_address(const char *text, struct filter *f)
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

static bool read_host(struct parser *p, struct filter *f)
{
	return parse_address(p->word, f);
}

static bool read_net(struct parser *p, struct filter *f)
{
	char addr[FILTER_WORD], *slash, *end;
	unsigned long bits;

	strcpy(addr, p->word);
	slash = strchr(addr, '/');
	if (!slash || !isdigit((unsigned char)slash[1]))
		return false;
	*slash = '\0';
	bits = strtoul(slash + 1, &end, 10);
	if (*end || !parse_address(addr, f) || bits > f->bits)
		return false;
	f->bits = (unsigned int)bits;
	return true;
}

static bool read_port(struct parser *p, struct filter *f)
{
	return whole_number(p, 65535, &f->number);
}

static bool read_number(struct parser *p, struct filter *f)
{
	return whole_number(p, UINT32_MAX, &f->number);
}

static bool read_name(struct parser *p, struct filter *f)
{
	strcpy(f->word, p->word);
	return *p->word;
}

static bool read_netns(struct parser *p, struct filter *f)
{
	return read_number(p, f) || read_name(p, f);
}

/* A name that nothing has would only ever match nothing: it is a slip. */
static bool read_state(struct parser *p, struct filter *f)
{
	for (unsigned int state = 1; state <= 12; state++)
		if (!strcasecmp(state_name(state), p->word))
			return read_name(p, f);
	return false;
}

static bool read_cause(struct parser *p, struct filter *f)
{
	for (unsigned int cause = 0; cause < CAUSES; cause++)
		if (!strcasecmp(cause_name(cause), p->word))
			return read_name(p, f);
	return false;
}

/* The words that take a value after them. */
static const struct primitive {
	const char *word;
	enum kind kind;
	bool has_end; /* may be led by local, remote, src, dst */
	bool (*read)(struct parser *p, struct filter *f);
	const char *wanted;
} primitives[] = {
	{"host", KIND_NET, true, read_host, "an IPv4 or IPv6 address is wanted here"},
	{"net", KIND_NET, true, read_net, "a network such as 10.0.0.0/8 is wanted here"},
	{"port", KIND_PORT, true, read_port, "a port from 0 to 65535 is wanted here"},
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

static const struct primitive *find_primitive(const struct parser *p)
{
	for (size_t i = 0; i < sizeof(primitives) / sizeof(*primitives); i++)
		if (is_word(p) && is(p, primitives[i].word))
			return &primitives[i];
	return NULL;
}

static struct filter *parse_primitive(struct parser *p, const struct primitive *what, enum end end)
{
	struct filter *f = new_node(p, what->kind);

	advance(p);
	if (!f)
		return NULL;
	f->end = end;
	if (!is_word(p) || !what->read(p, f)) {
		filter_free(f);
		return wrong(p, p->token, what->wanted);
	}
	advance(p);
	return f;
}

static struct filter *parse_end(struct parser *p, enum end end)
{
	const struct primitive *what;

	advance(p);
	what = find_primitive(p);
	if (!what || !what->has_end)
		return wrong(p, p->token, "host, net or port is wanted here");
	return parse_primitive(p, what, end);
}

static bool find_op(const struct parser *p, enum op *op)
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
		if (!at_end(p) && is(p, ops[i].word)) {
			*op = ops[i].op;
			return true;
		}
	return false;
}

/* What one of a suffix is worth in the unit of the field; 0 if it is none of its. */
static double unit_factor(enum unit unit, const char *suffix)
{
	static const struct {
		enum unit unit;
		const char *suffix;
		double factor;
	} units[] = {
		{UNIT_SECONDS, "us", 1e-6},    {UNIT_SECONDS, "ms", 1e-3},
		{UNIT_SECONDS, "s", 1},        {UNIT_SECONDS, "m", 60},
		{UNIT_SECONDS, "h", 3600},     {UNIT_PERCENT, "%", 0.01},
		{UNIT_COUNT, "k", 1e3},        {UNIT_COUNT, "M", 1e6},
		{UNIT_COUNT, "G", 1e9},        {UNIT_RATE, "k", 1e3},
		{UNIT_RATE, "M", 1e6},         {UNIT_RATE, "/s", 1},
		{UNIT_BYTES, "k", 1024},       {UNIT_BYTES, "KiB", 1024},
		{UNIT_BYTES, "M", 1048576},    {UNIT_BYTES, "MiB", 1048576},
		{UNIT_BYTES, "G", 1073741824}, {UNIT_BYTES, "GiB", 1073741824},
		{UNIT_BYTES, "B", 1},
	};

	if (!*suffix)
		return 1;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (units[i].unit == unit && !strcmp(units[i].suffix, suffix))
			return units[i].factor;
	return 0;
}

static bool read_quantity(const struct parser *p, struct filter *f)
{
	char *suffix;
	double factor;

	if (!is_word(p) || !(isdigit((unsigned char)*p->word) || *p->word == '.') ||
	    strpbrk(p->word, "xX"))
		return false;
	f->number = strtod(p->word, &suffix);
	factor = suffix == p->word ? 0 : unit_factor(fields[f->field].unit, suffix);
	f->number *= factor;
	return factor > 0 && isfinite(f->number);
}

static struct filter *parse_column(struct parser *p, enum field_id id, const char *at)
{
	struct filter *f;

	if (fields[id].unit == UNIT_TEXT || fields[id].unit == UNIT_ADDR)
		return wrong(p, at, "this column holds text: only a number can be compared");
	f = new_node(p, KIND_COLUMN);
	if (!f)
		return NULL;
	f->field = id;
	find_op(p, &f->op);
	advance(p);
	if (!read_quantity(p, f)) {
		filter_free(f);
		return wrong(p, p->token,
			     "a number is wanted here, with a unit such as ms, s, %, k, M");
	}
	advance(p);
	return f;
}

/* A word, or a column of one or two words before a comparison ("RTO WAIT > 1s"). */
static struct filter *parse_word(struct parser *p)
{
	struct parser before = *p, after_one;
	char two[2 * FILTER_WORD + 1];
	struct filter *f;
	enum op op;

	advance(p);
	if (find_op(p, &op)) {
		enum field_id id = field_find(before.word);

		if (id == FIELDS)
			return wrong(p, before.token, "there is no such column");
		return parse_column(p, id, before.token);
	}
	after_one = *p;
	if (is_word(p)) {
		snprintf(two, sizeof(two), "%s %s", before.word, p->word);
		advance(p);
		if (find_op(p, &op) && field_find(two) != FIELDS)
			return parse_column(p, field_find(two), before.token);
	}
	*p = after_one;
	f = new_node(p, KIND_WORD);
	if (f)
		strcpy(f->word, before.word);
	return f;
}

static struct filter *parse_or(struct parser *p);

static struct filter *parse_group(struct parser *p)
{
	const char *open = p->token;
	struct filter *f;

	advance(p);
	f = parse_or(p);
	if (f && !take(p, ")")) {
		filter_free(f);
		return wrong(p, at_end(p) ? open : p->token,
			     at_end(p) ? "this parenthesis is never closed"
				       : "and, or, or a closing parenthesis is wanted here");
	}
	return f;
}

static struct filter *parse_family(struct parser *p)
{
	struct filter *f = new_node(p, KIND_FAMILY);

	if (f)
		f->family = is(p, "ip6") ? 6 : 4;
	advance(p);
	return f;
}

static struct filter *parse_term(struct parser *p)
{
	const struct primitive *what = find_primitive(p);

	if (what)
		return parse_primitive(p, what, END_ANY);
	if (at_end(p))
		return wrong(p, p->token, "something to match is wanted here");
	if (is(p, "("))
		return parse_group(p);
	if (is(p, "local") || is(p, "src"))
		return parse_end(p, END_LOCAL);
	if (is(p, "remote") || is(p, "dst"))
		return parse_end(p, END_REMOTE);
	if (is(p, "ip") || is(p, "ip6"))
		return parse_family(p);
	if (!is_word(p) || is(p, "and") || is(p, "or"))
		return wrong(p, p->token, "something to match is wanted here");
	return parse_word(p);
}

static struct filter *parse_not(struct parser *p)
{
	struct filter *f, *inner;
	const char *at = p->token;

	if (++p->depth > MAX_DEPTH)
		return wrong(p, at, "this is nested too deeply");
	if (take(p, "not") || take(p, "!")) {
		inner = parse_not(p);
		f = inner ? new_node(p, KIND_NOT) : NULL;
		if (f)
			f->left = inner;
		else
			filter_free(inner);
	} else {
		f = parse_term(p);
	}
	p->depth--;
	return f;
}

static struct filter *parse_and(struct parser *p)
{
	struct filter *f = parse_not(p);

	while (f && !at_end(p) && !is(p, ")") && !is(p, "or") && !is(p, "||")) {
		if (!take(p, "and"))
			take(p, "&&");
		f = join(p, KIND_AND, f, parse_not(p));
	}
	return f;
}

static struct filter *parse_or(struct parser *p)
{
	struct filter *f = parse_and(p);

	while (f && (take(p, "or") || take(p, "||")))
		f = join(p, KIND_OR, f, parse_and(p));
	return f;
}

struct filter *filter_parse(const char *text, struct filter_error *err)
{
	struct parser p = {.text = text, .next = text, .err = err};
	struct filter *f;

	advance(&p);
	f = parse_or(&p);
	if (f && !p.failed && !at_end(&p))
		wrong(&p, p.token, "and, or, or the end is wanted here");
	if (p.failed) {
		filter_free(f);
		return NULL;
	}
	return f;
}
