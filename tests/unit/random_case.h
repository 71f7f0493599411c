/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is asked of the placement, by chance: a host, a policy, newcomers. */
#ifndef RANDOM_CASE_H
#define RANDOM_CASE_H

#include <xtune/place.h>

#include "random_host.h"

typedef struct random_case {
    uint64_t seed;
    xtune_host *host;
    xtune_arena *arena; /* the host's: owns what follows as well */
    xtune_policy *policy;
    xtune_domain *newcomers;
    size_t nr_newcomers;
    unsigned int flags; /* XTUNE_PLACE_* */
} random_case;

/* Policies. */

/* Some of the host's nodes, at least one. */
static inline xtune_set random_nodes(rng *r, const xtune_host *host)
{
    xtune_set nodes = xtune_set_new(host->arena, host->nr_node_ids);
    unsigned int nr = 1 + rng_pick(r, 3);

    while (nr--)
        xtune_set_add(&nodes, random_member(r, &host->node_ids));
    return nodes;
}

static inline const char *random_match(rng *r, const xtune_host *host)
{
    static const char *const matches[] = {
        "*",       "*",           "*",        "name:d*", "name:n*",
        "name:?1", "name:?[0-4]", "type:hvm", "type:pv", "name:Domain-0",
    };
    const size_t nr = host->nr_domains;

    if (nr && rng_chance(r, 20))
        return xtune_arena_printf(
            host->arena, "name:%s",
            host->domains[rng_pick(r, (unsigned int)nr)].name);
    return matches[rng_pick(r, XT_ARRAY_SIZE(matches))];
}

static inline void fill_random_rule(rng *r, const xtune_host *host,
                                    xtune_rule *rule, unsigned int line)
{
    static const unsigned char placements[] = { 5, 70, 25 };
    static const unsigned char pins[] = { 60, 34, 6 };
    const xtune_source source = { "p.xml", line };
    xtune_set nodes;

    *rule = (xtune_rule){
        .source = source,
        .match = random_match(r, host),
        .has_numa = true,
        .placement = rng_weighted(r, placements),
        .numa_source = source,
        .mode = rng_pick(r, 2),
        .memory = rng_pick(r, 2),
        .has_vcpus = true,
        .vcpus_source = source,
        .pin = rng_weighted(r, pins),
        .smt = rng_pick(r, 3),
        .has_devices = rng_chance(r, 70),
        .devices_source = source,
    };
    if (rule->has_devices) rule->devices = rng_pick(r, 3);
    if (rule->placement == XTUNE_PLACE_NODES) {
        nodes = random_nodes(r, host);
        rule->nodes = xtune_set_format_ids(host->arena, &nodes);
    }
    if (rng_chance(r, 8)) rule->cpupool = random_pool(r, host)->name;
}

static inline xtune_policy *random_policy(rng *r, const xtune_host *host)
{
    static const unsigned char rule_counts[] = { 5, 45, 30, 15, 5 };
    static const unsigned char headrooms[] = { 0, 1, 10, 20, 50, 99, 100 };
    xtune_policy *policy = XTUNE_NEW(host->arena, xtune_policy);
    size_t i;

    policy->name = "p";
    policy->nr_rules = rng_weighted(r, rule_counts);
    policy->rules = XTUNE_NEW_ARRAY(host->arena, xtune_rule, policy->nr_rules);
    for (i = 0; i < policy->nr_rules; i++)
        fill_random_rule(r, host, &policy->rules[i], (unsigned int)i + 2);
    if (rng_chance(r, 35)) {
        policy->has_headroom = true;
        policy->headroom_pct =
            headrooms[rng_pick(r, XT_ARRAY_SIZE(headrooms))];
    }
    return policy;
}

/* Newcomers. */

/* From a few KiB to more than the host has. */
static inline uint64_t random_size_kb(rng *r, const xtune_host *host)
{
    static const unsigned char weights[] = { 45, 30, 15, 6, 4 };
    uint64_t largest = 0, total = 0;
    size_t i;

    for (i = 0; i < host->nr_nodes; i++) {
        const uint64_t size = host->nodes[i].memory_kb;

        total += size;
        if (size > largest) largest = size;
    }
    switch (rng_weighted(r, weights)) {
    case 0: return 1 + rng_below(r, 1 + largest / 8);
    case 1: return 1 + rng_below(r, 1 + largest / 2);
    case 2: return 1 + rng_below(r, 1 + largest + largest / 2);
    case 3: return 1 + rng_below(r, 1 + total);
    default: return 1 + rng_below(r, 1 + total * 2);
    }
}

static inline void fill_random_newcomer(rng *r, xtune_host *host,
                                        const random_limits *limits,
                                        xtune_domain *domain,
                                        unsigned int number, bool *taken)
{
    const xtune_cpupool *pool = &host->cpupools[0];
    unsigned int nr_vcpus = 1 + rng_pick(r, limits->vcpus);

    *domain = (xtune_domain){
        .id = XTUNE_NONE,
        .shutdown_reason = XTUNE_NONE,
    };
    if (rng_chance(r, 60)) {
        pool = random_pool(r, host);
        domain->cpupool = pool->name;
    }
    if (rng_chance(r, 3)) nr_vcpus *= 16;
    name_domain(domain, host->arena, "n", number);
    domain->memory_kb = domain->max_memory_kb = random_size_kb(r, host);
    give_random_shares(r, domain);
    add_random_vcpus(r, host, &pool->cpus, domain, nr_vcpus);
    give_random_devices(r, host, domain, taken);
}

static inline void random_case_fill(random_case *c, rng *r,
                                    const random_limits *limits)
{
    bool *taken;
    size_t i;

    *c = (random_case){ .seed = r->state };
    c->host = random_host(r, limits, &taken);
    c->arena = c->host->arena;
    if (rng_chance(r, 95)) c->policy = random_policy(r, c->host);
    c->nr_newcomers = rng_pick(r, limits->newcomers + 1);
    c->newcomers = XTUNE_NEW_ARRAY(c->arena, xtune_domain, c->nr_newcomers);
    for (i = 0; i < c->nr_newcomers; i++)
        fill_random_newcomer(r, c->host, limits, &c->newcomers[i],
                             (unsigned int)i, taken);
    if (rng_chance(r, 40)) c->flags |= XTUNE_PLACE_MOVE_MEMORY;
    if (rng_chance(r, 20)) c->flags |= XTUNE_PLACE_KEEP_RUNNING;
}

static inline void random_case_make(random_case *c, uint64_t seed,
                                    const random_limits *limits)
{
    rng r = { .state = seed };

    random_case_fill(c, &r, limits);
}

static inline xtune_place_request random_case_request(const random_case *c)
{
    return (xtune_place_request){
        .host = c->host,
        .policy = c->policy,
        .newcomers = c->newcomers,
        .nr_newcomers = c->nr_newcomers,
        .flags = c->flags,
    };
}

#endif
