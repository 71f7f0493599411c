/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of xtune/host/1, and the values that are more than a scalar. */
#include "host/host_fields.h"

#include <ctype.h>
#include <string.h>

#include "base/util.h"

/* Lists of strings and of numbers. */

static int need_array(const xt_host_reader *reader, const xt_json *value,
                      const xt_place *place)
{
    if (value->type == XT_JSON_ARRAY) return 0;
    return xt_host_read_error(reader, value, place, "no array");
}

static int read_strings(const xt_host_reader *reader, const xt_json *value,
                        const xt_place *place, const char ***strings_r,
                        size_t *nr_r)
{
    size_t i;
    int rc;

    if (!value) return 0;
    rc = need_array(reader, value, place);
    if (rc) return rc;
    *strings_r = XTUNE_NEW_ARRAY(reader->host->arena, const char *, value->nr);
    for (i = 0; i < value->nr; i++) {
        const xt_place element = { .up = place, .index = i };

        (*strings_r)[i] = xt_json_text(value->items[i]);
        if (!(*strings_r)[i])
            return xt_host_read_error(reader, value->items[i], &element,
                                      "no string");
    }
    *nr_r = value->nr;
    return 0;
}

/* A word of a table as its index; nr where it is none of them. */
static size_t find_word(const char *const *words, size_t nr, const char *word)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (word && !strcmp(words[i], word)) return i;
    return nr;
}

static int read_word(const xt_host_reader *reader, const xt_json *value,
                     const xt_place *place, const char *const *words,
                     size_t nr, unsigned int *index_r)
{
    const size_t i = find_word(words, nr, xt_json_text(value));

    if (i == nr)
        return xt_host_read_error(reader, value, place, "unknown word \"%s\"",
                                  xt_json_text(value) ? xt_json_text(value)
                                                      : "");
    *index_r = (unsigned int)i;
    return 0;
}

/* Sets. A mask may name CPUs that the host has not: Xen keeps what it was
 * given, such as "all" where some are off. */

static int read_set(const xt_host_reader *reader, const xt_json *value,
                    const xt_place *place, const char *what,
                    unsigned int nbits, xtune_set *set_r)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xtune_arena *arena = reader->host->arena;
    const xtune_set universe = xtune_set_all(arena, nbits);
    const xtune_set_names names = { .what = what, .exists = &universe };

    if (!xt_json_text(value))
        return xt_host_read_error(reader, value, place, "no string");
    if (xtune_set_parse(arena, &names, "", xt_json_text(value), set_r, &why))
        return xt_host_read_error(reader, value, place, "%s", why->message);
    return 0;
}

static int read_mask(const xt_host_reader *reader, const xt_json *value,
                     const xt_place *place, xtune_set *set_r)
{
    const unsigned int nbits = reader->host->nr_cpu_ids;

    if (!value) {
        *set_r = xtune_set_all(reader->host->arena, nbits);
        return 0;
    }
    return read_set(reader, value, place, "CPU", nbits, set_r);
}

static int read_nodes(const xt_host_reader *reader, const xt_json *value,
                      const xt_place *place, xtune_set *set_r, bool *has_r)
{
    *has_r = value != NULL;
    if (!value) return 0;
    return read_set(reader, value, place, "node", reader->host->nr_node_ids,
                    set_r);
}

/* States. */

/* The word for bit i. */
static const char *const state_words[] = {
    "running", "blocked", "paused", "shutdown", "dying",
};

/* One word of the first nr, or several with commas; "runnable" for none. */
static int read_states(const xt_host_reader *reader, const xt_json *value,
                       const xt_place *place, size_t nr, unsigned int *state_r)
{
    const char *text = value ? xt_json_text(value) : "runnable";
    char *copy, *word;
    size_t i;

    *state_r = 0;
    if (text && !strcmp(text, "runnable")) return 0;
    copy = xtune_arena_strdup(reader->host->arena, text ? text : "");
    while ((word = strsep(&copy, ","))) {
        i = find_word(state_words, nr, word);
        if (i == nr)
            return xt_host_read_error(reader, value, place,
                                      "unknown word \"%s\"", word);
        *state_r |= 1u << i;
    }
    return 0;
}

static xt_json *print_states(xtune_arena *arena, unsigned int state)
{
    const char *text = NULL;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(state_words); i++) {
        if (!(state & (1u << i))) continue;
        text = text ? xtune_arena_printf(arena, "%s,%s", text, state_words[i])
                    : state_words[i];
    }
    return xt_json_string(arena, text ? text : "runnable");
}

/* xen */

static int read_capabilities(const xt_host_reader *reader,
                             const xt_json *value, const xt_place *place,
                             void *object)
{
    xtune_xen *xen = object;

    return read_strings(reader, value, place, &xen->capabilities,
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

#define FIELD(type, name, field_kind)                                         \
    .key = #name, .kind = XT_FIELD_##field_kind, .offset = offsetof(type, name)
#define CUSTOM(name, read_fn, print_fn)                                       \
    .key = name, .kind = XT_FIELD_CUSTOM, .read = read_fn, .print = print_fn
#define TYPE(type, name, table)                                               \
    {                                                                         \
        .key = name, .size = sizeof(type), .fields = table,                   \
        .nr_fields = XT_ARRAY_SIZE(table),                                    \
        .extra_offset = offsetof(type, extra_members)                         \
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
    rc = need_array(reader, value, place);
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
};
const xt_object_type xt_cpu_type = TYPE(xtune_cpu, "cpus", cpu_fields);

/* cpupools */

static int read_pool_cpus(const xt_host_reader *reader, const xt_json *value,
                          const xt_place *place, void *object)
{
    xtune_cpupool *pool = object;
    int rc;

    rc = read_mask(reader, value, place, &pool->cpus);
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

static const xt_field cpupool_fields[] = {
    { FIELD(xtune_cpupool, id, U32), .required = true },
    { FIELD(xtune_cpupool, name, STRING), .required = true },
    { FIELD(xtune_cpupool, scheduler, STRING) },
    { CUSTOM("cpus", read_pool_cpus, print_pool_cpus) },
};
const xt_object_type xt_cpupool_type =
    TYPE(xtune_cpupool, "cpupools", cpupool_fields);

/* vcpus */

static int read_vcpu_state(const xt_host_reader *reader, const xt_json *value,
                           const xt_place *place, void *object)
{
    return read_states(reader, value, place, 2,
                       &((xtune_vcpu *)object)->state);
}

static xt_json *print_vcpu_state(xtune_arena *arena, const xtune_host *host,
                                 const void *object)
{
    const xtune_vcpu *vcpu = object;

    (void)host;
    return vcpu->online ? print_states(arena, vcpu->state) : NULL;
}

static int read_hard(const xt_host_reader *reader, const xt_json *value,
                     const xt_place *place, void *object)
{
    return read_mask(reader, value, place, &((xtune_vcpu *)object)->hard);
}

static int read_soft(const xt_host_reader *reader, const xt_json *value,
                     const xt_place *place, void *object)
{
    return read_mask(reader, value, place, &((xtune_vcpu *)object)->soft);
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

static const xt_field vcpu_fields[] = {
    { FIELD(xtune_vcpu, id, U32), .required = true,
      .max = XTUNE_MAX_VCPUS - 1 },
    { FIELD(xtune_vcpu, online, BOOL), .required = true },
    { FIELD(xtune_vcpu, cpu, U32), .nullable = true },
    { CUSTOM("state", read_vcpu_state, print_vcpu_state) },
    { FIELD(xtune_vcpu, time_ns, U64), .zero = true },
    { CUSTOM("hard", read_hard, print_hard) },
    { CUSTOM("soft", read_soft, print_soft) },
};
const xt_object_type xt_vcpu_type = TYPE(xtune_vcpu, "vcpus", vcpu_fields);

/* domains */

static int read_uuid(const xt_host_reader *reader, const xt_json *value,
                     const xt_place *place, void *object)
{
    static const char pattern[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    const char *text =
        value ? xt_json_text(value) : "00000000-0000-0000-0000-000000000000";
    xtune_domain *domain = object;
    size_t i;

    for (i = 0; text && i < sizeof(pattern); i++) {
        const unsigned char c = (unsigned char)text[i];

        if (pattern[i] == 'x' ? !isxdigit(c) : text[i] != pattern[i]) break;
        domain->uuid[i] = (char)tolower(c);
    }
    if (!text || i != sizeof(pattern))
        return xt_host_read_error(reader, value, place, "\"%s\" is no uuid",
                                  text ? text : "");
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
    return read_word(reader, value, place, words, XT_ARRAY_SIZE(words),
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
    return read_states(reader, value, place, XT_ARRAY_SIZE(state_words),
                       &((xtune_domain *)object)->state);
}

static xt_json *print_state(xtune_arena *arena, const xtune_host *host,
                            const void *object)
{
    (void)host;
    return print_states(arena, ((const xtune_domain *)object)->state);
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
    rc = need_array(reader, value, place);
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
    rc = read_word(reader, value, place, words, XT_ARRAY_SIZE(words), &word);
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

    return read_nodes(reader, value, place, &domain->node_affinity,
                      &domain->has_node_affinity);
}

static int read_built_nodes(const xt_host_reader *reader, const xt_json *value,
                            const xt_place *place, void *object)
{
    xtune_domain *domain = object;

    return read_nodes(reader, value, place, &domain->built_nodes,
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
    rc = need_array(reader, masks, &place);
    for (i = 0; !rc && i < masks->nr; i++) {
        const xt_place element = { .up = &place, .index = i };

        rc = read_mask(reader, masks->items[i], &element, &set);
    }
    return rc;
}

static int read_configured(const xt_host_reader *reader, const xt_json *value,
                           const xt_place *place, void *object)
{
    const xt_json *nodes = xt_json_get(value, "nodes");
    const xt_json *placement = xt_json_get(value, "placement");
    const xt_place nodes_place = { .up = place, .key = "nodes" };
    xtune_set set;
    bool has_set;
    int rc;

    if (!value) return 0;
    if (value->type != XT_JSON_OBJECT ||
        (placement && placement->type != XT_JSON_BOOL))
        return xt_host_read_error(reader, value, place,
                                  "no affinity as configured");
    rc = check_configured_masks(reader, value, "hard", place);
    if (!rc) rc = check_configured_masks(reader, value, "soft", place);
    if (!rc && nodes)
        rc = read_nodes(reader, nodes, &nodes_place, &set, &has_set);
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

    return read_strings(reader, value, place, &domain->pci, &domain->nr_pci);
}

static xt_json *print_domain_pci(xtune_arena *arena, const xtune_host *host,
                                 const void *object)
{
    const xtune_domain *domain = object;

    (void)host;
    if (!domain->pci) return NULL;
    return xt_json_strings(arena, domain->pci, domain->nr_pci);
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
    { FIELD(xtune_domain, online_vcpus, U32), .zero = true },
    { FIELD(xtune_domain, weight, U32), .zero = true },
    { FIELD(xtune_domain, cap, U32), .zero = true },
    { CUSTOM("vcpus", read_vcpus, print_vcpus) },
};
const xt_object_type xt_domain_type =
    TYPE(xtune_domain, "domains", domain_fields);

/* pci */

static const xt_field pci_fields[] = {
    { FIELD(xtune_pci, address, STRING), .required = true },
    { .key = "class",
      .kind = XT_FIELD_STRING,
      .offset = offsetof(xtune_pci, class_code) },
    { FIELD(xtune_pci, vendor, STRING) },
    { FIELD(xtune_pci, device, STRING) },
    { FIELD(xtune_pci, node, U32), .nullable = true },
    { FIELD(xtune_pci, driver, STRING), .nullable = true },
    { FIELD(xtune_pci, assignable, BOOL) },
};
const xt_object_type xt_pci_type = TYPE(xtune_pci, "pci", pci_fields);
