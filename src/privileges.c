// SPDX-License-Identifier: GPL-2.0-only
#include "src/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Whether it works: 1, 0, or a negative errno, and then rights may have gone. */
static int works_without(privileges_test_fn *works, void *arg)
{
	bool fine = false;
	void *all;
	int err;

	if (capng_get_caps_process())
		return -EPERM;
	all = capng_save_state();
	if (!all)
		return -ENOMEM;
	for (unsigned int cap = 0; cap <= CAP_LAST_CAP; cap++)
		capng_update(CAPNG_DROP, CAPNG_EFFECTIVE, cap);
	err = capng_apply(CAPNG_SELECT_CAPS);
	if (!err)
		fine = works(arg);
	capng_restore_state(&all);
	if (!err)
		err = capng_apply(CAPNG_SELECT_CAPS);
	return err ? -EPERM : fine;
}

static bool has(unsigned int cap)
{
	return capng_have_capability(CAPNG_EFFECTIVE, cap);
}

/* Takes on what has been chosen with capng_update(). A container's root may lack the right to become
 * another user, or to say what its programs may have: it has few capabilities to lose then. */
static int take_on(uid_t uid, gid_t gid, bool changes_user, bool clears_bounds)
{
	int flags = CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_AMBIENT;
	int err;

	if (clears_bounds)
		flags |= CAPNG_CLEAR_BOUNDING;
	err = changes_user ? capng_change_id((int)uid, (int)gid, (capng_flags_t)flags)
			   : capng_apply(clears_bounds ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS);
	if (err)
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

static int drop(const struct caller *user, bool keep)
{
	bool changes_user, clears_bounds;

	if (capng_get_caps_process())
		return -EPERM;
	changes_user = !geteuid() && has(CAP_SETUID) && has(CAP_SETGID);
	clears_bounds = has(CAP_SETPCAP);
	capng_clear(CAPNG_SELECT_ALL);
	if (keep)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_BPF);
	return take_on(user->uid, user->gid, changes_user, clears_bounds);
}

int privileges_drop(const struct caller *user, privileges_test_fn *works, void *arg, bool *kept,
		    struct failure *why)
{
	int fine = works ? works_without(works, arg) : true;
	int err = fine < 0 ? fine : drop(user, !fine);

	*kept = !fine;
	if (!err)
		return 0;
	return fail(why, EXIT_RUNTIME, "cannot give up the rights that are no longer needed: %s",
		    strerror(-err));
}

/* Of these what there is. */
static int keep(const unsigned int *needed, size_t n, uid_t uid, gid_t gid)
{
	bool changes_user, clears_bounds, given[CAP_LAST_CAP + 1];

	if (capng_get_caps_process())
		return -EPERM;
	changes_user = has(CAP_SETUID) && has(CAP_SETGID);
	clears_bounds = has(CAP_SETPCAP);
	for (size_t i = 0; i < n; i++)
		given[i] = has(needed[i]);
	capng_clear(CAPNG_SELECT_ALL);
	for (size_t i = 0; i < n; i++)
		if (given[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, needed[i]);
	return take_on(uid, gid, changes_user, clears_bounds);
}

int privileges_for_helper(const struct caller *caller)
{
	static const unsigned int needed[] = {CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN, CAP_SYS_PTRACE};

	return keep(needed, sizeof(needed) / sizeof(*needed), caller->uid, caller->gid);
}

int privileges_for_writer(void)
{
	static const unsigned int needed[] = {CAP_DAC_OVERRIDE};

	return keep(needed, sizeof(needed) / sizeof(*needed), 0, 0);
}
