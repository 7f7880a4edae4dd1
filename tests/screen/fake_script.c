// SPDX-License-Identifier: GPL-2.0-only
#include "tests/screen/fake_script.h"

#include <string.h>

#include "bpf/tcpretop.h"

static const char here[] = "10.0.0.17", here6[] = "2001:db8:17::443";
static const char far[] = "2001:db8:ffff:1234:5678:9abc:def0:1234";
static const char wide[] = "日本語プロセス", hostile[] = "ev\033[31mil\x9b";

static const struct oddity usual = {.local = here};
static const struct oddity closing = {.local = here, .until = 4};
static const struct oddity unanswered = {.local = here, .timeouts = 4};
static const struct oddity on_ipv6 = {.local = here6};
static const struct oddity needless = {.local = "2001:db8::1", .spurious = 88};

static const struct script mixed[] = {
	{"198.51.100.20", 443, 51442, "nginx", 812, CAUSE_FAST, 1, 212, 1, 38000, 4, 6800, NULL},
	{"198.51.100.77", 443, 40022, "nginx", 812, CAUSE_RACK, 1, 12, 1, 12000, 22, 900, NULL},
	{"203.0.113.9", 22, 60112, "sshd", 4402, CAUSE_RTO, 1, 1, 3, 180000, 1, 2, &unanswered},
	{"192.0.2.55", 38812, 5432, "postgres-client", 23901, CAUSE_SYN, 2, 1, 4, 0, 10, 0, NULL},
	{"203.0.113.200", 443, 1029, "nginx", 812, CAUSE_SYNACK, 3, 8, 1, 0, 0, 0, NULL},
	{"198.51.100.31", 443, 33441, "nginx", 812, CAUSE_TLP, 1, 3, 1, 21000, 10, 60, NULL},
	{far, 443, 51000, "haproxy", 77, CAUSE_FAST, 1, 40, 1, 95000, 9, 5000, &on_ipv6},
	{"2001:db8::2", 179, 40001, "bird", 611, CAUSE_RTO, 1, 2, 1, 250, 2, 50, &needless},
	{"198.51.100.99", 8080, 50999, "java", 1999, CAUSE_FAST, 1, 90, 10, 3100, 30, 400, NULL},
	{"10.9.8.7", 2049, 811, "", 0, CAUSE_PROBE, 1, 1, 6, 400, 10, 1, NULL},
	{"192.0.2.80", 443, 62000, "nginx", 812, CAUSE_FAST, 1, 5, 1, 52000, 7, 300, &closing},
	{"192.0.2.81", 50412, 443, wide, 31337, CAUSE_RTO, 8, 1, 2, 640000, 1, 12, NULL},
	{"192.0.2.82", 50414, 443, hostile, 666, CAUSE_FAILED, 1, 1, 5, 8000, 12, 40, NULL},
};

static const struct script probes[] = {
	{"198.51.100.31", 443, 33441, "nginx", 812, CAUSE_TLP, 1, 3, 1, 21000, 10, 60, NULL},
};

/* More bytes than fit in 32 bits. */
static const struct script huge[] = {
	{"198.51.100.20", 443, 51442, "nginx", 812, CAUSE_FAST, 1, 3000000, 1, 38000, 4, 1, NULL},
};

const struct scene *scene_find(const char *name)
{
	enum { MIXED = sizeof(mixed) / sizeof(mixed[0]) };
	static const struct scene scenes[] = {
		{"mixed", mixed, MIXED, false}, {"swap", mixed, MIXED, true},
		{"probes", probes, 1, false},   {"huge", huge, 1, false},
		{"empty", NULL, 0, false},
	};

	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (strcmp(scenes[i].name, name) == 0)
			return &scenes[i];
	return NULL;
}

static struct script crowd_member(size_t n)
{
	static const uint8_t causes[] = {CAUSE_FAST, CAUSE_RTO, CAUSE_RACK, CAUSE_FAST, CAUSE_TLP};
	struct script s = mixed[n % 3];

	s.rport = (uint16_t)(1024 + n);
	s.cause = causes[n % sizeof(causes)];
	s.burst = 1 + (uint32_t)(n * 7919 % 100);
	s.period = 1 + (uint32_t)(n % 7);
	s.pid = 1000 + (int32_t)(n % 50);
	return s;
}

struct script scene_script(const struct scene *scene, size_t n)
{
	struct script s = n < scene->nscripts ? scene->scripts[n] : crowd_member(n);

	if (!s.odd)
		s.odd = &usual;
	return s;
}
