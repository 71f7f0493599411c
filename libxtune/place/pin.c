/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the nodes of a domain to the masks of its vCPUs. */
#include "place/pin.h"

#include "base/util.h"

/* The mask for the CPUs of the home: where they are all that the domain may
 * use, "all" says so best. */
static xtune_set home_mask(const xt_placer *placer, const xtune_set *home,
                           const xtune_set *allowed)
{
    if (xtune_set_is_subset(allowed, home))
        return xtune_set_all(placer->arena, placer->host->nr_cpu_ids);
    return xtune_set_copy(placer->arena, home);
}

/* Whether two masks come to the same within the CPUs allowed. */
static bool same_effect(const xt_placer *placer, const xtune_set *a,
                        const xtune_set *b, const xtune_set *allowed)
{
    xtune_set x = xtune_set_copy(placer->arena, a);
    xtune_set y = xtune_set_copy(placer->arena, b);

    xtune_set_and(&x, allowed);
    xtune_set_and(&y, allowed);
    return xtune_set_equal(&x, &y);
}

/* The next CPU of the home that no vCPU has for itself yet; of a core whose
 * other thread one has only when that is asked for. */
static unsigned int free_cpu(const xt_placer *placer, const xtune_set *home,
                             bool share_core)
{
    unsigned int id;

    xtune_set_for_each(
        id, home) if (!xtune_set_has(&placer->taken, id) &&
                      (share_core ||
                       !xtune_set_has(&placer->taken_cores,
                                      placer->core_of[id]))) return id;
    return XTUNE_NONE;
}

static void take_cpu(xt_placer *placer, unsigned int id)
{
    xtune_set_add(&placer->taken, id);
    xtune_set_add(&placer->taken_cores, placer->core_of[id]);
}

/* The one CPU of a mask, or XTUNE_NONE. */
static unsigned int only_cpu(const xtune_set *mask)
{
    const unsigned int id = xtune_set_next(mask, 0);

    return xtune_set_count(mask) == 1 ? id : XTUNE_NONE;
}

/* vCPUs that have a CPU of the home for themselves keep it, and no two of them
 * a core, unless they may share one. */
static void keep_pinned(xt_placer *placer, const xtune_placed *p,
                        const xtune_set *home, unsigned int *cpu_of)
{
    const bool hard = p->rule->mode == XTUNE_AFFINITY_HARD;
    const bool share_core = p->rule->smt == XTUNE_SMT_ALLOW;
    size_t i;

    for (i = 0; i < p->domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &p->domain->vcpus[i];
        const unsigned int id = only_cpu(hard ? &vcpu->hard : &vcpu->soft);

        cpu_of[i] = XTUNE_NONE;
        if (!xtune_set_has(home, id) || xtune_set_has(&placer->taken, id) ||
            (!share_core &&
             xtune_set_has(&placer->taken_cores, placer->core_of[id])))
            continue;
        cpu_of[i] = id;
        take_cpu(placer, id);
    }
}

/* False where there are not enough CPUs: nothing is taken then. */
static bool one_to_one(xt_placer *placer, const xtune_placed *p,
                       const xtune_set *home, unsigned int *cpu_of)
{
    const xtune_set cpus = xtune_set_copy(placer->arena, &placer->taken);
    const xtune_set cores =
        xtune_set_copy(placer->arena, &placer->taken_cores);
    size_t i;

    keep_pinned(placer, p, home, cpu_of);
    for (i = 0; i < p->domain->nr_vcpus; i++) {
        if (cpu_of[i] != XTUNE_NONE) continue;
        cpu_of[i] = free_cpu(placer, home, false);
        if (cpu_of[i] == XTUNE_NONE && p->rule->smt == XTUNE_SMT_ALLOW)
            cpu_of[i] = free_cpu(placer, home, true);
        if (cpu_of[i] == XTUNE_NONE) {
            placer->taken = cpus;
            placer->taken_cores = cores;
            return false;
        }
        take_cpu(placer, cpu_of[i]);
    }
    return true;
}

static void set_masks(const xt_placer *placer, xtune_placed *p, size_t i,
                      const xtune_set *mask, const xtune_set *allowed)
{
    const xtune_vcpu *vcpu = &p->domain->vcpus[i];
    const xtune_set all =
        xtune_set_all(placer->arena, placer->host->nr_cpu_ids);
    const bool is_hard = p->rule->mode == XTUNE_AFFINITY_HARD;
    const xtune_set *now = is_hard ? &vcpu->hard : &vcpu->soft;
    /* A mask that comes to the same already is left as it is written. */
    const xtune_set *wanted =
        same_effect(placer, now, mask, allowed) ? now : mask;

    p->hard[i] = is_hard ? *wanted : vcpu->hard;
    p->soft[i] = is_hard ? all : *wanted;
    /* The hard mask says it all: a soft mask around it says nothing more. */
    if (is_hard && same_effect(placer, &vcpu->soft, &all, wanted))
        p->soft[i] = vcpu->soft;
}

static xtune_set single_mask(const xt_placer *placer, unsigned int cpu)
{
    xtune_set mask = xtune_set_new(placer->arena, placer->host->nr_cpu_ids);

    xtune_set_add(&mask, cpu);
    return mask;
}

void xt_pin(xt_placer *placer, xtune_placed *p, const xtune_set *allowed)
{
    const bool wants_single = p->rule->pin == XTUNE_PIN_ONE_TO_ONE;
    const size_t nr = p->domain->nr_vcpus;
    unsigned int *cpu_of = XTUNE_NEW_ARRAY(placer->arena, unsigned int, nr);
    xtune_set home =
        xtune_host_cpus_of(placer->arena, placer->host, &p->nodes);
    bool single;
    size_t i;

    xtune_set_and(&home, allowed);
    single = wants_single && one_to_one(placer, p, &home, cpu_of);
    if (wants_single && !single)
        p->blocked = xtune_arena_printf(
            placer->arena,
            "node %s has no %zu free cores for its vCPUs; they "
            "share the node's CPUs",
            xtune_set_format_ids(placer->arena, &p->nodes), nr);
    p->hard = XTUNE_NEW_ARRAY(placer->arena, xtune_set, nr);
    p->soft = XTUNE_NEW_ARRAY(placer->arena, xtune_set, nr);
    for (i = 0; i < nr; i++) {
        const xtune_set mask = single ? single_mask(placer, cpu_of[i])
                                      : home_mask(placer, &home, allowed);

        set_masks(placer, p, i, &mask, allowed);
    }
}
