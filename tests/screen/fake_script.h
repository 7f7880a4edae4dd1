/* SPDX-License-Identifier: GPL-2.0-only */
/* The scenes of the scripted source: which flows there are, and what happens to them. */
#ifndef TCPRETOP_TESTS_SCREEN_FAKE_SCRIPT_H
#define TCPRETOP_TESTS_SCREEN_FAKE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What sets a few flows apart. */
struct oddity {
	const char *local;
	uint32_t until;    /* look after which it closes; 0 is never */
	uint32_t spurious; /* percent of what is sent again */
	uint8_t timeouts;  /* in a row, as a look says */
};

/* A flow: its endpoints, its owner, and `burst` segments by `cause` each `period` looks. */
struct script {
	const char *remote;
	uint16_t lport, rport;
	const char *comm;
	int32_t pid;
	uint8_t cause, state;
	uint32_t burst, period;
	uint32_t rtt_us, cwnd, sent; /* sent: data segments a look */
	const struct oddity *odd;    /* NULL in a scene's own table is nothing odd */
};

struct scene {
	const char *name;
	const struct script *scripts;
	size_t nscripts;
	bool swap; /* each look another flow is the worst */
};

/* NULL if there is none of that name. */
const struct scene *scene_find(const char *name);

/* Of flow n, with its odd set; beyond the scene's own it is one of a crowd, all of it from its number. */
struct script scene_script(const struct scene *scene, size_t n);

#endif
