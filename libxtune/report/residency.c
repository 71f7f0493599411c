/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where domains' memory is, and how much of it they run beside. */
#include <xtune/report.h>

#include <inttypes.h>

#include "base/util.h"
#include "report/locality.h"
#include "report/table.h"
#include "report/text.h"

/* With more nodes than this in use, each domain lists those it is on. */
#define MAX_NODE_COLUMNS 8

static xtune_set nodes_in_use(xtune_arena *arena, const xtune_host *host)
{
    xtune_set nodes = xtune_set_new(arena, host->nr_node_ids);
    unsigned int id;
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        for (id = 0;
             host->domains[i].memory_by_node_kb && id < host->nr_node_ids;
             id++)
            if (host->domains[i].memory_by_node_kb[id])
                xtune_set_add(&nodes, id);
    return nodes;
}

static void put_node_cells(xt_table *table, const xtune_set *nodes,
                           const uint64_t *by_node_kb)
{
    unsigned int id;

    xtune_set_for_each(id, nodes)
    {
        if (by_node_kb)
            xt_table_cell(table, "%" PRIu64, by_node_kb[id] / 1024);
        else
            xt_table_cell(table, "-");
    }
}

/* "0:1024 3:512" */
static void put_node_list(xt_table *table, const xtune_set *nodes,
                          const uint64_t *by_node_kb)
{
    const char *text = "";
    unsigned int id;

    xtune_set_for_each(id, nodes) if (by_node_kb && by_node_kb[id]) text =
        xtune_arena_printf(table->arena, "%s%s%u:%" PRIu64, text,
                           *text ? " " : "", id, by_node_kb[id] / 1024);
    xt_table_cell(table, "%s", *text ? text : "-");
}

static void put_columns(xt_table *table, const xtune_set *nodes, bool wide)
{
    unsigned int id;

    xt_table_column(table, false, "Name");
    xt_table_column(table, true, "ID");
    xt_table_column(table, true, "Mem");
    if (!wide)
        xtune_set_for_each(id, nodes) xt_table_column(
            table, true, xtune_arena_printf(table->arena, "Node %u", id));
    xt_table_column(table, true, "Local");
    xt_table_column(table, false, "Known");
    xt_table_column(table, false, "Runs on");
    if (wide) xt_table_column(table, false, "Node:Mem");
}

static void put_domain(xt_table *table, const xtune_host *host,
                       const xtune_domain *domain, const xtune_set *nodes,
                       bool wide)
{
    const xt_locality locality =
        xt_domain_locality(table->arena, host, domain);
    const int permille =
        locality.known ? xt_permille(locality.local_kb, locality.total_kb)
                       : -1;

    xt_table_cell(table, "%s", *domain->name ? domain->name : "(null)");
    xt_table_cell(table, "%u", domain->id);
    xt_table_cell(table, "%" PRIu64, domain->memory_kb / 1024);
    if (!wide) put_node_cells(table, nodes, domain->memory_by_node_kb);
    xt_table_cell(table, "%s", xt_text_permille(table->arena, permille));
    xt_table_cell(table, "%s",
                  domain->residency == XTUNE_RESIDENCY_NONE
                      ? "unknown"
                      : xtune_residency_name(domain->residency));
    xt_table_cell(table, "%s",
                  xtune_set_format(table->arena, &locality.run_nodes));
    if (wide) put_node_list(table, nodes, domain->memory_by_node_kb);
}

static void put_domains(FILE *out, xtune_arena *arena, const xtune_host *host)
{
    const xtune_set nodes = nodes_in_use(arena, host);
    const bool wide = xtune_set_count(&nodes) > MAX_NODE_COLUMNS;
    xt_table table = { .arena = arena };
    size_t i;

    put_columns(&table, &nodes, wide);
    for (i = 0; i < host->nr_domains; i++)
        put_domain(&table, host, &host->domains[i], &nodes, wide);
    xt_table_print(out, &table);
}

static void put_sum(FILE *out, xtune_arena *arena, const xtune_host *host)
{
    const xt_host_locality sum = xt_host_locality_of(host);

    fprintf(out, "Local: %s of %" PRIu64 " MiB in %zu domain%s without dom0",
            xt_text_permille(arena, xt_permille(sum.local_kb, sum.total_kb)),
            sum.total_kb / 1024, sum.nr_known, sum.nr_known == 1 ? "" : "s");
    if (sum.nr_unknown)
        fprintf(out, "; of %zu more it is not known", sum.nr_unknown);
    putc('\n', out);
}

char *xtune_report_residency(const xtune_host *host, const char *source)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;

    xt_text_open(&text);
    fprintf(text.out, "Host: %s; memory in MiB\n",
            xt_text_safe(arena, source));
    put_domains(text.out, arena, host);
    put_sum(text.out, arena, host);
    return xt_text_close(&text);
}
