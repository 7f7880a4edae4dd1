// SPDX-License-Identifier: GPL-2.0-only
#include "tests/screen/fake_resolver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fake_resolver {
	struct resolver resolver; /* first: the ops get its address */
	uint8_t addr[NAMES_ASKED][16], family[NAMES_ASKED];
	unsigned int n, works;
};

static int fake_ask(struct resolver *r, uint8_t family, const uint8_t addr[16])
{
	struct fake_resolver *f = (struct fake_resolver *)r;

	memcpy(f->addr[f->n], addr, 16);
	f->family[f->n++] = family;
	f->works = 0;
	return 0;
}

static const char *fake_name(uint8_t family, const uint8_t *addr)
{
	if (family == 6)
		return "a-host-with-a-name-so-long-that-no-column-holds-it.somewhere.example";
	if (addr[0] == 10)
		return "web-17.example";
	if (addr[0] == 203)
		return "e\033[31mvil.example";
	return addr[3] == 20 ? "client-20.example" : NULL;
}

/* Answers come at the second look after the question. */
static void fake_work(struct resolver *r, answer_fn *answer, void *arg)
{
	struct fake_resolver *f = (struct fake_resolver *)r;

	if (f->works++ == 0)
		return;
	while (f->n > 0) {
		f->n--;
		answer(arg, f->family[f->n], f->addr[f->n],
		       fake_name(f->family[f->n], f->addr[f->n]));
	}
}

static void fake_close(struct resolver *r)
{
	free(r);
}

struct resolver *fake_resolver_open(int *err)
{
	static const struct resolver_ops ops = {fake_ask, fake_work, fake_close};
	struct fake_resolver *f = calloc(1, sizeof(*f));

	*err = -ENOMEM;
	if (!f)
		return NULL;
	f->resolver.ops = &ops;
	return &f->resolver;
}
