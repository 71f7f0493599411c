/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/host_wishes.h"

#include <string.h>

#include "base/util.h"
#include "plan/builder.h"

static bool has_pool_of(const xtune_host *host, const xtune_set *cpus)
{
    size_t i;

    for (i = 0; i < host->nr_cpupools; i++)
        if (xtune_set_equal(&host->cpupools[i].cpus, cpus)) return true;
    return false;
}

/* A pool for each node that has CPUs. */
static bool is_split(const xtune_host *host)
{
    unsigned int id;

    xtune_set_for_each(
        id, &host->node_ids) if (!xtune_set_is_empty(&host->node_cpus[id]) &&
                                 !has_pool_of(
                                     host, &host->node_cpus[id])) return false;
    return true;
}

/* Whether a pool is there as it is wanted. */
static int check_pool(const xtune_host *host, const xtune_wanted_pool *wanted,
                      bool *ok_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_cpupool *pool = xtune_host_cpupool(host, wanted->name);
    const xtune_set_names names = xtune_host_cpu_names(host);
    xtune_set cpus;
    int rc;

    *ok_r = pool && (!wanted->scheduler || !pool->scheduler ||
                     !strcmp(wanted->scheduler, pool->scheduler));
    if (!wanted->cpus) return 0;
    rc = xtune_set_parse(arena, &names,
                         xtune_source_text(arena, wanted->source),
                         wanted->cpus, &cpus, err);
    if (rc) return rc;
    xtune_set_and(&cpus, &host->cpu_ids);
    *ok_r = *ok_r && xtune_set_equal(&cpus, &pool->cpus);
    return 0;
}

int xt_plan_add_host_wishes(xtune_plan *plan, const xtune_host *host,
                            const xtune_policy *policy, xtune_error **err)
{
    bool ok;
    size_t i;
    int rc;

    if (policy->dom0_memory)
        xt_plan_add_blocked(plan, "dom0-memory", "Domain-0",
                            policy->dom0_memory, XT_NOT_DONE);
    if (policy->dom0_vcpus)
        xt_plan_add_blocked(plan, "dom0-vcpus", "Domain-0", policy->dom0_vcpus,
                            XT_NOT_DONE);
    if (policy->split_numa && !is_split(host))
        xt_plan_add_blocked(plan, "cpupool-split", "host", "numa",
                            XT_NOT_DONE);
    for (i = 0; i < policy->nr_pools; i++) {
        rc = check_pool(host, &policy->pools[i], &ok, err);
        if (rc) return rc;
        if (!ok)
            xt_plan_add_blocked(plan, "cpupool", policy->pools[i].name,
                                policy->pools[i].cpus, XT_NOT_DONE);
    }
    return 0;
}

bool xt_plan_is_in_pool(const xtune_domain *domain, const char *pool)
{
    return domain->cpupool && !strcmp(domain->cpupool, pool);
}
