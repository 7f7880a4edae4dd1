/* SPDX-License-Identifier: GPL-2.0-only */
/* Names for some addresses: plain, long, with another's escape sequences. */
#ifndef TCPRETOP_TESTS_SCREEN_FAKE_RESOLVER_H
#define TCPRETOP_TESTS_SCREEN_FAKE_RESOLVER_H

#include "src/names.h"

/* An open_resolver_fn. */
struct resolver *fake_resolver_open(int *err);

#endif
