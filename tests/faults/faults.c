// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which call fails. Calls are told apart by where they return to. $FAULT_BOOK is a file of counters,
 * shared so that they outlive any end: for each such address, from the start of the program's image,
 * how often it was called and how often that failed. $FAULT is what fails, "ADDRESS FIRST TIMES
 * ERRNO;…": from the FIRST call there on so many; with an ERRNO of 0 these only do less than they were
 * asked for, where that may happen. "+ADDRESS": not only there, but all calls of the same function
 * from then on.
 */
#include "tests/faults/faults.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SITES = 4096, ORDERS = 4, MOST_FILES = 256 };

struct site {
	uint64_t address, calls, failed;
};

static struct site *sites; /* SITES of them, hashed by address; the last has the files left open */
static struct order orders[ORDERS];

extern const char image[] __asm__("__ehdr_start") __attribute__((visibility("hidden")));

static void take_orders(const char *text)
{
	for (struct order *o = orders; o < orders + ORDERS && text && *text; o++) {
		o->all = *text == '+';
		if (sscanf(text + o->all, "%" SCNx64 " %" SCNu64 " %" SCNu64 " %d", &o->address,
			   &o->first, &o->times, &o->error) != 4)
			abort();
		text = strchr(text, ';');
		text = text ? text + 1 : NULL;
	}
}

__attribute__((constructor)) static void open_book(void)
{
	const char *book = getenv("FAULT_BOOK");
	int fd = book ? open(book, O_RDWR | O_CLOEXEC) : -1;
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, (SITES + 1) * sizeof(*sites), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	sites = at == MAP_FAILED ? NULL : at;
	take_orders(getenv("FAULT"));
}

__attribute__((destructor)) static void count_files(void)
{
	for (int fd = 3; sites && fd < MOST_FILES; fd++)
		sites[SITES].calls += fcntl(fd, F_GETFD) >= 0;
}

static struct site *find_site(uint64_t address)
{
	for (size_t i = address % SITES;; i = (i + 1) % SITES) {
		struct site *s = &sites[i];

		if (s->address == address)
			return s;
		if (!s->address) {
			s->address = address;
			return s;
		}
	}
}

static bool is_same(const char *function, const char *other)
{
	static const char memory[] = "malloc calloc realloc strdup strndup";

	return !strcmp(function, other) || (strstr(memory, function) && strstr(memory, other));
}

static bool is_ordered(struct order *o, const char *function, const struct site *s)
{
	if (!o->address || o->taken >= o->times)
		return false;
	if (s->address == o->address && s->calls >= o->first)
		o->function = function;
	else if (!o->all || !o->function || !is_same(function, o->function))
		return false;
	o->taken++;
	return true;
}

const struct order *is_due(const char *function, const void *caller)
{
	struct site *s;

	if (!sites)
		return NULL;
	s = find_site((uint64_t)((const char *)caller - image));
	__atomic_fetch_add(&s->calls, 1, __ATOMIC_RELAXED);
	for (struct order *o = orders; o < orders + ORDERS; o++) {
		if (!is_ordered(o, function, s))
			continue;
		s->failed++;
		if (o->error)
			errno = o->error;
		return o;
	}
	return NULL;
}
