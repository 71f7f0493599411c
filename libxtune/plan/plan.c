/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The difference between a host and what a policy wants of it. */
#include <xtune/plan.h>

#include <string.h>

#include "base/util.h"
#include "plan/builder.h"

#define NOT_DONE "this version of xltune does not do it"

/* What policies may ask of the host that no action does yet. */
static void add_host_wishes(xtune_plan *plan, const xtune_host *host,
                            const xtune_policy *policy)
{
    size_t i;

    if (policy->dom0_memory)
        xt_plan_add_blocked(plan, "dom0-memory", "Domain-0",
                            policy->dom0_memory, NOT_DONE);
    if (policy->dom0_vcpus)
        xt_plan_add_blocked(plan, "dom0-vcpus", "Domain-0",
                            policy->dom0_vcpus, NOT_DONE);
    if (policy->split_numa && host->nr_nodes > 1)
        xt_plan_add_blocked(plan, "cpupool-split", "host", "numa", NOT_DONE);
    for (i = 0; i < policy->nr_pools; i++)
        if (!xtune_host_cpupool(host, policy->pools[i].name))
            xt_plan_add_blocked(plan, "cpupool", policy->pools[i].name,
                                policy->pools[i].cpus, NOT_DONE);
}

static bool is_in_pool(const xtune_domain *domain, const char *pool)
{
    return domain->cpupool && !strcmp(domain->cpupool, pool);
}

/* Memory that placing the vCPUs leaves remote. */
static bool stays_remote(const xtune_host *host, const xtune_placed *placed)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_set nodes = xtune_domain_run_nodes(
        arena, host, placed->domain, placed->hard, placed->soft);
    uint64_t local_kb, total_kb;

    return xtune_domain_local_kb(host, placed->domain, &nodes, &local_kb,
                                 &total_kb) &&
        total_kb - local_kb > total_kb / 64;
}

static void add_domain(xtune_plan *plan, const xtune_host *host,
                       const xtune_placed *placed)
{
    const xtune_domain *domain = placed->domain;
    const xtune_rule *rule = placed->rule;
    size_t i;

    if (rule && rule->cpupool && !is_in_pool(domain, rule->cpupool))
        xt_plan_add_blocked(plan, "domain-cpupool", domain->name,
                            rule->cpupool, NOT_DONE);
    if (placed->blocked)
        xt_plan_add_blocked(plan, "vcpu-affinity", domain->name, NULL,
                            placed->blocked);
    if (rule && rule->memory == XTUNE_MEMORY_FOLLOW &&
        rule->placement != XTUNE_PLACE_NONE && stays_remote(host, placed))
        xt_plan_add_blocked(plan, "rehome", domain->name,
                            xtune_set_format_ids(plan->arena,
                                                 &placed->nodes), NOT_DONE);
    for (i = 0; placed->hard && i < domain->nr_vcpus; i++)
        xt_plan_add_affinity(plan, domain, &domain->vcpus[i],
                             &placed->hard[i], &placed->soft[i],
                             placed->reason);
}

int xtune_plan_make(const xtune_host *host, const xtune_policy *policy,
                    xtune_plan **plan_r, xtune_error **err)
{
    xtune_placement *placement;
    xtune_plan *plan;
    xt_masks *masks;
    size_t i;
    int rc;

    rc = xtune_place(host, policy, &placement, err);
    if (rc) return rc;
    plan = xt_plan_new();
    masks = XTUNE_NEW_ARRAY(plan->arena, xt_masks, host->nr_domains);
    add_host_wishes(plan, host, policy);
    for (i = 0; i < placement->nr_domains; i++) {
        const xtune_placed *placed = &placement->domains[i];

        masks[i] = (xt_masks){ placed->hard, placed->soft };
        add_domain(plan, host, placed);
    }
    xt_plan_summarize(plan, host, masks);
    xtune_placement_free(placement);
    *plan_r = plan;
    return 0;
}
