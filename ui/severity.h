/* SPDX-License-Identifier: GPL-2.0-only */
/* How bad a number is. */
#ifndef TCPRETOP_UI_SEVERITY_H
#define TCPRETOP_UI_SEVERITY_H

#include "src/model.h"
#include "src/view.h"
#include "ui/theme.h"

enum severity { SEVERITY_FINE, SEVERITY_WARN, SEVERITY_BAD };

/* Without retransmits for so long a flow is dimmed. */
#define QUIET_NS 10000000000ULL

/* Of one number of the flow or group. */
enum severity severity_of(enum field_id id, const struct value *val, const struct flow *f);

/* The worst of its numbers. */
enum severity severity_of_flow(const struct model *m, const struct view *v, const struct flow *f);

enum role severity_role(enum severity s);

#endif
