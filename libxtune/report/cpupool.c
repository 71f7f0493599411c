/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of pools: byte for byte as xl prints them, and with nodes. */
#include "report/cpupool.h"

#include <string.h>

#include <xtune/report.h>

#include "base/util.h"
#include "report/table.h"
#include "report/text.h"

bool xt_pool_has(const xtune_cpupool *pool, const xtune_domain *domain)
{
    return domain->cpupool && !strcmp(domain->cpupool, pool->name);
}

static uint64_t free_of(const xtune_host *host, const xtune_set *nodes)
{
    uint64_t sum = 0;
    unsigned int id;

    xtune_set_for_each(id, nodes)
    {
        const xtune_node *node = xtune_host_node(host, id);

        if (!node || node->free_kb == XTUNE_UNKNOWN_KB)
            return XTUNE_UNKNOWN_KB;
        sum += node->free_kb;
    }
    return sum;
}

xt_pool_view xt_pool_view_of(xtune_arena *arena, const xtune_host *host,
                             const xtune_cpupool *pool, bool numa)
{
    xt_pool_view view = {
        .pool = pool,
        .nr_cpus = xtune_set_count(&pool->cpus),
        .nodes = xtune_host_nodes_of(arena, host, &pool->cpus),
        .load_pct = -1,
    };
    size_t i;

    for (i = 0; i < host->nr_domains; i++) {
        if (!xt_pool_has(pool, &host->domains[i])) continue;
        view.nr_domains++;
        view.nr_vcpus += host->domains[i].online_vcpus;
    }
    view.free_kb = free_of(host, &view.nodes);
    if (view.nr_cpus)
        view.load_pct =
            (int)(((uint64_t)view.nr_vcpus * 100 + view.nr_cpus / 2) /
                  view.nr_cpus);
    if (numa) xt_pool_warn(arena, host, &view);
    return view;
}

const char *xt_pool_load(xtune_arena *arena, const xt_pool_view *view)
{
    if (view->load_pct < 0) return "-";
    return xtune_arena_printf(arena, "%d.%02d", view->load_pct / 100,
                              view->load_pct % 100);
}

static bool is_shown(const xtune_host *host, const xtune_cpupool *only,
                     size_t i)
{
    return !only || only == &host->cpupools[i];
}

/* Never as ranges, and without an end where there is none. */
static void print_cpus(FILE *out, const xtune_set *cpus)
{
    const char *comma = "";
    unsigned int cpu;

    xtune_set_for_each(cpu, cpus)
    {
        fprintf(out, "%s%u", comma, cpu);
        comma = ",";
    }
}

char *xtune_report_cpupools(const xtune_host *host, const xtune_cpupool *only,
                            bool cpus)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;
    size_t i;

    xt_text_open(&text);
    fprintf(text.out, "%-19s%s\n", "Name",
            cpus ? "CPU list" : "CPUs   Sched     Active   Domain count");
    for (i = 0; i < host->nr_cpupools; i++) {
        const xtune_cpupool *pool = &host->cpupools[i];
        size_t nr = 0, k;

        if (!is_shown(host, only, i)) continue;
        for (k = 0; k < host->nr_domains; k++)
            nr += xt_pool_has(pool, &host->domains[k]);
        fprintf(text.out, "%-19s", xt_text_name(arena, pool->name));
        if (cpus)
            print_cpus(text.out, &pool->cpus);
        else
            fprintf(text.out, "%3u %9s       y       %4zu",
                    xtune_set_count(&pool->cpus),
                    pool->scheduler ? pool->scheduler : "unknown", nr);
        putc('\n', text.out);
    }
    return xt_text_close(&text);
}

static void put_columns(xt_table *table)
{
    xt_table_column(table, false, "Name");
    xt_table_column(table, false, "Nodes");
    xt_table_column(table, false, "CPUs");
    xt_table_column(table, false, "Sched");
    xt_table_column(table, true, "Domains");
    xt_table_column(table, true, "Free MiB");
    xt_table_column(table, true, "Load");
}

static void put_pool(xt_table *table, const xt_pool_view *view)
{
    const xtune_cpupool *pool = view->pool;
    xtune_arena *arena = table->arena;

    xt_table_cell(table, "%s", xt_text_safe(arena, pool->name));
    xt_table_cell(table, "%s", xtune_set_format_ids(arena, &view->nodes));
    xt_table_cell(table, "%s", xtune_set_format_ids(arena, &pool->cpus));
    xt_table_cell(table, "%s", pool->scheduler ? pool->scheduler : "-");
    xt_table_cell(table, "%zu", view->nr_domains);
    if (view->free_kb == XTUNE_UNKNOWN_KB)
        xt_table_cell(table, "-");
    else
        xt_table_cell(table, "%llu",
                      (unsigned long long)(view->free_kb / 1024));
    xt_table_cell(table, "%s", xt_pool_load(arena, view));
}

char *xtune_report_cpupools_numa(const xtune_host *host,
                                 const xtune_cpupool *only)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_pool_view *views =
        XTUNE_NEW_ARRAY(arena, xt_pool_view, host->nr_cpupools);
    xt_table table = { .arena = arena };
    size_t nr = 0, i, k;
    xt_text text;

    put_columns(&table);
    for (i = 0; i < host->nr_cpupools; i++) {
        if (!is_shown(host, only, i)) continue;
        views[nr] = xt_pool_view_of(arena, host, &host->cpupools[i], true);
        put_pool(&table, &views[nr++]);
    }
    xt_text_open(&text);
    xt_table_print(text.out, &table);
    for (i = 0; i < nr; i++)
        for (k = 0; k < views[i].nr_warnings; k++)
            fprintf(text.out, "warning: %s: %s\n",
                    xt_text_safe(arena, views[i].pool->name),
                    xt_text_safe(arena, views[i].warnings[k]));
    return xt_text_close(&text);
}
