/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From homes to the masks of vCPUs. */
#include "place/masks.h"

#include <string.h>

#include "base/util.h"

/* The CPUs that a vCPU may use: of its pool; where its own hard mask stays,
 * within that. */
xtune_set xt_allowed_cpus(const xt_masks *m, xtune_arena *arena,
                          const xt_item *item, size_t vcpu)
{
    const xtune_set *pool = &m->model->pool_cpus[item->pool];
    const xtune_set *hard = &item->domain->vcpus[vcpu].hard;
    xtune_set cpus;

    if ((item->hard && item->given && !item->is_new) ||
        xtune_set_is_subset(pool, hard))
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

/* A soft mask without a CPU that is allowed has the effect of all. */
static bool soft_is_all(const xtune_set *soft, const xtune_set *mask,
                        const xtune_set *allowed)
{
    return !xtune_set_intersects(soft, allowed) &&
           xtune_set_is_subset(allowed, mask);
}

/* The mask of the two that the rule is about. */
const xtune_set *xt_present_mask(const xt_item *item, size_t vcpu)
{
    const xtune_vcpu *v = &item->domain->vcpus[vcpu];

    return item->hard ? &v->hard : &v->soft;
}

void xt_set_mask(const xt_masks *m, const xt_item *item, size_t i,
                 const xtune_set *mask, const xtune_set *allowed)
{
    const xtune_vcpu *vcpu = &item->domain->vcpus[i];
    const xtune_set *now = xt_present_mask(item, i);
    /* A mask that comes to the same already is left as it is written. */
    const xtune_set *wanted =
        same_effect(now, mask, allowed) ||
                (!item->hard && soft_is_all(now, mask, allowed))
            ? now
            : mask;

    item->out->hard[i] = item->hard ? *wanted : vcpu->hard;
    item->out->soft[i] = item->hard ? m->all : *wanted;
    /* The hard mask says it all: a soft mask around it says nothing more. */
    if (item->hard && (same_effect(&vcpu->soft, &m->all, wanted) ||
                       soft_is_all(&vcpu->soft, wanted, wanted)))
        item->out->soft[i] = vcpu->soft;
}

void xt_start_masks(const xt_masks *m, const xt_item *item)
{
    const size_t nr = item->domain->nr_vcpus;

    item->out->hard = XTUNE_NEW_ARRAY(m->model->arena, xtune_set, nr);
    item->out->soft = XTUNE_NEW_ARRAY(m->model->arena, xtune_set, nr);
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
    if (nodes != item->home.nodes)
        return shared_mask(m, item, item->home.nodes, allowed);
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
        const xtune_set allowed = xt_allowed_cpus(m, arena, item, i);
        xtune_set now = xtune_set_copy(arena, xt_present_mask(item, i)), nodes;
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
uint64_t xt_nodes_of_vcpu(const xt_model *model, const xt_item *item, size_t i)
{
    const xtune_placed *out = item->out;
    size_t v;

    /* libxl makes no parts for PV guests yet. */
    if (item->domain->type != XTUNE_TYPE_HVM) return item->home.nodes;

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

    xt_start_masks(m, item);
    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_set allowed = xt_allowed_cpus(m, arena, item, i);
        xtune_set mask;

        if (keep) {
            xt_set_mask(m, item, i, xt_present_mask(item, i), &allowed);
            continue;
        }
        mask = shared_mask(m, item, xt_nodes_of_vcpu(m->model, item, i),
                           &allowed);
        if (xtune_set_is_empty(&mask)) { /* its own mask holds it elsewhere */
            item->out->hard[i] = domain->vcpus[i].hard;
            item->out->soft[i] = domain->vcpus[i].soft;
            continue;
        }
        xt_set_mask(m, item, i,
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
        const xtune_set allowed = xt_allowed_cpus(m, arena, item, i);
        xtune_set mask;

        if (item->out->hard[i].words) continue;
        mask = shared_mask(m, item, item->home.nodes, &allowed);
        if (xtune_set_is_empty(&mask)) mask = *xt_present_mask(item, i);
        xt_set_mask(m, item, i, &mask, &allowed);
    }
}

bool xt_make_masks(xt_model *model)
{
    static const xt_item nobody; /* of ours */
    const unsigned int nr_ids = model->host->nr_cpu_ids;
    const size_t cells = (size_t)model->nr_pools * model->nr_nodes;
    xt_masks m = {
        .model = model,
        .all = xtune_set_all(model->arena, nr_ids),
        .alone = xtune_set_new(model->arena, nr_ids),
        .owner = XTUNE_NEW_ARRAY(model->arena, const xt_item *, nr_ids),
        .node_mask = XTUNE_NEW_ARRAY(model->arena, xtune_set, cells),
        .has_mask = XTUNE_NEW_ARRAY(model->arena, bool, cells),
    };
    unsigned int cpu;
    size_t i;

    for (i = 0; i < model->nr_items; i++) {
        xt_item *item = &model->items[i];

        item->out->hard = item->out->soft = NULL;
        item->out->nr_vnodes = 0;
        if (item->home.nodes) xt_make_vnodes(model, item);
    }
    xtune_set_or(&m.alone, &model->reserved);
    xtune_set_for_each(cpu, &model->reserved) m.owner[cpu] = &nobody;
    if (!xt_pin_alone(&m)) return false;
    for (i = 0; i < model->nr_items; i++) {
        xt_item *item = &model->items[i];

        if (!item->home.nodes) continue;
        if (item->exclusive)
            pin_offline(&m, item);
        else
            pin_shared(&m, item);
    }
    return true;
}
