/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a domain that is yet to be made would go. */
#include <xtune/report.h>

#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "report/config.h"
#include "report/placing.h"
#include "report/rule.h"
#include "report/table.h"
#include "report/text.h"

#define LOCAL_DISTANCE 10

typedef struct place_report {
    FILE *out;
    xtune_arena *arena;
    const xtune_host *host;
    const xtune_placement *placement;
    const xtune_placed *placed;
    uint64_t memory_kb; /* the guest's */
    xt_config config;
} place_report;

static const char *plural(size_t nr)
{
    return nr == 1 ? "" : "s";
}

static const xtune_pci *find_pci(const xtune_host *host, const char *address)
{
    size_t i;

    for (i = 0; i < host->nr_pci; i++)
        if (!strcmp(host->pci[i].address, address)) return &host->pci[i];
    return NULL;
}

static const xtune_domain *find_owner(const xtune_host *host,
                                      const char *address)
{
    size_t i, j;

    for (i = 0; i < host->nr_domains; i++)
        for (j = 0; j < host->domains[i].nr_pci; j++)
            if (!strcmp(host->domains[i].pci[j], address))
                return &host->domains[i];
    return NULL;
}

static void put_devices(const place_report *r)
{
    const xtune_domain *domain = r->placed->domain;
    size_t i;

    for (i = 0; i < domain->nr_pci; i++) {
        const xtune_pci *pci = find_pci(r->host, domain->pci[i]);
        const xtune_domain *owner = find_owner(r->host, domain->pci[i]);

        fprintf(r->out, "Device: %s", xt_text_safe(r->arena, domain->pci[i]));
        if (pci && pci->node != XTUNE_NONE)
            fprintf(r->out, " on node %u", pci->node);
        else
            fputs(", whose node is not known", r->out);
        if (owner)
            fprintf(r->out, "; %s holds it",
                    xt_text_safe(r->arena, owner->name));
        putc('\n', r->out);
    }
}

static void put_domain(const place_report *r)
{
    const xtune_domain *domain = r->placed->domain;

    fprintf(r->out, "Domain: %s, %s, %zu vCPU%s, %s",
            xt_text_safe(r->arena, domain->name),
            xtune_domain_type_name(domain->type), domain->nr_vcpus,
            plural(domain->nr_vcpus), xt_mib_text(r->arena, r->memory_kb));
    fprintf(r->out, " (%s with what Xen and the toolstack add)",
            xt_mib_text(r->arena, domain->memory_kb));
    if (r->placed->cpupool)
        fprintf(r->out, ", cpupool %s",
                xt_text_safe(r->arena, r->placed->cpupool));
    putc('\n', r->out);
    put_devices(r);
    fputs("Rule: ", r->out);
    if (r->placed->rule)
        xt_put_rule(r->out, r->arena, r->placed->rule);
    else
        fputs("none matches; as by placement=\"auto\" mode=\"soft\"\n",
              r->out);
}

static const char *left_free(const place_report *r, unsigned int id)
{
    const xtune_node *node = xtune_host_node(r->host, id);
    const uint64_t kb = r->placed->memory_kb[id];

    if (!node || node->free_kb == XTUNE_UNKNOWN_KB) return "-";
    return xt_mib_text(r->arena, node->free_kb > kb ? node->free_kb - kb : 0);
}

static void put_nodes(const place_report *r)
{
    const xtune_placed *placed = r->placed;
    const xt_crowd *crowds =
        xt_count_crowds(r->arena, r->host, placed->cpupool);
    xt_table table = { .arena = r->arena };
    unsigned int id;

    if (!placed->memory_kb || !placed->vcpus_on) return;
    xt_table_column(&table, true, "  Node");
    xt_table_column(&table, true, "Memory");
    xt_table_column(&table, true, "Left free");
    xt_table_column(&table, true, "Its vCPUs");
    xt_table_column(&table, true, "All vCPUs");
    xt_table_column(&table, true, "Cores");
    xtune_set_for_each(id, &placed->nodes)
    {
        const uint64_t tenths = (crowds[id].milli_vcpus + 50) / 100 +
                                UINT64_C(10) * placed->vcpus_on[id];

        xt_table_cell(&table, "%u", id);
        xt_table_cell(&table, "%s",
                      xt_mib_text(r->arena, placed->memory_kb[id]));
        xt_table_cell(&table, "%s", left_free(r, id));
        xt_table_cell(&table, "%u", placed->vcpus_on[id]);
        xt_table_cell(&table, "%" PRIu64 ".%" PRIu64, tenths / 10,
                      tenths % 10);
        xt_table_cell(&table, "%u", crowds[id].cores);
    }
    xt_table_print(r->out, &table);
}

static void put_vnodes(const place_report *r)
{
    size_t i;

    if (!r->placed->nr_vnodes || r->config.left_out) return;
    fputs("vNUMA:\n", r->out);
    for (i = 0; i < r->placed->nr_vnodes; i++) {
        const xtune_vnode *vnode = &r->placed->vnodes[i];

        fprintf(r->out, "  vnode %zu: node %u, %s, vCPUs %s\n", i, vnode->node,
                xt_mib_text(r->arena, vnode->memory_kb),
                xtune_set_format_ids(r->arena, &vnode->vcpus));
    }
}

/* With what it adds to the crowding of its nodes, where that was weighed. */
static const xtune_cost *whole_cost(const place_report *r)
{
    size_t i;

    for (i = 0; i < r->placement->nr_candidates; i++)
        if (r->placement->candidates[i].chosen)
            return &r->placement->candidates[i].cost;
    return &r->placed->cost;
}

static void put_cost(const place_report *r)
{
    const xtune_cost *cost = whole_cost(r);
    const xt_cost_base base = xt_cost_base_of(r->host, r->placed->domain);
    const uint64_t distance = xt_mean_distance(&base, cost);

    if (xtune_set_is_empty(&r->placed->nodes)) return;
    fprintf(r->out,
            "Distance: %" PRIu64 ".%02" PRIu64
            " in the mean from a vCPU to memory; local is %d\n",
            distance / 100, distance % 100, LOCAL_DISTANCE);
    fprintf(r->out,
            "Cost: memory %s %%, vCPUs %s %%, devices %s %%, crowding %s %% ",
            xt_cost_text(r->arena, &base, cost->memory),
            xt_cost_text(r->arena, &base, cost->vcpus),
            xt_cost_text(r->arena, &base, cost->devices),
            xt_cost_text(r->arena, &base, cost->crowding));
    fputs("of what its memory costs all local\n", r->out);
}

static void put_place(const place_report *r)
{
    const xtune_placed *placed = r->placed;
    const char *reason = placed->reason ? placed->reason : "";

    if (placed->refused) {
        fprintf(r->out, "Place: none: %s\n",
                xt_text_safe(r->arena,
                             placed->blocked ? placed->blocked : reason));
        xt_put_constraints(r->out, r->arena, r->placement);
        return;
    }
    fprintf(r->out, "Place: %s: %s\n",
            xt_nodes_named(r->arena, &placed->nodes),
            xt_text_safe(r->arena, reason));
    if (placed->blocked)
        fprintf(r->out, "But: %s\n", xt_text_safe(r->arena, placed->blocked));
    put_nodes(r);
    if (placed->hard && placed->soft) {
        fputs("Runs on:\n", r->out);
        xt_put_masks(r->out, r->arena, placed->hard, placed->soft,
                     placed->domain->nr_vcpus);
    }
    put_vnodes(r);
    put_cost(r);
}

static void put_config(const place_report *r)
{
    if (!r->config.nr && !r->config.left_out) return;
    fputs("Configuration:\n", r->out);
    xt_config_print(r->out, r->arena, &r->config, "  ");
}

char *xtune_report_place(const xtune_host *host,
                         const xtune_placement *placement,
                         const xtune_placed *placed, uint64_t guest_memory_kb,
                         const char *source)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    place_report r = {
        .arena = arena,
        .host = host,
        .placement = placement,
        .placed = placed,
        .memory_kb = guest_memory_kb,
        .config = xt_config_of(arena, host, placed, guest_memory_kb),
    };
    xt_text text;

    xt_text_open(&text);
    r.out = text.out;
    fprintf(r.out, "Host: %s\n", xt_text_safe(arena, source));
    put_domain(&r);
    put_place(&r);
    put_config(&r);
    return xt_text_close(&text);
}

static xt_json *distance_json(xtune_arena *arena, const xtune_host *host,
                              const xtune_placed *placed)
{
    const xt_cost_base base = xt_cost_base_of(host, placed->domain);
    const uint64_t distance = xt_mean_distance(&base, &placed->cost);

    if (!distance) return xt_json_null(arena);
    return xt_json_number(arena,
                          xtune_arena_printf(arena, "%" PRIu64 ".%02" PRIu64,
                                             distance / 100, distance % 100));
}

char *xtune_report_place_json(const xtune_host *host,
                              const xtune_placement *placement,
                              const xtune_placed *placed,
                              uint64_t guest_memory_kb)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_domain *domain = placed->domain;
    xt_json *json = xt_json_object(arena);
    const char **settings;
    size_t nr;

    xt_json_add_string(arena, json, "schema", "xtune/placement/1");
    xt_json_add_string(arena, json, "name", domain->name);
    xt_json_add_string(arena, json, "type",
                       xtune_domain_type_name(domain->type));
    xt_json_add_u64(arena, json, "vcpus", domain->nr_vcpus);
    xt_json_add_u64(arena, json, "memory_kb", guest_memory_kb);
    xt_json_add_u64(arena, json, "needed_kb", domain->memory_kb);
    xt_json_add_string(arena, json, "cpupool", placed->cpupool);
    xt_json_add(arena, json, "pci",
                xt_json_strings(arena, domain->pci, domain->nr_pci));
    xt_add_placed(arena, json, host, placed);
    xt_json_add_bool(arena, json, "refused", placed->refused);
    xt_json_add(arena, json, "mean_distance",
                distance_json(arena, host, placed));
    xt_json_add(arena, json, "constraints",
                xt_constraints_json(arena, placement));
    xt_json_add(arena, json, "candidates",
                xt_candidates_json(arena, placement));
    nr = xtune_report_config_settings(arena, host, placed, guest_memory_kb,
                                      &settings);
    xt_json_add(arena, json, "config", xt_json_strings(arena, settings, nr));
    return xt_json_print(json);
}
