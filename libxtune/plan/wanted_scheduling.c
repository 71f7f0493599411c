/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy wants of the schedulers of pools, and of domains in them. */
#include <string.h>

#include "base/json.h"
#include "plan/scheduling.h"
#include "plan/wanted_pools.h"

#define FIRST_POOL "Pool-0"

void xt_wanted_layout_scheduling(xt_layout *layout, xtune_arena *arena,
                                 const xtune_plan_request *request,
                                 const xtune_host *then)
{
    size_t i, nr;

    for (i = 0; i < then->nr_domains; i++) {
        const xtune_domain *domain = &then->domains[i];
        xtune_plan *plan;

        if ((request->only && !request->only[i]) ||
            !xt_layout_counts(layout, i))
            continue;
        const xtune_wanted_scheduling *wanted = xtune_policy_scheduling(
            request->policy, layout->host, &layout->host->domains[i], &nr);

        plan = xt_plan_new();
        xt_plan_add_scheduling(plan, then, domain, wanted, nr);
        if (plan->nr_actions)
            layout->scheduling[i] = xt_json_copy(arena, plan->actions[0].new);
        xtune_plan_free(plan);
    }
}

static bool changes_pool(const xt_layout *layout, size_t i)
{
    const size_t pool = layout->pool_of[i];

    return pool != XT_NO_POOL &&
           layout->pools[pool].was !=
               xtune_host_cpupool(layout->host,
                                  layout->host->domains[i].cpupool);
}

static const xtune_cpupool *pool_then(const xtune_host *then, const char *name)
{
    const xtune_cpupool *pool = xtune_host_cpupool(then, name);

    if (!pool && !strcmp(name, FIRST_POOL) && then->nr_cpupools)
        pool = then->cpupools;
    return pool;
}

/* Of one that is called otherwise now it can be looked at when its turn comes,
 * also where another pool still has its name. One that is yet to be made gets
 * it then. */
static void add_pool_scheduling(xtune_plan *plan, const xt_layout *layout,
                                const xtune_cpupool *pool,
                                const xtune_pool_scheduling *wanted)
{
    const size_t nr = plan->nr_actions,
                 index = xt_layout_find(layout, pool->name);
    const xtune_cpupool *was =
        index == XT_NO_POOL ? NULL : layout->pools[index].was;

    if (!was) return;
    xt_plan_add_pool_scheduling(plan, pool, wanted);
    if (plan->nr_actions > nr)
        plan->actions[nr].after_others = strcmp(was->name, pool->name);
}

/* What is wanted of the pool of that name: a record beats the policy. NULL:
 * nothing is. */
static const xtune_pool_scheduling *wanted_of(const xtune_policy *policy,
                                              const char *name)
{
    size_t i;

    for (i = 0; i < policy->nr_pool_records; i++)
        if (!strcmp(policy->pool_records[i].name, name))
            return &policy->pool_records[i].scheduling;
    for (i = 0; i < policy->nr_pools; i++)
        if (!strcmp(policy->pools[i].name, name))
            return &policy->pools[i].scheduling;
    return NULL;
}

void xt_wanted_new_pools(xtune_plan *plan, const xtune_policy *policy,
                         xt_layout *layout)
{
    size_t i;

    for (i = 0; i < layout->nr_pools; i++) {
        xt_layout_pool *pool = &layout->pools[i];
        const xtune_pool_scheduling *wanted = wanted_of(policy, pool->name);

        if (!pool->was && wanted)
            pool->scheduling = xt_plan_new_pool_scheduling(
                plan, layout->host, pool->name, pool->scheduler, wanted);
    }
}

static void add_pools(xtune_plan *plan, const xtune_policy *policy,
                      const xt_layout *layout, const xtune_host *then)
{
    const xtune_cpupool *pool;
    size_t i, k;

    for (i = 0; i < policy->nr_pools; i++) {
        const xtune_wanted_pool *wanted = &policy->pools[i];

        /* A record beats it. */
        for (k = 0; k < policy->nr_pool_records; k++)
            if (!strcmp(policy->pool_records[k].name, wanted->name)) break;
        pool = pool_then(then, wanted->name);
        if (k == policy->nr_pool_records && pool)
            add_pool_scheduling(plan, layout, pool, &wanted->scheduling);
    }
    for (k = 0; k < policy->nr_pool_records; k++) {
        pool = xtune_host_cpupool(then, policy->pool_records[k].name);
        if (pool)
            add_pool_scheduling(plan, layout, pool,
                                &policy->pool_records[k].scheduling);
    }
}

void xt_plan_add_wanted_scheduling(xtune_plan *plan,
                                   const xtune_plan_request *request,
                                   const xt_layout *layout,
                                   const xtune_host *then)
{
    size_t i, nr;

    if (!request->only) add_pools(plan, request->policy, layout, then);
    for (i = 0; i < then->nr_domains; i++) {
        const xtune_wanted_scheduling *wanted;

        if ((request->only && !request->only[i]) || changes_pool(layout, i) ||
            !xt_layout_counts(layout, i))
            continue;
        wanted = xtune_policy_scheduling(request->policy, layout->host,
                                         &layout->host->domains[i], &nr);
        xt_plan_add_scheduling(plan, then, &then->domains[i], wanted, nr);
    }
}
