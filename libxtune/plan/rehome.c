/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/rehome.h"

#include <string.h>

#include "base/util.h"
#include "host/configured.h"

/* A node with less than one part in this many does not count. */
#define STRAY_PART 64

xtune_set xt_rehome_nodes(xtune_arena *arena, const xtune_host *host,
                          const uint64_t *memory_by_node_kb)
{
    xtune_set nodes = xtune_set_new(arena, host->nr_node_ids);
    uint64_t total_kb = 0;
    unsigned int id;

    for (id = 0; id < host->nr_node_ids; id++)
        total_kb += memory_by_node_kb[id];
    for (id = 0; id < host->nr_node_ids; id++)
        if (memory_by_node_kb[id] &&
            memory_by_node_kb[id] >= total_kb / STRAY_PART)
            xtune_set_add(&nodes, id);
    return nodes;
}

static xt_json *value(xtune_arena *arena, const xtune_host *host,
                      const xtune_set *nodes,
                      const uint64_t *memory_by_node_kb)
{
    xt_json *json = xt_json_object(arena), *sizes = xt_json_array(arena);
    unsigned int id;

    xt_json_add_string(arena, json, "nodes",
                       xtune_set_format_ids(arena, nodes));
    for (id = 0; id < host->nr_node_ids; id++)
        xt_json_append(arena, sizes,
                       xt_json_u64(arena, memory_by_node_kb[id]));
    xt_json_add(arena, json, "memory_by_node_kb", sizes);
    return json;
}

static void add_vcpu(xtune_arena *arena, xt_json *vcpus, const xtune_set *hard,
                     const xtune_set *soft)
{
    xt_json *vcpu = xt_json_object(arena);

    xt_json_add_string(arena, vcpu, "hard", xtune_set_format(arena, hard));
    xt_json_add_string(arena, vcpu, "soft", xtune_set_format(arena, soft));
    xt_json_append(arena, vcpus, vcpu);
}

xt_json *xt_rehome_now(xtune_arena *arena, const xtune_host *host,
                       const xtune_domain *domain)
{
    xt_json *json = xt_json_object(arena), *vcpus = xt_json_array(arena);
    size_t i;

    if (domain->memory_by_node_kb) {
        const xtune_set nodes =
            xt_rehome_nodes(arena, host, domain->memory_by_node_kb);

        json = value(arena, host, &nodes, domain->memory_by_node_kb);
    }
    for (i = 0; i < domain->nr_vcpus; i++)
        add_vcpu(arena, vcpus, &domain->vcpus[i].hard, &domain->vcpus[i].soft);
    xt_json_add(arena, json, "vcpus", vcpus);
    if (domain->configured)
        xt_json_add(arena, json, "configured", (xt_json *)domain->configured);
    return json;
}

/* A configuration that gives these masks already stays as it is; but it is
 * made in its pool again, also where another hand has moved it there. */
static const xt_json *configured_then(xtune_arena *arena,
                                      const xtune_host *host,
                                      const xtune_domain *domain,
                                      const xtune_set *hard,
                                      const xtune_set *soft)
{
    const xtune_cpupool *pool = xtune_host_cpupool(host, domain->cpupool);
    const xt_json *value = domain->configured;

    if (!xt_configured_gives(value, hard, soft, domain->nr_vcpus))
        value = xt_configured_make(arena, value, hard, soft, domain->nr_vcpus);
    if (!pool || pool == host->cpupools) return value;
    return xt_configured_in_pool(arena, value, pool->name);
}

xt_json *xt_rehome_then(xtune_arena *arena, const xtune_host *host,
                        const xtune_domain *domain, const xtune_set *nodes,
                        const uint64_t *memory_by_node_kb,
                        const xtune_set *hard, const xtune_set *soft)
{
    xt_json *json = value(arena, host, nodes, memory_by_node_kb);
    xt_json *vcpus = xt_json_array(arena);
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        add_vcpu(arena, vcpus, &hard[i], &soft[i]);
    xt_json_add(arena, json, "vcpus", vcpus);
    if (domain->configured)
        xt_json_add(
            arena, json, "configured",
            (xt_json *)configured_then(arena, host, domain, hard, soft));
    return json;
}

uint64_t *xt_rehome_divide(xtune_arena *arena, const xtune_host *host,
                           const xtune_domain *domain, const xtune_set *nodes)
{
    uint64_t *kb = XTUNE_NEW_ARRAY(arena, uint64_t, host->nr_node_ids);
    uint64_t left_kb = 0;
    unsigned int id, nr = xtune_set_count(nodes);

    for (id = 0; id < host->nr_node_ids; id++)
        left_kb += domain->memory_by_node_kb[id];
    xtune_set_for_each(id, nodes)
    {
        kb[id] = left_kb / nr--;
        left_kb -= kb[id];
    }
    return kb;
}

uint64_t xt_rehome_need_kb(const xtune_domain *domain, uint64_t part_kb)
{
    const uint64_t all_kb = domain->memory_kb;
    const uint64_t need_kb =
        xtune_needed_kb(domain->type, all_kb, (unsigned int)domain->nr_vcpus);
    const uint64_t more_kb = need_kb > all_kb ? need_kb - all_kb : 0;

    if (!part_kb) return 0;
    return part_kb +
           (all_kb
                ? (uint64_t)((unsigned __int128)more_kb * part_kb / all_kb + 1)
                : more_kb);
}

uint64_t xt_rehome_room_kb(const xtune_node *node)
{
    if (node->free_kb == XTUNE_UNKNOWN_KB) return UINT64_MAX;
    return node->free_kb > node->low_free_kb
               ? node->free_kb - node->low_free_kb
               : 0;
}

static bool has_capability(const xtune_host *host, const char *word)
{
    size_t i;

    for (i = 0; i < host->xen.nr_capabilities; i++)
        if (!strcmp(host->xen.capabilities[i], word)) return true;
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t len = strlen(text), end_len = strlen(end);

    return len > end_len && !strcmp(text + len - end_len, end);
}

/* By its state. */
static const char *why_busy(const xtune_domain *domain)
{
    if (domain->state & XTUNE_STATE_DYING) return "it is being destroyed";
    if (domain->state & XTUNE_STATE_SHUTDOWN) return "it is shut down";
    if (domain->state & XTUNE_STATE_PAUSED)
        return "it is paused: unpause it first";
    if (ends_with(domain->name, "--incoming") ||
        ends_with(domain->name, "--migratedaway"))
        return "a migration of it is under way";
    return NULL;
}

const char *xt_rehome_obstacle(xtune_arena *arena, const xtune_host *host,
                               const xtune_domain *domain, bool allow_pause,
                               bool *pause_r)
{
    const char *why = why_busy(domain);

    *pause_r = false;
    if (!domain->id) return "dom0 cannot be migrated";
    if (why) return why;
    if (domain->nr_pci)
        return xtune_arena_printf(
            arena,
            "PCI device %s is attached: detach it first, or place the "
            "domain when it is made",
            domain->pci[0]);
    if (domain->immovable)
        return xtune_arena_printf(arena, "%s, so it cannot be migrated",
                                  domain->immovable);
    if (domain->nr_usb)
        return "it has a USB controller, or is about to have one, so it "
               "cannot be migrated";
    if (domain->type != XTUNE_TYPE_PV || has_capability(host, "shadow"))
        return NULL;
    *pause_r = true;
    if (allow_pause) return NULL;
    return "a PV domain cannot be migrated live, for this Xen has no shadow "
           "paging: --allow-pause, or pause=\"allow\" in its rule, lets it be "
           "moved while it is paused";
}
