/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The vCPUs of a domain by what their masks are. */
#ifndef XT_REPORT_AFFINITY_H
#define XT_REPORT_AFFINITY_H

#include <xtune/host.h>

typedef struct xt_affinity_group {
    xtune_set vcpus;              /* by their ids */
    const xtune_set *hard, *soft; /* the masks of all of them */
} xt_affinity_group;

/* A group for each pair of masks, by the first vCPU that has it. In the
 * arena. */
size_t xt_affinity_groups(xtune_arena *arena, const xtune_domain *domain,
                          xt_affinity_group **groups_r);

#endif
