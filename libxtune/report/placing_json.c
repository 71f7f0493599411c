/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One domain's place, for programs. */
#include "base/util.h"
#include "report/placing.h"
#include "report/rule.h"

xt_json *xt_nodes_json(xtune_arena *arena, const xtune_set *nodes)
{
    return xt_json_string(arena, xtune_set_format_ids(arena, nodes));
}

xt_json *xt_cost_json(xtune_arena *arena, const xtune_cost *cost)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_u64(arena, json, "memory", cost->memory);
    xt_json_add_u64(arena, json, "vcpus", cost->vcpus);
    xt_json_add_u64(arena, json, "devices", cost->devices);
    xt_json_add_u64(arena, json, "crowding", cost->crowding);
    xt_json_add_u64(arena, json, "moving", cost->moving);
    xt_json_add_u64(arena, json, "sum", xtune_cost_sum(cost));
    return json;
}

xt_json *xt_constraints_json(xtune_arena *arena,
                             const xtune_placement *placement)
{
    xt_json *json = xt_json_array(arena);
    size_t i;

    for (i = 0; i < placement->nr_constraints; i++) {
        const xtune_constraint *c = &placement->constraints[i];
        xt_json *item = xt_json_object(arena);

        xt_json_add_string(arena, item, "name", c->name);
        xt_json_add_string(arena, item, "text", c->text);
        xt_json_add(arena, item, "nodes", xt_nodes_json(arena, &c->nodes));
        xt_json_add_string(arena, item, "source",
                           c->source.file ? xtune_source_text(arena, c->source)
                                          : NULL);
        xt_json_append(arena, json, item);
    }
    return json;
}

xt_json *xt_candidates_json(xtune_arena *arena,
                            const xtune_placement *placement)
{
    xt_json *json = xt_json_array(arena);
    size_t i;

    for (i = 0; i < placement->nr_candidates; i++) {
        const xtune_candidate *c = &placement->candidates[i];
        xt_json *item = xt_json_object(arena);

        xt_json_add(arena, item, "nodes", xt_nodes_json(arena, &c->nodes));
        xt_json_add(arena, item, "cost", xt_cost_json(arena, &c->cost));
        xt_json_add_string(arena, item, "refused", c->refused);
        xt_json_add_bool(arena, item, "chosen", c->chosen);
        xt_json_append(arena, json, item);
    }
    return json;
}

xt_json *xt_masks_json(xtune_arena *arena, const xtune_set *masks, size_t nr)
{
    xt_json *json;
    size_t i = 1;

    if (!masks || !nr) return xt_json_null(arena);
    while (i < nr && xtune_set_equal(&masks[i], &masks[0]))
        i++;
    if (i == nr)
        return xt_json_string(arena, xtune_set_format(arena, &masks[0]));
    json = xt_json_array(arena);
    for (i = 0; i < nr; i++)
        xt_json_append(
            arena, json,
            xt_json_string(arena, xtune_set_format(arena, &masks[i])));
    return json;
}

xt_json *xt_by_node_json(xtune_arena *arena, const xtune_host *host,
                         const uint64_t *kb)
{
    xt_json *json;
    unsigned int id;

    if (!kb) return xt_json_null(arena);
    json = xt_json_array(arena);
    for (id = 0; id < host->nr_node_ids; id++)
        xt_json_append(arena, json, xt_json_u64(arena, kb[id]));
    return json;
}

static xt_json *vcpus_json(xtune_arena *arena, const xtune_host *host,
                           const uint32_t *vcpus)
{
    xt_json *json;
    unsigned int id;

    if (!vcpus) return xt_json_null(arena);
    json = xt_json_array(arena);
    for (id = 0; id < host->nr_node_ids; id++)
        xt_json_append(arena, json, xt_json_u64(arena, vcpus[id]));
    return json;
}

static xt_json *vnuma_json(xtune_arena *arena, const xtune_placed *placed)
{
    xt_json *json = xt_json_array(arena);
    size_t i;

    for (i = 0; i < placed->nr_vnodes; i++) {
        const xtune_vnode *vnode = &placed->vnodes[i];
        xt_json *item = xt_json_object(arena);

        xt_json_add_u64(arena, item, "node", vnode->node);
        xt_json_add_u64(arena, item, "memory_kb", vnode->memory_kb);
        xt_json_add_string(arena, item, "vcpus",
                           xtune_set_format_ids(arena, &vnode->vcpus));
        xt_json_append(arena, json, item);
    }
    return json;
}

void xt_add_placed(xtune_arena *arena, xt_json *json, const xtune_host *host,
                   const xtune_placed *placed)
{
    const size_t nr = placed->domain->nr_vcpus;

    xt_json_add(arena, json, "rule", xt_rule_json(arena, placed->rule));
    xt_json_add(arena, json, "nodes", xt_nodes_json(arena, &placed->nodes));
    xt_json_add(arena, json, "memory_by_node_kb",
                xt_by_node_json(arena, host, placed->memory_kb));
    xt_json_add(arena, json, "vcpus_by_node",
                vcpus_json(arena, host, placed->vcpus_on));
    xt_json_add(arena, json, "hard", xt_masks_json(arena, placed->hard, nr));
    xt_json_add(arena, json, "soft", xt_masks_json(arena, placed->soft, nr));
    xt_json_add(arena, json, "vnuma", vnuma_json(arena, placed));
    xt_json_add(arena, json, "cost", xt_cost_json(arena, &placed->cost));
    xt_json_add_string(arena, json, "reason", placed->reason);
    xt_json_add_string(arena, json, "blocked", placed->blocked);
}
