/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/unit_masks.h"

/* Of the vCPUs from first on: what any of them may use, in whole units. */
static xtune_set unite(xtune_arena *arena, const xtune_host *host,
                       const char *granularity, const xtune_set *masks,
                       size_t first, size_t end)
{
    xtune_set all = xtune_set_copy(arena, &masks[first]), units;
    size_t v;

    for (v = first + 1; v < end; v++)
        xtune_set_or(&all, &masks[v]);
    if (xtune_set_is_all(&all)) return all;
    /* CPUs that there are not stay as they are. */
    units = xtune_host_units(arena, host, &all, granularity);
    xtune_set_or(&units, &all);
    return units;
}

static const xtune_set *unite_all(xtune_arena *arena, const xtune_host *host,
                                  const xtune_domain *domain,
                                  const char *granularity,
                                  const xtune_set *masks, unsigned int size)
{
    xtune_set *united = XTUNE_NEW_ARRAY(arena, xtune_set, domain->nr_vcpus);
    size_t first, v;

    for (first = 0; first < domain->nr_vcpus; first = v) {
        const unsigned int unit = domain->vcpus[first].id / size;
        size_t end = first;
        xtune_set set;

        while (end < domain->nr_vcpus && domain->vcpus[end].id / size == unit)
            end++;
        set = unite(arena, host, granularity, masks, first, end);
        for (v = first; v < end; v++)
            united[v] = set;
    }
    return united;
}

void xt_unit_masks(xtune_arena *arena, const xtune_host *host,
                   const xtune_domain *domain, xt_masks *masks)
{
    const xtune_cpupool *pool = xtune_host_cpupool(host, domain->cpupool);
    const unsigned int size = xtune_host_unit_size(host, pool);

    if (size == 1 || !masks->hard || !domain->nr_vcpus) return;
    masks->hard =
        unite_all(arena, host, domain, pool->granularity, masks->hard, size);
    masks->soft =
        unite_all(arena, host, domain, pool->granularity, masks->soft, size);
}
