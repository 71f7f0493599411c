/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a layout changes of stored configurations. */
#include <string.h>

#include "host/configured.h"
#include "host/unit_firsts.h"
#include "plan/layout_writer.h"

static const xtune_domain *domain_at(const xt_layout_writer *w, size_t i)
{
    return &w->host->domains[i];
}

const char *xt_writer_reason(const xt_layout_writer *w, size_t i)
{
    return w->layout->reasons[i] ? w->layout->reasons[i] : w->layout->reason;
}

/* Whether a stored mask would keep it from being made in its pool. */
static bool fits_stored(const xt_layout_writer *w, size_t i,
                        const xtune_set *cpus)
{
    const xt_json *hard = xt_json_get(domain_at(w, i)->configured, "hard");
    const xtune_set_names names = xtune_host_cpu_names(w->host);
    const xtune_set firsts = xt_host_unit_firsts(
        w->arena, w->host, cpus, w->host->cpupools[0].granularity);
    xtune_set set;
    size_t v;

    for (v = 0; hard && v < hard->nr; v++) {
        const char *text = xt_json_text(hard->items[v]);

        if (!text || xtune_set_parse(w->arena, &names, "", text, &set, NULL) ||
            !xtune_set_intersects(&set, &firsts))
            return false;
    }
    return true;
}

/* The pool that a domain is to be made in again; NULL for the first, which is
 * where those go that name none, whatever it is called. */
static const char *pool_to_store(const xt_layout_writer *w, size_t i)
{
    const xt_layout_pool *pool = &w->layout->pools[w->layout->pool_of[i]];

    return w->slots[0].then == pool ? NULL : pool->name;
}

void xt_writer_add_stored(xt_layout_writer *w, size_t i)
{
    const xtune_domain *domain = domain_at(w, i);
    const xt_masks *masks = &w->last[i].masks;
    const xt_layout_pool *pool;
    const xt_json *value = domain->configured;
    const char *stored;
    bool moves, masks_change;

    if (!xt_layout_counts(w->layout, i) || !value) return;
    pool = &w->layout->pools[w->layout->pool_of[i]];
    stored = xt_json_text(xt_json_get(value, "cpupool"));
    moves = w->slot_of_pool[w->layout->pool_of[i]] !=
            xt_writer_slot_of_domain(w, i);
    masks_change =
        !xt_writer_same_masks(&w->first[i].masks, masks, domain->nr_vcpus);
    if (masks_change || w->layout->masks[i].hard ||
        !fits_stored(w, i, &pool->cpus))
        if (!xt_configured_gives(value, masks->hard, masks->soft,
                                 domain->nr_vcpus))
            value = xt_configured_make(w->arena, value, masks->hard,
                                       masks->soft, domain->nr_vcpus);
    if (moves || (stored && xt_layout_find(w->layout, stored) == XT_NO_POOL))
        value = xt_configured_in_pool(w->arena, value, pool_to_store(w, i));
    xt_plan_set_stored(w->plan, domain, value, xt_writer_reason(w, i));
}
