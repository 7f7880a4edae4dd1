// SPDX-License-Identifier: GPL-2.0-only
#include "src/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <ares.h>

/* A server that does not answer: a name is not worth more. */
enum { TIMEOUT_MS = 2000, TRIES = 2 };

struct question {
	struct cares *owner;
	struct question *next; /* among the answered ones */
	uint8_t family, addr[16];
	bool named;
	char name[NAME_TEXT];
};

struct cares {
	struct resolver resolver;
	ares_channel channel;
	struct question *answered;
	bool closing;
};

/* Of c-ares; may come while the question is still being asked, if /etc/hosts has the answer. */
static void on_answer(void *arg, int status, int timeouts, struct hostent *host)
{
	struct question *q = arg;

	(void)timeouts;
	if (q->owner->closing) {
		free(q);
		return;
	}
	if (status == ARES_SUCCESS && host && host->h_name) {
		q->named = true;
		strncpy(q->name, host->h_name, sizeof(q->name) - 1);
	}
	q->next = q->owner->answered;
	q->owner->answered = q;
}

static int cares_ask(struct resolver *r, uint8_t family, const uint8_t addr[16])
{
	struct cares *c = (struct cares *)r;
	struct question *q = calloc(1, sizeof(*q));

	if (!q)
		return -ENOMEM;
	q->owner = c;
	q->family = family;
	memcpy(q->addr, addr, family == 4 ? 4 : 16);
	ares_gethostbyaddr(c->channel, q->addr, family == 4 ? 4 : 16,
			   family == 4 ? AF_INET : AF_INET6, on_answer, q);
	return 0;
}

/* What has arrived, what can be sent, and what has taken too long. */
static void process(struct cares *c)
{
	/* For the last of its 16 c-ares' macros would shift into the sign. */
	enum { SOCKETS = ARES_GETSOCK_MAXNUM - 1 };
	ares_socket_t sockets[SOCKETS];
	int bits = ares_getsock(c->channel, sockets, SOCKETS);

	for (int i = 0; i < SOCKETS; i++) {
		struct pollfd p = {.events = 0};
		bool reads = ARES_GETSOCK_READABLE(bits, i);
		bool writes = bits & 1U << (i + ARES_GETSOCK_MAXNUM); /* the macro overflows */

		if (!reads && !writes)
			continue;
		p.fd = sockets[i];
		p.events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
		if (poll(&p, 1, 0) > 0)
			ares_process_fd(c->channel,
					p.revents & ~POLLOUT ? sockets[i] : ARES_SOCKET_BAD,
					p.revents & POLLOUT ? sockets[i] : ARES_SOCKET_BAD);
	}
	ares_process_fd(c->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void cares_work(struct resolver *r, answer_fn *answer, void *arg)
{
	struct cares *c = (struct cares *)r;
	struct question *q;

	process(c);
	while ((q = c->answered)) {
		c->answered = q->next;
		answer(arg, q->family, q->addr, q->named ? q->name : NULL);
		free(q);
	}
}

static void forget(void *arg, uint8_t family, const uint8_t addr[16], const char *name)
{
	(void)arg;
	(void)family;
	(void)addr;
	(void)name;
}

static void cares_close(struct resolver *r)
{
	struct cares *c = (struct cares *)r;

	cares_work(r, forget, NULL);
	c->closing = true;
	ares_destroy(c->channel); /* answers what is open */
	ares_library_cleanup();
	free(c);
}

struct resolver *resolve_open(int *err)
{
	static const struct resolver_ops ops = {cares_ask, cares_work, cares_close};
	struct ares_options options = {.timeout = TIMEOUT_MS, .tries = TRIES};
	struct cares *c = calloc(1, sizeof(*c));
	int status;

	*err = -ENOMEM;
	if (!c)
		return NULL;
	c->resolver.ops = &ops;
	status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status == ARES_SUCCESS) {
		status = ares_init_options(&c->channel, &options,
					   ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
		if (status == ARES_SUCCESS)
			return &c->resolver;
		ares_library_cleanup();
	}
	*err = status == ARES_ENOMEM ? -ENOMEM : -EIO;
	free(c);
	return NULL;
}
