// SPDX-License-Identifier: GPL-2.0-only
#include "src/caller.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static bool read_id(const char *variable, unsigned int *id)
{
	const char *text = getenv(variable);
	unsigned long long value;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	*id = (unsigned int)value;
	return !*end && !errno && value < UINT32_MAX; /* (uid_t)-1 is nobody's */
}

struct caller caller_find(void)
{
	struct caller c = {geteuid(), getegid()};
	unsigned int uid, gid;

	if (c.uid == 0 && read_id("SUDO_UID", &uid) && read_id("SUDO_GID", &gid))
		c = (struct caller){uid, gid};
	return c;
}

struct caller caller_nobody(void)
{
	enum { OVERFLOW_ID = 65534 }; /* the kernel's */

	return (struct caller){OVERFLOW_ID, OVERFLOW_ID};
}

bool caller_become(struct caller *was)
{
	struct caller caller = caller_find();

	*was = (struct caller){geteuid(), getegid()};
	return caller.uid == was->uid || (!setegid(caller.gid) && !seteuid(caller.uid));
}

int caller_return(const struct caller *was)
{
	if (geteuid() == was->uid && getegid() == was->gid)
		return 0;
	return seteuid(was->uid) || setegid(was->gid) ? -errno : 0;
}
