/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/cores.h"

#include <stdlib.h>

/* By node, then core, then id. */
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

uint32_t *xt_host_cores(xtune_arena *arena, const xtune_host *host)
{
    uint32_t *core_of = XTUNE_NEW_ARRAY(arena, uint32_t, host->nr_cpu_ids);
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
