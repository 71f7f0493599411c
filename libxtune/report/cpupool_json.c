/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/report.h>

#include "base/json.h"
#include "base/util.h"
#include "report/cpupool.h"

static void add_numa(xtune_arena *arena, xt_json *json,
                     const xt_pool_view *view)
{
    xt_json_add(arena, json, "free_kb",
                view->free_kb == XTUNE_UNKNOWN_KB
                    ? xt_json_null(arena)
                    : xt_json_u64(arena, view->free_kb));
    xt_json_add(arena, json, "load",
                view->load_pct < 0
                    ? xt_json_null(arena)
                    : xt_json_number(arena, xt_pool_load(arena, view)));
    xt_json_add(arena, json, "warnings",
                xt_json_strings(arena, view->warnings, view->nr_warnings));
}

static xt_json *pool_json(xtune_arena *arena, const xt_pool_view *view,
                          bool numa)
{
    const xtune_cpupool *pool = view->pool;
    xt_json *json = xt_json_object(arena);

    xt_json_add_u64(arena, json, "id", pool->id);
    xt_json_add_string(arena, json, "name", pool->name);
    xt_json_add_string(arena, json, "scheduler", pool->scheduler);
    xt_json_add_string(arena, json, "granularity", pool->granularity);
    xt_json_add_string(arena, json, "cpus",
                       xtune_set_format_ids(arena, &pool->cpus));
    xt_json_add_u64(arena, json, "nr_cpus", view->nr_cpus);
    xt_json_add_u64(arena, json, "nr_domains", view->nr_domains);
    xt_json_add_string(arena, json, "nodes",
                       xtune_set_format_ids(arena, &view->nodes));
    if (numa) add_numa(arena, json, view);
    return json;
}

char *xtune_report_cpupools_json(const xtune_host *host,
                                 const xtune_cpupool *only, bool numa)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *pools = xt_json_array(arena);
    size_t i;

    for (i = 0; i < host->nr_cpupools; i++) {
        const xtune_cpupool *pool = &host->cpupools[i];
        xt_pool_view view;

        if (only && only != pool) continue;
        view = xt_pool_view_of(arena, host, pool, numa);
        xt_json_append(arena, pools, pool_json(arena, &view, numa));
    }
    xt_json_add_string(arena, json, "schema", "xtune/cpupool-list/1");
    xt_json_add(arena, json, "cpupools", pools);
    return xt_json_print(json);
}
