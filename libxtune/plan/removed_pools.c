/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pools that go because nobody wrote them down. */
#include "plan/wanted_pools.h"

static bool stays(const xt_layout *layout, const xtune_cpupool *pool)
{
    size_t i;

    /* One with another scheduler is made again, by its name. */
    if (xt_layout_find(layout, pool->name) != XT_NO_POOL) return true;
    for (i = 0; i < layout->nr_pools; i++)
        if (layout->pools[i].was == pool) return true;
    return false;
}

void xt_wanted_note_removed(xtune_plan *plan, const xt_layout *layout)
{
    const xtune_host *host = layout->host;
    size_t i;

    for (i = 0; i < host->nr_cpupools; i++)
        if (!stays(layout, &host->cpupools[i]))
            xt_plan_add_note(plan, host->cpupools[i].name,
                             "the policy has no such cpupool: it is removed");
}
