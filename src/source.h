/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the data comes from. A source hands over, per tick, what changed since the last one. The
 * live source reads the kernel; anything else that fills these structures is as good.
 *
 * All times are CLOCK_MONOTONIC nanoseconds of the observed host; realtime_offset_ns added to one
 * gives nanoseconds since the epoch.
 */
#ifndef TCPRETOP_SRC_SOURCE_H
#define TCPRETOP_SRC_SOURCE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/tcpretop.h"
#include "src/command.h"
#include "src/failure.h"
#include "src/look.h"

/* How calls of tcp_send_loss_probe() are seen. */
enum tlp_way { TLP_NONE, TLP_TIMER, TLP_KPROBE, TLP_FENTRY };

/*
 * Who owns a socket. All text is raw, as it comes from strangers; the strings belong to the source
 * and are valid until it is closed. NULL, and pid 0, is "not known".
 */
struct owner {
	int32_t pid; /* of the processes that hold it, the one that forked the others */
	char comm[16];
	uint16_t others;    /* how many more hold it */
	const char *cgroup; /* path in the v2 hierarchy */
	const char *unit;   /* systemd's unit, or the container: its name or short id */
	const char *netns;  /* "host", a name, or the inode number */
	const char *host;   /* where several are looked at */
	const char *user;
};

struct flow_sample {
	struct flow_key key;
	struct flow_rec rec; /* cumulative since rec.first_ns. Without first_ns: nothing new but the
			      * process that owns the socket rec.sock.inode */
	struct owner owner;
};

struct event_sample {
	struct event event;
	struct owner owner;
};

/* Segments seen against the growth of RetransSegs, over the namespaces that could be read. */
struct coverage {
	uint64_t seen, kernel; /* since the start */
	unsigned int netns;    /* namespaces compared */
	unsigned int unread;   /* namespaces with retransmits that could not be */
};

/* Not where all that was counted is of namespaces without retransmits, and others are unread. */
static inline bool coverage_is_known(const struct coverage *c)
{
	return c->netns && (c->kernel || !c->unread);
}

/* Comes in parts, so that nobody has to hold all flows at once. */
struct snapshot {
	bool more; /* only .flows and .nflows hold something yet: the next call goes on */
	uint64_t now_ns;
	int64_t realtime_offset_ns;
	const struct flow_sample *flows; /* those changed since the last snapshot; */
	size_t nflows;                   /* valid until the next call */
	struct totals totals;            /* since the start */
	uint64_t tracked;                /* records in the kernel's table */
	uint64_t evicted;                /* since the start */
	uint64_t cpu_ns;                 /* CPU time of the observer since its start */
	struct coverage coverage;
};

/* A source of several hosts may know more of them with each tick, or less. */
struct source_info {
	char host[65];
	char release[65];
	uint64_t start_ns;    /* when collection began */
	uint32_t max_flows;   /* that the kernel keeps; 0: not known */
	enum tlp_way tlp_way; /* TLP_NONE: attempts and probes of new data are not known */
	bool undos_known;     /* else only DSACKs tell of what was spurious */
	bool errors_unknown;  /* of sends: the kernel tells them from Linux 6.17 on */
	unsigned int probes, probes_wanted; /* hooks attached, of how many */
	unsigned int hosts; /* that it looks at, where it is more than one; else 0 */
};

/* Else what it stands for is among the segments of other causes. */
static inline bool cause_is_known(const struct source_info *info, unsigned int cause)
{
	if (cause == CAUSE_FAILED)
		return !info->errors_unknown;
	return cause != CAUSE_RACK || info->tlp_way != TLP_NONE;
}

/* When the next tick of a recording is. */
enum due_state { DUE_TICK, DUE_LATER, DUE_NEVER };

struct due {
	enum due_state state;
	uint64_t now_ns;            /* DUE_TICK: when it was, by the source's time, */
	uint64_t after_ns;          /* and after the tick before; 0 for the first */
	int64_t realtime_offset_ns; /* DUE_TICK of a recording: as in its snapshot */
	int fd;       /* DUE_LATER: it has not come yet; readable once there is more, -1: ask */
	double share; /* of the recording that was read, 0 to 1; negative: not known */
	bool live;    /* it comes while it is made: to be shown at once, at no pace of its own */
};

/* How it stands with a host whose recording comes while it is made. */
enum link_state {
	LINK_CONNECTING,
	LINK_LIVE,
	LINK_STALLED, /* nothing has come for longer than it should take */
	LINK_WAITING, /* it is gone, and will be tried again */
	LINK_ENDED,
};

struct link_look {
	const char *host; /* fit to be shown, as is `why`; valid until the source is asked again */
	const char *why;  /* it is gone, as far as is known; or "" */
	enum link_state state;
	unsigned int seconds; /* since anything was heard of it */
};

struct source;

typedef void event_fn(void *arg, const struct event_sample *e);

struct source_ops {
	int (*tick)(struct source *s, struct snapshot *snap);
	int (*drain)(struct source *s, event_fn *fn, void *arg);
	void (*close)(struct source *s);
	/* NULL in a source that is not on the host it tells of */
	int (*look)(struct source *s, const struct flow_key *key, struct socket_look *look);
	int (*command)(struct source *s, int32_t pid, struct command *c);
	/* NULL in a source that ticks whenever it is told to */
	void (*due)(struct source *s, struct due *due);
	/* NULL in a source that cannot begin anew */
	int (*rewind)(struct source *s);
	/* NULL in a source that is no link to others */
	size_t (*links)(struct source *s, struct link_look *looks, size_t most);
	/* NULL in a source that has no trouble but the errors above */
	const struct failure *(*trouble)(struct source *s);
};

struct source {
	const struct source_ops *ops;
	struct source_info info;
};

/* Fills *snap with what changed since the last snapshot, or its next part. 0 or a negative errno. */
static inline int source_tick(struct source *s, struct snapshot *snap)
{
	return s->ops->tick(s, snap);
}

/* Calls fn for each event not yet taken, oldest first. Count of events or a negative errno. */
static inline int source_drain(struct source *s, event_fn *fn, void *arg)
{
	return s->ops->drain(s, fn, arg);
}

/* Asks for one socket as it is now. 0; -ENOENT if it is gone; -ESRCH if there is no way into its
 * namespace; -EOPNOTSUPP of a source that cannot know; another negative errno. */
static inline int source_look(struct source *s, const struct flow_key *key,
			      struct socket_look *look)
{
	return s->ops->look ? s->ops->look(s, key, look) : -EOPNOTSUPP;
}

/* What a process is now. 0; -ESRCH or -ENOENT if it is gone; -EOPNOTSUPP as above. */
static inline int source_command(struct source *s, int32_t pid, struct command *c)
{
	return s->ops->command ? s->ops->command(s, pid, c) : -EOPNOTSUPP;
}

/* True of a recording, with *due filled: it is to be asked before each tick, and when it says so
 * all events up to the tick can be drained. */
static inline bool source_due(struct source *s, struct due *due)
{
	if (s->ops->due)
		s->ops->due(s, due);
	return s->ops->due != NULL;
}

/* Back to before the first tick; owners handed over stay valid. 0 or a negative errno, -ESPIPE of a
 * source that cannot. */
static inline int source_rewind(struct source *s)
{
	return s->ops->rewind ? s->ops->rewind(s) : -ESPIPE;
}

/* How its links are, `most` of them at most; returns how many. A source that is here has none. */
static inline size_t source_links(struct source *s, struct link_look *looks, size_t most)
{
	return s->ops->links ? s->ops->links(s, looks, most) : 0;
}

/* What the user must be told at the end at the latest: a recording that cannot be read, or written,
 * further. NULL if there is nothing. Valid as long as the source. */
static inline const struct failure *source_trouble(struct source *s)
{
	return s->ops->trouble ? s->ops->trouble(s) : NULL;
}

/* Detaches and frees the source. NULL is fine. */
static inline void source_close(struct source *s)
{
	if (s)
		s->ops->close(s);
}

#endif
