/* SPDX-License-Identifier: GPL-2.0-only */
/* The format of /proc/net/snmp and /proc/net/netstat: a line of names, then a line of values. */
#ifndef TCPRETOP_SRC_SNMP_H
#define TCPRETOP_SRC_SNMP_H

#include <stdint.h>

/* Finds the counter `name` of group `group` ("Tcp", "RetransSegs"). 0, or -ENOENT. */
int snmp_value(const char *text, const char *group, const char *name, uint64_t *value);

#endif
