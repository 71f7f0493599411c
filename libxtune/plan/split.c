/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/split.h"

#include <string.h>

#include "base/util.h"

static unsigned int node_of_cpu0(const xtune_host *host)
{
    const xtune_cpu *cpu = xtune_host_cpu(host, 0);
    unsigned int id;

    if (cpu && cpu->node != XTUNE_NONE) return cpu->node;
    xtune_set_for_each(id, &host->node_ids)
    {
        if (!xtune_set_is_empty(&host->node_cpus[id])) return id;
    }
    return XTUNE_NONE;
}

/* The CPUs of a node's pool: those whose node is not known stay in the first
 * one. */
static xtune_set cpus_of(xtune_arena *arena, const xtune_host *host,
                         unsigned int node)
{
    xtune_set cpus = xtune_set_copy(arena, &host->node_cpus[node]), rest;
    unsigned int id;

    if (node != node_of_cpu0(host)) return cpus;
    rest = xtune_set_copy(arena, &host->cpu_ids);
    xtune_set_for_each(id, &host->node_ids)
        xtune_set_andnot(&rest, &host->node_cpus[id]);
    xtune_set_or(&cpus, &rest);
    return cpus;
}

bool xt_layout_is_split(const xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t i, nr = 0, nodes = 0;
    unsigned int id;

    for (i = 0; i < host->nr_cpupools; i++)
        nr += !xtune_set_is_empty(&host->cpupools[i].cpus);
    xtune_set_for_each(id, &host->node_ids)
    {
        const xtune_set cpus = cpus_of(arena, host, id);

        if (xtune_set_is_empty(&host->node_cpus[id])) continue;
        nodes++;
        for (i = 0; i < host->nr_cpupools; i++)
            if (xtune_set_equal(&host->cpupools[i].cpus, &cpus)) break;
        if (i == host->nr_cpupools) return false;
    }
    return nodes > 0 && nr == nodes;
}

static int check_units(const xtune_host *host, xtune_arena *arena,
                       unsigned int node, const xtune_set *cpus,
                       xtune_error **err)
{
    const char *granularity = host->cpupools[0].granularity;
    xtune_set units = xtune_host_units(arena, host, cpus, granularity);

    if (xtune_set_equal(&units, cpus)) return 0;
    xtune_set_andnot(&units, cpus);
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, "cpupools", "boot Xen with sched-gran=cpu",
        "node %u cannot have a pool of its own: CPUs %s of "
        "other nodes share a %s with its CPUs",
        node, xtune_set_format_ids(arena, &units), granularity);
}

/* The pools of the layout by node id; those that are not there are made. */
static int make_pools(xt_layout *layout, xtune_arena *arena, size_t *pool_of,
                      xtune_error **err)
{
    const xtune_host *host = layout->host;
    xt_layout_pool first = layout->pools[0];
    const unsigned int first_node = node_of_cpu0(host);
    unsigned int id;
    int rc;

    layout->nr_pools = 1;
    layout->pools[0] = first;
    xtune_set_for_each(id, &host->node_ids)
    {
        const char *name = xtune_arena_printf(arena, "Pool-node%u", id);
        const xtune_set cpus = cpus_of(arena, host, id);
        xt_layout_pool *pool;

        if (xtune_set_is_empty(&host->node_cpus[id])) continue;
        rc = check_units(host, arena, id, &cpus, err);
        if (rc) return rc;
        pool_of[id] = id == first_node ? 0 : layout->nr_pools++;
        pool = &layout->pools[pool_of[id]];
        if (id != first_node) {
            const xtune_cpupool *was = xtune_host_cpupool(host, name);

            /* One that has that name already is that pool. */
            if (was == &host->cpupools[0]) was = NULL;
            *pool = (xt_layout_pool){
                .was = was,
                .scheduler = was ? was->scheduler : first.scheduler,
            };
        }
        pool->name = name;
        pool->cpus = cpus;
    }
    return 0;
}

/* Where domains go. */

typedef struct chooser {
    const xt_layout *layout;
    xtune_arena *arena;
    const size_t *pool_of_node;
    uint64_t *vcpus; /* by node id: of the domains that went there */
} chooser;

static bool has_pool(const chooser *c, unsigned int node)
{
    return c->pool_of_node[node] != XT_NO_POOL;
}

/* The one node to which all masks of a kind lead, and where hard masks let it
 * run; XTUNE_NONE. */
static unsigned int bound_to(const chooser *c, const xtune_domain *domain,
                             bool hard)
{
    const xtune_host *host = c->layout->host;
    xtune_set all = xtune_set_new(c->arena, host->nr_cpu_ids), nodes;
    unsigned int node;
    size_t v;

    for (v = 0; v < domain->nr_vcpus; v++)
        xtune_set_or(&all,
                     hard ? &domain->vcpus[v].hard : &domain->vcpus[v].soft);
    nodes = xtune_host_nodes_of(c->arena, host, &all);
    node = xtune_set_next(&nodes, 0);
    if (xtune_set_count(&nodes) != 1 || !has_pool(c, node)) return XTUNE_NONE;
    for (v = 0; v < domain->nr_vcpus; v++)
        if (!xtune_set_intersects(&domain->vcpus[v].hard,
                                  &host->node_cpus[node]))
            return XTUNE_NONE;
    return node;
}

/* What speaks for a node. */
typedef struct merit {
    size_t nr_hard; /* vCPUs that may run on it by their hard masks */
    uint64_t kb;
    size_t nr_soft; /* those that their soft masks lead to it */
} merit;

static bool is_better(const chooser *c, const merit *merits, unsigned int node,
                      unsigned int best)
{
    const xtune_host *host = c->layout->host;
    uint64_t cpus, best_cpus;

    if (merits[node].nr_hard != merits[best].nr_hard)
        return merits[node].nr_hard > merits[best].nr_hard;
    if (merits[node].kb != merits[best].kb)
        return merits[node].kb > merits[best].kb;
    if (merits[node].nr_soft != merits[best].nr_soft)
        return merits[node].nr_soft > merits[best].nr_soft;
    cpus = xtune_set_count(&host->node_cpus[node]);
    best_cpus = xtune_set_count(&host->node_cpus[best]);
    return c->vcpus[node] * best_cpus < c->vcpus[best] * cpus;
}

/* The node that most of its hard masks and most of its memory lead to; of like
 * ones that with the most room. */
static unsigned int choose_node(const chooser *c, const xtune_domain *domain)
{
    const xtune_host *host = c->layout->host;
    merit *merits = XTUNE_NEW_ARRAY(c->arena, merit, host->nr_node_ids);
    unsigned int id, best = XTUNE_NONE;
    size_t v;

    for (id = 0; id < host->nr_node_ids; id++) {
        if (!has_pool(c, id)) continue;
        for (v = 0; v < domain->nr_vcpus; v++) {
            merits[id].nr_hard += xtune_set_intersects(&domain->vcpus[v].hard,
                                                       &host->node_cpus[id]);
            merits[id].nr_soft += xtune_set_intersects(&domain->vcpus[v].soft,
                                                       &host->node_cpus[id]);
        }
        if (domain->memory_by_node_kb)
            merits[id].kb = domain->memory_by_node_kb[id];
        if (best == XTUNE_NONE || is_better(c, merits, id, best)) best = id;
    }
    return best;
}

static void place_domains(const chooser *c, xt_layout *layout)
{
    const xtune_host *host = layout->host;
    size_t i;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];
        unsigned int node;

        if (layout->pool_of[i] == XT_NO_POOL) continue;
        layout->pool_of[i] = 0;
        if (!domain->id) continue;
        node = bound_to(c, domain, true);
        if (node == XTUNE_NONE) node = bound_to(c, domain, false);
        if (node == XTUNE_NONE) node = choose_node(c, domain);
        if (node == XTUNE_NONE) continue;
        layout->pool_of[i] = c->pool_of_node[node];
        c->vcpus[node] += domain->online_vcpus;
    }
}

int xt_layout_split(xt_layout *layout, xtune_arena *arena, xtune_error **err)
{
    const xtune_host *host = layout->host;
    size_t *pool_of = XTUNE_NEW_ARRAY(arena, size_t, host->nr_node_ids);
    const chooser c = {
        .layout = layout,
        .arena = arena,
        .pool_of_node = pool_of,
        .vcpus = XTUNE_NEW_ARRAY(arena, uint64_t, host->nr_node_ids),
    };
    unsigned int id;
    int rc;

    for (id = 0; id < host->nr_node_ids; id++)
        pool_of[id] = XT_NO_POOL;
    rc = make_pools(layout, arena, pool_of, err);
    if (rc) return rc;
    place_domains(&c, layout);
    return 0;
}
