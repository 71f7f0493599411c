/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Layouts of pools: as they are, as they are to be, and what of domains' masks
 * a pool allows. */
#include "plan/layout.h"

#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "host/scheduling.h"
#include "host/unit_firsts.h"
#include "policy/read.h"

/* What Xen gives a vCPU that comes to rtds (xen/common/sched/rt.c). */
#define RTDS_PERIOD_US 10000
#define RTDS_BUDGET_US 4000

xt_layout xt_layout_now(xtune_arena *arena, const xtune_host *host)
{
    xt_layout layout = {
        .host = host,
        .pools = XTUNE_NEW_ARRAY(arena, xt_layout_pool,
                                 host->nr_cpupools + host->nr_cpus + 1),
        .nr_pools = host->nr_cpupools,
        .pool_of = XTUNE_NEW_ARRAY(arena, size_t, host->nr_domains),
        .masks = XTUNE_NEW_ARRAY(arena, xt_masks, host->nr_domains),
        .scheduling =
            XTUNE_NEW_ARRAY(arena, const struct xt_json *, host->nr_domains),
        .reasons = XTUNE_NEW_ARRAY(arena, const char *, host->nr_domains),
        .reason = "",
    };
    size_t i, p;

    for (i = 0; i < host->nr_cpupools; i++) {
        const xtune_cpupool *pool = &host->cpupools[i];

        layout.pools[i] = (xt_layout_pool){
            .name = pool->name,
            .was = pool,
            .scheduler = pool->scheduler,
            .cpus = xtune_set_copy(arena, &pool->cpus),
        };
    }
    for (i = 0; i < host->nr_domains; i++) {
        layout.pool_of[i] = XT_NO_POOL;
        for (p = 0; p < host->nr_cpupools && host->domains[i].cpupool; p++)
            if (!strcmp(host->cpupools[p].name, host->domains[i].cpupool))
                layout.pool_of[i] = p;
    }
    return layout;
}

size_t xt_layout_find(const xt_layout *layout, const char *name)
{
    size_t i;

    for (i = 0; i < layout->nr_pools; i++)
        if (!strcmp(layout->pools[i].name, name)) return i;
    return XT_NO_POOL;
}

/* Masks that a pool does not allow. */

/* The nodes whose CPUs a mask is, all of them; none where it is something
 * else. */
static xtune_set whole_nodes(xtune_arena *arena, const xtune_host *host,
                             const xtune_set *mask)
{
    xtune_set nodes = xtune_host_nodes_of(arena, host, mask), cpus;

    cpus = xtune_host_cpus_of(arena, host, &nodes);
    if (!xtune_set_equal(&cpus, mask))
        return xtune_set_new(arena, host->nr_node_ids);
    return nodes;
}

/* How far a node is from those that were meant. */
static uint64_t distance(const xtune_host *host, unsigned int node,
                         const xtune_set *from)
{
    const xtune_node *n = xtune_host_node(host, node);
    uint64_t sum = 0;
    unsigned int id;

    xtune_set_for_each(id, from) sum +=
        n->distances && n->distances[id] != XTUNE_NONE ? n->distances[id]
                                                       : UINT16_MAX;
    return sum;
}

/* Nodes of the pool instead of others: as many, the nearest to its memory, or
 * to those that it had. */
static xtune_set other_nodes(xtune_arena *arena, const xtune_host *host,
                             const xtune_domain *domain,
                             const xtune_set *nodes, const xtune_set *cpus)
{
    xtune_set left = xtune_host_nodes_of(arena, host, cpus);
    xtune_set chosen = xtune_set_new(arena, host->nr_node_ids);
    unsigned int nr = xtune_set_count(nodes), id, best;

    for (; nr && !xtune_set_is_empty(&left); nr--) {
        best = xtune_set_next(&left, 0);
        xtune_set_for_each(id, &left)
        {
            const uint64_t *kb = domain->memory_by_node_kb;

            if (kb && kb[id] != kb[best]
                    ? kb[id] > kb[best]
                    : distance(host, id, nodes) < distance(host, best, nodes))
                best = id;
        }
        xtune_set_add(&chosen, best);
        xtune_set_remove(&left, best);
    }
    return xtune_host_cpus_of(arena, host, &chosen);
}

typedef struct change {
    const char *kind; /* "hard" */
    const xtune_set *from;
    xtune_set to, vcpus;
} change;

static const char *granularity_of(const xtune_host *host)
{
    return host->cpupools[0].granularity;
}

/* What a mask becomes in a pool with these CPUs. allowed is what of them
 * counts: for hard, the first of each unit; for soft, those of the hard mask.
 */
static xtune_set fit(xtune_arena *arena, const xtune_host *host,
                     const xtune_domain *domain, const xtune_set *mask,
                     const xtune_set *allowed)
{
    xtune_set nodes, other, units;

    if (xtune_set_intersects(mask, allowed) || xtune_set_is_all(mask))
        return *mask;
    units = xtune_host_units(arena, host, mask, granularity_of(host));
    if (xtune_set_intersects(&units, allowed)) return units;
    nodes = whole_nodes(arena, host, mask);
    if (!xtune_set_is_empty(&nodes)) {
        other = other_nodes(arena, host, domain, &nodes, allowed);
        if (xtune_set_intersects(&other, allowed)) return other;
    }
    return xtune_set_all(arena, mask->nbits);
}

static void note_change(xtune_arena *arena, change **changes, size_t *nr,
                        const char *kind, const xtune_set *from,
                        const xtune_set *to, size_t vcpu, size_t nr_vcpus)
{
    size_t i;

    if (xtune_set_equal(from, to)) return;
    for (i = 0; i < *nr; i++)
        if (!strcmp((*changes)[i].kind, kind) &&
            xtune_set_equal((*changes)[i].from, from) &&
            xtune_set_equal(&(*changes)[i].to, to))
            break;
    if (i == *nr) {
        *changes = xtune_arena_grow(arena, *changes, *nr, sizeof(**changes));
        (*changes)[(*nr)++] = (change){
            .kind = kind,
            .from = from,
            .to = *to,
            .vcpus = xtune_set_new(arena, (unsigned int)nr_vcpus),
        };
    }
    xtune_set_add(&(*changes)[i].vcpus, (unsigned int)vcpu);
}

/* What a mask lacks: of whole units only the first CPU counts. */
static const char *lack(xtune_arena *arena, const xtune_host *host,
                        const change *c, const xtune_set *cpus)
{
    if (strcmp(c->kind, "hard") || !xtune_set_intersects(c->from, cpus))
        return "has no CPU of the pool";
    return xtune_arena_printf(arena, "has of no %s of the pool the first CPU",
                              granularity_of(host));
}

static const char *in_words(xtune_arena *arena, const xtune_host *host,
                            const change *changes, size_t nr,
                            const xtune_set *cpus)
{
    const char *text = NULL;
    size_t i;

    for (i = 0; i < nr; i++)
        text = xtune_arena_printf(
            arena, "%s%s%s affinity%s%s: %s %s, and is %s", text ? text : "",
            text ? "; " : "", changes[i].kind,
            xtune_set_is_all(&changes[i].vcpus) ? "" : " of vCPU ",
            xtune_set_is_all(&changes[i].vcpus)
                ? ""
                : xtune_set_format(arena, &changes[i].vcpus),
            xtune_set_format(arena, changes[i].from),
            lack(arena, host, &changes[i], cpus),
            xtune_set_format(arena, &changes[i].to));
    return text;
}

xt_masks xt_layout_masks(xtune_arena *arena, const xtune_host *host,
                         const xtune_domain *domain, const xtune_set *cpus,
                         const char **lost_r)
{
    xtune_set *hard = XTUNE_NEW_ARRAY(arena, xtune_set, domain->nr_vcpus);
    xtune_set *soft = XTUNE_NEW_ARRAY(arena, xtune_set, domain->nr_vcpus);
    const xtune_set firsts =
        xt_host_unit_firsts(arena, host, cpus, granularity_of(host));
    change *changes = NULL;
    size_t nr = 0, v;

    for (v = 0; v < domain->nr_vcpus; v++) {
        const xtune_vcpu *vcpu = &domain->vcpus[v];
        xtune_set allowed;

        hard[v] = fit(arena, host, domain, &vcpu->hard, &firsts);
        allowed = xtune_set_copy(arena, &hard[v]);
        xtune_set_and(&allowed, cpus);
        soft[v] = fit(arena, host, domain, &vcpu->soft, &allowed);
        /* What had no CPU before is not lost by this. */
        if (!xtune_set_intersects(&vcpu->soft, &vcpu->hard))
            soft[v] = vcpu->soft;
        note_change(arena, &changes, &nr, "hard", &vcpu->hard, &hard[v], v,
                    domain->nr_vcpus);
        note_change(arena, &changes, &nr, "soft", &vcpu->soft, &soft[v], v,
                    domain->nr_vcpus);
    }
    *lost_r = in_words(arena, host, changes, nr, cpus);
    return (xt_masks){ .hard = hard, .soft = soft };
}

/* The host then. */

static void set_masks(xtune_arena *arena, xtune_domain *domain,
                      const xt_masks *masks)
{
    const xtune_vcpu *vcpus = domain->vcpus;
    size_t v;

    domain->vcpus = XTUNE_NEW_ARRAY(arena, xtune_vcpu, domain->nr_vcpus);
    for (v = 0; v < domain->nr_vcpus; v++) {
        domain->vcpus[v] = vcpus[v];
        domain->vcpus[v].hard = masks->hard[v];
        domain->vcpus[v].soft = masks->soft[v];
    }
}

static void set_pools(xtune_arena *arena, const xt_layout *layout,
                      xtune_host *then)
{
    uint32_t id = 0;
    size_t i;

    then->cpupools = XTUNE_NEW_ARRAY(arena, xtune_cpupool, layout->nr_pools);
    then->nr_cpupools = layout->nr_pools;
    for (i = 0; i < layout->host->nr_cpupools; i++)
        if (layout->host->cpupools[i].id >= id)
            id = layout->host->cpupools[i].id + 1;
    for (i = 0; i < layout->nr_pools; i++) {
        const xt_layout_pool *pool = &layout->pools[i];

        then->cpupools[i] = pool->was
                                ? *pool->was
                                : (xtune_cpupool){
                                      .id = id++,
                                      .scheduler = pool->scheduler,
                                      .scheduling = XT_NO_POOL_SCHEDULING,
                                  };
        then->cpupools[i].name = pool->name;
        then->cpupools[i].cpus = pool->cpus;
    }
}

void xt_layout_take_stored(xtune_host *then, const xtune_plan *plan)
{
    size_t i, k;

    for (k = 0; k < plan->nr_actions; k++) {
        const xtune_action *action = &plan->actions[k];
        const char *uuid = xt_json_text(xt_json_get(action->target, "uuid"));

        if (strcmp(action->kind, "stored-affinity") != 0 || !uuid) continue;
        for (i = 0; i < then->nr_domains; i++)
            if (!strcmp(uuid, then->domains[i].uuid))
                then->domains[i].configured = action->new;
    }
}

/* What a domain keeps where its scheduler is another than before: a weight
 * where both know such, else what a new domain is given. */
static void set_scheduling(xtune_domain *domain, const char *before,
                           const char *scheduler)
{
    const bool rtds = scheduler && !strcmp(scheduler, "rtds");
    size_t v;

    if (!scheduler || !before || !strcmp(before, scheduler) ||
        (xt_scheduling_has_weight(before) &&
         xt_scheduling_has_weight(scheduler)))
        return;
    domain->weight = xt_scheduling_has_weight(scheduler) ? 256 : 0;
    domain->cap = 0;
    for (v = 0; v < domain->nr_vcpus; v++) {
        domain->vcpus[v].period_us = rtds ? RTDS_PERIOD_US : 0;
        domain->vcpus[v].budget_us = rtds ? RTDS_BUDGET_US : 0;
        domain->vcpus[v].extratime = rtds;
    }
}

static void place_domain(xtune_arena *arena, const xt_layout *layout, size_t i,
                         xtune_domain *domain)
{
    const xt_layout_pool *pool = &layout->pools[layout->pool_of[i]];
    const xtune_cpupool *before =
        xtune_host_cpupool(layout->host, domain->cpupool);
    xt_masks masks = layout->masks[i];
    const char *lost;

    if (!masks.hard)
        masks = xt_layout_masks(arena, layout->host, &layout->host->domains[i],
                                &pool->cpus, &lost);
    domain->cpupool = pool->name;
    set_masks(arena, domain, &masks);
    set_scheduling(domain, before ? before->scheduler : NULL, pool->scheduler);
}

xtune_host *xt_layout_then(xtune_arena *arena, const xt_layout *layout)
{
    xtune_host *then = XTUNE_NEW(arena, xtune_host);
    size_t i;

    *then = *layout->host;
    set_pools(arena, layout, then);
    then->domains = XTUNE_NEW_ARRAY(arena, xtune_domain, then->nr_domains);
    for (i = 0; i < then->nr_domains; i++) {
        then->domains[i] = layout->host->domains[i];
        if (layout->pool_of[i] != XT_NO_POOL && then->domains[i].cpupool)
            place_domain(arena, layout, i, &then->domains[i]);
    }
    return then;
}
