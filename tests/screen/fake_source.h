/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A source that plays a script: what it hands over depends on the number of looks taken, and on
 * nothing else.
 */
#ifndef TCPRETOP_TESTS_SCREEN_FAKE_SOURCE_H
#define TCPRETOP_TESTS_SCREEN_FAKE_SOURCE_H

#include "src/source.h"

/* nflows 0: those of the scene. Looks after the first come in parts where `gate` is a descriptor: each
 * part but the first when a byte comes from there, or its end. NULL without memory, or if there is no
 * such scene. */
struct source *fake_source_open(const char *scene, size_t nflows, int gate);

#endif
