// SPDX-License-Identifier: GPL-2.0-only
#include "src/doctor.h"

#include <stdarg.h>
#include <string.h>

#include "src/doctor_checks.h"
#include "src/sanitise.h"

static const struct check {
	const char *what;
	check_fn *look;
} checks[] = {
	{"kernel", check_kernel},
	{"types (BTF)", check_btf},
	{"lockdown", check_lockdown},
	{"unprivileged BPF", check_unprivileged_bpf},
	{"BPF compiler (JIT)", check_jit},
	{"function hooks", check_ftrace},
	{"user", check_user},
	{"capabilities", check_capabilities},
	{"system call filter", check_seccomp},
	{"locked memory", check_memlock},
	{"kernel programs", check_programs},
	{"hook: retransmits", check_retransmit},
	{"hook: SYN-ACKs", check_synack},
	{"hook: states", check_state},
	{"hook: recoveries", check_recovered},
	{"hook: send errors", check_send_error},
	{"hook: TLPs", check_tlp},
	{"hook: owners", check_owners},
	{"processes", check_processes},
	{"network namespaces", check_namespaces},
	{"cgroups", check_cgroup},
	{"terminal", check_terminal},
	{"locale", check_locale},
};

#define CHECKS (sizeof(checks) / sizeof(*checks))

enum { WIDTH = 79, INDENT = 4 };

_Static_assert(CHECKS <= MOST_FINDINGS, "all find room");

/* ---- For the checks */

__attribute__((format(printf, 3, 0))) static void put(char *buf, size_t size, const char *fmt,
						      va_list ap)
{
	char raw[sizeof(((struct finding *)0)->cause)];

	vsnprintf(raw, sizeof(raw), fmt, ap);
	sanitise(raw, sizeof(raw), buf, size);
}

void set_value(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(f->value, sizeof(f->value), fmt, ap);
	va_end(ap);
}

void set_limited(struct finding *f, const char *cause, ...)
{
	va_list ap;

	f->verdict = FINDING_LIMITED;
	va_start(ap, cause);
	put(f->cause, sizeof(f->cause), cause, ap);
	va_end(ap);
}

void set_missing(struct finding *f, enum exit_status status, const char *cause, ...)
{
	va_list ap;

	f->verdict = FINDING_MISSING;
	f->status = status;
	va_start(ap, cause);
	put(f->cause, sizeof(f->cause), cause, ap);
	va_end(ap);
}

void set_remedy(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(f->remedy, sizeof(f->remedy), fmt, ap);
	va_end(ap);
}

/* ---- The examination */

unsigned int doctor_examine(const struct host_facts *h, struct finding findings[MOST_FINDINGS])
{
	for (unsigned int i = 0; i < CHECKS; i++) {
		findings[i] = (struct finding){.what = checks[i].what};
		checks[i].look(h, &findings[i]);
	}
	return CHECKS;
}

static unsigned int count(const struct finding *findings, unsigned int n, enum finding_verdict v)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < n; i++)
		found += findings[i].verdict == v;
	return found;
}

enum exit_status doctor_status(const struct finding *findings, unsigned int n)
{
	static const enum exit_status order[] = {EXIT_KERNEL_LACKS, EXIT_NOT_PERMITTED,
						 EXIT_RUNTIME};

	for (size_t s = 0; s < sizeof(order) / sizeof(*order); s++) {
		for (unsigned int i = 0; i < n; i++) {
			if (findings[i].verdict == FINDING_MISSING &&
			    findings[i].status == order[s])
				return order[s];
		}
	}
	return EXIT_FINE;
}

/* ---- The report */

/* Whole words in lines of at most WIDTH, each indented. */
static void put_wrapped(FILE *out, const char *text)
{
	size_t used = 0;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (used && used + 1 + len > WIDTH) {
			fputc('\n', out);
			used = 0;
		}
		used += (size_t)fprintf(out, "%*s%.*s", used ? 1 : INDENT, "", (int)len, text);
		text += len;
		text += *text == ' ';
	}
	fputc('\n', out);
}

/* A remedy stays in one line, to be copied. */
static void put_finding(FILE *out, const struct finding *f, bool utf8)
{
	static const char *const marks[] = {
		[FINDING_FINE] = "ok",
		[FINDING_UNKNOWN] = "??",
		[FINDING_LIMITED] = "--",
		[FINDING_MISSING] = "!!",
	};

	fprintf(out, "%s  %-18s  %s\n", marks[f->verdict], f->what, f->value);
	if (*f->cause)
		put_wrapped(out, f->cause);
	if (*f->remedy)
		fprintf(out, "%*s%s %s\n", INDENT, "", utf8 ? "→" : "->", f->remedy);
}

static void put_summary(FILE *out, const struct finding *findings, unsigned int n)
{
	unsigned int missing = count(findings, n, FINDING_MISSING);
	unsigned int limits = count(findings, n, FINDING_LIMITED);

	if (missing)
		fprintf(out,
			"tcpretop cannot watch this host: mend what is marked !! (%u).\n"
			"Recordings can be shown all the same: tcpretop -r FILE\n",
			missing);
	else if (limits)
		fprintf(out, "tcpretop works here, but for what is marked -- (%u).\n", limits);
	else
		fputs("tcpretop works here, and sees all that there is to be seen.\n", out);
}

void doctor_print(FILE *out, const struct finding *findings, unsigned int n, bool utf8)
{
	for (unsigned int i = 0; i < n; i++)
		put_finding(out, &findings[i], utf8);
	fputc('\n', out);
	put_summary(out, findings, n);
}
