/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers, times and addresses as people read them. All write a terminated string into buf.
 *
 * A number takes the form with the most digits that fits `width` cells (0: no limit); where none
 * fits, the shortest one, never a part of one. What is only near zero is never written as zero, and
 * NaN, infinity and negative numbers are "-".
 */
#ifndef TCPRETOP_SRC_FORMAT_H
#define TCPRETOP_SRC_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/tcpretop.h"
#include "src/source.h"

enum { ADDR_TEXT = 64 }; /* room for "[addr]:port" */

/* 1,234,567; shortened 1,235k or 1.23M. Whole from 10 on; below, a rate may be "0.4" or "<0.1". */
void format_count(double n, unsigned int width, char *buf, size_t size);

/* 950us 1.5ms 38ms "4.2 s" 12m05s 3h07m 2d04h; shortened 4.2s, 4s, 12m; 0 is "0". */
void format_seconds(double s, unsigned int width, char *buf, size_t size);

/* 950 B, 12.3 KiB …; shortened 12.3K, 12K. */
void format_bytes(double n, unsigned int width, char *buf, size_t size);

/* 3.1%; 0.04% below one percent; <0.01% and >99.9% near the ends. */
void format_percent(double share, unsigned int width, char *buf, size_t size);

/* "10.0.0.1:443", "[2001:db8::1]:443" with brackets, "2001:db8::1:443" without. */
void format_endpoint(const struct flow_key *k, bool remote, bool brackets, char *buf, size_t size);

/* The address alone. Empty if buf is too small. */
void format_address(const struct flow_key *k, bool remote, char *buf, size_t size);

/* "nginx/812", "nginx/812+3" if three more hold the socket; empty where not known. */
void format_process(const struct owner *o, char *buf, size_t size);

/* HH:MM:SS of local time; with_date puts YYYY-MM-DD before. */
void format_time(double unixtime, bool with_date, char *buf, size_t size);

/* HH:MM:SS of a span, days before it where there are some. */
void format_span(uint64_t seconds, char *buf, size_t size);

/* "99.9 %": segments seen of those that the kernel counted, rounded away from 100, so that only all
 * of them are 100.0; "?" where the kernel's count is not known. */
void format_coverage(const struct coverage *c, char *buf, size_t size);

#endif
