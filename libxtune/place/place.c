/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where running domains are to run: their vCPUs go to where their memory is,
 * for memory that is there does not move.
 */
#include <xtune/place.h>

#include <stdarg.h>

#include "base/util.h"
#include "place/pin.h"
#include "place/placer.h"

/* A node with less than one part in this many of a domain's memory does not
 * become its home: a few stray pages are no reason to run there. */
#define STRAY_PART 64

static int no_placement(xtune_placed *p, const char *reason)
{
    p->reason = reason;
    return 0;
}

static int blocked(const xt_placer *placer, xtune_placed *p, const char *fmt,
                   ...) __attribute__((format(printf, 3, 4)));

static int blocked(const xt_placer *placer, xtune_placed *p, const char *fmt,
                   ...)
{
    va_list ap;

    va_start(ap, fmt);
    p->blocked = xtune_arena_vprintf(placer->arena, fmt, ap);
    va_end(ap);
    p->reason = p->blocked;
    return 0;
}

static bool is_leaving(const xtune_domain *domain)
{
    return domain->state & (XTUNE_STATE_SHUTDOWN | XTUNE_STATE_DYING);
}

/* The CPUs that the domain may be given: its pool's; where hard masks stay,
 * those that one of its vCPUs may use. */
static xtune_set allowed_cpus(const xt_placer *placer,
                              const xtune_domain *domain,
                              const xtune_rule *rule)
{
    const xtune_cpupool *pool =
        xtune_host_cpupool(placer->host, domain->cpupool);
    xtune_set cpus = xtune_set_copy(
        placer->arena, pool ? &pool->cpus : &placer->host->cpu_ids);
    xtune_set hard = xtune_set_new(placer->arena, placer->host->nr_cpu_ids);
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        xtune_set_or(&hard, &domain->vcpus[i].hard);
    if (rule->mode == XTUNE_AFFINITY_SOFT && domain->nr_vcpus)
        xtune_set_and(&cpus, &hard);
    return cpus;
}

/* The nodes that hold a domain's memory, but for stray pages. */
static xtune_set memory_nodes(const xt_placer *placer,
                              const xtune_domain *domain)
{
    xtune_set nodes = xtune_set_new(placer->arena, placer->host->nr_node_ids);
    uint64_t total = 0;
    unsigned int id;

    for (id = 0; id < placer->host->nr_node_ids; id++)
        total += domain->memory_by_node_kb[id];
    xtune_set_for_each(
        id, &placer->host->node_ids) if (domain->memory_by_node_kb[id] &&
                                         domain->memory_by_node_kb[id] >=
                                             total / STRAY_PART)
        xtune_set_add(&nodes, id);
    return nodes;
}

/* How far a node is from all of a set; a distance that is not known counts as
 * farther than any that is. */
static uint64_t distance_to(const xt_placer *placer, unsigned int id,
                            const xtune_set *nodes)
{
    const xtune_node *node = xtune_host_node(placer->host, id);
    uint64_t sum = 0;
    unsigned int other;

    xtune_set_for_each(other, nodes) sum +=
        node->distances && other < placer->host->nr_node_ids
            ? node->distances[other]
            : XTUNE_NONE;
    return sum;
}

static unsigned int count_cpus(const xt_placer *placer, const xtune_set *nodes,
                               const xtune_set *allowed)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_set cpus = xtune_host_cpus_of(arena, placer->host, nodes);

    xtune_set_and(&cpus, allowed);
    return xtune_set_count(&cpus);
}

/* The nearest node with allowed CPUs that is not in the set yet. */
static unsigned int nearest_node(const xt_placer *placer,
                                 const xtune_set *nodes,
                                 const xtune_set *allowed)
{
    unsigned int id, best = XTUNE_NONE;
    uint64_t best_distance = UINT64_MAX;

    xtune_set_for_each(id, &placer->host->node_ids)
    {
        const uint64_t distance = distance_to(placer, id, nodes);

        if (xtune_set_has(nodes, id) || distance >= best_distance ||
            !xtune_set_intersects(&placer->host->node_cpus[id], allowed))
            continue;
        best = id;
        best_distance = distance;
    }
    return best;
}

/* A hard home must have a CPU for each vCPU, or they would wait for each
 * other; a soft one may be left when it is full. */
static void add_capacity(const xt_placer *placer, const xtune_domain *domain,
                         const xtune_rule *rule, const xtune_set *allowed,
                         xtune_set *nodes)
{
    unsigned int id;

    if (rule->mode == XTUNE_AFFINITY_SOFT) return;
    while (count_cpus(placer, nodes, allowed) < domain->online_vcpus) {
        id = nearest_node(placer, nodes, allowed);
        if (id == XTUNE_NONE) return;
        xtune_set_add(nodes, id);
    }
}

static int auto_nodes(const xt_placer *placer, xtune_placed *p,
                      const xtune_set *allowed)
{
    xtune_set memory, usable;

    if (!p->domain->memory_by_node_kb)
        return blocked(placer, p,
                       "it is not known where its memory is; "
                       "--residency=measure or infer finds out");
    memory = memory_nodes(placer, p->domain);
    if (xtune_set_is_empty(&memory))
        return no_placement(p, "it has no memory on any node");
    usable = xtune_host_nodes_of(placer->arena, placer->host, allowed);
    xtune_set_and(&usable, &memory);
    if (xtune_set_is_empty(&usable))
        return blocked(
            placer, p,
            "its memory is on node %s, where %s has no "
            "CPU: widen %s, or move its memory",
            xtune_set_format_ids(placer->arena, &memory),
            p->rule->mode == XTUNE_AFFINITY_SOFT ? "its hard affinity"
                                                 : "its cpupool",
            p->rule->mode == XTUNE_AFFINITY_SOFT ? "it, use mode=\"hard\""
                                                 : "it");
    add_capacity(placer, p->domain, p->rule, allowed, &usable);
    p->nodes = usable;
    p->reason =
        xtune_arena_printf(placer->arena, "its memory is on node %s",
                           xtune_set_format_ids(placer->arena, &memory));
    return 0;
}

static int given_nodes(const xt_placer *placer, xtune_placed *p,
                       const xtune_set *allowed, xtune_error **err)
{
    const xtune_set_names names = xtune_host_node_names(placer->host);
    const char *source =
        xtune_source_text(placer->arena, p->rule->numa_source);
    xtune_set usable;
    bool crowded;
    int rc;

    rc = xtune_set_parse(placer->arena, &names, source, p->rule->nodes,
                         &p->nodes, err);
    if (rc) return rc;
    xtune_set_and(&p->nodes, &placer->host->node_ids);
    usable = xtune_host_nodes_of(placer->arena, placer->host, allowed);
    if (!xtune_set_intersects(&usable, &p->nodes))
        return blocked(placer, p, "no CPU that it may use is on node %s",
                       xtune_set_format_ids(placer->arena, &p->nodes));
    crowded = p->rule->mode == XTUNE_AFFINITY_HARD &&
              count_cpus(placer, &p->nodes, allowed) < p->domain->online_vcpus;
    p->reason = xtune_arena_printf(
        placer->arena, "its rule names node %s%s",
        xtune_set_format_ids(placer->arena, &p->nodes),
        crowded ? ", which has fewer CPUs than it has vCPUs" : "");
    return 0;
}

static int place_domain(xt_placer *placer, xtune_placed *p, xtune_error **err)
{
    xtune_set allowed;
    int rc;

    p->nodes = xtune_set_new(placer->arena, placer->host->nr_node_ids);
    if (!p->rule) return no_placement(p, "no rule of the policy matches it");
    if (!p->rule->has_numa || p->rule->placement == XTUNE_PLACE_NONE ||
        p->rule->pin == XTUNE_PIN_NONE)
        return no_placement(p, "its rule leaves it as it is");
    if (is_leaving(p->domain)) return no_placement(p, "it is shutting down");
    allowed = allowed_cpus(placer, p->domain, p->rule);
    if (p->rule->placement == XTUNE_PLACE_NODES)
        rc = given_nodes(placer, p, &allowed, err);
    else
        rc = auto_nodes(placer, p, &allowed);
    if (rc || p->blocked || xtune_set_is_empty(&p->nodes)) return rc;
    xt_pin(placer, p, &allowed);
    return 0;
}

/* By core, then by id. */
static int compare_core(const void *a, const void *b)
{
    const xtune_cpu *x = *(const xtune_cpu *const *)a;
    const xtune_cpu *y = *(const xtune_cpu *const *)b;

    if (x->node != y->node) return x->node < y->node ? -1 : 1;
    if (x->socket != y->socket) return x->socket < y->socket ? -1 : 1;
    if (x->core != y->core) return x->core < y->core ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static bool same_core(const xtune_cpu *a, const xtune_cpu *b)
{
    /* Where Xen does not tell, each CPU is a core. */
    return a->core != XTUNE_NONE && a->core == b->core &&
           a->socket == b->socket && a->node == b->node;
}

static unsigned int *find_cores(xtune_arena *arena, const xtune_host *host)
{
    unsigned int *core_of =
        XTUNE_NEW_ARRAY(arena, unsigned int, host->nr_cpu_ids);
    const xtune_cpu **cpus =
        XTUNE_NEW_ARRAY(arena, const xtune_cpu *, host->nr_cpus);
    size_t i;

    for (i = 0; i < host->nr_cpus; i++)
        cpus[i] = &host->cpus[i];
    if (host->nr_cpus)
        qsort(cpus, host->nr_cpus, sizeof(const xtune_cpu *), compare_core);
    for (i = 0; i < host->nr_cpus; i++)
        core_of[cpus[i]->id] = i && same_core(cpus[i], cpus[i - 1])
                                   ? core_of[cpus[i - 1]->id]
                                   : cpus[i]->id;
    return core_of;
}

int xtune_place(const xtune_place_request *request,
                xtune_placement **placement_r, xtune_error **err)
{
    const xtune_host *host = request->host;
    const xtune_policy *policy = request->policy;
    xtune_arena *arena = xtune_arena_new();
    xtune_placement *placement = XTUNE_NEW(arena, xtune_placement);
    xt_placer placer = {
        .arena = arena,
        .host = host,
        .core_of = find_cores(arena, host),
        .taken = xtune_set_new(arena, host->nr_cpu_ids),
        .taken_cores = xtune_set_new(arena, host->nr_cpu_ids),
    };
    size_t i;
    int rc;

    placement->arena = arena;
    placement->nr_domains = host->nr_domains;
    placement->domains =
        XTUNE_NEW_ARRAY(arena, xtune_placed, host->nr_domains);
    for (i = 0; i < host->nr_domains; i++) {
        xtune_placed *p = &placement->domains[i];

        p->domain = &host->domains[i];
        p->rule = xtune_policy_match(policy, p->domain);
        rc = place_domain(&placer, p, err);
        if (rc) {
            xtune_placement_free(placement);
            return rc;
        }
    }
    *placement_r = placement;
    return 0;
}

void xtune_placement_free(xtune_placement *placement)
{
    if (placement) xtune_arena_free(placement->arena);
}
