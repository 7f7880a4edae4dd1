// SPDX-License-Identifier: GPL-2.0-only
#include "src/origin.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/fleet.h"
#include "src/live.h"
#include "src/replay.h"

/* Nobody reads more events than this, of a CPU and 100 ms, on a screen; -e takes them all. */
enum { VIEWER_RATION = 20, MOST_VIEWER_RING = 1 << 18, EVENTS_RING = 8 << 20 };

/* See hurry(). */
enum { URGENT = -10 };

/* The viewer reads keys from standard input. If that is a file or a pipe, the terminal takes its
 * place, as with less(1). */
static int take_terminal(struct failure *why)
{
	bool taken;
	int fd;

	if (isatty(STDIN_FILENO))
		return 0;
	fd = open("/dev/tty", O_RDWR);
	taken = fd >= 0 && dup2(fd, STDIN_FILENO) >= 0;
	if (fd >= 0)
		close(fd);
	if (taken)
		return 0;
	return fail(why, EXIT_RUNTIME,
		    "the viewer needs a terminal for its keys, and standard input is none; "
		    "tcpretop -b needs none");
}

/* Room for a second of them: all of it is memory of the viewer's, twice. */
static uint32_t viewer_ring(void)
{
	long of_second = sysconf(_SC_NPROCESSORS_CONF) * 10 * VIEWER_RATION;
	uint32_t bytes = LIVE_SMALLEST_RING;

	while (bytes < MOST_VIEWER_RING && bytes < of_second * (long)sizeof(struct event))
		bytes *= 2;
	return bytes;
}

/* Where so much is sent again that softirqs take all CPUs, whoever waits his turn behind them loses
 * events, and answers keys late. A niceness that somebody has given stays; who may not, does not. */
static void hurry(void)
{
	if (getpriority(PRIO_PROCESS, 0) == 0)
		setpriority(PRIO_PROCESS, 0, URGENT);
}

static struct source *open_live(const struct options *o, struct helper *helper, struct failure *why)
{
	struct live_options live = {
		.helper = helper,
		.max_flows = o->max_flows,
		.ring_bytes = LIVE_SMALLEST_RING,
		.tlp_way_given = o->tlp_way_given,
		.tlp_way = o->tlp_way,
		.verbose = o->verbose,
	};

	if (o->mode == MODE_EVENTS || o->record) {
		live.events = true;
		live.ring_bytes = EVENTS_RING;
	} else if (o->mode == MODE_VIEWER) {
		live.events = true;
		live.event_ration = VIEWER_RATION;
		live.ring_bytes = viewer_ring();
	}
	hurry();
	return live_open(&live, why);
}

/* A pipe is somebody else's tcpretop: what comes of it is shown as it comes. */
static bool is_pipe(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return false;
	return S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode);
}

static bool comes_live(const struct options *o)
{
	if (o->nhosts > 1 || o->hosts[0].by_ssh)
		return true;
	return o->mode == MODE_VIEWER && !o->speed_given && is_pipe(o->hosts[0].fd);
}

static struct source *open_fleet(const struct options *o, bool events, struct failure *why)
{
	struct fleet_options fleet = {
		.hosts = o->hosts,
		.nhosts = o->nhosts,
		.delay = o->delay,
		.max_flows = o->max_flows_given ? o->max_flows : 0,
		.events = events,
		.returns = o->mode == MODE_VIEWER,
	};

	return fleet_open(&fleet, why);
}

/* Standard input may be a recording as well: it is opened before the terminal takes its place. */
struct source *origin_open(const struct options *o, struct helper *helper, struct failure *why)
{
	bool events = o->record || o->mode == MODE_EVENTS || o->mode == MODE_VIEWER;
	struct source *source = NULL;

	if (o->nhosts && comes_live(o))
		source = open_fleet(o, events, why);
	else if (o->nhosts)
		source = replay_open(o->replay, o->hosts[0].fd, events, why);
	if (o->nhosts && !source)
		return NULL;
	if (o->mode == MODE_VIEWER && take_terminal(why)) {
		source_close(source);
		return NULL;
	}
	return source ? source : open_live(o, helper, why);
}
