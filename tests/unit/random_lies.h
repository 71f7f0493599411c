/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cases in which the host, or what is asked, is not what it can be. */
#ifndef RANDOM_LIES_H
#define RANDOM_LIES_H

#include "random_case.h"

static inline xtune_domain *random_domain(rng *r, random_case *c)
{
    const uint64_t nr = c->host->nr_domains + c->nr_newcomers;
    const uint64_t which = rng_below(r, nr);

    if (!nr) return NULL;
    return which < c->host->nr_domains
               ? &c->host->domains[which]
               : &c->newcomers[which - c->host->nr_domains];
}

static inline uint64_t random_huge(rng *r)
{
    static const uint64_t sizes[] = {
        UINT64_MAX,        UINT64_MAX - 1,    UINT64_MAX / 2 + 1,
        UINT64_MAX / 2,    UINT64_MAX / 10,   UINT64_MAX / 256,
        UINT64_C(1) << 54, UINT64_C(1) << 40, UINT64_C(1) << 32,
    };

    return sizes[rng_pick(r, XT_ARRAY_SIZE(sizes))];
}

/* Topologies. */

static inline void lie_distances(rng *r, random_case *c)
{
    static const uint32_t odd[] = {
        0, 1, 9, 10, 255, 256, UINT32_MAX - 1, XTUNE_NONE
    };
    size_t i;
    unsigned int id;

    for (i = 0; i < c->host->nr_nodes; i++)
        for (id = 0; c->host->nodes[i].distances && id < c->host->nr_node_ids;
             id++)
            c->host->nodes[i].distances[id] =
                odd[rng_pick(r, XT_ARRAY_SIZE(odd))];
}

static inline void lie_free_memory(rng *r, random_case *c)
{
    size_t i;

    for (i = 0; i < c->host->nr_nodes; i++) {
        xtune_node *node = &c->host->nodes[i];

        if (rng_chance(r, 30)) node->memory_kb = random_huge(r);
        if (rng_chance(r, 50))
            node->free_kb =
                rng_chance(r, 50) ? random_huge(r) : node->memory_kb + 1;
    }
}

static inline void lie_no_nodes(rng *r, random_case *c)
{
    size_t i;

    (void)r;
    c->host->xen.max_cpu_id = c->host->nr_cpu_ids - 1;
    c->host->nr_nodes = 0;
    for (i = 0; i < c->host->nr_cpus; i++)
        c->host->cpus[i].node = XTUNE_NONE;
    for (i = 0; i < c->host->nr_pci; i++)
        c->host->pci[i].node = XTUNE_NONE;
    xtune_host_index(c->host);
}

static inline void lie_no_cpus(rng *r, random_case *c)
{
    size_t i;

    (void)r;
    c->host->xen.max_cpu_id = c->host->nr_cpu_ids - 1;
    c->host->nr_cpus = 0;
    for (i = 0; i < c->host->nr_cpupools; i++)
        c->host->cpupools[i].cpus =
            xtune_set_new(c->arena, c->host->nr_cpu_ids);
    xtune_host_index(c->host);
}

static inline void lie_cpus_without_node(rng *r, random_case *c)
{
    const unsigned int percent = rng_chance(r, 20) ? 100 : 40;
    size_t i;

    for (i = 0; i < c->host->nr_cpus; i++)
        if (rng_chance(r, percent)) c->host->cpus[i].node = XTUNE_NONE;
    c->host->xen.max_cpu_id = c->host->nr_cpu_ids - 1;
    xtune_host_index(c->host);
}

static inline void lie_cores(rng *r, random_case *c)
{
    size_t i;

    for (i = 0; i < c->host->nr_cpus; i++) {
        c->host->cpus[i].core =
            rng_chance(r, 30) ? XTUNE_NONE : rng_pick(r, 3);
        c->host->cpus[i].socket =
            rng_chance(r, 30) ? XTUNE_NONE : rng_pick(r, 2);
    }
}

static inline void lie_devices(rng *r, random_case *c)
{
    size_t i;

    for (i = 0; i < c->host->nr_pci; i++)
        if (rng_chance(r, 50))
            c->host->pci[i].node = rng_chance(r, 50) ? 63 : 1000000;
}

/* Pools. */

static inline void lie_node_in_no_pool(rng *r, random_case *c)
{
    const xtune_host *host = c->host;
    size_t i;
    unsigned int id;

    if (!host->nr_nodes) return;
    id = random_member(r, &host->node_ids);
    for (i = 0; i < host->nr_cpupools; i++)
        xtune_set_andnot(&host->cpupools[i].cpus, &host->node_cpus[id]);
}

static inline void lie_empty_pool(rng *r, random_case *c)
{
    const unsigned int nr = (unsigned int)c->host->nr_cpupools;

    if (!nr) return;
    c->host->cpupools[rng_pick(r, nr)].cpus =
        xtune_set_new(c->arena, c->host->nr_cpu_ids);
}

static inline void lie_no_pools(rng *r, random_case *c)
{
    (void)r;
    c->host->nr_cpupools = 0;
}

static inline void lie_unknown_pool(rng *r, random_case *c)
{
    xtune_domain *domain = random_domain(r, c);

    if (domain) domain->cpupool = rng_chance(r, 50) ? NULL : "elsewhere";
    if (c->policy && c->policy->nr_rules)
        c->policy->rules[0].cpupool = "elsewhere";
}

/* Domains. */

static inline void lie_no_vcpus(rng *r, random_case *c)
{
    xtune_domain *domain = random_domain(r, c);

    if (!domain) return;
    domain->nr_vcpus = 0;
    domain->online_vcpus = 0;
    if (rng_chance(r, 50)) domain->vcpus = NULL;
}

static inline void lie_all_offline(rng *r, random_case *c)
{
    xtune_domain *domain = random_domain(r, c);
    size_t i;

    for (i = 0; domain && i < domain->nr_vcpus; i++)
        domain->vcpus[i].online = false;
    if (domain) domain->online_vcpus = 0;
}

static inline void lie_many_vcpus(rng *r, random_case *c)
{
    xtune_domain *domain = random_domain(r, c);
    xtune_vcpu one;
    unsigned int i;

    if (!domain || !domain->nr_vcpus) return;
    one = domain->vcpus[0];
    domain->vcpus = XTUNE_NEW_ARRAY(c->arena, xtune_vcpu, XTUNE_MAX_VCPUS);
    domain->nr_vcpus = domain->online_vcpus = XTUNE_MAX_VCPUS;
    for (i = 0; i < XTUNE_MAX_VCPUS; i++) {
        domain->vcpus[i] = one;
        domain->vcpus[i].id = i;
        domain->vcpus[i].online = true;
    }
}

static inline void lie_masks(rng *r, random_case *c)
{
    xtune_domain *domain = random_domain(r, c);
    const xtune_set none = xtune_set_new(c->arena, c->host->nr_cpu_ids);
    size_t i;

    for (i = 0; domain && i < domain->nr_vcpus; i++) {
        if (rng_chance(r, 50)) domain->vcpus[i].hard = none;
        if (rng_chance(r, 50)) domain->vcpus[i].soft = none;
    }
}

static inline void lie_memory(rng *r, random_case *c)
{
    xtune_domain *domain = random_domain(r, c);
    unsigned int id;

    if (!domain) return;
    domain->memory_kb = rng_chance(r, 40) ? 0 : random_huge(r);
    for (id = 0; domain->memory_by_node_kb && id < c->host->nr_node_ids; id++)
        if (rng_chance(r, 50))
            domain->memory_by_node_kb[id] =
                rng_chance(r, 30) ? 0 : random_huge(r);
}

static inline void lie_claims(rng *r, random_case *c)
{
    xtune_domain *domain = random_domain(r, c);

    if (domain) domain->outstanding_kb = random_huge(r);
}

static inline void lie_shares(rng *r, random_case *c)
{
    xtune_domain *domain = random_domain(r, c);

    if (!domain) return;
    domain->weight = rng_chance(r, 50) ? UINT32_MAX : 65535;
    domain->cap = rng_chance(r, 50) ? UINT32_MAX : 1;
}

static inline void lie_rule_nodes(rng *r, random_case *c)
{
    static const char *const lists[] = { "63", "0-63", "all", "all,^0" };
    size_t i;

    for (i = 0; c->policy && i < c->policy->nr_rules; i++)
        if (c->policy->rules[i].nodes && rng_chance(r, 30))
            c->policy->rules[i].nodes =
                lists[rng_pick(r, XT_ARRAY_SIZE(lists))];
}

static inline void random_case_spoil(random_case *c, rng *r)
{
    static void (*const lies[])(rng *, random_case *) = {
        lie_distances,   lie_free_memory,     lie_no_nodes,
        lie_no_cpus,     lie_cores,           lie_cpus_without_node,
        lie_devices,     lie_node_in_no_pool, lie_empty_pool,
        lie_no_pools,    lie_unknown_pool,    lie_no_vcpus,
        lie_all_offline, lie_many_vcpus,      lie_masks,
        lie_memory,      lie_memory,          lie_claims,
        lie_shares,      lie_rule_nodes,
    };
    unsigned int nr = 1 + rng_pick(r, 4);

    while (nr--)
        lies[rng_pick(r, XT_ARRAY_SIZE(lies))](r, c);
}

static inline void random_lie_make(random_case *c, uint64_t seed,
                                   const random_limits *limits)
{
    rng r = { .state = seed + 3 };

    random_case_make(c, seed, limits);
    random_case_spoil(c, &r);
}

#endif
