/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hosts by chance, the same for the same seed: topologies, CPU pools, devices
 * and running domains, as odd as firmware and people make them. What is made
 * here passes xtune_host_check().
 */
#ifndef RANDOM_HOST_H
#define RANDOM_HOST_H

#include <stdio.h>
#include <string.h>

#include <xtune/host.h>

#include "base/util.h"
#include "host/pci_device.h"

/* splitmix64; before that the bytes given, so that a fuzzer steers it. */
typedef struct rng {
    uint64_t state;
    const unsigned char *bytes;
    size_t nr_bytes;
} rng;

static inline uint64_t rng_next(rng *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

    if (r->nr_bytes >= 2) {
        r->nr_bytes -= 2;
        r->bytes += 2;
        return (uint64_t)r->bytes[-2] << 8 | r->bytes[-1];
    }
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* 0 to n - 1; 0 where n is 0. */
static inline uint64_t rng_below(rng *r, uint64_t n)
{
    return n ? rng_next(r) % n : 0;
}

static inline unsigned int rng_pick(rng *r, unsigned int n)
{
    return (unsigned int)rng_below(r, n);
}

static inline bool rng_chance(rng *r, unsigned int percent)
{
    return rng_below(r, 100) < percent;
}

/* The index of one of the weights, which sum up to 100. */
static inline size_t rng_weighted(rng *r, const unsigned char *weights)
{
    uint64_t left = rng_below(r, 100);
    size_t i = 0;

    while (left >= weights[i])
        left -= weights[i++];
    return i;
}

/* An order of 0 to n - 1, in the arena. */
static inline unsigned int *rng_order(rng *r, xtune_arena *arena, size_t n)
{
    unsigned int *order = XTUNE_NEW_ARRAY(arena, unsigned int, n);
    size_t i, j;

    for (i = 0; i < n; i++) {
        j = rng_below(r, i + 1);
        order[i] = order[j];
        order[j] = (unsigned int)i;
    }
    return order;
}

typedef struct random_limits {
    unsigned int nodes, cores; /* of a node */
    unsigned int domains, newcomers, vcpus;
    bool may_be_large; /* now and then as many nodes as there may be */
} random_limits;

/* A member of a set that is not empty. */
static inline unsigned int random_member(rng *r, const xtune_set *set)
{
    unsigned int nth = rng_pick(r, xtune_set_count(set)), id;

    for (id = xtune_set_next(set, 0); nth; nth--)
        id = xtune_set_next(set, id + 1);
    return id;
}

/* Nodes. */

enum random_distances {
    DISTANCES_EQUAL,
    DISTANCES_SYMMETRIC,
    DISTANCES_ASYMMETRIC,
    DISTANCES_ODD,
    DISTANCES_NONE,
};

static inline uint32_t random_distance(rng *r, enum random_distances kind)
{
    static const uint32_t odd[] = { 0, 9, 10, 254, 255, 256, XTUNE_NONE };

    if (kind == DISTANCES_EQUAL) return 20;
    if (kind == DISTANCES_ODD && rng_chance(r, 40))
        return odd[rng_pick(r, XT_ARRAY_SIZE(odd))];
    return 11 + rng_pick(r, 30);
}

static inline void add_random_distances(rng *r, xtune_host *host)
{
    static const unsigned char weights[] = { 25, 45, 10, 12, 8 };
    const enum random_distances kind = rng_weighted(r, weights);
    const unsigned int nr_ids = host->nodes[host->nr_nodes - 1].id + 1;
    size_t i, j;

    if (kind == DISTANCES_NONE) return;
    for (i = 0; i < host->nr_nodes; i++) {
        xtune_node *node = &host->nodes[i];

        node->nr_distances = nr_ids;
        node->distances = XTUNE_NEW_ARRAY(host->arena, uint32_t, nr_ids);
        for (j = 0; j < nr_ids; j++)
            node->distances[j] = XTUNE_NONE;
        for (j = 0; j <= i; j++) {
            const uint32_t there = random_distance(r, kind);
            const uint32_t back = kind == DISTANCES_ASYMMETRIC
                                      ? random_distance(r, kind)
                                      : there;

            node->distances[host->nodes[j].id] = j == i ? 10 : there;
            if (j < i) host->nodes[j].distances[node->id] = back;
        }
    }
}

static inline void add_random_nodes(rng *r, xtune_host *host,
                                    const random_limits *limits)
{
    const bool sparse = rng_chance(r, 25), alike = rng_chance(r, 50);
    uint64_t size_kb = 0;
    unsigned int nr = 1 + rng_pick(r, limits->nodes), id = 0;

    if (limits->may_be_large && rng_chance(r, 2))
        nr = 9 + rng_pick(r, XTUNE_MAX_NODES - 8);
    host->nodes = XTUNE_NEW_ARRAY(host->arena, xtune_node, nr);
    for (; host->nr_nodes < nr && id < XTUNE_MAX_NODES; id++) {
        if (sparse && rng_chance(r, 30)) continue;
        if (!size_kb || !alike) size_kb = 1 + rng_below(r, 64 << 20);
        host->nodes[host->nr_nodes++] = (xtune_node){
            .id = id,
            .memory_kb = rng_chance(r, 6) ? 0 : size_kb,
        };
    }
    if (!host->nr_nodes)
        host->nodes[host->nr_nodes++] = (xtune_node){ .memory_kb = 1 << 20 };
    add_random_distances(r, host);
}

/* CPUs. */

/* Those of one node, without ids. */
static inline void add_random_cores(rng *r, xtune_host *host, uint32_t node,
                                    unsigned int nr_cores,
                                    unsigned int threads)
{
    const unsigned int nodes_a_socket = 2;
    const bool shared = host->nodes[0].memory_kb % 2;
    unsigned int core, thread;

    for (core = 0; core < nr_cores; core++)
        for (thread = 0; thread < threads; thread++) {
            if (thread && rng_chance(r, 1)) continue;
            host->cpus = xtune_arena_grow(host->arena, host->cpus,
                                          host->nr_cpus, sizeof(*host->cpus));
            host->cpus[host->nr_cpus++] = (xtune_cpu){
                .id = thread,
                .node = node,
                .socket = shared ? node / nodes_a_socket : node,
                .core = shared ? node % nodes_a_socket * 64 + core : core,
            };
        }
}

static inline int compare_threads(const void *a, const void *b)
{
    const xtune_cpu *x = a, *y = b;

    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    if (x->node != y->node) return x->node < y->node ? -1 : 1;
    return x->core < y->core ? -1 : x->core > y->core;
}

/* Numbers them: core by core, all first threads first, or in any order; with
 * holes. */
static inline void number_random_cpus(rng *r, xtune_host *host)
{
    const unsigned int style = rng_pick(r, 3);
    const bool sparse = rng_chance(r, 20);
    unsigned int *order = rng_order(r, host->arena, host->nr_cpus);
    unsigned int id = 0;
    size_t i;

    if (style == 1)
        qsort(host->cpus, host->nr_cpus, sizeof(*host->cpus), compare_threads);
    for (i = 0; style == 2 && i < host->nr_cpus; i++) {
        const xtune_cpu cpu = host->cpus[i];

        host->cpus[i] = host->cpus[order[i]];
        host->cpus[order[i]] = cpu;
    }
    for (i = 0; i < host->nr_cpus; i++) {
        if (sparse) id += rng_pick(r, 3);
        host->cpus[i].id = id++;
    }
    if (rng_chance(r, 20)) host->xen.max_cpu_id = id - 1 + rng_pick(r, 4);
}

static inline void add_random_cpus(rng *r, xtune_host *host,
                                   const random_limits *limits)
{
    static const unsigned char threads_of[] = { 1, 2, 2, 4 };
    const unsigned int threads = threads_of[rng_pick(r, 4)];
    const bool alike = rng_chance(r, 50);
    unsigned int nr_cores = 1 + rng_pick(r, limits->cores);
    size_t i;

    for (i = 0; i < host->nr_nodes; i++) {
        if (!alike) nr_cores = 1 + rng_pick(r, limits->cores);
        if (rng_chance(r, 88))
            add_random_cores(r, host, host->nodes[i].id, nr_cores, threads);
    }
    if (!host->nr_cpus)
        add_random_cores(r, host, host->nodes[0].id, nr_cores, threads);
    if (rng_chance(r, 3))
        host->cpus[rng_pick(r, (unsigned int)host->nr_cpus)].node = XTUNE_NONE;
    number_random_cpus(r, host);
}

/* Pools. */

/* Which pool a CPU is in; beyond the last for none. */
static inline unsigned int random_pool_of(rng *r, const xtune_host *host,
                                          const xtune_cpu *cpu,
                                          unsigned int style)
{
    const unsigned int nr = (unsigned int)host->nr_cpupools;

    switch (style) {
    case 0: return 0;
    case 1: return cpu->node == XTUNE_NONE ? 0 : cpu->node % nr;
    case 2: return rng_pick(r, nr);
    default: return rng_chance(r, 80) ? 0 : nr;
    }
}

static inline void add_random_pools(rng *r, xtune_host *host)
{
    static const unsigned char weights[] = { 60, 20, 10, 10 };
    const unsigned int style = (unsigned int)rng_weighted(r, weights);
    size_t i;

    host->nr_cpupools = style == 1 || style == 2 ? 2 + rng_pick(r, 2) : 1;
    host->cpupools =
        XTUNE_NEW_ARRAY(host->arena, xtune_cpupool, host->nr_cpupools);
    for (i = 0; i < host->nr_cpupools; i++)
        host->cpupools[i] = (xtune_cpupool){
            .scheduling = { XTUNE_NONE, XTUNE_NONE, XTUNE_NONE },
            .id = (uint32_t)i,
            .name = xtune_arena_printf(host->arena, "Pool-%zu", i),
            .scheduler = "credit2",
            .cpus = xtune_set_new(host->arena, host->nr_cpu_ids),
        };
    for (i = 0; i < host->nr_cpus; i++) {
        const xtune_cpu *cpu = &host->cpus[i];
        const unsigned int pool = random_pool_of(r, host, cpu, style);

        if (pool < host->nr_cpupools)
            xtune_set_add(&host->cpupools[pool].cpus, cpu->id);
    }
    if (!xtune_set_is_empty(&host->cpupools[0].cpus)) return;
    for (i = 1; i < host->nr_cpupools; i++)
        xtune_set_remove(&host->cpupools[i].cpus, host->cpus[0].id);
    xtune_set_add(&host->cpupools[0].cpus, host->cpus[0].id);
}

/* One that has CPUs. */
static inline const xtune_cpupool *random_pool(rng *r, const xtune_host *host)
{
    const xtune_cpupool *pool =
        &host->cpupools[rng_pick(r, (unsigned int)host->nr_cpupools)];

    return xtune_set_is_empty(&pool->cpus) ? &host->cpupools[0] : pool;
}

/* Devices: addresses ascend. */

static inline void add_random_devices(rng *r, xtune_host *host)
{
    const unsigned int nr = rng_pick(r, 8);
    unsigned int i;

    host->has_pci_topology = true;
    host->pci = XTUNE_NEW_ARRAY(host->arena, xtune_pci, nr);
    for (i = 0; i < nr; i++) {
        xtune_pci *pci = &host->pci[host->nr_pci++];

        *pci = xt_pci_unknown(
            xtune_arena_printf(host->arena, "0000:%02x:00.0", i));
        if (!rng_chance(r, 25)) pci->node = random_member(r, &host->node_ids);
        pci->assignable = true;
    }
}

/* Gives the domain devices that nobody has yet. */
static inline void give_random_devices(rng *r, xtune_host *host,
                                       xtune_domain *domain, bool *taken)
{
    size_t i;

    domain->pci = XTUNE_NEW_ARRAY(host->arena, const char *, host->nr_pci);
    if (!rng_chance(r, 25)) return;
    for (i = 0; i < host->nr_pci; i++) {
        if (taken[i] || rng_chance(r, 60)) continue;
        taken[i] = true;
        domain->pci[domain->nr_pci++] = host->pci[i].address;
    }
}

/* vCPUs and their masks. */

enum random_mask { MASK_ALL, MASK_NODE, MASK_SOME, MASK_ONE };

/* A mask with a CPU of the pool. */
static inline xtune_set random_mask(rng *r, const xtune_host *host,
                                    const xtune_set *pool,
                                    enum random_mask style)
{
    xtune_set mask = xtune_set_new(host->arena, host->nr_cpu_ids);
    unsigned int id;

    switch (style) {
    case MASK_NODE:
        id = random_member(r, &host->node_ids);
        xtune_set_or(&mask, &host->node_cpus[id]);
        break;
    case MASK_SOME:
        xtune_set_for_each(id, pool) if (rng_chance(r, 50))
            xtune_set_add(&mask, id);
        break;
    case MASK_ONE: xtune_set_add(&mask, random_member(r, pool)); break;
    case MASK_ALL: break;
    }
    if (xtune_set_intersects(&mask, pool)) return mask;
    return xtune_set_all(host->arena, host->nr_cpu_ids);
}

/* Each vCPU its own mask, or all the same. */
static inline void give_random_masks(rng *r, const xtune_host *host,
                                     const xtune_set *pool,
                                     xtune_domain *domain, bool hard)
{
    static const unsigned char weights[] = { 62, 16, 14, 8 };
    const enum random_mask style = rng_weighted(r, weights);
    const bool same = rng_chance(r, 60);
    xtune_set mask = { 0, NULL };
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++) {
        xtune_vcpu *vcpu = &domain->vcpus[i];

        if (!i || !same) mask = random_mask(r, host, pool, style);
        *(hard ? &vcpu->hard : &vcpu->soft) = mask;
    }
}

static inline void add_random_vcpus(rng *r, const xtune_host *host,
                                    const xtune_set *pool,
                                    xtune_domain *domain, unsigned int nr)
{
    const bool some_off = rng_chance(r, 15);
    unsigned int i;

    domain->vcpus = XTUNE_NEW_ARRAY(host->arena, xtune_vcpu, nr);
    domain->nr_vcpus = nr;
    for (i = 0; i < nr; i++) {
        const bool online = !i || !some_off || rng_chance(r, 60);

        domain->vcpus[i] = (xtune_vcpu){
            .id = i,
            .online = online,
            .cpu = rng_chance(r, 50) ? XTUNE_NONE : random_member(r, pool),
        };
        domain->online_vcpus += online;
    }
    give_random_masks(r, host, pool, domain, true);
    give_random_masks(r, host, pool, domain, false);
}

static inline void name_domain(xtune_domain *domain, xtune_arena *arena,
                               const char *prefix, unsigned int number)
{
    domain->name = xtune_arena_printf(arena, "%s%u", prefix, number);
    snprintf(domain->uuid, sizeof(domain->uuid),
             "%08x-0000-4000-8000-%02x0000000000", number,
             (unsigned int)(unsigned char)prefix[0]);
}

static inline void give_random_shares(rng *r, xtune_domain *domain)
{
    static const uint32_t weights[] = { 0, 1, 64, 512, 1024, 65535 };
    static const uint32_t caps[] = { 1, 25, 100, 250, 6400 };

    domain->weight =
        rng_chance(r, 60) ? 256 : weights[rng_pick(r, XT_ARRAY_SIZE(weights))];
    if (rng_chance(r, 15))
        domain->cap = caps[rng_pick(r, XT_ARRAY_SIZE(caps))];
    domain->type = rng_pick(r, 4);
}

/* Domains that run. */

/* Takes memory on one to three nodes, from what is left there. */
static inline void give_random_memory(rng *r, const xtune_host *host,
                                      xtune_domain *domain, uint64_t *left_kb)
{
    const unsigned int nr = 1 + rng_pick(r, 3);
    unsigned int i;

    domain->memory_by_node_kb =
        XTUNE_NEW_ARRAY(host->arena, uint64_t, host->nr_node_ids);
    domain->residency = XTUNE_RESIDENCY_MEASURED;
    for (i = 0; i < nr; i++) {
        const unsigned int id = random_member(r, &host->node_ids);
        const uint64_t most = left_kb[id] / (rng_chance(r, 20) ? 100 : 3);
        const uint64_t size = rng_below(r, most + 1);

        domain->memory_by_node_kb[id] += size;
        domain->memory_kb += size;
        left_kb[id] -= size;
    }
    domain->max_memory_kb = domain->memory_kb;
    if (rng_chance(r, 4)) domain->outstanding_kb = rng_below(r, 1 << 22);
    if (!rng_chance(r, 6)) return;
    domain->memory_by_node_kb = NULL;
    domain->residency = XTUNE_RESIDENCY_NONE;
}

static inline void add_random_domain(rng *r, xtune_host *host, unsigned int id,
                                     const random_limits *limits,
                                     uint64_t *left_kb, bool *taken)
{
    const xtune_cpupool *pool = id ? random_pool(r, host) : &host->cpupools[0];
    xtune_domain *domain = &host->domains[host->nr_domains++];

    *domain = (xtune_domain){
        .id = id,
        .state = XTUNE_STATE_BLOCKED,
        .shutdown_reason = XTUNE_NONE,
        .cpupool = pool->name,
    };
    name_domain(domain, host->arena, "d", id);
    if (!id) domain->name = "Domain-0";
    if (rng_chance(r, 3)) domain->state = XTUNE_STATE_DYING;
    give_random_memory(r, host, domain, left_kb);
    give_random_shares(r, domain);
    add_random_vcpus(r, host, &pool->cpus, domain,
                     1 + rng_pick(r, limits->vcpus));
    if (id) give_random_devices(r, host, domain, taken);
}

static inline void add_random_domains(rng *r, xtune_host *host,
                                      const random_limits *limits, bool *taken)
{
    const bool full = rng_chance(r, 15);
    const unsigned int nr = rng_pick(r, limits->domains);
    uint64_t *left_kb =
        XTUNE_NEW_ARRAY(host->arena, uint64_t, host->nr_node_ids);
    unsigned int i, id = 0;

    host->domains = XTUNE_NEW_ARRAY(host->arena, xtune_domain, nr + 1);
    for (i = 0; i < host->nr_nodes; i++)
        left_kb[host->nodes[i].id] = host->nodes[i].memory_kb;
    if (rng_chance(r, 85))
        add_random_domain(r, host, 0, limits, left_kb, taken);
    for (i = 0; i < nr; i++) {
        id += 1 + rng_pick(r, 3);
        add_random_domain(r, host, id, limits, left_kb, taken);
    }
    for (i = 0; i < host->nr_nodes; i++) {
        xtune_node *node = &host->nodes[i];

        node->free_kb = full ? rng_below(r, 1 + left_kb[node->id] / 50)
                             : left_kb[node->id];
        if (rng_chance(r, 15)) node->free_kb /= 1 + rng_below(r, 9);
        if (rng_chance(r, 1)) node->free_kb = XTUNE_UNKNOWN_KB;
    }
}

/* taken_r: by device, whether a domain holds it. */
static inline xtune_host *random_host(rng *r, const random_limits *limits,
                                      bool **taken_r)
{
    xtune_host *host = xtune_host_new();

    add_random_nodes(r, host, limits);
    add_random_cpus(r, host, limits);
    xtune_host_index(host);
    add_random_pools(r, host);
    add_random_devices(r, host);
    *taken_r = XTUNE_NEW_ARRAY(host->arena, bool, host->nr_pci);
    add_random_domains(r, host, limits, *taken_r);
    return host;
}

#endif
