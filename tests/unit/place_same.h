/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether two placements of the same request say the same. */
#ifndef PLACE_SAME_H
#define PLACE_SAME_H

#include <string.h>

#include <xtune/place.h>

static inline bool same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static inline bool same_cost(const xtune_cost *a, const xtune_cost *b)
{
    return a->memory == b->memory && a->vcpus == b->vcpus &&
           a->devices == b->devices && a->crowding == b->crowding &&
           a->moving == b->moving;
}

static inline bool same_array(const void *a, const void *b, size_t size)
{
    return a && b ? !memcmp(a, b, size) : a == b;
}

static inline bool same_masks(const xtune_set *a, const xtune_set *b,
                              size_t nr)
{
    size_t i;

    if (!a || !b) return a == b;
    for (i = 0; i < nr; i++)
        if (!xtune_set_equal(&a[i], &b[i])) return false;
    return true;
}

static inline bool same_vnodes(const xtune_placed *a, const xtune_placed *b)
{
    size_t i;

    if (a->nr_vnodes != b->nr_vnodes) return false;
    for (i = 0; i < a->nr_vnodes; i++)
        if (a->vnodes[i].node != b->vnodes[i].node ||
            a->vnodes[i].memory_kb != b->vnodes[i].memory_kb ||
            !xtune_set_equal(&a->vnodes[i].vcpus, &b->vnodes[i].vcpus))
            return false;
    return true;
}

/* What differs; NULL where nothing does. */
static inline const char *placed_differ(const xtune_placed *a,
                                        const xtune_placed *b)
{
    const size_t nodes = a->nodes.nbits;

    if (a->domain != b->domain || a->rule != b->rule) return "the rule";
    if (!xtune_set_equal(&a->nodes, &b->nodes)) return "the home";
    if (!same_text(a->cpupool, b->cpupool)) return "the cpupool";
    if (!same_array(a->memory_kb, b->memory_kb, nodes * sizeof(uint64_t)) ||
        a->moved_kb != b->moved_kb)
        return "the memory";
    if (!same_array(a->vcpus_on, b->vcpus_on, nodes * sizeof(uint32_t)))
        return "the vCPUs";
    if (!same_masks(a->hard, b->hard, a->domain->nr_vcpus) ||
        !same_masks(a->soft, b->soft, a->domain->nr_vcpus))
        return "the masks";
    if (!same_vnodes(a, b)) return "the vnodes";
    if (!same_cost(&a->cost, &b->cost) ||
        !same_cost(&a->cost_now, &b->cost_now))
        return "the cost";
    if (!same_text(a->reason, b->reason)) return "the reason";
    if (!same_text(a->blocked, b->blocked) || a->refused != b->refused)
        return "what is blocked";
    return NULL;
}

static inline const char *placements_differ(xtune_arena *arena,
                                            const xtune_placement *a,
                                            const xtune_placement *b)
{
    const char *what = NULL;
    size_t i;

    if (a->nr_domains != b->nr_domains) return "the number of domains differs";
    for (i = 0; !what && i < a->nr_domains; i++) {
        what = placed_differ(&a->domains[i], &b->domains[i]);
        if (what)
            what = xtune_arena_printf(arena, "%s: %s differs",
                                      a->domains[i].domain->name, what);
    }
    if (!what && !same_cost(&a->cost, &b->cost))
        what = "the whole cost differs";
    return what;
}

#endif
