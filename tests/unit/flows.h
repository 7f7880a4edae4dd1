/* SPDX-License-Identifier: GPL-2.0-only */
/* A pretended source for the tests of what comes after it: numbered flows, one snapshot a second. */
#ifndef TCPRETOP_TESTS_UNIT_FLOWS_H
#define TCPRETOP_TESTS_UNIT_FLOWS_H

#include <stdlib.h>
#include <string.h>

#include "src/model.h"

#define SECOND 1000000000ULL
#define START (1000 * SECOND)

/* 10.0.0.1:443 to 198.51.x.y:40000+n; odd ones are IPv6, 2001:db8::1 to 2001:db8::x:y. */
static inline struct flow_key numbered_key(unsigned int n)
{
	static const uint8_t local[2][16] = {{10, 0, 0, 1}, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
	struct flow_key k = {.netns = 4026531840, .lport = 443};

	k.family = n % 2 ? 6 : 4;
	k.rport = (uint16_t)(40000 + n % 20000);
	memcpy(k.laddr, local[n % 2], 16);
	memcpy(k.raddr, n % 2 ? local[1] : (const uint8_t[16]){198, 51}, 16);
	k.raddr[n % 2 ? 14 : 2] = (uint8_t)(n >> 8);
	k.raddr[n % 2 ? 15 : 3] = (uint8_t)n;
	return k;
}

/* A flow first and last seen at that time, with nothing counted yet. */
static inline struct flow_sample numbered_sample(unsigned int n, uint64_t now_ns)
{
	struct flow_sample s = {.key = numbered_key(n)};

	s.rec.first_ns = s.rec.last_ns = s.rec.change_ns = now_ns;
	return s;
}

static inline void start_model(struct model *m, uint32_t max_flows)
{
	struct source_info info = {.host = "web-17", .start_ns = START, .max_flows = max_flows};

	model_init(m, &info);
}

/* Where the state of a test is a model. */
static inline int make_model(void **state)
{
	struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return -1;
	start_model(m, 65536);
	*state = m;
	return 0;
}

static inline int free_model(void **state)
{
	model_free(*state);
	free(*state);
	return 0;
}

/* The snapshot that comes one second after the one before. 0 or what model_tick() says. */
static inline int tick_with(struct model *m, const struct flow_sample *samples, size_t n)
{
	struct snapshot s = {.flows = samples, .nflows = n};

	s.now_ns = m->interval.now_ns + SECOND;
	return model_tick(m, &s);
}

static inline const struct flow *find_flow(const struct model *m, unsigned int n)
{
	struct flow_key key = numbered_key(n);

	return model_find(m, &key);
}

/* Of a model with one flow. */
static inline struct flow *only_flow(struct model *m)
{
	return pool_next(&m->flows, NULL);
}

#endif
