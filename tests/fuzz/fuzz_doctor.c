// SPDX-License-Identifier: GPL-2.0-only
/* Any texts as the files that the doctor reads and as what the kernel says of itself: a report. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "src/doctor.h"
#include "tests/fuzz/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pieces input;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static int input_uname(struct utsname *to)
{
	ssize_t len = piece_read(&input, to->release, sizeof(to->release) - 1);

	if (len < 0)
		return -1;
	to->release[len] = '\0';
	return 0;
}

#define fopen(path, mode) piece_open(&input)
#define setmntent(path, mode) piece_open(&input)
#define open(path, flags) 0
#define read(fd, to, most) ((void)(fd), piece_read(&input, to, most))
#define close(fd) (void)(fd)
#define uname(to) input_uname(to)
#define access(path, mode) (errno = ENOENT, -1)
#define stat(path, to) ((void)(to), -1)
#define statfs(path, to) ((void)(to), -1)
#define setlocale(category, name) name
#include "src/doctor_facts.c"
#undef stat
#undef statfs
#undef fopen

static void check_finding(const struct finding *f)
{
	require(f->what && f->verdict <= FINDING_MISSING);
	require(!strpbrk(f->value, "\n\r\t\033") && !strpbrk(f->cause, "\n\r\t\033") &&
		!strpbrk(f->remedy, "\n\r\t\033"));
	require(f->verdict != FINDING_MISSING || f->status != EXIT_FINE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct finding findings[MOST_FINDINGS];
	struct host_facts h;
	unsigned int n;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	input = (struct pieces){data, data + size};
	facts_read(&h);
	h.opened = size & 1;
	for (int i = 0; i < HOOKS; i++)
		h.hooks.err[i] = size && data[size - 1] & 1 << i ? -ENOENT : 0;
	n = doctor_examine(&h, findings);
	require(n && n <= MOST_FINDINGS);
	for (unsigned int i = 0; i < n; i++)
		check_finding(&findings[i]);
	doctor_print(nowhere, findings, n, size & 1);
	doctor_status(findings, n);
	return 0;
}
