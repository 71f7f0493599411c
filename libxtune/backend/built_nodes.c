/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/built_nodes.h"

#include <string.h>

#include "base/json.h"

/* Adds the ids in a list of numbers that are in exists; false if none is. */
static bool add_ids(const xt_json *list, const xtune_set *exists,
                    xtune_set *set)
{
    uint64_t id;
    size_t i;

    for (i = 0; list && list->type == XT_JSON_ARRAY && i < list->nr; i++)
        if (xt_json_to_u64(list->items[i], UINT32_MAX, &id) &&
            xtune_set_has(exists, (unsigned int)id))
            xtune_set_add(set, (unsigned int)id);
    return !xtune_set_is_empty(set);
}

/* The CPUs of all vCPUs' masks; those without one may run anywhere. */
static bool mask_of(xtune_arena *arena, const xtune_host *host,
                    const xt_json *info, const char *key, xtune_set *cpus_r)
{
    const xt_json *masks = xt_json_get(info, key);
    uint64_t nr_vcpus = 1;
    size_t i;

    *cpus_r = xtune_set_copy(arena, &host->cpu_ids);
    (void)xt_json_to_u64(xt_json_get(info, "max_vcpus"), XTUNE_MAX_VCPUS,
                         &nr_vcpus);
    if (!masks || masks->type != XT_JSON_ARRAY || !masks->nr ||
        masks->nr < nr_vcpus)
        return false;
    *cpus_r = xtune_set_new(arena, host->nr_cpu_ids);
    for (i = 0; i < masks->nr; i++)
        (void)add_ids(masks->items[i], &host->cpu_ids, cpus_r);
    return true;
}

/* As libxl decides it: no node map is given when this is asked. */
static bool libxl_chose(const xt_json *info)
{
    const xt_json *soft = xt_json_get(info, "vcpu_soft_affinity");
    const char *placement = xt_json_text(xt_json_get(info, "numa_placement"));

    return !(placement && !strcmp(placement, "False")) &&
           !(soft && soft->type == XT_JSON_ARRAY && soft->nr);
}

static bool nodes_of_masks(xtune_arena *arena, const xtune_host *host,
                           const xt_json *info, xtune_set *nodes_r)
{
    xtune_set cpus, soft;
    const bool has_hard =
        mask_of(arena, host, info, "vcpu_hard_affinity", &cpus);
    const bool has_soft =
        mask_of(arena, host, info, "vcpu_soft_affinity", &soft);

    if (!has_hard && !has_soft) return false;
    /* Xen: soft affinity counts as far as hard affinity allows it. */
    if (xtune_set_intersects(&cpus, &soft)) xtune_set_and(&cpus, &soft);
    *nodes_r = xtune_host_nodes_of(arena, host, &cpus);
    return !xtune_set_is_empty(nodes_r);
}

bool xt_built_nodes(xtune_arena *arena, const xtune_host *host,
                    const xt_json *document, xtune_set *nodes_r)
{
    const xt_json *info = xt_json_get(document, "b_info");

    *nodes_r = xtune_set_new(arena, host->nr_node_ids);
    if (add_ids(xt_json_get(info, "nodemap"), &host->node_ids, nodes_r))
        return true;
    return !libxl_chose(info) && nodes_of_masks(arena, host, info, nodes_r);
}
