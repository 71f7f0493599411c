/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The difference between a host and what a policy wants of it. */
#include <xtune/plan.h>

#include <string.h>

#include "base/util.h"
#include "plan/builder.h"

#define NOT_DONE "this version of xltune does not do it"

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

/* What policies may ask of the host that no action does yet. */
static int add_host_wishes(xtune_plan *plan, const xtune_host *host,
                           const xtune_policy *policy, xtune_error **err)
{
    bool ok;
    size_t i;
    int rc;

    if (policy->dom0_memory)
        xt_plan_add_blocked(plan, "dom0-memory", "Domain-0",
                            policy->dom0_memory, NOT_DONE);
    if (policy->dom0_vcpus)
        xt_plan_add_blocked(plan, "dom0-vcpus", "Domain-0", policy->dom0_vcpus,
                            NOT_DONE);
    if (policy->split_numa && !is_split(host))
        xt_plan_add_blocked(plan, "cpupool-split", "host", "numa", NOT_DONE);
    for (i = 0; i < policy->nr_pools; i++) {
        rc = check_pool(host, &policy->pools[i], &ok, err);
        if (rc) return rc;
        if (!ok)
            xt_plan_add_blocked(plan, "cpupool", policy->pools[i].name,
                                policy->pools[i].cpus, NOT_DONE);
    }
    return 0;
}

static bool is_in_pool(const xtune_domain *domain, const char *pool)
{
    return domain->cpupool && !strcmp(domain->cpupool, pool);
}

/* Memory that placing the vCPUs leaves remote. */
static bool stays_remote(const xtune_host *host, const xtune_placed *placed)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_set nodes = xtune_domain_run_nodes(arena, host, placed->domain,
                                                   placed->hard, placed->soft);
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
                            xtune_set_format_ids(plan->arena, &placed->nodes),
                            NOT_DONE);
    for (i = 0; placed->hard && i < domain->nr_vcpus; i++)
        xt_plan_add_affinity(plan, domain, &domain->vcpus[i], &placed->hard[i],
                             &placed->soft[i], placed->reason);
}

int xtune_plan_make(const xtune_host *host, const xtune_policy *policy,
                    xtune_plan **plan_r, xtune_error **err)
{
    xtune_placement *placement;
    xtune_plan *plan;
    xt_masks *masks;
    size_t i;
    int rc;

    rc = xtune_place(&(xtune_place_request){ .host = host, .policy = policy },
                     &placement, err);
    if (rc) return rc;
    plan = xt_plan_new();
    masks = XTUNE_NEW_ARRAY(plan->arena, xt_masks, host->nr_domains);
    rc = add_host_wishes(plan, host, policy, err);
    if (rc) {
        xtune_plan_free(plan);
        xtune_placement_free(placement);
        return rc;
    }
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
