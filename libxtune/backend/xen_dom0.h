/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What setting dom0's memory and setting its vCPUs have in common. */
#ifndef XT_XEN_DOM0_H
#define XT_XEN_DOM0_H

#include "backend/xen.h"

#define XT_XEN_DOM0 "Domain-0"
#define XT_XEN_DOM0_STORE "/local/domain/0"

/* Linux tries again after up to 32 s where it found no page to give or take;
 * but then it is at its end. */
#define XT_XEN_STALLED_MS 15000

/* How long it takes until it is looked at again. */
#define XT_XEN_POLL_MS 100

/* Domain 0 as it is now. */
int xt_xen_dom0_look(xt_xen *xen, xc_domaininfo_t *info_r, xtune_error **err);

/* A value of xenstore, and where it is. */
typedef struct xt_xen_node {
    const char *path, *value;
} xt_xen_node;

/* Writes all of them, or none. what they are is for messages. */
int xt_xen_store_write(xt_xen *xen, const xt_xen_node *nodes, size_t nr,
                       const char *what, xtune_error **err);

void xt_xen_pause_ms(unsigned int ms);

#endif
