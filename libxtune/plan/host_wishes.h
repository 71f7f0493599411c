/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What policies may ask of the host itself. */
#ifndef XT_HOST_WISHES_H
#define XT_HOST_WISHES_H

#include <xtune/plan.h>

#define XT_NOT_DONE "this version of xltune does not do it"

/* Adds what is wanted and no action does yet, as blocked. */
int xt_plan_add_host_wishes(xtune_plan *plan, const xtune_host *host,
                            const xtune_policy *policy, xtune_error **err);

bool xt_plan_is_in_pool(const xtune_domain *domain, const char *pool);

#endif
