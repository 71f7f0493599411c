/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of xtune/host/1 for domains and their vCPUs. */
#include <string.h>

#include "base/util.h"
#include "host/attachment.h"
#include "host/host_values.h"
#include "host/pci_address.h"

/* vcpus */

static int read_vcpu_state(const xt_host_reader *reader, const xt_json *value,
                           const xt_place *place, void *object)
{
    return xt_read_states(reader, value, place, 2,
                          &((xtune_vcpu *)object)->state);
}

static xt_json *print_vcpu_state(xtune_arena *arena, const xtune_host *host,
                                 const void *object)
{
    const xtune_vcpu *vcpu = object;

    (void)host;
    return vcpu->online ? xt_print_states(arena, vcpu->state) : NULL;
}

static int read_hard(const xt_host_reader *reader, const xt_json *value,
                     const xt_place *place, void *object)
{
    return xt_read_mask(reader, value, place, &((xtune_vcpu *)object)->hard);
}

static int read_soft(const xt_host_reader *reader, const xt_json *value,
                     const xt_place *place, void *object)
{
    return xt_read_mask(reader, value, place, &((xtune_vcpu *)object)->soft);
}

static xt_json *print_hard(xtune_arena *arena, const xtune_host *host,
                           const void *object)
{
    (void)host;
    return xt_json_string(
        arena, xtune_set_format(arena, &((const xtune_vcpu *)object)->hard));
}

static xt_json *print_soft(xtune_arena *arena, const xtune_host *host,
                           const void *object)
{
    (void)host;
    return xt_json_string(
        arena, xtune_set_format(arena, &((const xtune_vcpu *)object)->soft));
}

/* Comes after period_us: without it the scheduler has no such thing. */
static int read_extratime(const xt_host_reader *reader, const xt_json *value,
                          const xt_place *place, void *object)
{
    xtune_vcpu *vcpu = object;

    if (!value) return 0;
    if (value->type != XT_JSON_BOOL)
        return xt_host_read_error(reader, value, place, "it is no boolean");
    if (!vcpu->period_us)
        return xt_host_read_error(reader, value, place,
                                  "period_us is not there");
    vcpu->extratime = value->boolean;
    return 0;
}

static xt_json *print_extratime(xtune_arena *arena, const xtune_host *host,
                                const void *object)
{
    const xtune_vcpu *vcpu = object;

    (void)host;
    return vcpu->period_us ? xt_json_bool(arena, vcpu->extratime) : NULL;
}

static int read_budget(const xt_host_reader *reader, const xt_json *value,
                       const xt_place *place, void *object)
{
    xtune_vcpu *vcpu = object;
    uint64_t number = 0;

    if (!value) return 0;
    if (!xt_json_to_u64(value, vcpu->period_us, &number))
        return xt_host_read_error(reader, value, place,
                                  "it is no number up to period_us");
    vcpu->budget_us = (uint32_t)number;
    return 0;
}

static xt_json *print_budget(xtune_arena *arena, const xtune_host *host,
                             const void *object)
{
    const xtune_vcpu *vcpu = object;

    (void)host;
    return vcpu->period_us ? xt_json_u64(arena, vcpu->budget_us) : NULL;
}

static const xt_field vcpu_fields[] = {
    { FIELD(xtune_vcpu, id, U32), .required = true,
      .max = XTUNE_MAX_VCPUS - 1 },
    { FIELD(xtune_vcpu, online, BOOL), .required = true },
    { FIELD(xtune_vcpu, cpu, U32), .nullable = true },
    { CUSTOM("state", read_vcpu_state, print_vcpu_state) },
    { FIELD(xtune_vcpu, time_ns, U64), .zero = true },
    { CUSTOM("hard", read_hard, print_hard) },
    { CUSTOM("soft", read_soft, print_soft) },
    { FIELD(xtune_vcpu, period_us, U32), .zero = true },
    { CUSTOM("budget_us", read_budget, print_budget) },
    { CUSTOM("extratime", read_extratime, print_extratime) },
};
const xt_object_type xt_vcpu_type = TYPE(xtune_vcpu, "vcpus", vcpu_fields);

/* domains */

static int read_uuid(const xt_host_reader *reader, const xt_json *value,
                     const xt_place *place, void *object)
{
    xtune_domain *domain = object;

    if (value) return xt_read_uuid(reader, value, place, domain->uuid);
    strcpy(domain->uuid, "00000000-0000-0000-0000-000000000000");
    return 0;
}

static xt_json *print_uuid(xtune_arena *arena, const xtune_host *host,
                           const void *object)
{
    (void)host;
    return xt_json_string(arena, ((const xtune_domain *)object)->uuid);
}

static int read_type(const xt_host_reader *reader, const xt_json *value,
                     const xt_place *place, void *object)
{
    static const char *const words[] = { "unknown", "pv", "pvh", "hvm" };
    xtune_domain *domain = object;

    domain->type = XTUNE_TYPE_UNKNOWN;
    if (!value) return 0;
    return xt_read_word(reader, value, place, words, XT_ARRAY_SIZE(words),
                        &domain->type);
}

static xt_json *print_type(xtune_arena *arena, const xtune_host *host,
                           const void *object)
{
    const xtune_domain *domain = object;

    (void)host;
    if (domain->type == XTUNE_TYPE_UNKNOWN) return NULL;
    return xt_json_string(arena, xtune_domain_type_name(domain->type));
}

static int read_state(const xt_host_reader *reader, const xt_json *value,
                      const xt_place *place, void *object)
{
    return xt_read_states(reader, value, place, XT_NR_STATES,
                          &((xtune_domain *)object)->state);
}

static xt_json *print_state(xtune_arena *arena, const xtune_host *host,
                            const void *object)
{
    (void)host;
    return xt_print_states(arena, ((const xtune_domain *)object)->state);
}

static int read_memory_by_node(const xt_host_reader *reader,
                               const xt_json *value, const xt_place *place,
                               void *object)
{
    xtune_domain *domain = object;
    uint64_t sum = 0;
    size_t i;
    int rc;

    if (!value) return 0;
    rc = xt_need_array(reader, value, place);
    if (rc) return rc;
    if (value->nr != reader->host->nr_node_ids)
        return xt_host_read_error(reader, value, place,
                                  "%zu sizes for %u nodes", value->nr,
                                  reader->host->nr_node_ids);
    domain->memory_by_node_kb =
        XTUNE_NEW_ARRAY(reader->host->arena, uint64_t, value->nr);
    for (i = 0; i < value->nr; i++) {
        const xt_place element = { .up = place, .index = i };
        uint64_t *size = &domain->memory_by_node_kb[i];

        if (!xt_json_to_u64(value->items[i], UINT64_MAX - 1, size) ||
            __builtin_add_overflow(sum, *size, &sum))
            return xt_host_read_error(reader, value->items[i], &element,
                                      "no size in KiB");
    }
    domain->residency = XTUNE_RESIDENCY_MEASURED;
    return 0;
}

static xt_json *print_memory_by_node(xtune_arena *arena,
                                     const xtune_host *host,
                                     const void *object)
{
    const xtune_domain *domain = object;
    xt_json *json;
    unsigned int i;

    if (!domain->memory_by_node_kb) return NULL;
    json = xt_json_array(arena);
    for (i = 0; i < host->nr_node_ids; i++)
        xt_json_append(arena, json,
                       xt_json_u64(arena, domain->memory_by_node_kb[i]));
    return json;
}

/* Comes after memory_by_node_kb, which makes it "measured". */
static int read_residency(const xt_host_reader *reader, const xt_json *value,
                          const xt_place *place, void *object)
{
    static const char *const words[] = { "measured", "inferred" };
    xtune_domain *domain = object;
    unsigned int word = 0;
    int rc;

    if (!value) return 0;
    if (!domain->memory_by_node_kb)
        return xt_host_read_error(reader, value, place,
                                  "memory_by_node_kb is not there");
    rc =
        xt_read_word(reader, value, place, words, XT_ARRAY_SIZE(words), &word);
    if (rc) return rc;
    domain->residency =
        word ? XTUNE_RESIDENCY_INFERRED : XTUNE_RESIDENCY_MEASURED;
    return 0;
}

static xt_json *print_residency(xtune_arena *arena, const xtune_host *host,
                                const void *object)
{
    const xtune_domain *domain = object;

    (void)host;
    if (!domain->memory_by_node_kb) return NULL;
    return xt_json_string(arena, xtune_residency_name(domain->residency));
}

static int read_node_affinity(const xt_host_reader *reader,
                              const xt_json *value, const xt_place *place,
                              void *object)
{
    xtune_domain *domain = object;

    return xt_read_nodes(reader, value, place, &domain->node_affinity,
                         &domain->has_node_affinity);
}

static int read_built_nodes(const xt_host_reader *reader, const xt_json *value,
                            const xt_place *place, void *object)
{
    xtune_domain *domain = object;

    return xt_read_nodes(reader, value, place, &domain->built_nodes,
                         &domain->has_built_nodes);
}

static xt_json *print_node_affinity(xtune_arena *arena, const xtune_host *host,
                                    const void *object)
{
    const xtune_domain *domain = object;

    (void)host;
    if (!domain->has_node_affinity) return NULL;
    return xt_json_string(arena,
                          xtune_set_format(arena, &domain->node_affinity));
}

static xt_json *print_built_nodes(xtune_arena *arena, const xtune_host *host,
                                  const void *object)
{
    const xtune_domain *domain = object;

    (void)host;
    if (!domain->has_built_nodes) return NULL;
    return xt_json_string(arena,
                          xtune_set_format(arena, &domain->built_nodes));
}

/* A list of CPU lists by vCPU, as host/configured.h has it. */
static int check_configured_masks(const xt_host_reader *reader,
                                  const xt_json *configured, const char *key,
                                  const xt_place *up)
{
    const xt_json *masks = xt_json_get(configured, key);
    const xt_place place = { .up = up, .key = key };
    xtune_set set;
    size_t i;
    int rc;

    if (!masks) return 0;
    rc = xt_need_array(reader, masks, &place);
    for (i = 0; !rc && i < masks->nr; i++) {
        const xt_place element = { .up = &place, .index = i };

        rc = xt_read_mask(reader, masks->items[i], &element, &set);
    }
    return rc;
}

static int read_configured(const xt_host_reader *reader, const xt_json *value,
                           const xt_place *place, void *object)
{
    const xt_json *nodes = xt_json_get(value, "nodes");
    const xt_json *placement = xt_json_get(value, "placement");
    const xt_json *cpupool = xt_json_get(value, "cpupool");
    const xt_place nodes_place = { .up = place, .key = "nodes" };
    xtune_set set;
    bool has_set;
    int rc;

    if (!value) return 0;
    if (value->type != XT_JSON_OBJECT ||
        (placement && placement->type != XT_JSON_BOOL) ||
        (cpupool && cpupool->type != XT_JSON_STRING))
        return xt_host_read_error(reader, value, place,
                                  "no affinity as configured");
    rc = check_configured_masks(reader, value, "hard", place);
    if (!rc) rc = check_configured_masks(reader, value, "soft", place);
    if (!rc && nodes)
        rc = xt_read_nodes(reader, nodes, &nodes_place, &set, &has_set);
    if (!rc) ((xtune_domain *)object)->configured = value;
    return rc;
}

static xt_json *print_configured(xtune_arena *arena, const xtune_host *host,
                                 const void *object)
{
    (void)arena;
    (void)host;
    return (xt_json *)((const xtune_domain *)object)->configured;
}

static int read_domain_pci(const xt_host_reader *reader, const xt_json *value,
                           const xt_place *place, void *object)
{
    xtune_domain *domain = object;

    return xt_read_strings(reader, value, place, &domain->pci,
                           &domain->nr_pci);
}

static xt_json *print_domain_pci(xtune_arena *arena, const xtune_host *host,
                                 const void *object)
{
    const xtune_domain *domain = object;

    (void)host;
    if (!domain->pci) return NULL;
    return xt_json_strings(arena, domain->pci, domain->nr_pci);
}

static int read_attached(const xt_host_reader *reader, const xt_json *value,
                         const xt_place *place, void *object)
{
    xtune_domain *domain = object;
    const char *address;
    size_t i;
    int rc;

    if (!value) return 0;
    rc = xt_need_array(reader, value, place);
    if (rc) return rc;
    domain->attached =
        XTUNE_NEW_ARRAY(reader->host->arena, xtune_attachment, value->nr + 1);
    for (i = 0; i < value->nr; i++) {
        const xt_place element = { .up = place, .index = i };

        address = xt_json_text(xt_json_get(value->items[i], "address"));
        if (!address || !xt_pci_address_is_valid(address) ||
            !xt_attachment_from_json(value->items[i], address,
                                     &domain->attached[i]))
            return xt_host_read_error(reader, value->items[i], &element,
                                      "it does not say how it is attached");
    }
    domain->nr_attached = value->nr;
    return 0;
}

static xt_json *print_attached(xtune_arena *arena, const xtune_host *host,
                               const void *object)
{
    const xtune_domain *domain = object;
    xt_json *list, *one;
    size_t i;

    (void)host;
    if (!domain->attached) return NULL;
    list = xt_json_array(arena);
    for (i = 0; i < domain->nr_attached; i++) {
        one = xt_attachment_to_json(arena, &domain->attached[i]);
        xt_json_add_string(arena, one, "address", domain->attached[i].address);
        xt_json_append(arena, list, one);
    }
    return list;
}

OBJECTS(xtune_domain, usb, xt_usb_controller_type)

static int read_setup(const xt_host_reader *reader, const xt_json *value,
                      const xt_place *place, void *object)
{
    if (!value) return 0;
    return xt_host_object_read(reader, &xt_setup_type, value, place, object);
}

static xt_json *print_setup(xtune_arena *arena, const xtune_host *host,
                            const void *object)
{
    const xtune_domain *domain = object;

    if (!domain->disks && !domain->has_setup && !domain->setup_members)
        return NULL;
    return xt_host_object_to_json(arena, host, &xt_setup_type, domain);
}

static uint32_t count_online(const xtune_domain *domain)
{
    uint32_t online = 0;
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        online += domain->vcpus[i].online;
    return online;
}

/* Comes after online_vcpus, which it must agree with. */
static int read_vcpus(const xt_host_reader *reader, const xt_json *value,
                      const xt_place *place, void *object)
{
    xtune_domain *domain = object;
    const uint32_t stated = domain->online_vcpus;
    int rc;

    rc = xt_host_list_read(reader, &xt_vcpu_type, value, place, &domain->vcpus,
                           &domain->nr_vcpus);
    if (rc) return rc;
    if (!value) return 0;
    domain->online_vcpus = count_online(domain);
    if (stated && stated != domain->online_vcpus)
        return xt_host_read_error(reader, value, place,
                                  "%u are online, online_vcpus says %u",
                                  domain->online_vcpus, stated);
    return 0;
}

static xt_json *print_vcpus(xtune_arena *arena, const xtune_host *host,
                            const void *object)
{
    const xtune_domain *domain = object;

    if (!domain->nr_vcpus) return NULL;
    return xt_host_list_to_json(arena, host, &xt_vcpu_type, domain->vcpus,
                                domain->nr_vcpus);
}

static const xt_field domain_fields[] = {
    { FIELD(xtune_domain, id, U32), .required = true },
    { FIELD(xtune_domain, name, STRING), .required = true },
    { CUSTOM("uuid", read_uuid, print_uuid) },
    { CUSTOM("type", read_type, print_type) },
    { CUSTOM("state", read_state, print_state) },
    { FIELD(xtune_domain, shutdown_reason, U32) },
    { FIELD(xtune_domain, cpupool, STRING) },
    { FIELD(xtune_domain, memory_kb, U64), .required = true },
    { FIELD(xtune_domain, max_memory_kb, U64), .zero = true },
    { FIELD(xtune_domain, outstanding_kb, U64), .zero = true },
    { FIELD(xtune_domain, cpu_time_ns, U64), .zero = true },
    { CUSTOM("memory_by_node_kb", read_memory_by_node, print_memory_by_node),
      .nullable = true },
    { CUSTOM("residency", read_residency, print_residency) },
    { CUSTOM("node_affinity", read_node_affinity, print_node_affinity) },
    { CUSTOM("built_nodes", read_built_nodes, print_built_nodes) },
    { CUSTOM("configured", read_configured, print_configured) },
    { FIELD(xtune_domain, immovable, STRING) },
    { CUSTOM("pci", read_domain_pci, print_domain_pci) },
    { CUSTOM("pci_attached", read_attached, print_attached) },
    { OBJECTS_FIELD(xtune_domain, usb) },
    { CUSTOM("setup", read_setup, print_setup) },
    { FIELD(xtune_domain, online_vcpus, U32), .zero = true },
    { FIELD(xtune_domain, weight, U32), .zero = true },
    { FIELD(xtune_domain, cap, U32), .zero = true },
    { CUSTOM("vcpus", read_vcpus, print_vcpus) },
};
const xt_object_type xt_domain_type =
    TYPE(xtune_domain, "domains", domain_fields);
