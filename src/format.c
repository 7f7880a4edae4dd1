// SPDX-License-Identifier: GPL-2.0-only
#include "src/format.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "src/sanitise.h"

enum { FORM = 64 }; /* room for any number in any form */

/* A form that fits ends the search for one; the last one tried is the shortest. */
static bool fits(const char *form, unsigned int width)
{
	return !width || strlen(form) <= width;
}

/* Also false for NaN. */
static bool is_amount(double n)
{
	return n >= 0 && n < 1e27;
}

static void emit(const char *form, char *buf, size_t size)
{
	snprintf(buf, size, "%s", form);
}

/* Writes n with thousands separators and a suffix. */
static void put_grouped(double n, int decimals, const char *suffix, char form[FORM])
{
	char digits[FORM];
	size_t whole, used = 0;

	snprintf(digits, sizeof(digits), "%.*f", decimals, fabs(n)); /* no "-0" */
	whole = strcspn(digits, ".");
	for (size_t i = 0; i < whole; i++) {
		if (i && (whole - i) % 3 == 0)
			form[used++] = ',';
		form[used++] = digits[i];
	}
	snprintf(form + used, FORM - used, "%s%s", digits + whole, suffix);
}

/* Below 1000, where no prefix helps. */
static void small_count(double n, unsigned int width, char form[FORM])
{
	if (n < 9.95 && n != rint(n)) {
		snprintf(form, FORM, n < 0.05 ? "<0.1" : "%.1f", n);
		if (fits(form, width))
			return;
		if (rint(n) == 0) {
			emit("<1", form, FORM);
			return;
		}
	}
	put_grouped(n, 0, "", form);
}

/* Tries n with a prefix, most digits first. */
static bool prefixed(double n, char prefix, unsigned int width, char form[FORM])
{
	const char suffix[] = {prefix, '\0'};

	for (int decimals = 2; decimals >= 0; decimals--) {
		bool whole_thousands = decimals == 0 && n >= 1000;

		put_grouped(n, decimals, suffix, form);
		/* What only rounds to 1,000k is 1.0M, and nobody reads 1,234.6k. */
		if (fits(form, width) && (whole_thousands || !strchr(form, ',')))
			return true;
	}
	return false;
}

void format_count(double n, unsigned int width, char *buf, size_t size)
{
	char form[FORM] = "-";
	bool done;

	if (!is_amount(n)) {
		emit(form, buf, size);
		return;
	}
	small_count(n, width, form);
	done = fits(form, width);
	for (const char *prefix = "kMGTPEZY"; !done && *prefix && rint(n) >= 1000; prefix++) {
		n /= 1000;
		done = prefixed(n, *prefix, width, form);
	}
	emit(form, buf, size);
}

/* Seconds in one unit, without decimals: the shortest form. */
static void short_seconds(double s, char form[FORM])
{
	static const struct {
		double unit, below;
		const char *name;
	} units[] = {
		{1e-6, 999.5, "us"}, /* below 1000 also when rounded, and so on */
		{1e-3, 999.5, "ms"}, {1, 59.5, "s"},       {60, 59.5, "m"},
		{3600, 23.5, "h"},   {86400, 9999.5, "d"},
	};

	if (rint(s / 1e-6) == 0) {
		emit(s > 0 ? "<1us" : "0", form, FORM);
		return;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (s / units[i].unit < units[i].below) {
			snprintf(form, FORM, "%.0f%s", s / units[i].unit, units[i].name);
			return;
		}
	}
	emit(">9999d", form, FORM);
}

/* Of whole numbers. */
static double rest(double n, double of)
{
	return n - of * floor(n / of);
}

/* From a minute on: two units, the smaller one with two digits. */
static void long_seconds(double s, char form[FORM])
{
	double minutes = rint(s / 60), hours = rint(s / 3600);

	s = rint(s);
	if (s < 3600)
		snprintf(form, FORM, "%.0fm%02.0fs", floor(s / 60), rest(s, 60));
	else if (minutes < 24 * 60)
		snprintf(form, FORM, "%.0fh%02.0fm", floor(minutes / 60), rest(minutes, 60));
	else if (hours < 1e4 * 24)
		snprintf(form, FORM, "%.0fd%02.0fh", floor(hours / 24), rest(hours, 24));
	else
		emit(">9999d", form, FORM);
}

void format_seconds(double s, unsigned int width, char *buf, size_t size)
{
	char form[FORM] = "-";

	if (!is_amount(s)) {
		emit(form, buf, size);
		return;
	}
	if (s >= 0.9995e-3 && s < 9.95e-3)
		snprintf(form, FORM, "%.1fms", s * 1e3);
	else if (s >= 0.9995 && s < 59.95)
		snprintf(form, FORM, "%.1f s", s);
	else if (s >= 59.95)
		long_seconds(s, form);
	else
		short_seconds(s, form);
	if (!fits(form, width) && s >= 0.9995 && s < 59.95)
		snprintf(form, FORM, "%.1fs", s);
	if (!fits(form, width))
		short_seconds(s, form);
	emit(form, buf, size);
}

/* "12.3 KiB", or "12.3K" if brief. */
static void scaled_bytes(double n, int decimals, bool brief, char form[FORM])
{
	const char *prefix = "KMGTPEZY";
	double below = decimals ? 1023.95 : 1023.5;

	if (rint(n) < 1024) {
		const char *unit = brief ? "" : " B";

		if (n > 0 && rint(n) == 0)
			snprintf(form, FORM, "<1%s", unit);
		else
			snprintf(form, FORM, "%.0f%s", fabs(n), unit);
		return;
	}
	for (n /= 1024; n >= below && prefix[1]; n /= 1024)
		prefix++;
	snprintf(form, FORM, brief ? "%.*f%c" : "%.*f %ciB", decimals, n, *prefix);
}

void format_bytes(double n, unsigned int width, char *buf, size_t size)
{
	char form[FORM] = "-";

	if (is_amount(n)) {
		scaled_bytes(n, 1, false, form);
		if (!fits(form, width))
			scaled_bytes(n, 1, true, form);
		if (!fits(form, width))
			scaled_bytes(n, 0, true, form);
	}
	emit(form, buf, size);
}

/* Never 0% or 100% for what is only near to it. */
static void rounded_percent(double p, int decimals, char form[FORM])
{
	static const double halves[] = {0.5, 0.05, 0.005};
	double half = halves[decimals];

	if (p > 0 && p <= half)
		snprintf(form, FORM, "<%.*f%%", decimals, 2 * half);
	else if (p < 100 && p >= 100 - half)
		snprintf(form, FORM, ">%.*f%%", decimals, 100 - 2 * half);
	else
		snprintf(form, FORM, "%.*f%%", decimals, p);
}

void format_percent(double share, unsigned int width, char *buf, size_t size)
{
	double p = share * 100;
	char form[FORM] = "-";

	if (!is_amount(p)) {
		emit(form, buf, size);
		return;
	}
	if (p == 0 || p >= 100) {
		format_count(p, width > 1 ? width - 1 : width, form, FORM - 1);
		strcat(form, "%");
	} else {
		int decimals = p < 0.995 ? 2 : 1;

		do {
			rounded_percent(p, decimals, form);
		} while (!fits(form, width) && decimals--);
	}
	emit(form, buf, size);
}

void format_address(const struct flow_key *k, bool remote, char *buf, size_t size)
{
	const uint8_t *addr = remote ? k->raddr : k->laddr;

	if (!inet_ntop(k->family == 4 ? AF_INET : AF_INET6, addr, buf, (socklen_t)size) && size)
		*buf = '\0';
}

void format_endpoint(const struct flow_key *k, bool remote, bool brackets, char *buf, size_t size)
{
	bool bracketed = brackets && k->family != 4;
	char addr[INET6_ADDRSTRLEN];

	format_address(k, remote, addr, sizeof(addr));
	snprintf(buf, size, bracketed ? "[%s]:%u" : "%s:%u", addr, remote ? k->rport : k->lport);
}

void format_process(const struct owner *o, char *buf, size_t size)
{
	char comm[64], others[8] = "";

	if (!o->pid) {
		emit("", buf, size);
		return;
	}
	sanitise(o->comm, sizeof(o->comm), comm, sizeof(comm));
	if (o->others)
		snprintf(others, sizeof(others), "+%u", o->others);
	snprintf(buf, size, "%s/%d%s", comm, o->pid, others);
}

void format_time(double unixtime, bool with_date, char *buf, size_t size)
{
	struct tm tm;
	time_t t;

	/* Beyond the year 9999 it is no time that was measured. */
	if (!(unixtime >= 0 && unixtime < 253402300800.0)) {
		emit("-", buf, size);
		return;
	}
	t = (time_t)unixtime;
	if (!localtime_r(&t, &tm) ||
	    !strftime(buf, size, with_date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &tm))
		emit("-", buf, size);
}

void format_span(uint64_t seconds, char *buf, size_t size)
{
	uint64_t days = seconds / 86400;
	unsigned int s = (unsigned int)(seconds % 86400);
	char prefix[24] = "";

	if (days)
		snprintf(prefix, sizeof(prefix), "%" PRIu64 "d ", days);
	snprintf(buf, size, "%s%02u:%02u:%02u", prefix, s / 3600, s / 60 % 60, s % 60);
}

void format_coverage(const struct coverage *c, char *buf, size_t size)
{
	double percent = c->kernel ? 100.0 * (double)c->seen / (double)c->kernel : 0;

	if (!coverage_is_known(c) || (c->kernel == 0 && c->seen))
		snprintf(buf, size, "?");
	else if (c->seen == c->kernel)
		snprintf(buf, size, "100.0 %%");
	else
		snprintf(buf, size, "%.1f %%",
			 percent < 100 ? floor(percent * 10) / 10 : ceil(percent * 10) / 10);
}
