// SPDX-License-Identifier: GPL-2.0-only
/* A pause: whatever came meanwhile, the model is then where it would be without one. */
#include "src/held_ticks.h"

#include "tests/unit/flows.h"
#include "tests/unit/random.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

enum { FLOWS = 200, MOST = 4 * FLOWS, ROUNDS = 30, TICKS = 12 };

/* Hands over each tick twice, to two who read. */
struct twice {
	struct source source; /* first: the ops get its address */
	struct random random;
	struct flow_sample now[FLOWS]; /* the records as they are */
	struct flow_sample samples[MOST];
	size_t n, handed, reads;
	struct snapshot rest;
	bool fails;
};

static const char *const texts[] = {NULL, "/", "/system.slice/nginx.service"};

static void find_owner(struct twice *t, struct owner *o)
{
	memset(o, 0, sizeof(*o));
	o->cgroup = texts[random_below(&t->random, 3)];
	o->netns = texts[random_below(&t->random, 3)];
	o->user = texts[random_below(&t->random, 3)];
	if (random_below(&t->random, 2)) {
		o->pid = 1 + (int32_t)random_below(&t->random, 1000);
		o->others = (uint16_t)random_below(&t->random, 3);
		memcpy(o->comm, "nginx", 5);
	}
}

/* The record is evicted, and made anew at the next retransmit. */
static void make_anew(struct flow_sample *s)
{
	memset(&s->rec.counts, 0, sizeof(s->rec.counts));
	s->rec.first_ns = s->rec.change_ns;
}

static void close_socket(struct flow_sample *s)
{
	s->rec.flags = FLOW_SAMPLED | FLOW_CLOSED;
	s->rec.sock.inode = 0;
	s->rec.sock.state = STATE_CLOSE;
}

/* Another socket has the addresses. */
static void open_socket(struct twice *t, struct flow_sample *s)
{
	s->rec.flags = FLOW_SAMPLED;
	s->rec.sock.inode = random_u64(&t->random);
	s->rec.sock.state = STATE_ESTABLISHED;
	find_owner(t, &s->owner);
}

static void hand_over(struct twice *t, const struct flow_sample *s)
{
	t->samples[t->n++] = *s;
}

/* The owner was found after its flow was handed over. */
static void hand_over_owner(struct twice *t, const struct flow_sample *of)
{
	struct flow_sample s = {.key = of->key};

	s.rec.sock.inode = of->rec.sock.inode;
	s.owner = (struct owner){.pid = 1 + (int32_t)random_below(&t->random, 1000)};
	memcpy(s.owner.comm, "late", 4);
	hand_over(t, &s);
}

/* An older record: nothing in it is news but the owner. */
static void hand_over_again(struct twice *t, struct flow_sample *before,
			    const struct flow_sample *s)
{
	if (before->rec.first_ns != s->rec.first_ns || before->rec.sock.inode != s->rec.sock.inode)
		return;
	find_owner(t, &before->owner);
	hand_over(t, before);
}

static void change(struct twice *t, struct flow_sample *s)
{
	struct flow_sample before = *s;
	unsigned int cause = random_below(&t->random, CAUSES);

	s->rec.change_ns = t->rest.now_ns - random_below(&t->random, 1000);
	s->rec.sample_ns = random_below(&t->random, 2) ? s->rec.change_ns : 0;
	memset(&s->owner, 0, sizeof(s->owner));
	if (!s->rec.first_ns || !random_below(&t->random, 10))
		make_anew(s);
	if (s->rec.flags & FLOW_CLOSED || !s->rec.flags)
		open_socket(t, s);
	else if (!random_below(&t->random, 10))
		close_socket(s);
	else if (!random_below(&t->random, 5))
		find_owner(t, &s->owner);
	s->rec.last_ns = s->rec.change_ns;
	s->rec.counts.segs[cause] += random_below(&t->random, 9);
	s->rec.sock.cwnd = random_below(&t->random, 1000);
	hand_over(t, s);
	if (s->rec.sock.inode && !random_below(&t->random, 8))
		hand_over_owner(t, s);
	else if (!random_below(&t->random, 8))
		hand_over_again(t, &before, s);
}

static void play(struct twice *t)
{
	struct snapshot *rest = &t->rest;

	t->n = 0;
	rest->now_ns += SECOND;
	rest->realtime_offset_ns++;
	for (int i = 0; i < FLOWS; i++)
		if (!random_below(&t->random, 4))
			change(t, &t->now[i]);
	rest->totals.counts.segs[CAUSE_FAST] += random_below(&t->random, 100);
	rest->totals.events_lost++;
	rest->tracked = random_below(&t->random, FLOWS);
	rest->evicted += 2;
	rest->cpu_ns += SECOND / 4;
	rest->coverage.seen += 3;
	rest->coverage.kernel += 4;
}

static int tick(struct source *s, struct snapshot *snap)
{
	struct twice *t = (struct twice *)s;
	size_t left;

	if (t->fails)
		return -EIO;
	if (!t->handed && t->reads++ % 2 == 0)
		play(t);
	left = t->n - t->handed;
	*snap = (struct snapshot){.more = true};
	if (left <= 7)
		*snap = t->rest;
	snap->flows = &t->samples[t->handed];
	snap->nflows = left <= 7 ? left : 7;
	t->handed = left <= 7 ? 0 : t->handed + 7;
	return 0;
}

static struct twice *twice_new(uint64_t seed)
{
	static const struct source_ops ops = {.tick = tick};
	struct twice *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->source.ops = &ops;
	t->random.state = seed;
	t->rest.now_ns = START;
	for (unsigned int i = 0; i < FLOWS; i++)
		t->now[i].key = numbered_key(i);
	return t;
}

static void same_owner(const struct owner *a, const struct owner *b)
{
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->others, b->others);
	assert_memory_equal(a->comm, b->comm, sizeof(a->comm));
	assert_ptr_equal(a->cgroup, b->cgroup);
	assert_ptr_equal(a->netns, b->netns);
	assert_ptr_equal(a->user, b->user);
}

static void same_flow(const struct flow *a, const struct flow *b)
{
	struct counts sum = flow_sum(a), other_sum = flow_sum(b);
	struct counts raw = flow_raw(a), other_raw = flow_raw(b);
	struct owner owner = flow_owner(a), other_owner = flow_owner(b);

	assert_memory_equal(&sum, &other_sum, sizeof(sum));
	assert_memory_equal(&raw, &other_raw, sizeof(raw));
	assert_int_equal(a->sock.cwnd, b->sock.cwnd);
	assert_int_equal(a->sock.state, b->sock.state);
	same_owner(&owner, &other_owner);
	assert_int_equal(flow_raw_first_ns(a), flow_raw_first_ns(b));
	assert_int_equal(a->first_ns, b->first_ns);
	assert_int_equal(a->last_ns, b->last_ns);
	assert_int_equal(a->change_ns, b->change_ns);
	assert_int_equal(a->sample_ns, b->sample_ns);
	assert_int_equal(a->owner_inode, b->owner_inode);
	assert_int_equal(a->flags, b->flags);
}

static void same_models(const struct model *a, const struct model *b)
{
	const struct interval *i = &a->interval, *j = &b->interval;

	assert_int_equal(model_flows(a), model_flows(b));
	for (const struct flow *f = model_next(a, NULL); f; f = model_next(a, f)) {
		const struct flow *other = model_find(b, &f->key);

		assert_non_null(other);
		same_flow(f, other);
	}
	assert_int_equal(i->now_ns, j->now_ns);
	assert_memory_equal(&i->sum, &j->sum, sizeof(i->sum));
	assert_memory_equal(&i->coverage, &j->coverage, sizeof(i->coverage));
	assert_int_equal(i->tracked, j->tracked);
	assert_int_equal(i->evicted, j->evicted);
	assert_int_equal(i->events_lost, j->events_lost);
	assert_memory_equal(&a->raw, &b->raw, sizeof(a->raw));
	assert_int_equal(a->realtime_offset_ns, b->realtime_offset_ns);
}

/* All parts of a snapshot. */
static int hold_tick(struct held_ticks *held, struct source *s)
{
	bool more = true;
	int err = 0;

	while (more && !err)
		err = held_ticks_read_part(held, s, &more);
	assert_true(!err || !more);
	return err;
}

/* Tick by tick in one model, by pauses in the other. */
static void nothing_is_lost(void **state)
{
	struct twice *t = twice_new(1);
	struct held_ticks held;
	struct model m, paused;

	(void)state;
	start_model(&m, 65536);
	start_model(&paused, 65536);
	held_ticks_init(&held, 65536);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		unsigned int ticks = 1 + random_below(&t->random, TICKS);

		for (unsigned int i = 0; i < ticks; i++) {
			assert_int_equal(model_read(&m, &t->source), 0);
			assert_int_equal(hold_tick(&held, &t->source), 0);
		}
		assert_int_equal(paused.tick, round);
		assert_int_equal(held_ticks_give(&held, &paused), 0);
		assert_int_equal(paused.tick, round + 1);
		assert_true(paused.interval.elapsed == ticks && paused.interval.cost == 0.25);
		assert_int_equal(paused.interval.last_coverage.kernel, 4 * ticks);
		same_models(&m, &paused);
	}
	held_ticks_free(&held);
	model_free(&m);
	model_free(&paused);
	free(t);
}

static void nothing_came(void **state)
{
	struct held_ticks held;
	struct model m;

	(void)state;
	start_model(&m, 65536);
	held_ticks_init(&held, 65536);
	assert_int_equal(held_ticks_give(&held, &m), 0);
	assert_int_equal(m.tick, 0);
	held_ticks_free(&held);
	model_free(&m);
}

static void a_source_that_fails(void **state)
{
	struct twice *t = twice_new(2);
	struct held_ticks held;
	struct model m;

	(void)state;
	start_model(&m, 65536);
	held_ticks_init(&held, 65536);
	assert_int_equal(hold_tick(&held, &t->source), 0);
	t->fails = true;
	assert_int_equal(hold_tick(&held, &t->source), -EIO);
	assert_int_equal(held_ticks_give(&held, &m), 0);
	assert_int_equal(m.interval.now_ns, START + SECOND);
	held_ticks_free(&held);
	model_free(&m);
	free(t);
}

struct passing {
	struct source source;
	unsigned int flow;
	uint64_t now_ns;
	struct flow_sample samples[2];
};

/* Each time another flow, and its owner. */
static int pass(struct source *s, struct snapshot *snap)
{
	struct passing *p = (struct passing *)s;

	p->now_ns += SECOND;
	p->samples[0] = numbered_sample(p->flow, p->now_ns);
	p->samples[1] = (struct flow_sample){.key = numbered_key(p->flow++), .owner.pid = 1};
	*snap = (struct snapshot){.now_ns = p->now_ns, .flows = p->samples, .nflows = 2};
	return 0;
}

enum { KEPT = 64, PASSED = 10 * KEPT };

/* A long pause, and its end. */
static void let_pass(const struct source_ops *ops, struct held_ticks *held, struct model *m)
{
	struct passing p = {.source.ops = ops, .now_ns = START};

	start_model(m, KEPT);
	held_ticks_init(held, KEPT);
	for (int i = 0; i < PASSED; i++) {
		assert_int_equal(hold_tick(held, &p.source), 0);
		assert_true(held->pending.flows.slab.n <= 2 * KEPT);
		assert_true(held->pending.owners.slab.n <= 2 * KEPT);
	}
	assert_int_equal(held_ticks_give(held, m), 0);
}

/* What the model would have forgotten is not held, either. */
static void the_oldest_are_forgotten(void **state)
{
	static const struct source_ops ops = {.tick = pass};
	struct held_ticks held;
	struct model m;

	(void)state;
	let_pass(&ops, &held, &m);
	assert_in_range(model_flows(&m), KEPT, 2 * KEPT);
	for (unsigned int i = PASSED - KEPT; i < PASSED; i++)
		assert_non_null(find_flow(&m, i));
	held_ticks_free(&held);
	model_free(&m);
}

/* As pass(); the first flow retransmits each time, and its record was evicted since the last time. */
static int pass_by(struct source *s, struct snapshot *snap)
{
	struct passing *p = (struct passing *)s;
	int err = pass(s, snap);

	p->samples[1] = numbered_sample(0, p->now_ns);
	p->samples[1].rec.counts.segs[CAUSE_RTO] = 1;
	return err;
}

/* In a table that is too small for all flows one may lose its record again and again. */
static void a_record_is_made_anew_again_and_again(void **state)
{
	static const struct source_ops ops = {.tick = pass_by};
	struct held_ticks held;
	struct model m;

	(void)state;
	let_pass(&ops, &held, &m);
	assert_int_equal(flow_sum(find_flow(&m, 0)).segs[CAUSE_RTO], PASSED);
	assert_false(pending_any(&held.pending));
	held_ticks_free(&held);
	model_free(&m);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(nothing_came),
		cmocka_unit_test(a_source_that_fails),
		cmocka_unit_test(the_oldest_are_forgotten),
		cmocka_unit_test(a_record_is_made_anew_again_and_again),
	};

	return cmocka_run_group_tests_name("held ticks", cases, NULL, NULL);
}
