/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads beside the main one, which alone takes signals. */
#ifndef TCPRETOP_SRC_THREAD_H
#define TCPRETOP_SRC_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

/* False if it could not be begun. Else whoever began it joins it. */
static inline bool thread_begin(pthread_t *thread, void *(*main)(void *), void *arg)
{
	sigset_t all, before;
	bool begun;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	begun = !pthread_create(thread, NULL, main, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return begun;
}

#endif
