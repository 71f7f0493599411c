/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pools of CPUs, and what comes and goes with a CPU. */
#include <xtune/host.h>

#include <string.h>

#include "base/util.h"

static bool is_number(const char *s)
{
    return s[0] && !s[strspn(s, "0123456789")];
}

int xtune_host_find_cpupool(const xtune_host *host, const char *qualifier,
                            const xtune_cpupool **pool_r, xtune_error **err)
{
    const bool by_id = is_number(qualifier);
    const xtune_cpupool *found = NULL;
    uint64_t id = XTUNE_NONE;
    size_t i;

    if (!qualifier[0])
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "cpupool",
                               "give a name or an id",
                               "the name \"\" is empty");
    if (by_id && !xt_parse_u64(qualifier, 10, UINT32_MAX - 1, &id))
        id = XTUNE_NONE;
    for (i = 0; i < host->nr_cpupools; i++) {
        const xtune_cpupool *pool = &host->cpupools[i];

        if (by_id ? pool->id != id : strcmp(pool->name, qualifier)) continue;
        if (found)
            return xtune_error_set(
                err, XTUNE_ERR_INVALID, 0, qualifier, "give the pool's id",
                "cpupools %u and %u both have this name", found->id, pool->id);
        found = pool;
    }
    if (!found)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, qualifier,
                               "see \"xltune cpupool-list\"",
                               "no such cpupool");
    *pool_r = found;
    return 0;
}

xtune_set xtune_host_free_cpus(xtune_arena *arena, const xtune_host *host)
{
    xtune_set cpus = xtune_set_copy(arena, &host->cpu_ids);
    size_t i;

    for (i = 0; i < host->nr_cpupools; i++)
        xtune_set_andnot(&cpus, &host->cpupools[i].cpus);
    return cpus;
}

/* Where Xen does not know a CPU's place, it stands alone. */
static bool are_one(const xtune_cpu *a, const xtune_cpu *b, bool by_core)
{
    if (a->socket != b->socket || a->socket == XTUNE_NONE) return false;
    return !by_core || (a->core == b->core && a->core != XTUNE_NONE);
}

xtune_set xtune_host_units(xtune_arena *arena, const xtune_host *host,
                           const xtune_set *cpus, const char *granularity)
{
    const bool by_core = granularity && !strcmp(granularity, "core");
    const bool by_socket = granularity && !strcmp(granularity, "socket");
    xtune_set units = xtune_set_copy(arena, cpus);
    unsigned int id;
    size_t i;

    if (!by_core && !by_socket) return units;
    xtune_set_for_each(id, cpus)
    {
        const xtune_cpu *cpu = xtune_host_cpu(host, id);

        for (i = 0; cpu && i < host->nr_cpus; i++)
            if (are_one(cpu, &host->cpus[i], by_core))
                xtune_set_add(&units, host->cpus[i].id);
    }
    return units;
}

unsigned int xtune_host_unit_size(const xtune_host *host,
                                  const xtune_cpupool *pool)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    unsigned int largest = 1, nr;
    size_t i;

    if (!pool || !pool->granularity || !strcmp(pool->granularity, "cpu"))
        return 1;
    for (i = 0; i < host->nr_cpus; i++) {
        xtune_set one = xtune_set_new(arena, host->nr_cpu_ids);

        xtune_set_add(&one, host->cpus[i].id);
        one = xtune_host_units(arena, host, &one, pool->granularity);
        nr = xtune_set_count(&one);
        if (nr > largest) largest = nr;
    }
    return largest;
}
