// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/format.h"
#include "tests/unit/random.h"

/* After ours: its fail() is a macro. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

typedef void format_fn(double n, unsigned int width, char *buf, size_t size);

struct number_case {
	format_fn *format;
	double n;
	unsigned int width;
	const char *text;
};

static const struct number_case numbers[] = {
	{format_count, 0, 0, "0"},
	{format_count, -0.0, 0, "0"},
	{format_count, 7, 0, "7"},
	{format_count, 999, 0, "999"},
	{format_count, 1000, 0, "1,000"},
	{format_count, 1234567, 0, "1,234,567"},
	{format_count, 1234567, 9, "1,234,567"},
	{format_count, 1234567, 8, "1,235k"},
	{format_count, 1234567, 6, "1,235k"},
	{format_count, 1234567, 5, "1.23M"},
	{format_count, 1234567, 4, "1.2M"},
	{format_count, 1234567, 3, "1M"},
	{format_count, 12345678, 6, "12.35M"},
	{format_count, 12345678, 5, "12.3M"},
	{format_count, 12345678, 4, "12M"},
	{format_count, 4500000000, 4, "4.5G"},
	{format_count, 999, 1, "999"},
	/* Rounding up may reach the next prefix, but never writes 1000 of the smaller one. */
	{format_count, 999950, 7, "999,950"},
	{format_count, 999950, 6, "1.00M"},
	{format_count, 999950, 4, "1.0M"},
	{format_count, 999499, 4, "999k"},
	{format_count, 999999999, 6, "1.00G"},
	{format_count, 999.7, 5, "1,000"},
	{format_count, 999.7, 4, "1.0k"},
	{format_count, 18446744073709551615.0, 0, "18,446,744,073,709,551,616"},
	{format_count, 18446744073709551615.0, 7, "18,447P"},
	{format_count, 18446744073709551615.0, 5, "18.4E"},
	{format_count, 1.8e20, 4, "180E"},
	/* Rates */
	{format_count, 0.4, 0, "0.4"},
	{format_count, 0.4, 2, "<1"},
	{format_count, 0.7, 1, "1"},
	{format_count, 0.01, 0, "<0.1"},
	{format_count, 0.01, 3, "<1"},
	{format_count, 5e-324, 0, "<0.1"},
	{format_count, 3, 0, "3"},
	{format_count, 9.94, 0, "9.9"},
	{format_count, 9.96, 0, "10"},
	{format_count, 42.6, 0, "43"},
	{format_count, NAN, 0, "-"},
	{format_count, INFINITY, 0, "-"},
	{format_count, -1, 0, "-"},

	{format_seconds, 0, 0, "0"},
	{format_seconds, 1e-9, 0, "<1us"},
	{format_seconds, 0.00095, 0, "950us"},
	{format_seconds, 0.0009996, 0, "1.0ms"},
	{format_seconds, 0.0015, 0, "1.5ms"},
	{format_seconds, 0.0015, 4, "2ms"},
	{format_seconds, 0.00996, 0, "10ms"},
	{format_seconds, 0.038, 0, "38ms"},
	{format_seconds, 0.9994, 0, "999ms"},
	{format_seconds, 0.9996, 0, "1.0 s"},
	{format_seconds, 4.2, 0, "4.2 s"},
	{format_seconds, 4.2, 5, "4.2 s"},
	{format_seconds, 4.2, 4, "4.2s"},
	{format_seconds, 4.2, 3, "4s"},
	{format_seconds, 41.7, 0, "41.7 s"},
	{format_seconds, 41.7, 5, "41.7s"},
	{format_seconds, 59.94, 0, "59.9 s"},
	{format_seconds, 59.94, 4, "1m"},
	{format_seconds, 59.96, 0, "1m00s"},
	{format_seconds, 725, 0, "12m05s"},
	{format_seconds, 725, 5, "12m"},
	{format_seconds, 3599.6, 0, "1h00m"},
	{format_seconds, 11220, 0, "3h07m"},
	{format_seconds, 11220, 4, "3h"},
	{format_seconds, 86399, 0, "1d00h"},
	{format_seconds, 187200, 0, "2d04h"},
	{format_seconds, 187200, 4, "2d"},
	{format_seconds, 18446744073709.0, 0, ">9999d"},
	{format_seconds, NAN, 0, "-"},
	{format_seconds, -1, 0, "-"},

	{format_bytes, 0, 0, "0 B"},
	{format_bytes, 950, 0, "950 B"},
	{format_bytes, 950, 4, "950"},
	{format_bytes, 1023, 0, "1023 B"},
	{format_bytes, 1024, 0, "1.0 KiB"},
	{format_bytes, 12595, 0, "12.3 KiB"},
	{format_bytes, 12595, 7, "12.3K"},
	{format_bytes, 12595, 4, "12K"},
	{format_bytes, 1048570, 0, "1.0 MiB"},
	{format_bytes, 1048570, 4, "1.0M"},
	{format_bytes, 1048570, 3, "1M"},
	{format_bytes, 18446744073709551615.0, 0, "16.0 EiB"},
	{format_bytes, 18446744073709551615.0, 3, "16E"},
	{format_bytes, NAN, 0, "-"},

	{format_percent, 0, 0, "0%"},
	{format_percent, 1e-9, 0, "<0.01%"},
	{format_percent, 1e-9, 5, "<0.1%"},
	{format_percent, 1e-9, 4, "<1%"},
	{format_percent, 0.0004, 0, "0.04%"},
	{format_percent, 0.0004, 4, "<1%"},
	{format_percent, 0.004, 4, "0.4%"},
	{format_percent, 0.00996, 0, "1.0%"},
	{format_percent, 0.031, 0, "3.1%"},
	{format_percent, 0.031, 3, "3%"},
	{format_percent, 0.5, 0, "50.0%"},
	{format_percent, 0.5, 4, "50%"},
	{format_percent, 0.9994, 0, "99.9%"},
	{format_percent, 0.9994, 4, ">99%"},
	{format_percent, 0.9999, 0, ">99.9%"},
	{format_percent, 1, 0, "100%"},
	{format_percent, 1.5, 0, "150%"},
	{format_percent, 12.34, 0, "1,234%"},
	{format_percent, 12.34, 4, "1k%"},
	{format_percent, -1, 0, "-"},
};

static void numbers_as_listed(void **state)
{
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct number_case *c = &numbers[i];

		c->format(c->n, c->width, buf, sizeof(buf));
		if (strcmp(buf, c->text))
			print_error("case %zu: %.17g in %u\n", i, c->n, c->width);
		assert_string_equal(buf, c->text);
	}
}

/* A text read back: between value - error and value + error, or beyond value where it says so. */
struct reading {
	double value, error;
	char bound; /* '<', '>' or 0 */
};

struct unit_name {
	const char *name;
	double value;
};

static const struct unit_name count_units[] = {
	{"", 1},     {"k", 1e3},  {"M", 1e6},  {"G", 1e9},  {"T", 1e12},
	{"P", 1e15}, {"E", 1e18}, {"Z", 1e21}, {"Y", 1e24}, {NULL, 0},
};

static const struct unit_name seconds_units[] = {
	{"", 1},   {"us", 1e-6}, {"ms", 1e-3}, {"s", 1},
	{"m", 60}, {"h", 3600},  {"d", 86400}, {NULL, 0},
};

static const struct unit_name bytes_units[] = {
	{"", 1},         {"B", 1},        {"K", 0x1p10},   {"KiB", 0x1p10}, {"M", 0x1p20},
	{"MiB", 0x1p20}, {"G", 0x1p30},   {"GiB", 0x1p30}, {"T", 0x1p40},   {"TiB", 0x1p40},
	{"P", 0x1p50},   {"PiB", 0x1p50}, {"E", 0x1p60},   {"EiB", 0x1p60}, {"Z", 0x1p70},
	{"ZiB", 0x1p70}, {"Y", 0x1p80},   {"YiB", 0x1p80}, {NULL, 0},
};

static const struct unit_name percent_units[] = {
	{"%", 0.01},  {"k%", 10},   {"M%", 1e4},  {"G%", 1e7},  {"T%", 1e10},
	{"P%", 1e13}, {"E%", 1e16}, {"Z%", 1e19}, {"Y%", 1e22}, {NULL, 0},
};

static double unit_value(const struct unit_name *u, const char *name, size_t len)
{
	for (; u->name; u++)
		if (strlen(u->name) == len && !memcmp(u->name, name, len))
			return u->value;
	return NAN;
}

/* One number and its unit; the step is that of its last digit. Fails on a misplaced comma. */
static const char *read_part(const char *p, const struct unit_name *units, double *value,
			     double *step)
{
	const char *digits = p, *comma = NULL;
	int decimals = 0;
	double n = 0, unit;
	size_t len;

	for (; (*p >= '0' && *p <= '9') || *p == ','; p++) {
		if (*p == ',') {
			assert_true(comma ? p - comma == 4 : p > digits && p - digits <= 3);
			comma = p;
		} else {
			n = n * 10 + (*p - '0');
		}
	}
	assert_true(p > digits && (!comma || p - comma == 4));
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++, decimals++)
			n = n * 10 + (*p - '0');
	p += *p == ' ';
	len = strcspn(p, "0123456789");
	unit = unit_value(units, p, len);
	assert_false(isnan(unit));
	*step = unit / pow(10, decimals);
	*value = n * *step;
	return p + len;
}

static struct reading read_back(const char *text, const struct unit_name *units)
{
	struct reading r = {0};
	double value, step = 0;

	if (*text == '<' || *text == '>')
		r.bound = *text++;
	while (*text) {
		text = read_part(text, units, &value, &step);
		r.value += value;
	}
	r.error = step / 2;
	return r;
}

static bool reads_as(const struct reading *r, double n)
{
	double slack = n * 1e-12;

	if (r->bound == '<')
		return n > 0 && n < r->value;
	if (r->bound == '>')
		return n > r->value;
	return fabs(n - r->value) <= r->error + slack && (n == 0) == (r->value == 0);
}

static void check_all_widths(format_fn *format, const struct unit_name *units, double n)
{
	char shortest[64], buf[64];
	double error = INFINITY;

	format(n, 1, shortest, sizeof(shortest));
	for (unsigned int width = 1; width <= 40; width++) {
		struct reading r;
		bool fine;

		format(n, width == 40 ? 0 : width, buf, sizeof(buf));
		r = read_back(buf, units);
		fine = reads_as(&r, n) && strlen(buf) >= strlen(shortest) &&
		       (width == 40 || strlen(buf) <= width || !strcmp(buf, shortest));
		/* More room never tells less. */
		if (!r.bound) {
			fine = fine && r.error <= error;
			error = r.error;
		}
		if (!fine)
			fail_msg("%.17g in %u: \"%s\"", n, width, buf);
	}
}

static const struct {
	format_fn *format;
	const struct unit_name *units;
	double max;
} kinds[] = {
	{format_count, count_units, 1.9e19},
	{format_seconds, seconds_units, 1e13},
	{format_bytes, bytes_units, 1.9e19},
	{format_percent, percent_units, 1e6},
};

static void numbers_read_back(void **state)
{
	struct random random = {1};

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		check_all_widths(kinds[k].format, kinds[k].units, 0);
		for (int i = 0; i < 3000; i++) {
			/* Every magnitude is as likely as any other. */
			double n = kinds[k].max * pow(10, -30 * random_share(&random));

			check_all_widths(kinds[k].format, kinds[k].units, n);
			if (k != 1 || rint(n) < 1e8)
				check_all_widths(kinds[k].format, kinds[k].units, rint(n));
		}
	}
}

/* Just below and just above where another form begins. */
static void numbers_near_limits(void **state)
{
	static const double limits[] = {1,     10,  60,     1000, 1024,  3600,
					86400, 1e6, 0x1p20, 1e9,  0x1p64};
	static const double near[] = {0.49,  0.5,    0.94,    0.95, 0.9949,
				      0.995, 0.9995, 0.99995, 1,    1.0001};

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
			for (size_t j = 0; j < sizeof(near) / sizeof(near[0]); j++)
				for (double scale = 1e-6; scale < 2; scale *= 10)
					check_all_widths(kinds[k].format, kinds[k].units,
							 limits[i] * near[j] * scale);
}

static void nothing_beyond_the_buffer(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		char buf[8] = "#######";

		kinds[k].format(12345678, 0, buf, 4);
		assert_int_equal(strlen(buf), 3);
		assert_memory_equal(buf + 4, "###", 4);
	}
}

struct address_case {
	unsigned char family;
	const char *addr;
	uint16_t port;
	const char *bracketed, *bare;
};

static const struct address_case addresses[] = {
	{4, "10.0.0.1", 443, "10.0.0.1:443", "10.0.0.1:443"},
	{4, "255.255.255.255", 65535, "255.255.255.255:65535", "255.255.255.255:65535"},
	{4, "0.0.0.0", 0, "0.0.0.0:0", "0.0.0.0:0"},
	{6, "2001:db8::1", 443, "[2001:db8::1]:443", "2001:db8::1:443"},
	{6, "::", 0, "[::]:0", ":::0"},
	{6, "1111:2222:3333:4444:5555:6666:7777:8888", 65535,
	 "[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
	 "1111:2222:3333:4444:5555:6666:7777:8888:65535"},
};

static void addresses_as_listed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		const struct address_case *c = &addresses[i];
		struct flow_key local = {.family = c->family, .lport = c->port, .rport = 1};
		struct flow_key remote = {.family = c->family, .rport = c->port, .lport = 1};
		int af = c->family == 4 ? AF_INET : AF_INET6;
		char buf[ADDR_TEXT];

		assert_int_equal(inet_pton(af, c->addr, local.laddr), 1);
		assert_int_equal(inet_pton(af, c->addr, remote.raddr), 1);
		format_endpoint(&local, false, true, buf, sizeof(buf));
		assert_string_equal(buf, c->bracketed);
		format_endpoint(&remote, true, true, buf, sizeof(buf));
		assert_string_equal(buf, c->bracketed);
		format_endpoint(&remote, true, false, buf, sizeof(buf));
		assert_string_equal(buf, c->bare);
		format_address(&local, false, buf, sizeof(buf));
		assert_string_equal(buf, c->addr);
		format_address(&remote, true, buf, 2);
		assert_string_equal(buf, "");
	}
}

static void time_is_local(void **state)
{
	char buf[32];

	(void)state;
	setenv("TZ", "UTC-2", 1);
	tzset();
	format_time(1700000000.999, false, buf, sizeof(buf));
	assert_string_equal(buf, "00:13:20");
	format_time(1700000000.999, true, buf, sizeof(buf));
	assert_string_equal(buf, "2023-11-15 00:13:20");
	format_time(0, true, buf, sizeof(buf));
	assert_string_equal(buf, "1970-01-01 02:00:00");
	format_time(NAN, false, buf, sizeof(buf));
	assert_string_equal(buf, "-");
	format_time(-1, false, buf, sizeof(buf));
	assert_string_equal(buf, "-");
	format_time(1e300, false, buf, sizeof(buf));
	assert_string_equal(buf, "-");
}

static void spans_as_listed(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {
		{0, "00:00:00"},
		{59, "00:00:59"},
		{761, "00:12:41"},
		{86399, "23:59:59"},
		{86400, "1d 00:00:00"},
		{273906, "3d 04:05:06"},
		{UINT64_MAX, "213503982334601d 07:00:15"},
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		format_span(cases[i].seconds, buf, sizeof(buf));
		assert_string_equal(buf, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_as_listed),   cmocka_unit_test(numbers_read_back),
		cmocka_unit_test(numbers_near_limits), cmocka_unit_test(nothing_beyond_the_buffer),
		cmocka_unit_test(addresses_as_listed), cmocka_unit_test(time_is_local),
		cmocka_unit_test(spans_as_listed),
	};

	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
