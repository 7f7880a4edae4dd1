// SPDX-License-Identifier: GPL-2.0-only
#include "src/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/metrics_text.h"

/* Nobody scrapes more often. */
#define LEAST_NS UINT64_C(1000000000)

struct metering {
	struct source source;
	struct source *inner;
	struct metrics_file *file;
	struct metrics metrics;
	uint64_t written_ns; /* the snapshot that is in the file */
	struct failure trouble;
};

bool metrics_ways(const char *list, unsigned int *ways)
{
	*ways = 0;
	if (!strcmp(list, "none"))
		return true;
	while (list) {
		size_t len = strcspn(list, ",");

		if (len == 6 && !strncmp(list, "cgroup", len))
			*ways |= 1u << GROUP_CGROUP;
		else if (len == 6 && !strncmp(list, "subnet", len))
			*ways |= 1u << GROUP_SUBNET;
		else
			return false;
		list = list[len] ? list + len + 1 : NULL;
	}
	return true;
}

static int write_now(struct metering *x)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int err = -ENOMEM;

	if (!f)
		return err;
	metrics_write(&x->metrics, f);
	if (!fclose(f))
		err = metrics_file_write(x->file, text, len);
	free(text);
	x->written_ns = x->metrics.model.interval.now_ns;
	return err;
}

static void keep_up(struct metering *x, uint64_t least_ns)
{
	int err;

	if (x->trouble.status || x->metrics.model.interval.now_ns - x->written_ns < least_ns)
		return;
	err = write_now(x);
	if (err)
		metrics_file_fail(x->file, err, &x->trouble);
}

static int metering_tick(struct source *s, struct snapshot *snap)
{
	struct metering *x = (struct metering *)s;
	int err = source_tick(x->inner, snap);

	s->info = x->metrics.model.info = x->inner->info;
	if (err)
		return err;
	if (metrics_take(&x->metrics, snap))
		fail(&x->trouble, EXIT_RUNTIME, "no memory for the metrics of more flows");
	/* The timer is not exact: a tick of a second may come a little early. */
	if (!snap->more)
		keep_up(x, LEAST_NS * 9 / 10);
	return 0;
}

static int metering_drain(struct source *s, event_fn *fn, void *arg)
{
	return source_drain(((struct metering *)s)->inner, fn, arg);
}

static int metering_look(struct source *s, const struct flow_key *key, struct socket_look *look)
{
	return source_look(((struct metering *)s)->inner, key, look);
}

static int metering_command(struct source *s, int32_t pid, struct command *c)
{
	return source_command(((struct metering *)s)->inner, pid, c);
}

static void metering_due(struct source *s, struct due *due)
{
	source_due(((struct metering *)s)->inner, due);
}

static size_t metering_links(struct source *s, struct link_look *looks, size_t most)
{
	return source_links(((struct metering *)s)->inner, looks, most);
}

static const struct failure *metering_trouble(struct source *s)
{
	struct metering *x = (struct metering *)s;

	return x->trouble.status ? &x->trouble : source_trouble(x->inner);
}

static void free_all(struct metering *x)
{
	metrics_free(&x->metrics);
	free(x);
}

static void metering_close(struct source *s)
{
	struct metering *x = (struct metering *)s;

	keep_up(x, 1);
	source_close(x->inner);
	metrics_file_close(x->file);
	free_all(x);
}

struct source *metrics_open(struct source *inner, struct metrics_file *file, unsigned int ways,
			    struct failure *why)
{
	static const struct source_ops here =
					       {
						       .tick = metering_tick,
						       .drain = metering_drain,
						       .close = metering_close,
						       .look = metering_look,
						       .command = metering_command,
						       .trouble = metering_trouble,
					       },
				       recorded = {
					       .tick = metering_tick,
					       .drain = metering_drain,
					       .close = metering_close,
					       .due = metering_due,
					       .links = metering_links,
					       .trouble = metering_trouble,
				       };
	struct metering *x = calloc(1, sizeof(*x));
	int err = x ? 0 : -ENOMEM;

	if (!err) {
		x->source.ops = inner->ops->due ? &recorded : &here;
		x->source.info = inner->info;
		x->inner = inner;
		x->file = file;
		x->metrics.ways = ways;
		model_init(&x->metrics.model, &inner->info);
		err = write_now(x);
	}
	if (!err)
		return &x->source;
	metrics_file_fail(file, err, why);
	if (x)
		free_all(x);
	return NULL;
}
