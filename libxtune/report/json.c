/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reports as JSON. A domain's members are those of xtune/host/1, and each
 * report holds the ones that it is about: what was not asked of the host must
 * not look as if it were empty.
 */
#include <xtune/report.h>

#include "base/json.h"
#include "base/util.h"
#include "host/host_fields.h"
#include "report/locality.h"

static xt_json *new_report(xtune_arena *arena, const char *schema)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "schema", schema);
    return json;
}

/* The members of a domain that keys, which ends with NULL, names. */
static xt_json *domain_members(xtune_arena *arena, const xtune_host *host,
                               const xtune_domain *domain,
                               const char *const *keys)
{
    const xt_json *all =
        xt_host_object_to_json(arena, host, &xt_domain_type, domain);
    xt_json *json = xt_json_object(arena);

    for (; *keys; keys++) {
        const xt_json *value = xt_json_get(all, *keys);

        if (value) xt_json_add(arena, json, *keys, (xt_json *)value);
    }
    return json;
}

static char *domains_report(const xtune_host *host, const char *schema,
                            const char *const *keys)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = new_report(arena, schema);
    xt_json *domains = xt_json_array(arena);
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        xt_json_append(arena, domains,
                       domain_members(arena, host, &host->domains[i], keys));
    xt_json_add(arena, json, "domains", domains);
    return xt_json_print(json);
}

char *xtune_report_list_json(const xtune_host *host)
{
    static const char *const keys[] = {
        "id",
        "name",
        "uuid",
        "type",
        "state",
        "shutdown_reason",
        "cpupool",
        "memory_kb",
        "max_memory_kb",
        "outstanding_kb",
        "cpu_time_ns",
        "online_vcpus",
        "node_affinity",
        NULL,
    };

    return domains_report(host, "xtune/list/1", keys);
}

char *xtune_report_vcpu_list_json(const xtune_host *host)
{
    static const char *const keys[] = { "id",      "name",  "uuid",
                                        "cpupool", "vcpus", NULL };

    return domains_report(host, "xtune/vcpu-list/1", keys);
}

static void add_list(xtune_arena *arena, xt_json *json, const xtune_host *host,
                     const xt_object_type *type, const void *objects,
                     size_t nr)
{
    xt_json_add(arena, json, type->key,
                xt_host_list_to_json(arena, host, type, objects, nr));
}

char *xtune_report_info_json(const xtune_host *host, bool numa)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = new_report(arena, "xtune/info/1");

    xt_json_add(arena, json, "xen",
                xt_host_object_to_json(arena, host, &xt_xen_type, &host->xen));
    if (numa) {
        add_list(arena, json, host, &xt_node_type, host->nodes,
                 host->nr_nodes);
        add_list(arena, json, host, &xt_cpu_type, host->cpus, host->nr_cpus);
        add_list(arena, json, host, &xt_pci_type, host->pci, host->nr_pci);
    }
    return xt_json_print(json);
}

/* A share in percent with one digit, null where it is not known. */
static xt_json *percent(xtune_arena *arena, int permille)
{
    if (permille < 0) return xt_json_null(arena);
    return xt_json_number(
        arena,
        xtune_arena_printf(arena, "%d.%d", permille / 10, permille % 10));
}

static xt_json *residency_json(xtune_arena *arena, const xtune_host *host,
                               const xtune_domain *domain)
{
    static const char *const keys[] = {
        "id",        "name",          "uuid",
        "cpupool",   "memory_kb",     "memory_by_node_kb",
        "residency", "node_affinity", NULL,
    };
    const xt_locality locality = xt_domain_locality(arena, host, domain);
    xt_json *json = domain_members(arena, host, domain, keys);

    xt_json_add_string(arena, json, "run_nodes",
                       xtune_set_format_ids(arena, &locality.run_nodes));
    if (locality.known)
        xt_json_add_u64(arena, json, "local_kb", locality.local_kb);
    xt_json_add(arena, json, "local_memory_pct",
                percent(arena, locality.known ? xt_permille(locality.local_kb,
                                                            locality.total_kb)
                                              : -1));
    return json;
}

char *xtune_report_residency_json(const xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_host_locality sum = xt_host_locality_of(host);
    xt_json *json = new_report(arena, "xtune/residency/1");
    xt_json *domains = xt_json_array(arena);
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        xt_json_append(arena, domains,
                       residency_json(arena, host, &host->domains[i]));
    xt_json_add(arena, json, "domains", domains);
    xt_json_add_u64(arena, json, "local_kb", sum.local_kb);
    xt_json_add_u64(arena, json, "known_kb", sum.total_kb);
    xt_json_add_u64(arena, json, "unknown_domains", sum.nr_unknown);
    xt_json_add(arena, json, "local_memory_pct",
                percent(arena, xt_permille(sum.local_kb, sum.total_kb)));
    return xt_json_print(json);
}
