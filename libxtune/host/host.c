/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/host.h>

#include <string.h>
#include <strings.h>

#include "base/util.h"

xtune_host *xtune_host_new(void)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_host *host = XTUNE_NEW(arena, xtune_host);

    host->arena = arena;
    host->xen = (xtune_xen){
        .total_kb = XTUNE_UNKNOWN_KB,
        .free_kb = XTUNE_UNKNOWN_KB,
        .max_cpu_id = XTUNE_NONE,
        .major = XTUNE_NONE,
        .minor = XTUNE_NONE,
        .cores_per_socket = XTUNE_NONE,
        .threads_per_core = XTUNE_NONE,
        .cpu_khz = XTUNE_NONE,
        .sharing_freed_kb = XTUNE_UNKNOWN_KB,
        .sharing_used_kb = XTUNE_UNKNOWN_KB,
        .outstanding_kb = XTUNE_UNKNOWN_KB,
        .free_cpus = XTUNE_NONE,
        .pagesize = XTUNE_NONE,
        .virt_start = UINT64_MAX,
    };
    host->dom0.target_kb = host->dom0.static_max_kb = XTUNE_UNKNOWN_KB;
    return host;
}

void xtune_host_free(xtune_host *host)
{
    if (host) xtune_arena_free(host->arena);
}

void xtune_host_index(xtune_host *host)
{
    xtune_arena *arena = host->arena;
    size_t i;

    host->nr_node_ids =
        host->nr_nodes ? host->nodes[host->nr_nodes - 1].id + 1 : 0;
    host->nr_cpu_ids =
        host->nr_cpus ? host->cpus[host->nr_cpus - 1].id + 1 : 0;
    if (host->xen.max_cpu_id != XTUNE_NONE &&
        host->xen.max_cpu_id >= host->nr_cpu_ids)
        host->nr_cpu_ids = host->xen.max_cpu_id + 1;

    host->cpu_ids = xtune_set_new(arena, host->nr_cpu_ids);
    host->node_ids = xtune_set_new(arena, host->nr_node_ids);
    host->node_cpus = XTUNE_NEW_ARRAY(arena, xtune_set, host->nr_node_ids);
    for (i = 0; i < host->nr_nodes; i++) {
        xtune_set_add(&host->node_ids, host->nodes[i].id);
        host->node_cpus[host->nodes[i].id] =
            xtune_set_new(arena, host->nr_cpu_ids);
    }
    for (i = 0; i < host->nr_cpus; i++) {
        const xtune_cpu *cpu = &host->cpus[i];

        xtune_set_add(&host->cpu_ids, cpu->id);
        if (xtune_set_has(&host->node_ids, cpu->node))
            xtune_set_add(&host->node_cpus[cpu->node], cpu->id);
    }
}

static bool is_number(const char *s)
{
    return s[0] && !s[strspn(s, "0123456789")];
}

static bool has_name(const xtune_domain *domain, const char *qualifier,
                     uint64_t id, bool by_id)
{
    if (by_id) return domain->id == id;
    return !strcmp(domain->name, qualifier) ||
           !strcasecmp(domain->uuid, qualifier);
}

int xtune_host_find_domain(const xtune_host *host, const char *qualifier,
                           const xtune_domain **domain_r, xtune_error **err)
{
    const bool by_id = is_number(qualifier);
    const xtune_domain *found = NULL;
    uint64_t id = XTUNE_NONE;
    size_t i;

    if (!qualifier[0])
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "domain",
                               "give a name, an id or a uuid",
                               "the name \"\" is empty");
    if (by_id && !xt_parse_u64(qualifier, 10, UINT32_MAX - 1, &id))
        id = XTUNE_NONE;
    for (i = 0; i < host->nr_domains; i++) {
        if (!has_name(&host->domains[i], qualifier, id, by_id)) continue;
        if (found)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, qualifier,
                                   "give the domain's id",
                                   "domains %u and %u both have this name",
                                   found->id, host->domains[i].id);
        found = &host->domains[i];
    }
    if (!found)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, qualifier,
                               "see \"xltune list\"", "no such domain");
    *domain_r = found;
    return 0;
}

const xtune_node *xtune_host_node(const xtune_host *host, unsigned int id)
{
    size_t i;

    for (i = 0; i < host->nr_nodes; i++)
        if (host->nodes[i].id == id) return &host->nodes[i];
    return NULL;
}

static int compare_cpu_id(const void *key, const void *member)
{
    const uint32_t id = *(const uint32_t *)key;
    const xtune_cpu *cpu = member;

    return id < cpu->id ? -1 : id > cpu->id;
}

const xtune_cpu *xtune_host_cpu(const xtune_host *host, unsigned int id)
{
    const uint32_t key = id;

    if (!host->nr_cpus) return NULL;
    return bsearch(&key, host->cpus, host->nr_cpus, sizeof(*host->cpus),
                   compare_cpu_id);
}

const xtune_cpupool *xtune_host_cpupool(const xtune_host *host,
                                        const char *name)
{
    size_t i;

    for (i = 0; name && i < host->nr_cpupools; i++)
        if (!strcmp(host->cpupools[i].name, name)) return &host->cpupools[i];
    return NULL;
}

xtune_set_names xtune_host_cpu_names(const xtune_host *host)
{
    return (xtune_set_names){
        .what = "CPU",
        .exists = &host->cpu_ids,
        .nodes = host->node_cpus,
        .nr_nodes = host->nr_node_ids,
    };
}

xtune_set_names xtune_host_node_names(const xtune_host *host)
{
    return (xtune_set_names){ .what = "node", .exists = &host->node_ids };
}

xtune_set xtune_host_nodes_of(xtune_arena *arena, const xtune_host *host,
                              const xtune_set *cpus)
{
    xtune_set nodes = xtune_set_new(arena, host->nr_node_ids);
    unsigned int id;

    xtune_set_for_each(
        id,
        &host->node_ids) if (xtune_set_intersects(&host->node_cpus[id], cpus))
        xtune_set_add(&nodes, id);
    return nodes;
}

xtune_set xtune_host_cpus_of(xtune_arena *arena, const xtune_host *host,
                             const xtune_set *nodes)
{
    xtune_set cpus = xtune_set_new(arena, host->nr_cpu_ids);
    unsigned int id;

    xtune_set_for_each(id, nodes) if (xtune_set_has(&host->node_ids, id))
        xtune_set_or(&cpus, &host->node_cpus[id]);
    return cpus;
}

const char *xtune_domain_type_name(enum xtune_domain_type type)
{
    static const char *const names[] = { "unknown", "pv", "pvh", "hvm" };

    return names[type];
}

const char *xtune_residency_name(enum xtune_residency residency)
{
    static const char *const names[] = { "unknown", "measured", "inferred" };

    return names[residency];
}
