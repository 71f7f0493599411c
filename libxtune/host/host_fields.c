/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of xtune/host/1, but for those of domains and devices. */
#include "host/host_fields.h"

#include <string.h>

#include "base/util.h"
#include "host/host_values.h"

/* xen */

static int read_capabilities(const xt_host_reader *reader,
                             const xt_json *value, const xt_place *place,
                             void *object)
{
    xtune_xen *xen = object;

    return xt_read_strings(reader, value, place, &xen->capabilities,
                           &xen->nr_capabilities);
}

static xt_json *print_capabilities(xtune_arena *arena, const xtune_host *host,
                                   const void *object)
{
    const xtune_xen *xen = object;

    (void)host;
    if (!xen->capabilities) return NULL;
    return xt_json_strings(arena, xen->capabilities, xen->nr_capabilities);
}

/* Eight words as xl prints them: "178bfbff:...". */
static int read_hw_caps(const xt_host_reader *reader, const xt_json *value,
                        const xt_place *place, void *object)
{
    xtune_xen *xen = object;
    char *copy, *word;
    uint64_t number;
    size_t i = 0;

    if (!value) return 0;
    copy = xtune_arena_strdup(reader->host->arena,
                              xt_json_text(value) ? xt_json_text(value) : "");
    while ((word = strsep(&copy, ":"))) {
        if (i == XT_ARRAY_SIZE(xen->hw_caps) ||
            !xt_parse_u64(word, 16, UINT32_MAX, &number))
            break;
        xen->hw_caps[i++] = (uint32_t)number;
    }
    if (word || i != XT_ARRAY_SIZE(xen->hw_caps))
        return xt_host_read_error(reader, value, place,
                                  "not eight hexadecimal words");
    xen->has_hw_caps = true;
    return 0;
}

static xt_json *print_hw_caps(xtune_arena *arena, const xtune_host *host,
                              const void *object)
{
    const xtune_xen *xen = object;
    const char *text = "";
    size_t i;

    (void)host;
    if (!xen->has_hw_caps) return NULL;
    for (i = 0; i < XT_ARRAY_SIZE(xen->hw_caps); i++)
        text = xtune_arena_printf(arena, "%s%s%08x", text, i ? ":" : "",
                                  xen->hw_caps[i]);
    return xt_json_string(arena, text);
}

static const xt_field xen_fields[] = {
    { FIELD(xtune_xen, version, STRING) },
    { FIELD(xtune_xen, scheduler, STRING) },
    { FIELD(xtune_xen, command_line, STRING) },
    { CUSTOM("capabilities", read_capabilities, print_capabilities) },
    { FIELD(xtune_xen, total_kb, U64) },
    { FIELD(xtune_xen, free_kb, U64) },
    { FIELD(xtune_xen, max_cpu_id, U32), .max = XTUNE_MAX_CPUS - 1 },
    { FIELD(xtune_xen, major, U32) },
    { FIELD(xtune_xen, minor, U32) },
    { FIELD(xtune_xen, extra, STRING) },
    { FIELD(xtune_xen, host, STRING) },
    { FIELD(xtune_xen, release, STRING) },
    { FIELD(xtune_xen, kernel_version, STRING) },
    { FIELD(xtune_xen, machine, STRING) },
    { FIELD(xtune_xen, cores_per_socket, U32) },
    { FIELD(xtune_xen, threads_per_core, U32) },
    { FIELD(xtune_xen, cpu_khz, U32) },
    { CUSTOM("hw_caps", read_hw_caps, print_hw_caps) },
    { FIELD(xtune_xen, sharing_freed_kb, U64) },
    { FIELD(xtune_xen, sharing_used_kb, U64) },
    { FIELD(xtune_xen, outstanding_kb, U64) },
    { FIELD(xtune_xen, free_cpus, U32) },
    { FIELD(xtune_xen, xen_caps, STRING) },
    { FIELD(xtune_xen, changeset, STRING) },
    { FIELD(xtune_xen, compiler, STRING) },
    { FIELD(xtune_xen, compile_by, STRING) },
    { FIELD(xtune_xen, compile_domain, STRING) },
    { FIELD(xtune_xen, compile_date, STRING) },
    { FIELD(xtune_xen, build_id, STRING) },
    { FIELD(xtune_xen, pagesize, U32) },
    { FIELD(xtune_xen, virt_start, U64) },
};
const xt_object_type xt_xen_type = TYPE(xtune_xen, "xen", xen_fields);

/* nodes */

static int read_distances(const xt_host_reader *reader, const xt_json *value,
                          const xt_place *place, void *object)
{
    xtune_node *node = object;
    uint64_t number;
    size_t i;
    int rc;

    if (!value) return 0;
    rc = xt_need_array(reader, value, place);
    if (rc) return rc;
    if (value->nr > XTUNE_MAX_NODES)
        return xt_host_read_error(reader, value, place,
                                  "more than %d distances", XTUNE_MAX_NODES);
    node->distances =
        XTUNE_NEW_ARRAY(reader->host->arena, uint32_t, XTUNE_MAX_NODES);
    for (i = 0; i < value->nr; i++) {
        const xt_place element = { .up = place, .index = i };

        node->distances[i] = XTUNE_NONE;
        if (value->items[i]->type == XT_JSON_NULL) continue;
        if (!xt_json_to_u64(value->items[i], UINT32_MAX - 1, &number))
            return xt_host_read_error(reader, value->items[i], &element,
                                      "no distance");
        node->distances[i] = (uint32_t)number;
    }
    node->nr_distances = value->nr;
    return 0;
}

static xt_json *print_distances(xtune_arena *arena, const xtune_host *host,
                                const void *object)
{
    const xtune_node *node = object;
    xt_json *json;
    unsigned int i;

    if (!node->distances) return NULL;
    json = xt_json_array(arena);
    for (i = 0; i < host->nr_node_ids; i++)
        xt_json_append(arena, json,
                       node->distances[i] == XTUNE_NONE
                           ? xt_json_null(arena)
                           : xt_json_u64(arena, node->distances[i]));
    return json;
}

static const xt_field node_fields[] = {
    { FIELD(xtune_node, id, U32), .required = true,
      .max = XTUNE_MAX_NODES - 1 },
    { FIELD(xtune_node, memory_kb, U64), .required = true },
    { FIELD(xtune_node, free_kb, U64), .nullable = true },
    { FIELD(xtune_node, low_free_kb, U64), .zero = true },
    { CUSTOM("distances", read_distances, print_distances) },
};
const xt_object_type xt_node_type = TYPE(xtune_node, "nodes", node_fields);

/* cpus */

static const xt_field cpu_fields[] = {
    { FIELD(xtune_cpu, id, U32), .required = true, .max = XTUNE_MAX_CPUS - 1 },
    { FIELD(xtune_cpu, node, U32), .nullable = true },
    { FIELD(xtune_cpu, socket, U32), .nullable = true },
    { FIELD(xtune_cpu, core, U32), .nullable = true },
    { FIELD(xtune_cpu, governor, STRING) },
};
const xt_object_type xt_cpu_type = TYPE(xtune_cpu, "cpus", cpu_fields);

/* cpupools */

static int read_pool_cpus(const xt_host_reader *reader, const xt_json *value,
                          const xt_place *place, void *object)
{
    xtune_cpupool *pool = object;
    int rc;

    rc = xt_read_mask(reader, value, place, &pool->cpus);
    if (rc) return rc;
    /* "all" means every CPU there is, not every id. */
    if (xtune_set_is_all(&pool->cpus))
        xtune_set_and(&pool->cpus, &reader->host->cpu_ids);
    return 0;
}

static xt_json *print_pool_cpus(xtune_arena *arena, const xtune_host *host,
                                const void *object)
{
    const xtune_cpupool *pool = object;

    (void)host;
    return xt_json_string(arena, xtune_set_format_ids(arena, &pool->cpus));
}

static int read_granularity(const xt_host_reader *reader, const xt_json *value,
                            const xt_place *place, void *object)
{
    static const char *const words[] = { "cpu", "core", "socket" };
    xtune_cpupool *pool = object;
    unsigned int word;
    int rc;

    if (!value) return 0;
    rc =
        xt_read_word(reader, value, place, words, XT_ARRAY_SIZE(words), &word);
    if (rc) return rc;
    pool->granularity = words[word];
    return 0;
}

static xt_json *print_granularity(xtune_arena *arena, const xtune_host *host,
                                  const void *object)
{
    const xtune_cpupool *pool = object;

    (void)host;
    if (!pool->granularity) return NULL;
    return xt_json_string(arena, pool->granularity);
}

/* What its scheduler has is written beside the rest. */
#define SCHEDULING(name)                                                      \
    .key = #name, .kind = XT_FIELD_U32,                                       \
    .offset = offsetof(xtune_cpupool, scheduling.name)

static const xt_field cpupool_fields[] = {
    { FIELD(xtune_cpupool, id, U32), .required = true },
    { FIELD(xtune_cpupool, name, STRING), .required = true },
    { FIELD(xtune_cpupool, scheduler, STRING) },
    { CUSTOM("granularity", read_granularity, print_granularity) },
    { CUSTOM("cpus", read_pool_cpus, print_pool_cpus) },
    { SCHEDULING(tslice_ms) },
    { SCHEDULING(ratelimit_us) },
    { SCHEDULING(migration_delay_us) },
};
const xt_object_type xt_cpupool_type =
    TYPE(xtune_cpupool, "cpupools", cpupool_fields);
