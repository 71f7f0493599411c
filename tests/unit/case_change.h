/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cases made from another one: with other numbers, with one more core, or with
 * what was placed applied.
 */
#ifndef CASE_CHANGE_H
#define CASE_CHANGE_H

#include "random_case.h"

/* How a copy differs: ids by the ids in the original. */
typedef struct case_change {
    const random_case *from;
    const unsigned int *cpu, *node; /* by id; NULL: the same */
    unsigned int more_cpu_ids;
} case_change;

static inline unsigned int change_id(const unsigned int *map, unsigned int id)
{
    return map && id != XTUNE_NONE ? map[id] : id;
}

static inline xtune_set change_set(xtune_arena *arena, const xtune_set *set,
                                   const unsigned int *map, unsigned int nbits)
{
    xtune_set changed = xtune_set_new(arena, nbits);
    unsigned int id;

    xtune_set_for_each(id, set) xtune_set_add(&changed, change_id(map, id));
    return changed;
}

static inline xtune_set change_cpus(const case_change *ch, xtune_host *to,
                                    const xtune_set *cpus)
{
    return change_set(to->arena, cpus, ch->cpu,
                      ch->from->host->nr_cpu_ids + ch->more_cpu_ids);
}

static inline int compare_node_ids(const void *a, const void *b)
{
    const xtune_node *x = a, *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

static inline int compare_cpu_ids(const void *a, const void *b)
{
    const xtune_cpu *x = a, *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

static inline void change_nodes(const case_change *ch, xtune_host *to)
{
    const xtune_host *from = ch->from->host;
    size_t i;
    unsigned int id;

    to->nodes = XTUNE_NEW_ARRAY(to->arena, xtune_node, from->nr_nodes);
    to->nr_nodes = from->nr_nodes;
    for (i = 0; i < from->nr_nodes; i++) {
        xtune_node *node = &to->nodes[i];

        *node = from->nodes[i];
        node->id = change_id(ch->node, node->id);
        if (!node->distances) continue;
        node->distances =
            XTUNE_NEW_ARRAY(to->arena, uint32_t, from->nr_node_ids);
        for (id = 0; id < from->nr_node_ids; id++)
            node->distances[change_id(ch->node, id)] =
                from->nodes[i].distances[id];
    }
    if (to->nr_nodes)
        qsort(to->nodes, to->nr_nodes, sizeof(*to->nodes), compare_node_ids);
}

static inline void change_topology(const case_change *ch, xtune_host *to)
{
    const xtune_host *from = ch->from->host;
    size_t i;

    to->xen = from->xen;
    change_nodes(ch, to);
    to->cpus = XTUNE_NEW_ARRAY(to->arena, xtune_cpu,
                               from->nr_cpus + ch->more_cpu_ids);
    to->nr_cpus = from->nr_cpus;
    for (i = 0; i < from->nr_cpus; i++) {
        to->cpus[i] = from->cpus[i];
        to->cpus[i].id = change_id(ch->cpu, from->cpus[i].id);
        to->cpus[i].node = change_id(ch->node, from->cpus[i].node);
    }
    if (to->nr_cpus)
        qsort(to->cpus, to->nr_cpus, sizeof(*to->cpus), compare_cpu_ids);
    /* Sets are as large as they were. */
    to->xen.max_cpu_id = from->nr_cpu_ids + ch->more_cpu_ids - 1;
    to->has_pci_topology = from->has_pci_topology;
    to->pci = XTUNE_NEW_ARRAY(to->arena, xtune_pci, from->nr_pci);
    to->nr_pci = from->nr_pci;
    for (i = 0; i < from->nr_pci; i++) {
        to->pci[i] = from->pci[i];
        to->pci[i].node = change_id(ch->node, from->pci[i].node);
    }
}

static inline void change_pools(const case_change *ch, xtune_host *to)
{
    const xtune_host *from = ch->from->host;
    size_t i;

    to->cpupools =
        XTUNE_NEW_ARRAY(to->arena, xtune_cpupool, from->nr_cpupools);
    to->nr_cpupools = from->nr_cpupools;
    for (i = 0; i < from->nr_cpupools; i++) {
        to->cpupools[i] = from->cpupools[i];
        to->cpupools[i].cpus = change_cpus(ch, to, &from->cpupools[i].cpus);
    }
}

static inline xtune_domain change_domain(const case_change *ch, xtune_host *to,
                                         const xtune_domain *from)
{
    const unsigned int nr_node_ids = ch->from->host->nr_node_ids;
    xtune_domain domain = *from;
    size_t i;

    domain.vcpus = XTUNE_NEW_ARRAY(to->arena, xtune_vcpu, from->nr_vcpus);
    for (i = 0; i < from->nr_vcpus; i++) {
        domain.vcpus[i] = from->vcpus[i];
        domain.vcpus[i].cpu = change_id(ch->cpu, from->vcpus[i].cpu);
        domain.vcpus[i].hard = change_cpus(ch, to, &from->vcpus[i].hard);
        domain.vcpus[i].soft = change_cpus(ch, to, &from->vcpus[i].soft);
    }
    if (!from->memory_by_node_kb) return domain;
    domain.memory_by_node_kb =
        XTUNE_NEW_ARRAY(to->arena, uint64_t, nr_node_ids);
    for (i = 0; i < nr_node_ids; i++)
        domain.memory_by_node_kb[change_id(ch->node, (unsigned int)i)] =
            from->memory_by_node_kb[i];
    return domain;
}

/* Room is left for the newcomers to run. */
static inline void change_domains(const case_change *ch, random_case *to)
{
    const random_case *from = ch->from;
    size_t i;

    to->host->domains = XTUNE_NEW_ARRAY(
        to->arena, xtune_domain, from->host->nr_domains + from->nr_newcomers);
    to->host->nr_domains = from->host->nr_domains;
    for (i = 0; i < from->host->nr_domains; i++)
        to->host->domains[i] =
            change_domain(ch, to->host, &from->host->domains[i]);
    to->newcomers =
        XTUNE_NEW_ARRAY(to->arena, xtune_domain, from->nr_newcomers);
    to->nr_newcomers = from->nr_newcomers;
    for (i = 0; i < from->nr_newcomers; i++)
        to->newcomers[i] = change_domain(ch, to->host, &from->newcomers[i]);
}

static inline void change_policy(const case_change *ch, random_case *to)
{
    const xtune_policy *from = ch->from->policy;
    const xtune_set_names names = xtune_host_node_names(ch->from->host);
    size_t i;

    if (!from) return;
    to->policy = XTUNE_NEW(to->arena, xtune_policy);
    *to->policy = *from;
    to->policy->rules = XTUNE_NEW_ARRAY(to->arena, xtune_rule, from->nr_rules);
    for (i = 0; i < from->nr_rules; i++) {
        xtune_rule *rule = &to->policy->rules[i];
        xtune_set nodes;

        *rule = from->rules[i];
        if (!rule->nodes) continue;
        xtune_set_parse(to->arena, &names, "", rule->nodes, &nodes, NULL);
        nodes = change_set(to->arena, &nodes, ch->node, nodes.nbits);
        rule->nodes = xtune_set_format_ids(to->arena, &nodes);
    }
}

static inline void change_case(const case_change *ch, random_case *to)
{
    *to = (random_case){
        .seed = ch->from->seed,
        .host = xtune_host_new(),
        .flags = ch->from->flags,
    };
    to->arena = to->host->arena;
    change_topology(ch, to->host);
    xtune_host_index(to->host);
    change_pools(ch, to->host);
    change_domains(ch, to);
    change_policy(ch, to);
}

/* Other numbers and another order. */

/* The ids that exist change places; others stay. */
static inline unsigned int *shuffled_ids(rng *r, xtune_arena *arena,
                                         const xtune_set *exist)
{
    unsigned int *map = XTUNE_NEW_ARRAY(arena, unsigned int, exist->nbits);
    unsigned int *ids = XTUNE_NEW_ARRAY(arena, unsigned int, exist->nbits);
    unsigned int *order, id, nr = 0;

    for (id = 0; id < exist->nbits; id++)
        map[id] = id;
    xtune_set_for_each(id, exist) ids[nr++] = id;
    order = rng_order(r, arena, nr);
    for (id = 0; id < nr; id++)
        map[ids[id]] = ids[order[id]];
    return map;
}

static inline void shuffle_domains(rng *r, xtune_arena *arena,
                                   xtune_domain *domains, size_t nr)
{
    xtune_domain *copy = XTUNE_NEW_ARRAY(arena, xtune_domain, nr);
    const unsigned int *order = rng_order(r, arena, nr);
    size_t i;

    for (i = 0; i < nr; i++)
        copy[i] = domains[order[i]];
    for (i = 0; i < nr; i++) {
        /* By id, ascending: the names stay, by which rules match. */
        if (copy[i].id != XTUNE_NONE) copy[i].id = domains[i].id;
    }
    for (i = 0; i < nr; i++)
        domains[i] = copy[i];
}

static inline void case_renumbered(const random_case *from, random_case *to)
{
    rng r = { .state = from->seed + 1 };
    const case_change ch = {
        .from = from,
        .cpu = shuffled_ids(&r, from->arena, &from->host->cpu_ids),
        .node = shuffled_ids(&r, from->arena, &from->host->node_ids),
    };
    size_t first;

    change_case(&ch, to);
    /* dom0 stays the first. */
    first = to->host->nr_domains && !to->host->domains[0].id;
    shuffle_domains(&r, to->arena, to->host->domains + first,
                    to->host->nr_domains - first);
    shuffle_domains(&r, to->arena, to->newcomers, to->nr_newcomers);
}

/* One more core. */

/* The threads of the widest core of a node: a new core is no narrower. */
static inline unsigned int threads_of(const xtune_host *host, uint32_t node)
{
    unsigned int most = 1;
    size_t i, j;

    for (i = 0; i < host->nr_cpus; i++) {
        unsigned int nr = 0;

        if (host->cpus[i].node != node) continue;
        for (j = 0; j < host->nr_cpus; j++)
            nr += host->cpus[j].node == node &&
                  host->cpus[j].socket == host->cpus[i].socket &&
                  host->cpus[j].core == host->cpus[i].core;
        if (nr > most) most = nr;
    }
    return most;
}

/* Masks that had all of the node's CPUs in the pool have the new ones too. */
static inline void widen_masks(xtune_domain *domains, size_t nr,
                               const xtune_set *had, const xtune_set *more)
{
    size_t i, j;

    for (i = 0; i < nr; i++)
        for (j = 0; j < domains[i].nr_vcpus; j++) {
            xtune_vcpu *vcpu = &domains[i].vcpus[j];

            if (xtune_set_is_subset(had, &vcpu->hard))
                xtune_set_or(&vcpu->hard, more);
            if (xtune_set_is_subset(had, &vcpu->soft))
                xtune_set_or(&vcpu->soft, more);
        }
}

static inline void add_core(random_case *to, unsigned int node,
                            xtune_cpupool *pool, unsigned int threads)
{
    xtune_host *host = to->host;
    xtune_set had = xtune_set_copy(to->arena, &host->node_cpus[node]);
    xtune_set more = xtune_set_new(to->arena, host->nr_cpu_ids);
    unsigned int id;

    xtune_set_and(&had, &pool->cpus);
    for (id = host->nr_cpu_ids - threads; id < host->nr_cpu_ids; id++) {
        host->cpus[host->nr_cpus++] =
            (xtune_cpu){ .id = id, .node = node, .socket = 1000, .core = 0 };
        xtune_set_add(&more, id);
    }
    widen_masks(host->domains, host->nr_domains, &had, &more);
    widen_masks(to->newcomers, to->nr_newcomers, &had, &more);
    xtune_set_or(&pool->cpus, &more);
    xtune_set_or(&host->cpu_ids, &more);
    xtune_set_or(&host->node_cpus[node], &more);
}

/* False where the pool that was picked has no CPU on a node. */
static inline bool case_with_core(const random_case *from, random_case *to)
{
    rng r = { .state = from->seed + 2 };
    const xtune_host *host = from->host;
    const unsigned int pool = rng_pick(&r, (unsigned int)host->nr_cpupools);
    const xtune_set nodes =
        xtune_host_nodes_of(from->arena, host, &host->cpupools[pool].cpus);
    case_change ch = { .from = from };
    unsigned int node;

    if (xtune_set_is_empty(&nodes)) return false;
    node = random_member(&r, &nodes);
    ch.more_cpu_ids = threads_of(host, node);
    change_case(&ch, to);
    add_core(to, node, &to->host->cpupools[pool], ch.more_cpu_ids);
    return true;
}

/* What was placed, applied. */

static inline void use_memory(xtune_host *host, xtune_domain *domain,
                              const uint64_t *memory_kb)
{
    size_t i;

    for (i = 0; i < host->nr_nodes; i++) {
        xtune_node *node = &host->nodes[i];
        const uint64_t had = domain->memory_by_node_kb
                                 ? domain->memory_by_node_kb[node->id]
                                 : 0;

        if (node->free_kb != XTUNE_UNKNOWN_KB)
            node->free_kb += had - memory_kb[node->id];
    }
    domain->memory_by_node_kb =
        XTUNE_NEW_ARRAY(host->arena, uint64_t, host->nr_node_ids);
    memcpy(domain->memory_by_node_kb, memory_kb,
           host->nr_node_ids * sizeof(*memory_kb));
    domain->residency = XTUNE_RESIDENCY_MEASURED;
}

static inline void apply_placed(xtune_host *host, xtune_domain *domain,
                                const xtune_placed *placed)
{
    size_t i;

    for (i = 0; placed->hard && i < domain->nr_vcpus; i++) {
        domain->vcpus[i].hard = xtune_set_copy(host->arena, &placed->hard[i]);
        domain->vcpus[i].soft = xtune_set_copy(host->arena, &placed->soft[i]);
    }
    if (placed->memory_kb) use_memory(host, domain, placed->memory_kb);
}

/* The newcomers that were given a place run in it; others are gone. */
static inline void case_applied(const random_case *from,
                                const xtune_placement *placement,
                                random_case *to)
{
    const case_change ch = { .from = from };
    const size_t nr = from->host->nr_domains;
    size_t i;

    change_case(&ch, to);
    for (i = 0; i < placement->nr_domains; i++) {
        const xtune_placed *placed = &placement->domains[i];
        xtune_domain *domain = &to->host->domains[i];

        if (i >= nr) {
            if (!placed->memory_kb) continue;
            domain = &to->host->domains[to->host->nr_domains];
            *domain = to->newcomers[i - nr];
            domain->id = 100000 + (uint32_t)i;
            domain->cpupool = placed->cpupool;
            to->host->nr_domains++;
        }
        apply_placed(to->host, domain, placed);
    }
    to->nr_newcomers = 0;
}

#endif
