/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy wants of pools, and of the pools that domains are in. */
#ifndef XT_WANTED_POOLS_H
#define XT_WANTED_POOLS_H

#include "plan/layout.h"

/*
 * The layout that the policy and its records want, in the arena: *changes_r
 * where that is another than the host has. What cannot be is added to the plan
 * as blocked, and left as it is: a domain that cannot go where it is wanted
 * stays, and the others go. XTUNE_ERR_INVALID with "file:line" as object
 * for lists that name what the host has not, for pools that overlap, and for
 * two that are Xen's first one.
 */
int xt_wanted_layout(xtune_plan *plan, xtune_arena *arena,
                     const xtune_plan_request *request, xt_layout *layout_r,
                     bool *changes_r, xtune_error **err);

/* Fills in what is wanted of the schedulers of pools that are to be made;
 * what cannot be is blocked. */
void xt_wanted_new_pools(xtune_plan *plan, const xtune_policy *policy,
                         xt_layout *layout);

/* Adds a note of each pool that is there and not in the layout. */
void xt_wanted_note_removed(xtune_plan *plan, const xt_layout *layout);

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
