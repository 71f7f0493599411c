/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of a guest, as it may see them. */
#include "place/masks.h"

static uint32_t compare_parts(const xt_model *model, const xt_part *a,
                              const xt_part *b)
{
    return model->node_id[a->node] > model->node_id[b->node];
}

static void sort_parts(const xt_model *model, xt_home *home)
{
    uint32_t i, j;

    for (i = 1; i < home->nr_parts; i++)
        for (j = i;
             j && compare_parts(model, &home->parts[j - 1], &home->parts[j]);
             j--) {
            const xt_part part = home->parts[j];

            home->parts[j] = home->parts[j - 1];
            home->parts[j - 1] = part;
        }
}

static bool can_see_nodes(const xt_item *item)
{
    const enum xtune_domain_type type = item->domain->type;
    uint32_t i;

    if (!item->is_new || !item->home.placed || item->home.nr_parts < 2 ||
        item->vcpu_nodes || (type != XTUNE_TYPE_PV && type != XTUNE_TYPE_HVM))
        return false;
    for (i = 0; i < item->home.nr_parts; i++)
        if (!item->home.parts[i].vcpus || !item->home.parts[i].memory_kb)
            return false;
    return true;
}

/* vCPUs in their order, part after part; those offline evenly. */
void xt_make_vnodes(xt_model *model, xt_item *item)
{
    const xtune_domain *domain = item->domain;
    xtune_placed *out = item->out;
    uint32_t left = 0, part = 0, spare = 0;
    size_t i;

    sort_parts(model, &item->home);
    if (!can_see_nodes(item)) return;
    out->nr_vnodes = item->home.nr_parts;
    out->vnodes = XTUNE_NEW_ARRAY(model->arena, xtune_vnode, out->nr_vnodes);
    for (i = 0; i < out->nr_vnodes; i++)
        out->vnodes[i] = (xtune_vnode){
            .node = model->node_id[item->home.parts[i].node],
            .memory_kb = item->home.parts[i].memory_kb,
            .vcpus =
                xtune_set_new(model->arena, (unsigned int)domain->nr_vcpus),
        };
    left = item->home.parts[0].vcpus;
    for (i = 0; i < domain->nr_vcpus; i++) {
        if (!domain->vcpus[i].online) {
            xtune_set_add(&out->vnodes[spare].vcpus, (unsigned int)i);
            if (++spare == out->nr_vnodes) spare = 0;
            continue;
        }
        while (!left)
            left = item->home.parts[++part].vcpus;
        left--;
        xtune_set_add(&out->vnodes[part].vcpus, (unsigned int)i);
    }
}
