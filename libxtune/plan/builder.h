/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_BUILDER_H
#define XT_BUILDER_H

#include <xtune/plan.h>

/* An empty plan with an arena of its own. */
xtune_plan *xt_plan_new(void);

/* Adds a change; what it points to is in the plan's arena. */
void xt_plan_add(xtune_plan *plan, const xtune_action *action);

/* Adds something that is wanted and cannot be; why is copied. */
void xt_plan_add_blocked(xtune_plan *plan, const char *kind,
                         const char *object, const char *wanted,
                         const char *why);

/*
 * Adds the change of a vCPU's masks, where they differ from those it has.
 */
void xt_plan_add_affinity(xtune_plan *plan, const xtune_domain *domain,
                          const xtune_vcpu *vcpu, const xtune_set *hard,
                          const xtune_set *soft, const char *reason);

/*
 * Fills in the local shares before and after: masks[i] are those that domain
 * i gets (index of vCPU), NULL where it keeps its own.
 */
typedef struct xt_masks {
    const xtune_set *hard, *soft;
} xt_masks;

void xt_plan_summarize(xtune_plan *plan, const xtune_host *host,
                       const xt_masks *masks);

#endif
