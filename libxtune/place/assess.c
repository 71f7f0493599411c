/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What another placement costs by our model. */
#include "place/assess.h"

#include "base/util.h"
#include "place/search.h"

static void add_part(const xt_model *model, xt_home *home, uint32_t id,
                     const xt_assignment *assignment)
{
    if (!assignment->vcpus_on[id] && !assignment->memory_kb[id]) return;
    home->parts[home->nr_parts++] = (xt_part){
        .node = model->place_of[id],
        .vcpus = assignment->vcpus_on[id],
        .memory_kb = assignment->memory_kb[id],
    };
    home->nodes |= UINT64_C(1) << model->place_of[id];
}

/* Memory where one of the domain's vCPUs finds it local, over all of them. */
static uint64_t local_kb(const xt_item *item)
{
    unsigned __int128 sum = 0;
    uint32_t i;

    for (i = 0; i < item->home.nr_parts; i++)
        sum += (unsigned __int128)item->home.parts[i].memory_kb *
               item->home.parts[i].vcpus;
    return (uint64_t)(sum / item->nr_vcpus);
}

static void assess_item(xt_model *model, xt_item *item,
                        const xt_assignment *assignment,
                        xt_assessment *assessment)
{
    xtune_cost cost;
    uint32_t n;

    if (!assignment->vcpus_on) {
        assessment->nr_refused++;
        assessment->refused_kb += item->memory_kb;
        return;
    }
    item->home = (xt_home){
        .placed = true,
        .parts = XTUNE_NEW_ARRAY(model->arena, xt_part, model->nr_nodes),
    };
    for (n = 0; n < model->nr_nodes; n++)
        add_part(model, &item->home, model->node_id[n], assignment);
    if (item->exclusive && !xt_home_fits(model, item, &item->home))
        xt_share_cores(model, item, "");
    xt_own_cost(model, item, &item->home, &cost);
    assessment->cost.memory += cost.memory;
    assessment->cost.vcpus += cost.vcpus;
    assessment->cost.devices += cost.devices;
    assessment->cost.crowding += cost.crowding;
    assessment->total_kb += item->memory_kb;
    assessment->local_kb += local_kb(item);
    xt_enter(model, item, &item->home);
}

static void assess_host(const xt_model *model, xt_assessment *assessment)
{
    uint32_t pool, n;

    for (n = 0; n < model->nr_nodes; n++)
        if (model->free_kb[n] < 0)
            assessment->excess_kb += (uint64_t)-model->free_kb[n];
    for (pool = 0; pool < model->nr_pools; pool++)
        for (n = 0; n < model->nr_nodes; n++) {
            const xt_cell *cell = xt_cell_at(model, pool, n);
            const int64_t load = cell->load + cell->dedicated;
            uint64_t milli;

            assessment->cost.crowding += xt_cell_cost(model, cell);
            if (!cell->cores) continue;
            milli = (uint64_t)(load * 1000 / XT_LOAD / cell->cores);
            if (milli > assessment->fullest_milli)
                assessment->fullest_milli = milli;
        }
}

int xt_assess(const xtune_place_request *request,
              const xt_assignment *assignments, xt_assessment *assessment_r,
              xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_place_request kept = {
        .host = request->host,
        .policy = request->policy,
        .newcomers = request->newcomers,
        .nr_newcomers = request->nr_newcomers,
        .flags = request->flags | XTUNE_PLACE_KEEP_RUNNING,
    };
    xtune_placement placement = {
        .nr_domains = request->host->nr_domains + request->nr_newcomers,
    };
    xt_model *model = xt_model_new(arena, &kept);
    size_t i;
    int rc;

    placement.domains =
        XTUNE_NEW_ARRAY(arena, xtune_placed, placement.nr_domains);
    rc = xt_model_add_domains(model, &placement, err);
    if (rc) return rc;
    *assessment_r = (xt_assessment){ 0 };
    for (i = request->host->nr_domains; i < placement.nr_domains; i++) {
        if (!placement.domains[i].refused) continue;
        assessment_r->nr_refused++;
        assessment_r->refused_kb +=
            xt_clamp_kb(placement.domains[i].domain->memory_kb);
    }
    for (i = 0; i < model->nr_items; i++) {
        xt_item *item = &model->items[i];

        assess_item(model, item,
                    &assignments[item->domain - request->newcomers],
                    assessment_r);
    }
    assess_host(model, assessment_r);
    return 0;
}
