// SPDX-License-Identifier: GPL-2.0-only
/*
 * Only in the static program (make static): accounts and services without NSS. glibc's own would
 * load the host's libnss_*.so into a program of another glibc. The linker finds these first.
 */
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>

int getpwuid_r(uid_t uid, struct passwd *resultbuf, char *buffer, size_t buflen,
	       struct passwd **result)
{
	FILE *f = fopen("/etc/passwd", "re");
	int err = f ? 0 : errno;

	*result = NULL;
	while (f && !err && !*result) {
		err = fgetpwent_r(f, resultbuf, buffer, buflen, result);
		if (!err && resultbuf->pw_uid != uid)
			*result = NULL;
	}
	if (f)
		fclose(f);
	return err == ENOENT ? 0 : err;
}

/* What our libraries have for callers other than us: capng_change_id(), ares_getnameinfo(). */

struct passwd *getpwuid(uid_t uid)
{
	(void)uid;
	errno = ENOSYS;
	return NULL;
}

int initgroups(const char *user, gid_t group)
{
	(void)user;
	(void)group;
	errno = ENOSYS;
	return -1;
}

int getservbyport_r(int port, const char *proto, struct servent *result_buf, char *buf,
		    size_t buflen, struct servent **result)
{
	(void)port;
	(void)proto;
	(void)result_buf;
	(void)buf;
	(void)buflen;
	*result = NULL;
	return ENOENT;
}
