/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a domain is to be made, and where it was made. */
#include <xtune/report.h>

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/shell_word.h"
#include "base/util.h"
#include "report/locality.h"
#include "report/text.h"

/* Of a thousand pages, those that may be anywhere: Xen and libxl take some
 * for themselves before a domain has a place. */
#define STRAY_PERMILLE 5

static const char *nodes_text(xtune_arena *arena, const xtune_set *nodes)
{
    return xtune_arena_printf(arena, "node%s %s",
                              xtune_set_count(nodes) == 1 ? "" : "s",
                              xtune_set_format_ids(arena, nodes));
}

static void put_command(FILE *out, xtune_arena *arena,
                        const char *const *command)
{
    for (; *command; command++) {
        fputs(xt_shell_word(arena, xt_text_safe(arena, *command)), out);
        putc(command[1] ? ' ' : '\n', out);
    }
}

/* The nodes that hold more of it than strays. */
static xtune_set holding_nodes(xtune_arena *arena, const xtune_host *host,
                               const xtune_domain *domain)
{
    xtune_set nodes = xtune_set_new(arena, host->nr_node_ids);
    uint64_t total_kb = 0;
    unsigned int id;

    for (id = 0; id < host->nr_node_ids; id++)
        total_kb += domain->memory_by_node_kb[id];
    for (id = 0; id < host->nr_node_ids; id++)
        if (domain->memory_by_node_kb[id] > total_kb / 1000 * STRAY_PERMILLE)
            xtune_set_add(&nodes, id);
    return nodes;
}

static void put_made(FILE *out, xtune_arena *arena,
                     const xtune_creation *creation)
{
    const xtune_domain *domain = creation->domain;
    const xt_locality locality =
        xt_domain_locality(arena, creation->host, domain);
    xtune_set nodes;

    fprintf(out, "%s: id %u, %" PRIu64 " MiB",
            xt_text_safe(arena, domain->name), domain->id,
            domain->memory_kb / 1024);
    if (!domain->memory_by_node_kb) {
        fputs(", on which nodes is not known\n", out);
        return;
    }
    nodes = holding_nodes(arena, creation->host, domain);
    fprintf(out, " on %s, %s local (%s)\n", nodes_text(arena, &nodes),
            xt_text_permille(
                arena, xt_permille(locality.local_kb, locality.total_kb)),
            xtune_residency_name(domain->residency));
}

static void put_planned(FILE *out, xtune_arena *arena,
                        const xtune_creation *creation)
{
    const xtune_placed *placed = creation->placed;

    fprintf(out, "%s: %s%s%s\n", xt_text_safe(arena, placed->domain->name),
            xtune_set_is_empty(&placed->nodes)
                ? "no node is chosen"
                : nodes_text(arena, &placed->nodes),
            placed->reason ? ": " : "",
            placed->reason ? xt_text_safe(arena, placed->reason) : "");
    put_command(out, arena, creation->command);
}

char *xtune_report_create(const xtune_creation *creation)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;

    xt_text_open(&text);
    if (creation->domain)
        put_made(text.out, arena, creation);
    else
        put_planned(text.out, arena, creation);
    return xt_text_close(&text);
}

static xt_json *strings(xtune_arena *arena, const char *const *texts)
{
    xt_json *array = xt_json_array(arena);

    for (; texts && *texts; texts++)
        xt_json_append(arena, array, xt_json_string(arena, *texts));
    return array;
}

static void add_made(xtune_arena *arena, xt_json *json,
                     const xtune_creation *creation)
{
    const xtune_domain *domain = creation->domain;
    const xt_locality locality =
        xt_domain_locality(arena, creation->host, domain);
    xt_json *by_node = xt_json_array(arena);
    unsigned int id;
    int permille;

    xt_json_add_u64(arena, json, "id", domain->id);
    xt_json_add_string(arena, json, "uuid", domain->uuid);
    xt_json_add_u64(arena, json, "memory_kb", domain->memory_kb);
    if (!domain->memory_by_node_kb) return;
    for (id = 0; id < creation->host->nr_node_ids; id++)
        xt_json_append(arena, by_node,
                       xt_json_u64(arena, domain->memory_by_node_kb[id]));
    xt_json_add(arena, json, "memory_by_node_kb", by_node);
    xt_json_add_string(arena, json, "residency",
                       xtune_residency_name(domain->residency));
    permille = xt_permille(locality.local_kb, locality.total_kb);
    if (permille >= 0)
        xt_json_add(arena, json, "local_memory_pct",
                    xt_json_number(arena, xtune_arena_printf(arena, "%d.%d",
                                                             permille / 10,
                                                             permille % 10)));
}

char *xtune_report_create_json(const xtune_creation *creation)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_placed *placed = creation->placed;
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "schema", "xtune/create/1");
    xt_json_add_string(arena, json, "name", placed->domain->name);
    xt_json_add_string(arena, json, "nodes",
                       xtune_set_format_ids(arena, &placed->nodes));
    xt_json_add_string(arena, json, "cpupool", placed->cpupool);
    xt_json_add_string(arena, json, "reason", placed->reason);
    xt_json_add_string(arena, json, "blocked", placed->blocked);
    xt_json_add(arena, json, "command", strings(arena, creation->command));
    if (creation->domain) add_made(arena, json, creation);
    xt_json_add(arena, json, "notes", strings(arena, creation->notes));
    return xt_json_print(json);
}
