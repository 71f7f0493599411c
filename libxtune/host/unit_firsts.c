/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/unit_firsts.h"

#include <string.h>

xtune_set xt_host_unit_firsts(xtune_arena *arena, const xtune_host *host,
                              const xtune_set *cpus, const char *granularity)
{
    xtune_set left = xtune_set_copy(arena, cpus), firsts, unit;
    unsigned int cpu;

    if (!granularity || !strcmp(granularity, "cpu")) return left;
    firsts = xtune_set_new(arena, cpus->nbits);
    while ((cpu = xtune_set_next(&left, 0)) != XTUNE_SET_END) {
        unit = xtune_set_new(arena, cpus->nbits);
        xtune_set_add(&unit, cpu);
        unit = xtune_host_units(arena, host, &unit, granularity);
        cpu = xtune_set_next(&unit, 0);
        if (xtune_set_has(cpus, cpu)) xtune_set_add(&firsts, cpu);
        xtune_set_andnot(&left, &unit);
    }
    return firsts;
}
