/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On the CPUs of which nodes the vCPUs of a domain run. */
#include "report/affinity.h"

#include <xtune/report.h>

#include "base/json.h"
#include "base/util.h"
#include "report/table.h"
#include "report/text.h"

static xt_affinity_group *find_group(xt_affinity_group *groups, size_t nr,
                                     const xtune_vcpu *vcpu)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (xtune_set_equal(groups[i].hard, &vcpu->hard) &&
            xtune_set_equal(groups[i].soft, &vcpu->soft))
            return &groups[i];
    return NULL;
}

size_t xt_affinity_groups(xtune_arena *arena, const xtune_domain *domain,
                          xt_affinity_group **groups_r)
{
    xt_affinity_group *groups = NULL, *group;
    size_t nr = 0, i;

    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &domain->vcpus[i];

        group = find_group(groups, nr, vcpu);
        if (!group) {
            groups = xtune_arena_grow(arena, groups, nr, sizeof(*groups));
            group = &groups[nr++];
            *group = (xt_affinity_group){
                .vcpus = xtune_set_new(arena, XTUNE_MAX_VCPUS),
                .hard = &vcpu->hard,
                .soft = &vcpu->soft,
            };
        }
        xtune_set_add(&group->vcpus, vcpu->id);
    }
    *groups_r = groups;
    return nr;
}

/* A mask as the nodes that it has CPUs of. */
typedef struct nodes {
    const char *text;
    bool whole; /* all of their CPUs */
} nodes;

static nodes nodes_of(xtune_arena *arena, const xtune_host *host,
                      const xtune_set *mask)
{
    const xtune_set set = xtune_host_nodes_of(arena, host, mask);
    const xtune_set cpus = xtune_host_cpus_of(arena, host, &set);
    xtune_set there = xtune_set_copy(arena, mask);

    if (xtune_set_is_all(mask)) return (nodes){ "all", true };
    /* One that is off is on no node that Xen would tell. */
    xtune_set_and(&there, &host->cpu_ids);
    return (nodes){ xtune_set_format_ids(arena, &set),
                    xtune_set_equal(&there, &cpus) };
}

static void put_nodes(xt_table *table, const xtune_host *host,
                      const xtune_set *mask)
{
    const nodes n = nodes_of(table->arena, host, mask);

    xt_table_cell(table, "%s%s", n.text, n.whole ? "" : " (in part)");
}

char *xtune_report_numa_affinity(const xtune_host *host,
                                 const xtune_domain *domain)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_table table = { .arena = arena };
    xt_affinity_group *groups;
    const size_t nr = xt_affinity_groups(arena, domain, &groups);
    xt_text text;
    size_t i;

    xt_table_column(&table, false, "Name");
    xt_table_column(&table, true, "ID");
    xt_table_column(&table, false, "vCPUs");
    xt_table_column(&table, false, "Hard nodes");
    xt_table_column(&table, false, "Soft nodes");
    for (i = 0; i < nr; i++) {
        xt_table_cell(&table, "%s", xt_text_safe(arena, domain->name));
        xt_table_cell(&table, "%u", domain->id);
        xt_table_cell(&table, "%s",
                      xtune_set_format_ids(arena, &groups[i].vcpus));
        put_nodes(&table, host, groups[i].hard);
        put_nodes(&table, host, groups[i].soft);
    }
    xt_text_open(&text);
    xt_table_print(text.out, &table);
    return xt_text_close(&text);
}

static void add_nodes(xtune_arena *arena, xt_json *json, const char *key,
                      const xtune_host *host, const xtune_set *mask)
{
    const nodes n = nodes_of(arena, host, mask);
    xt_json *value = xt_json_object(arena);

    xt_json_add_string(arena, value, "nodes", n.text);
    xt_json_add_bool(arena, value, "whole", n.whole);
    xt_json_add_string(arena, value, "cpus", xtune_set_format(arena, mask));
    xt_json_add(arena, json, key, value);
}

char *xtune_report_numa_affinity_json(const xtune_host *host,
                                      const xtune_domain *domain)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *rows = xt_json_array(arena);
    xt_affinity_group *groups;
    const size_t nr = xt_affinity_groups(arena, domain, &groups);
    size_t i;

    xt_json_add_string(arena, json, "schema", "xtune/numa-affinity/1");
    xt_json_add_u64(arena, json, "id", domain->id);
    xt_json_add_string(arena, json, "name", domain->name);
    xt_json_add_string(arena, json, "uuid", domain->uuid);
    for (i = 0; i < nr; i++) {
        xt_json *row = xt_json_object(arena);

        xt_json_add_string(arena, row, "vcpus",
                           xtune_set_format_ids(arena, &groups[i].vcpus));
        add_nodes(arena, row, "hard", host, groups[i].hard);
        add_nodes(arena, row, "soft", host, groups[i].soft);
        xt_json_append(arena, rows, row);
    }
    xt_json_add(arena, json, "affinity", rows);
    return xt_json_print(json);
}
