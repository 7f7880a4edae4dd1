/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys of groups, for summing up. What others ask of them is in group.h. */
#ifndef TCPRETOP_SRC_GROUP_KEY_H
#define TCPRETOP_SRC_GROUP_KEY_H

#include "src/group.h"

/* For all ways but by cause. */
void group_key_make(struct group_key *k, enum group_by by, const struct flow_key *f,
		    const struct owner *o);

/* The bytes that two keys of one group have in common and no others. They belong to the key. */
const void *group_key_bytes(const struct group_key *k, size_t *len);

/* Has a flow sent segments, or probes, by this cause? */
bool counts_have_cause(const struct counts *c, uint32_t cause);

#endif
