/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From homes to the masks of vCPUs. */
#include "place/masks.h"

#include <string.h>

#include "base/util.h"
#include "place/search.h"

/* What goes from one item to the next. */
typedef struct xt_masks {
    xt_model *model;
    xtune_set all;   /* every CPU id */
    xtune_set alone; /* CPUs that one vCPU has for itself, and the threads
                        beside it that are to stay empty */
    const xt_item **owner; /* by CPU id: whose it is, of alone */
    xtune_set taken_cores; /* the cores of those CPUs */
    xtune_set *node_mask;  /* by pool and node: the CPUs without alone */
    bool *has_mask;
} xt_masks;

/* The CPUs that a vCPU may use: of its pool; where its own hard mask stays,
 * within that. */
static xtune_set allowed_cpus(const xt_masks *m, xtune_arena *arena,
                              const xt_item *item, size_t vcpu)
{
    const xtune_set *pool = &m->model->pool_cpus[item->pool];
    const xtune_set *hard = &item->domain->vcpus[vcpu].hard;
    xtune_set cpus;

    if ((item->hard && item->given) || xtune_set_is_subset(pool, hard))
        return *pool;
    cpus = xtune_set_copy(arena, pool);
    xtune_set_and(&cpus, hard);
    return cpus;
}

/* Whether two masks come to the same within the CPUs allowed. */
static bool same_effect(const xtune_set *a, const xtune_set *b,
                        const xtune_set *allowed)
{
    const size_t words = (allowed->nbits + 63) / 64;
    size_t i;

    for (i = 0; i < words; i++)
        if ((a->words[i] ^ b->words[i]) & allowed->words[i]) return false;
    return true;
}

/* The mask of the two that the rule is about. */
static const xtune_set *present_mask(const xt_item *item, size_t vcpu)
{
    const xtune_vcpu *v = &item->domain->vcpus[vcpu];

    return item->hard ? &v->hard : &v->soft;
}

static void set_mask(const xt_masks *m, const xt_item *item, size_t i,
                     const xtune_set *mask, const xtune_set *allowed)
{
    const xtune_vcpu *vcpu = &item->domain->vcpus[i];
    const xtune_set *now = present_mask(item, i);
    /* A mask that comes to the same already is left as it is written. */
    const xtune_set *wanted = same_effect(now, mask, allowed) ? now : mask;

    item->out->hard[i] = item->hard ? *wanted : vcpu->hard;
    item->out->soft[i] = item->hard ? m->all : *wanted;
    /* The hard mask says it all: a soft mask around it says nothing more. */
    if (item->hard && same_effect(&vcpu->soft, &m->all, wanted))
        item->out->soft[i] = vcpu->soft;
}

/* CPUs for one vCPU each. */

static bool may_have(const xt_masks *m, const xt_item *item,
                     const xtune_set *allowed, unsigned int cpu)
{
    const xt_model *model = m->model;
    const unsigned int core = model->core_of[cpu];

    if (!xtune_set_has(allowed, cpu) || xtune_set_has(&m->alone, cpu))
        return false;
    if (xtune_set_has(&model->busy, core)) return false;
    return item->share_core || !xtune_set_has(&m->taken_cores, core);
}

static void take(xt_masks *m, const xt_item *item, unsigned int cpu)
{
    const xt_model *model = m->model;
    size_t i;

    xtune_set_add(&m->alone, cpu);
    m->owner[cpu] = item;
    xtune_set_add(&m->taken_cores, model->core_of[cpu]);
    for (i = 0; item->isolate && i < model->host->nr_cpus; i++) {
        const unsigned int id = model->host->cpus[i].id;

        if (model->core_of[id] != model->core_of[cpu]) continue;
        xtune_set_add(&m->alone, id);
        m->owner[id] = item;
    }
}

/* The first CPU of a node that a vCPU may have; of an untouched core, where
 * there is one. */
static unsigned int find_cpu(const xt_masks *m, const xt_item *item,
                             const xtune_set *allowed, uint32_t n)
{
    const xtune_set *here = &m->model->host->node_cpus[m->model->node_id[n]];
    unsigned int cpu, second = XTUNE_NONE;

    xtune_set_for_each(cpu, here)
    {
        if (!may_have(m, item, allowed, cpu)) continue;
        if (!xtune_set_has(&m->taken_cores, m->model->core_of[cpu]))
            return cpu;
        if (second == XTUNE_NONE) second = cpu;
    }
    return second;
}

static uint32_t node_of_cpu(const xt_model *model, unsigned int cpu)
{
    const xtune_cpu *c = xtune_host_cpu(model->host, cpu);

    return c && c->node < XTUNE_MAX_NODES ? model->place_of[c->node]
                                          : XTUNE_NONE;
}

/* A vCPU that has a CPU of the home for itself keeps it. */
static void keep_cpu(xt_masks *m, const xt_item *item, size_t i,
                     const xtune_set *allowed, uint32_t *room,
                     unsigned int *cpu_r)
{
    const xtune_set *now = present_mask(item, i);
    unsigned int cpu = xtune_set_next(now, 0), next;
    uint32_t n;

    while (cpu != XTUNE_SET_END && !xtune_set_has(allowed, cpu))
        cpu = xtune_set_next(now, cpu + 1);
    if (cpu == XTUNE_SET_END || !may_have(m, item, allowed, cpu)) return;
    for (next = xtune_set_next(now, cpu + 1); next != XTUNE_SET_END;
         next = xtune_set_next(now, next + 1))
        if (xtune_set_has(allowed, next)) return;
    n = node_of_cpu(m->model, cpu);
    if (n == XTUNE_NONE || !room[n]) return;
    room[n]--;
    *cpu_r = cpu;
    take(m, item, cpu);
}

static void deal_cpu(xt_masks *m, const xt_item *item,
                     const xtune_set *allowed, uint32_t *room,
                     unsigned int *cpu_r)
{
    uint32_t i;

    for (i = 0; i < item->home.nr_parts; i++) {
        const uint32_t n = item->home.parts[i].node;

        if (!room[n]) continue;
        *cpu_r = find_cpu(m, item, allowed, n);
        if (*cpu_r == XTUNE_NONE) continue;
        room[n]--;
        take(m, item, *cpu_r);
        return;
    }
}

/* False where one finds none: nothing is taken then. */
static bool find_cpus(xt_masks *m, xtune_arena *arena, const xt_item *item,
                      unsigned int *cpu_of)
{
    const xtune_set alone = xtune_set_copy(arena, &m->alone);
    const xtune_set cores = xtune_set_copy(arena, &m->taken_cores);
    const xtune_domain *domain = item->domain;
    uint32_t room[XTUNE_MAX_NODES] = { 0 };
    size_t i;
    int round;

    for (i = 0; i < item->home.nr_parts; i++)
        room[item->home.parts[i].node] = item->home.parts[i].vcpus;
    for (i = 0; i < domain->nr_vcpus; i++)
        cpu_of[i] = XTUNE_NONE;
    for (round = 0; round < 2; round++)
        for (i = 0; i < domain->nr_vcpus; i++) {
            const xtune_set allowed = allowed_cpus(m, arena, item, i);

            if (!domain->vcpus[i].online || cpu_of[i] != XTUNE_NONE) continue;
            if (!round) {
                keep_cpu(m, item, i, &allowed, room, &cpu_of[i]);
                continue;
            }
            deal_cpu(m, item, &allowed, room, &cpu_of[i]);
            if (cpu_of[i] != XTUNE_NONE) continue;
            memcpy(m->alone.words, alone.words,
                   (alone.nbits + 63) / 64 * sizeof(uint64_t));
            memcpy(m->taken_cores.words, cores.words,
                   (cores.nbits + 63) / 64 * sizeof(uint64_t));
            return false;
        }
    return true;
}

static void start_masks(const xt_masks *m, const xt_item *item)
{
    const size_t nr = item->domain->nr_vcpus;

    item->out->hard = XTUNE_NEW_ARRAY(m->model->arena, xtune_set, nr);
    item->out->soft = XTUNE_NEW_ARRAY(m->model->arena, xtune_set, nr);
}

static void pin_alone(xt_masks *m, xt_item *item)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const size_t nr = item->domain->nr_vcpus;
    unsigned int *cpu_of = XTUNE_NEW_ARRAY(arena, unsigned int, nr);
    size_t i;

    if (!find_cpus(m, arena, item, cpu_of)) {
        xt_leave(m->model, item, &item->home);
        xt_share_cores(m->model, item,
                       "its masks leave it not so many free cores");
        xt_enter(m->model, item, &item->home);
        return;
    }
    start_masks(m, item);
    for (i = 0; i < nr; i++) {
        const xtune_set allowed = allowed_cpus(m, arena, item, i);
        xtune_set mask =
            xtune_set_new(m->model->arena, m->model->host->nr_cpu_ids);

        if (cpu_of[i] == XTUNE_NONE) continue;
        xtune_set_add(&mask, cpu_of[i]);
        set_mask(m, item, i, &mask, &allowed);
    }
}

/* Masks of whole nodes. */

/* A node's CPUs in a pool, without those that a vCPU has for itself. */
static const xtune_set *node_mask(xt_masks *m, uint32_t pool, uint32_t n)
{
    const xt_model *model = m->model;
    const size_t at = (size_t)pool * model->nr_nodes + n;
    xtune_set *mask = &m->node_mask[at];

    if (m->has_mask[at]) return mask;
    *mask = xtune_set_copy(model->arena,
                           &model->host->node_cpus[model->node_id[n]]);
    xtune_set_and(mask, &model->pool_cpus[pool]);
    xtune_set_andnot(mask, &m->alone);
    m->has_mask[at] = true;
    return mask;
}

/* The CPUs of some nodes for one vCPU; empty where it may use none. */
static xtune_set shared_mask(xt_masks *m, const xt_item *item, uint64_t nodes,
                             const xtune_set *allowed)
{
    const xt_model *model = m->model;
    uint32_t n, first = (uint32_t)__builtin_ctzll(nodes);
    xtune_set mask, others;
    unsigned int cpu;

    /* The usual case shares one mask among all. */
    if (!(nodes & (nodes - 1)) &&
        allowed->words == model->pool_cpus[item->pool].words &&
        !xtune_set_is_empty(node_mask(m, item->pool, first)))
        return *node_mask(m, item->pool, first);
    mask = xtune_set_new(model->arena, model->host->nr_cpu_ids);
    xt_for_each_node(n, nodes)
        xtune_set_or(&mask, node_mask(m, item->pool, n));
    xtune_set_and(&mask, allowed);
    if (!xtune_set_is_empty(&mask)) return mask;
    xt_for_each_node(n, nodes)
        xtune_set_or(&mask, &model->host->node_cpus[model->node_id[n]]);
    xtune_set_and(&mask, allowed);
    others = xtune_set_new(model->arena, model->host->nr_cpu_ids);
    xtune_set_for_each(cpu, &mask) if (m->owner[cpu] && m->owner[cpu] != item)
        xtune_set_add(&others, cpu);
    /* Better beside one that wanted to be alone than nowhere. */
    if (!xtune_set_is_subset(&mask, &others)) xtune_set_andnot(&mask, &others);
    return mask;
}

/* Whether every vCPU has whole nodes of the home already, and all of them
 * together the home. */
static bool has_home(xt_masks *m, xtune_arena *arena, const xt_item *item)
{
    const xtune_domain *domain = item->domain;
    uint64_t together = 0;
    size_t i;

    if (item->is_new) return false;
    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_set allowed = allowed_cpus(m, arena, item, i);
        xtune_set now = xtune_set_copy(arena, present_mask(item, i)), nodes;
        uint64_t places;
        xtune_set mask;

        xtune_set_and(&now, &allowed);
        nodes = xtune_host_nodes_of(arena, m->model->host, &now);
        places = xt_model_places(m->model, &nodes);
        if (!places || places & ~item->home.nodes) return false;
        mask = shared_mask(m, item, places, &allowed);
        if (!xtune_set_equal(&mask, &now)) return false;
        together |= places;
    }
    return together == item->home.nodes;
}

/* "all" says best that a home is all there is. */
static bool is_everything(const xt_masks *m, const xtune_set *mask,
                          const xtune_set *allowed)
{
    return xtune_set_is_subset(allowed, mask) &&
           !xtune_set_intersects(allowed, &m->alone);
}

/* The nodes of a vCPU within the home: of its part, where the guest knows of
 * parts. */
static uint64_t nodes_of_vcpu(const xt_model *model, const xt_item *item,
                              size_t i)
{
    const xtune_placed *out = item->out;
    size_t v;

    for (v = 0; v < out->nr_vnodes; v++)
        if (xtune_set_has(&out->vnodes[v].vcpus, (unsigned int)i))
            return UINT64_C(1) << model->place_of[out->vnodes[v].node];
    return item->home.nodes;
}

static void pin_shared(xt_masks *m, xt_item *item)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_domain *domain = item->domain;
    const bool keep = has_home(m, arena, item);
    size_t i;

    start_masks(m, item);
    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_set allowed = allowed_cpus(m, arena, item, i);
        xtune_set mask;

        if (keep) {
            set_mask(m, item, i, present_mask(item, i), &allowed);
            continue;
        }
        mask =
            shared_mask(m, item, nodes_of_vcpu(m->model, item, i), &allowed);
        if (xtune_set_is_empty(&mask)) { /* its own mask holds it elsewhere */
            item->out->hard[i] = domain->vcpus[i].hard;
            item->out->soft[i] = domain->vcpus[i].soft;
            continue;
        }
        set_mask(m, item, i,
                 is_everything(m, &mask, &allowed) ? &m->all : &mask,
                 &allowed);
    }
}

/* A vCPU that is offline has no CPU for itself, but the home. */
static void pin_offline(xt_masks *m, xt_item *item)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_domain *domain = item->domain;
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_set allowed = allowed_cpus(m, arena, item, i);
        xtune_set mask;

        if (item->out->hard[i].words) continue;
        mask = shared_mask(m, item, item->home.nodes, &allowed);
        if (xtune_set_is_empty(&mask)) mask = *present_mask(item, i);
        set_mask(m, item, i, &mask, &allowed);
    }
}

/* The parts of a guest. */

static uint32_t compare_parts(const xt_model *model, const xt_part *a,
                              const xt_part *b)
{
    return model->node_id[a->node] > model->node_id[b->node];
}

static void sort_parts(const xt_model *model, xt_home *home)
{
    uint32_t i, j;

    for (i = 1; i < home->nr_parts; i++)
        for (j = i;
             j && compare_parts(model, &home->parts[j - 1], &home->parts[j]);
             j--) {
            const xt_part part = home->parts[j];

            home->parts[j] = home->parts[j - 1];
            home->parts[j - 1] = part;
        }
}

static bool can_see_nodes(const xt_item *item)
{
    const enum xtune_domain_type type = item->domain->type;
    uint32_t i;

    if (!item->is_new || !item->home.placed || item->home.nr_parts < 2 ||
        item->vcpu_nodes || (type != XTUNE_TYPE_PV && type != XTUNE_TYPE_HVM))
        return false;
    for (i = 0; i < item->home.nr_parts; i++)
        if (!item->home.parts[i].vcpus || !item->home.parts[i].memory_kb)
            return false;
    return true;
}

/* vCPUs in their order, part after part; those offline evenly. */
static void make_vnodes(const xt_model *model, xt_item *item)
{
    const xtune_domain *domain = item->domain;
    xtune_placed *out = item->out;
    uint32_t left = 0, part = 0, spare = 0;
    size_t i;

    if (!can_see_nodes(item)) return;
    out->nr_vnodes = item->home.nr_parts;
    out->vnodes = XTUNE_NEW_ARRAY(model->arena, xtune_vnode, out->nr_vnodes);
    for (i = 0; i < out->nr_vnodes; i++)
        out->vnodes[i] = (xtune_vnode){
            .node = model->node_id[item->home.parts[i].node],
            .memory_kb = item->home.parts[i].memory_kb,
            .vcpus =
                xtune_set_new(model->arena, (unsigned int)domain->nr_vcpus),
        };
    left = item->home.parts[0].vcpus;
    for (i = 0; i < domain->nr_vcpus; i++) {
        if (!domain->vcpus[i].online) {
            xtune_set_add(&out->vnodes[spare++ % out->nr_vnodes].vcpus,
                          (unsigned int)i);
            continue;
        }
        while (!left)
            left = item->home.parts[++part].vcpus;
        left--;
        xtune_set_add(&out->vnodes[part].vcpus, (unsigned int)i);
    }
}

void xt_make_masks(xt_model *model)
{
    const unsigned int nr_ids = model->host->nr_cpu_ids;
    const size_t cells = (size_t)model->nr_pools * model->nr_nodes;
    xt_masks m = {
        .model = model,
        .all = xtune_set_all(model->arena, nr_ids),
        .alone = xtune_set_new(model->arena, nr_ids),
        .taken_cores = xtune_set_new(model->arena, nr_ids),
        .owner = XTUNE_NEW_ARRAY(model->arena, const xt_item *, nr_ids),
        .node_mask = XTUNE_NEW_ARRAY(model->arena, xtune_set, cells),
        .has_mask = XTUNE_NEW_ARRAY(model->arena, bool, cells),
    };
    size_t i;
    int pinned;

    for (pinned = 1; pinned >= 0; pinned--)
        for (i = 0; i < model->nr_items; i++) {
            xt_item *item = &model->items[i];

            if (!item->home.nodes || item->pinned != (pinned == 1)) continue;
            sort_parts(model, &item->home);
            make_vnodes(model, item);
            if (item->exclusive) pin_alone(&m, item);
        }
    for (i = 0; i < model->nr_items; i++) {
        xt_item *item = &model->items[i];

        if (!item->home.nodes) continue;
        if (item->exclusive)
            pin_offline(&m, item);
        else
            pin_shared(&m, item);
    }
}
