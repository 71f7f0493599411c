/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Adding what schedulers are to give to a plan: actions of the kinds
 * "scheduling" and "cpupool-scheduling", whose values host/scheduling.h has.
 */
#ifndef XT_PLAN_SCHEDULING_H
#define XT_PLAN_SCHEDULING_H

#include <xtune/plan.h>

#include "host/parameters.h"

/*
 * Adds what gives the domain these parameters, where they differ from those
 * that it has on this host; what the scheduler of its pool does not have is
 * left out. Where those that it has are not known, as of one that comes from a
 * pool with another scheduler, what is not wanted is as Xen gives it to new
 * domains. Where a value is outside of what the scheduler takes all of it is
 * blocked. XTUNE_ERR_INVALID, with the plan as it was, for a list of vCPUs
 * that is none: those of policies and records were checked.
 */
int xt_plan_add_scheduling(xtune_plan *plan, const xtune_host *host,
                           const xtune_domain *domain,
                           const xtune_wanted_scheduling *wanted,
                           size_t nr_wanted);

/*
 * The same for a pool that is there. A parameter that its scheduler does not
 * have is blocked, and so is everything of a pool whose parameters are not
 * known.
 */
void xt_plan_add_pool_scheduling(xtune_plan *plan, const xtune_cpupool *pool,
                                 const xtune_pool_scheduling *wanted);

/*
 * The "scheduling" of a pool that is to be made, in the plan's arena: what is
 * wanted and no more, for what else there is only Xen knows. NULL where
 * nothing is wanted, or where it cannot be, which is then blocked.
 */
const struct xt_json *xt_plan_new_pool_scheduling(
    xtune_plan *plan, const xtune_host *host, const char *name,
    const char *scheduler, const xtune_pool_scheduling *wanted);

/* The verb that sets a scheduler's parameters; NULL where it has none. */
const char *xt_scheduler_verb(const char *scheduler);

/* What is wrong with a value by itself, in words; NULL. */
const char *xt_parameter_fault(xtune_arena *arena, enum xt_parameter_id id,
                               uint32_t value);

#endif
