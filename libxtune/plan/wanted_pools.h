/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy wants of pools, and of the pools that domains are in. */
#ifndef XT_WANTED_POOLS_H
#define XT_WANTED_POOLS_H

#include "plan/layout.h"

/*
 * The layout that the policy and its records want, in the arena: *changes_r
 * where that is another than the host has. What cannot be is added to the plan
 * as blocked, and left as it is. XTUNE_ERR_INVALID with "file:line" as object
 * for lists that name what the host has not, and for pools that overlap.
 */
int xt_wanted_layout(xtune_plan *plan, xtune_arena *arena,
                     const xtune_plan_request *request, xt_layout *layout_r,
                     bool *changes_r, xtune_error **err);

/*
 * Fills in what schedulers are to give to domains that change pools; host is
 * the one that there is then.
 */
void xt_wanted_layout_scheduling(xt_layout *layout, xtune_arena *arena,
                                 const xtune_plan_request *request,
                                 const xtune_host *then);

/* Adds what is wanted of schedulers of pools, and of those of domains that
 * stay in their pools. */
void xt_plan_add_wanted_scheduling(xtune_plan *plan,
                                   const xtune_plan_request *request,
                                   const xt_layout *layout,
                                   const xtune_host *then);

#endif
