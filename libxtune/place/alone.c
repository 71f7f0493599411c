/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CPUs for one vCPU each. */
#include "place/masks.h"

#include <string.h>

#include "base/util.h"

static bool may_have(const xt_masks *m, const xt_item *item,
                     const xtune_set *allowed, unsigned int cpu)
{
    const xt_model *model = m->model;
    const unsigned int core = model->core_of[cpu];

    if (!xtune_set_has(allowed, cpu) || xtune_set_has(&m->alone, cpu))
        return false;
    if (xtune_set_has(&model->busy, core) ||
        xtune_set_has(&m->closed_cores, core))
        return false;
    return item->share_core || !xtune_set_has(&m->taken_cores, core);
}

static void take(xt_masks *m, const xt_item *item, unsigned int cpu)
{
    const xt_model *model = m->model;
    size_t i;

    xtune_set_add(&m->alone, cpu);
    m->owner[cpu] = item;
    xtune_set_add(&m->taken_cores, model->core_of[cpu]);
    if (!item->share_core)
        xtune_set_add(&m->closed_cores, model->core_of[cpu]);
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
    const xtune_set *now = xt_present_mask(item, i);
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

/* What there was before an item took CPUs. */
typedef struct xt_taken {
    xtune_set alone, taken_cores, closed_cores;
} xt_taken;

static void copy_words(xtune_set *to, const xtune_set *from)
{
    memcpy(to->words, from->words,
           (from->nbits + 63) / 64 * sizeof(*from->words));
}

static void give_back(xt_masks *m, const xt_item *item, const xt_taken *before)
{
    unsigned int id;

    xtune_set_for_each(id, &m->alone) if (m->owner[id] == item) m->owner[id] =
        NULL;
    copy_words(&m->alone, &before->alone);
    copy_words(&m->taken_cores, &before->taken_cores);
    copy_words(&m->closed_cores, &before->closed_cores);
}

/* False where one finds none. */
static bool find_cpus(xt_masks *m, xtune_arena *arena, const xt_item *item,
                      unsigned int *cpu_of)
{
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
            const xtune_set allowed = xt_allowed_cpus(m, arena, item, i);

            if (!domain->vcpus[i].online || cpu_of[i] != XTUNE_NONE) continue;
            if (!round) {
                keep_cpu(m, item, i, &allowed, room, &cpu_of[i]);
                continue;
            }
            deal_cpu(m, item, &allowed, room, &cpu_of[i]);
            if (cpu_of[i] == XTUNE_NONE) return false;
        }
    return true;
}

bool xt_pin_alone(xt_masks *m, xt_item *item)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_taken before = {
        xtune_set_copy(arena, &m->alone),
        xtune_set_copy(arena, &m->taken_cores),
        xtune_set_copy(arena, &m->closed_cores),
    };
    const size_t nr = item->domain->nr_vcpus;
    unsigned int *cpu_of = XTUNE_NEW_ARRAY(arena, unsigned int, nr);
    size_t i;

    if (!find_cpus(m, arena, item, cpu_of)) {
        give_back(m, item, &before);
        item->out_of_cores = true;
        item->no_cores_on |= item->home.nodes;
        return false;
    }
    for (i = 0; i < nr; i++) {
        const xtune_set allowed = xt_allowed_cpus(m, arena, item, i);
        xtune_set mask =
            xtune_set_new(m->model->arena, m->model->host->nr_cpu_ids);

        if (cpu_of[i] == XTUNE_NONE) continue;
        xtune_set_add(&mask, cpu_of[i]);
        xt_set_mask(m, item, i, &mask, &allowed);
    }
    return true;
}
