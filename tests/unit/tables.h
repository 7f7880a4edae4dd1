/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of tables begin with: a model without flows, and the view and table of it. */
#ifndef TCPRETOP_TESTS_UNIT_TABLES_H
#define TCPRETOP_TESTS_UNIT_TABLES_H

#include <stdlib.h>

#include "src/filter.h"
#include "src/order.h"
#include "src/table.h"
#include "tests/unit/flows.h"

struct fixture {
	struct model m;
	struct view v;
	struct table t;
	struct order o;
};

static inline int make_fixture(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	if (!x)
		return -1;
	start_model(&x->m, 65536);
	view_init(&x->v);
	*state = x;
	return 0;
}

static inline int free_fixture(void **state)
{
	struct fixture *x = *state;

	order_drop(&x->o);
	filter_free(x->v.filter);
	table_free(&x->t);
	model_free(&x->m);
	free(x);
	return 0;
}

#endif
