// SPDX-License-Identifier: GPL-2.0-only
/* What the books say: what was seen, by the time that the kernel's counters were read. */
#include "src/netns_book.h"

static uint64_t excess(uint64_t n, uint64_t over)
{
	return n > over ? n - over : 0;
}

/* What must have been seen by now where none was missed. */
static uint64_t asked_for(const struct book *book)
{
	return book->base_seen + book->past_kernel + book->reading - book->base_kernel;
}

/* More was seen than the kernel's counter says, as the base is too low: within what it was in doubt by. */
static void raise_base(struct book *book)
{
	uint64_t more = excess(book->before, asked_for(book));

	if (more > book->base_doubt)
		more = book->base_doubt;
	book->base_seen += more;
	book->base_doubt -= more;
}

/* What had been seen when the kernel's counter was read: counting went on meanwhile, from `before` to
 * `after`. If the number that the kernel's asks for lies between, it is the one. */
static uint64_t seen_by_then(const struct book *book, uint64_t after)
{
	uint64_t asked = asked_for(book);

	if (asked <= book->before || after <= book->before)
		return book->before;
	return asked < after ? asked : after;
}

/* The inode number was given to another namespace, or may have been. Its zero continues the sum; and what
 * the one before sent again after its last reading, no reading tells. */
static void begin_again(struct book *book, uint64_t after)
{
	bool is_less = book->reading < book->kernel;
	uint64_t told = book->seen + book->reading - (is_less ? 0 : book->kernel);
	uint64_t untold = excess(book->before, told);

	book->base_seen += untold;
	book->base_doubt = excess(after, told + untold);
	if (is_less)
		book->past_kernel += book->kernel;
}

/* Than at the last entry: the way there ended since, or its name may lead elsewhere. */
static bool may_be_other(const struct netns_books *b, const struct book *book)
{
	return book->lost || (!book->pid && book->name_searches != b->name_searches);
}

static void enter(const struct netns_books *b, struct book *book, uint64_t after)
{
	if (!book->fresh)
		return;
	if (!book->begun) {
		book->begun = true;
		if (book->from_start) {
			book->base_seen = book->before;
			book->base_doubt = excess(after, book->before);
			book->base_kernel = book->reading;
		}
	} else if (book->reading < book->kernel || may_be_other(b, book)) {
		begin_again(book, after);
	}
	book->lost = false;
	book->name_searches = b->name_searches;
	raise_base(book);
	book->seen = seen_by_then(book, after);
	book->kernel = book->reading;
}

void netns_enter(struct netns_books *b, const struct netns_seen *seen, size_t n)
{
	struct book *book, *next;

	HASH_ITER(hh, b->books, book, next) {
		uint64_t after = book->before;

		for (size_t i = 0; i < n; i++)
			if (seen[i].netns == book->netns)
				after = seen[i].segs;
		enter(b, book, after);
	}
}

struct coverage netns_coverage(const struct netns_books *b)
{
	struct coverage c = {0};
	struct book *book, *next;

	HASH_ITER(hh, b->books, book, next) {
		if (!book->begun) {
			c.unread += book->before > 0;
			continue;
		}
		c.netns++;
		c.seen += book->seen - book->base_seen;
		c.kernel += book->past_kernel + book->kernel - book->base_kernel;
	}
	return c;
}
