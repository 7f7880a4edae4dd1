// SPDX-License-Identifier: GPL-2.0-only
/* From the text of a filter to its tree. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/filter_value.h"

/* Bounds what a stranger's text can make of the stack. */
enum { MAX_DEPTH = 64, MAX_TERMS = 1000 };

/* ---- Words, operators and parentheses */

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

/* Quotes of either kind, at the begin of a word. */
static void take_quoted(struct parser *p)
{
	const char *end = strchr(p->token + 1, *p->token);

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
	if (!p->len && (*p->token == '"' || *p->token == '\''))
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

/* The word that takes a value, if the current one is such. */
static const struct primitive *find_primitive(const struct parser *p)
{
	return is_word(p) && !p->quoted ? filter_primitive(p->word) : NULL;
}

static bool find_op(const struct parser *p, enum op *op)
{
	return !at_end(p) && !p->quoted && filter_op(p->word, op);
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

/* ---- Recursive descent */

static struct filter *parse_value(struct parser *p, const struct primitive *what, enum end end,
				  const char *wanted)
{
	struct filter *f = new_node(p, what->kind);

	if (!f)
		return NULL;
	f->end = end;
	if (!is_word(p) || !what->read(p->word, f)) {
		filter_free(f);
		return wrong(p, p->token, wanted);
	}
	advance(p);
	return f;
}

static struct filter *parse_primitive(struct parser *p, const struct primitive *what, enum end end)
{
	advance(p);
	return parse_value(p, what, end, what->wanted);
}

/* Without another word it is a host, as pcap-filter's "src 10.0.0.1" is. */
static struct filter *parse_end(struct parser *p, enum end end)
{
	static const char wanted[] = "host, net, port or portrange is wanted here";
	const struct primitive *what;

	advance(p);
	what = find_primitive(p);
	if (!what)
		return parse_value(p, filter_primitive("host"), end, wanted);
	if (!what->has_end)
		return wrong(p, p->token, wanted);
	return parse_primitive(p, what, end);
}

/* Past a number, and a unit behind a blank, as columns show it: "1.2 s", "12.3 KiB". */
static void take_unit(struct parser *p, struct filter *f)
{
	char number[FILTER_WORD], both[2 * FILTER_WORD + 1];
	struct filter with = {.field = f->field};

	strcpy(number, p->word);
	advance(p);
	if (!is_word(p) || p->quoted || number[strspn(number, "0123456789.")] ||
	    strchr("0123456789.eE", *p->word))
		return;
	snprintf(both, sizeof(both), "%s%s", number, p->word);
	if (!filter_quantity(both, &with))
		return;
	f->number = with.number;
	advance(p);
}

static struct filter *parse_column(struct parser *p, enum field_id id, const char *at)
{
	char wanted[sizeof(p->err->text)];
	struct filter *f;

	if (fields[id].rows == OF_GROUPS)
		return wrong(p, at,
			     "flows are filtered before they are grouped: this column is of groups");
	if (fields[id].unit == UNIT_TEXT || fields[id].unit == UNIT_ADDR)
		return wrong(p, at, "this column holds text: only a number can be compared");
	f = new_node(p, KIND_COLUMN);
	if (!f)
		return NULL;
	f->field = id;
	find_op(p, &f->op);
	advance(p);
	if (!is_word(p) || !filter_quantity(p->word, f)) {
		filter_free(f);
		filter_quantity_wanted(id, wanted, sizeof(wanted));
		return wrong(p, p->token, wanted);
	}
	take_unit(p, f);
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

/* All flows are of TCP, but pcap-filter's users say so: tcp port 443. */
static struct filter *parse_protocol(struct parser *p)
{
	struct filter *f = new_node(p, KIND_FAMILY);

	if (f)
		f->family = is(p, "ip6") ? 6 : is(p, "ip") ? 4 : 0;
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
	if (is(p, "tcp") || is(p, "ip") || is(p, "ip6"))
		return parse_protocol(p);
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
