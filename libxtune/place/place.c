/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Placement: from the request to the answer. */
#include <xtune/place.h>

#include "base/util.h"
#include "place/explain.h"
#include "place/masks.h"
#include "place/search.h"
#include "place/settle.h"
#include "place/words.h"

/* Whole vCPUs on the nodes that they spread over; where they have masks of
 * their own, as those let them be. */
static void spread_vcpus(const xt_model *model, const xt_item *item,
                         uint32_t *vcpus_on)
{
    const uint64_t all = xt_share_sum(item, item->home.nodes);
    unsigned __int128 sum = 0;
    uint32_t n, before = 0, upto;

    xt_for_each_node(n, item->home.nodes)
    {
        sum += xt_share_of(item, item->home.nodes, n);
        upto = all ? (uint32_t)(item->nr_vcpus * sum / all) : 0;
        vcpus_on[model->node_id[n]] = upto - before;
        before = upto;
    }
}

static void deal_vcpus(const xt_model *model, const xt_item *item,
                       uint32_t *vcpus_on)
{
    xt_part parts[XTUNE_MAX_NODES];
    uint32_t room[XTUNE_MAX_NODES], n, i;
    xt_home home = { .nodes = item->home.nodes, .parts = parts };

    if (!item->vcpu_nodes) {
        spread_vcpus(model, item, vcpus_on);
        return;
    }
    xt_for_each_node(n, home.nodes)
    {
        room[home.nr_parts] = item->nr_vcpus;
        parts[home.nr_parts++] = (xt_part){ .node = n };
    }
    xt_deal_vcpus(item, &home, room);
    for (i = 0; i < home.nr_parts; i++)
        vcpus_on[model->node_id[parts[i].node]] = parts[i].vcpus;
}

static void report_parts(const xt_model *model, const xt_item *item)
{
    const unsigned int nr = model->host->nr_node_ids;
    xtune_placed *out = item->out;
    uint32_t i;

    out->vcpus_on = XTUNE_NEW_ARRAY(model->arena, uint32_t, nr);
    if (item->home.placed)
        out->memory_kb = XTUNE_NEW_ARRAY(model->arena, uint64_t, nr);
    if (!item->home.nr_parts) deal_vcpus(model, item, out->vcpus_on);
    for (i = 0; i < item->home.nr_parts; i++) {
        const xt_part *part = &item->home.parts[i];
        const uint32_t id = model->node_id[part->node];

        out->vcpus_on[id] = part->vcpus;
        if (!item->home.placed) continue;
        out->memory_kb[id] = part->memory_kb;
        if (!item->is_new && part->memory_kb > item->resident_kb[part->node])
            out->moved_kb += part->memory_kb - item->resident_kb[part->node];
    }
}

/* What a running domain costs where its masks let it be. */
static void cost_now(const xt_model *model, const xt_item *item,
                     xtune_cost *cost_r)
{
    const xt_home home = { .nodes = item->now ? item->now : item->allowed };

    xt_own_cost(model, item, &home, cost_r);
    cost_r->moving = 0;
}

static void add_cost(xtune_cost *sum, const xtune_cost *cost)
{
    sum->memory += cost->memory;
    sum->vcpus += cost->vcpus;
    sum->devices += cost->devices;
    sum->crowding += cost->crowding;
    sum->moving += cost->moving;
}

static void report_item(xt_model *model, xt_item *item, xtune_cost *sum)
{
    xtune_placed *out = item->out;

    out->nodes = xt_model_nodes(model, item->home.nodes);
    if (!item->is_new) cost_now(model, item, &out->cost_now);
    if (item->home.nodes) {
        report_parts(model, item);
        xt_own_cost(model, item, &item->home, &out->cost);
        add_cost(sum, &out->cost);
    }
    /* What is free is told as it is without it. */
    xt_drop_home(model, item);
    xt_explain_item(model, item);
    if (item->home.nodes) xt_enter(model, item, &item->home);
}

static void report(xt_model *model, xtune_placement *placement)
{
    size_t i;

    for (i = 0; i < model->nr_items; i++)
        report_item(model, &model->items[i], &placement->cost);
    for (i = 0; i < (size_t)model->nr_pools * model->nr_nodes; i++)
        placement->cost.crowding += xt_cell_cost(model, &model->cells[i]);
    placement->vcpu_kb = model->vcpu_kb;
}

int xt_place_once(const xtune_place_request *request,
                  xtune_placement **placement_r, xtune_error **err)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_placement *placement = XTUNE_NEW(arena, xtune_placement);
    xt_model *model;
    int rc;

    placement->arena = arena;
    placement->nr_domains = request->host->nr_domains + request->nr_newcomers;
    placement->domains =
        XTUNE_NEW_ARRAY(arena, xtune_placed, placement->nr_domains);
    model = xt_model_new(arena, request);
    rc = xt_model_add_domains(model, placement, err);
    if (rc) {
        xtune_placement_free(placement);
        return rc;
    }
    xt_model_order(model);
    xt_search(model);
    do
        while (!xt_make_masks(model))
            xt_search_again(model);
    while (xt_search_cores_again(model));
    report(model, placement);
    if (request->explain) xt_explain(model, placement);
    *placement_r = placement;
    return 0;
}

int xtune_place(const xtune_place_request *request,
                xtune_placement **placement_r, xtune_error **err)
{
    xtune_placement *placement = NULL;
    int rc;

    rc = xt_place_once(request, &placement, err);
    /* Domains that are yet to be made leave no host that could be placed
     * again. */
    if (!rc && !request->nr_newcomers) rc = xt_settle(request, placement, err);
    if (rc) {
        xtune_placement_free(placement);
        return rc;
    }
    *placement_r = placement;
    return 0;
}

void xtune_placement_free(xtune_placement *placement)
{
    if (placement) xtune_arena_free(placement->arena);
}
