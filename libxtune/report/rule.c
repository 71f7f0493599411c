/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/rule.h"

#include "base/util.h"
#include "policy/read.h"
#include "policy/record.h"
#include "report/text.h"

#define MAX_ELEMENTS 5
#define MAX_ATTRS XT_FIRST_OF_POOLS

typedef struct element {
    const char *name;
    xtune_source source;
    size_t nr_attrs;
    struct {
        const char *name, *value;
    } attrs[MAX_ATTRS];
} element;

static const char *placement_text(const xtune_rule *rule)
{
    switch (rule->placement) {
    case XTUNE_PLACE_NONE: return "none";
    case XTUNE_PLACE_AUTO: return "auto";
    case XTUNE_PLACE_NODES: break;
    }
    return rule->nodes;
}

static const char *parameter_text(xtune_arena *arena, enum xt_parameter_id id,
                                  uint32_t value)
{
    if (id == XT_EXTRATIME) return value ? "yes" : "no";
    return xtune_arena_printf(arena, "%u", value);
}

/* What is written of it alone. */
static element scheduler_element(xtune_arena *arena,
                                 const xtune_wanted_scheduling *wanted)
{
    element e = { .name = "scheduler", .source = wanted->source };
    unsigned int id;

    for (id = 0; id < XT_FIRST_OF_POOLS; id++) {
        const uint32_t value = xt_parameter_get(id, wanted);

        if (value == XTUNE_NONE) continue;
        e.attrs[e.nr_attrs].name = xt_parameters[id].attr;
        e.attrs[e.nr_attrs++].value = parameter_text(arena, id, value);
    }
    return e;
}

/* The elements that are there. */
static size_t find_elements(xtune_arena *arena, const xtune_rule *rule,
                            element elements[MAX_ELEMENTS])
{
    size_t nr = 0;

    if (rule->has_numa)
        elements[nr++] = (element){
            "numa",
            rule->numa_source,
            4,
            { { "placement", placement_text(rule) },
              { "mode", xt_value_affinity.words[rule->mode] },
              { "memory", xt_value_memory.words[rule->memory] },
              { "pause", xt_value_pause.words[rule->allow_pause] } },
        };
    if (rule->has_vcpus)
        elements[nr++] = (element){
            "vcpus",
            rule->vcpus_source,
            2,
            { { "pin", xt_value_pin.words[rule->pin] },
              { "smt", xt_value_smt.words[rule->smt] } },
        };
    if (rule->has_devices)
        elements[nr++] = (element){
            "devices",
            rule->devices_source,
            1,
            { { "numa", xt_value_devices.words[rule->devices] } },
        };
    if (rule->cpupool)
        elements[nr++] = (element){
            "cpupool",
            rule->cpupool_source,
            1,
            { { "name", rule->cpupool } },
        };
    if (rule->has_scheduling)
        elements[nr++] = scheduler_element(arena, &rule->scheduling);
    return nr;
}

/* A mask that is not written down stays as it is. */
static void put_mask(FILE *out, xtune_arena *arena, const char *name,
                     const char *value)
{
    if (value) fprintf(out, " %s=\"%s\"", name, xt_text_safe(arena, value));
}

static void put_affinity(FILE *out, xtune_arena *arena,
                         const xtune_wanted_affinity *rows, size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++) {
        fprintf(out, "  line %u: affinity", rows[i].source.line);
        put_mask(out, arena, "vcpus", rows[i].vcpus);
        put_mask(out, arena, "hard", rows[i].hard);
        put_mask(out, arena, "soft", rows[i].soft);
        putc('\n', out);
    }
}

static void put_attrs(FILE *out, xtune_arena *arena, const element *e)
{
    size_t i;

    for (i = 0; i < e->nr_attrs; i++)
        fprintf(out, " %s=\"%s\"", e->attrs[i].name,
                xt_text_safe(arena, e->attrs[i].value));
    putc('\n', out);
}

static void put_scheduling(FILE *out, xtune_arena *arena,
                           const xtune_wanted_scheduling *rows, size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++) {
        const element e = scheduler_element(arena, &rows[i]);

        fprintf(out, "  line %u: %s", e.source.line, e.name);
        put_mask(out, arena, "vcpus", rows[i].vcpus);
        put_attrs(out, arena, &e);
    }
}

void xt_put_record(FILE *out, xtune_arena *arena, const xtune_record *record)
{
    fprintf(out, "%s: written for \"%s\"\n",
            xt_text_safe(arena, xtune_source_text(arena, record->source)),
            xt_text_safe(arena, record->name));
    put_affinity(out, arena, record->affinity, record->nr_affinity);
    put_scheduling(out, arena, record->scheduling, record->nr_scheduling);
    if (record->cpupool)
        fprintf(out, "  line %u: cpupool name=\"%s\"\n",
                record->cpupool_source.line,
                xt_text_safe(arena, record->cpupool));
}

void xt_put_rule(FILE *out, xtune_arena *arena, const xtune_rule *rule)
{
    element elements[MAX_ELEMENTS];
    const size_t nr = find_elements(arena, rule, elements);
    size_t i;

    fprintf(out, "%s: match=\"%s\" enforce=\"%s\"\n",
            xt_text_safe(arena, xtune_source_text(arena, rule->source)),
            xt_text_safe(arena, rule->match),
            xt_value_enforce.words[rule->enforce]);
    for (i = 0; i < nr; i++) {
        fprintf(out, "  line %u: %s", elements[i].source.line,
                elements[i].name);
        put_attrs(out, arena, &elements[i]);
    }
    put_affinity(out, arena, rule->affinity, rule->nr_affinity);
}

static void add_affinity(xtune_arena *arena, xt_json *json,
                         const xtune_wanted_affinity *rows, size_t nr)
{
    xt_json *list = xt_json_array(arena);
    size_t i;

    for (i = 0; i < nr; i++) {
        xt_json *row = xt_json_object(arena);

        xt_json_add_string(arena, row, "source",
                           xtune_source_text(arena, rows[i].source));
        xt_json_add_string(arena, row, "vcpus", rows[i].vcpus);
        xt_json_add_string(arena, row, "hard", rows[i].hard);
        xt_json_add_string(arena, row, "soft", rows[i].soft);
        xt_json_append(arena, list, row);
    }
    xt_json_add(arena, json, "affinity", list);
}

static void add_scheduling(xtune_arena *arena, xt_json *json,
                           const xtune_wanted_scheduling *rows, size_t nr)
{
    xt_json *list = xt_json_array(arena);
    unsigned int id;
    size_t i;

    for (i = 0; i < nr; i++) {
        xt_json *row = xt_json_object(arena);

        xt_json_add_string(arena, row, "source",
                           xtune_source_text(arena, rows[i].source));
        xt_json_add_string(arena, row, "vcpus", rows[i].vcpus);
        for (id = 0; id < XT_FIRST_OF_POOLS; id++)
            xt_record_add_parameter(arena, row, id, &rows[i]);
        xt_json_append(arena, list, row);
    }
    xt_json_add(arena, json, "scheduling", list);
}

static void add_pool(xtune_arena *arena, xt_json *json, const char *pool,
                     xtune_source source)
{
    xt_json *part = xt_json_object(arena);

    xt_json_add_string(arena, part, "source",
                       xtune_source_text(arena, source));
    xt_json_add_string(arena, part, "name", pool);
    xt_json_add(arena, json, "cpupool", part);
}

xt_json *xt_record_json(xtune_arena *arena, const xtune_record *record)
{
    xt_json *json;

    if (!record) return xt_json_null(arena);
    json = xt_json_object(arena);
    xt_json_add_string(arena, json, "source",
                       xtune_source_text(arena, record->source));
    xt_json_add_string(arena, json, "uuid", record->uuid);
    xt_json_add_string(arena, json, "name", record->name);
    add_affinity(arena, json, record->affinity, record->nr_affinity);
    if (record->nr_scheduling)
        add_scheduling(arena, json, record->scheduling, record->nr_scheduling);
    if (record->cpupool)
        add_pool(arena, json, record->cpupool, record->cpupool_source);
    return json;
}

xt_json *xt_rule_json(xtune_arena *arena, const xtune_rule *rule)
{
    element elements[MAX_ELEMENTS];
    xt_json *json;
    size_t nr, i, j;

    if (!rule) return xt_json_null(arena);
    json = xt_json_object(arena);
    xt_json_add_string(arena, json, "source",
                       xtune_source_text(arena, rule->source));
    xt_json_add_string(arena, json, "match", rule->match);
    xt_json_add_string(arena, json, "enforce",
                       xt_value_enforce.words[rule->enforce]);
    nr = find_elements(arena, rule, elements);
    for (i = 0; i < nr; i++) {
        xt_json *part = xt_json_object(arena);

        xt_json_add_string(arena, part, "source",
                           xtune_source_text(arena, elements[i].source));
        for (j = 0; j < elements[i].nr_attrs; j++)
            xt_json_add_string(arena, part, elements[i].attrs[j].name,
                               elements[i].attrs[j].value);
        xt_json_add(arena, json, elements[i].name, part);
    }
    if (rule->nr_affinity)
        add_affinity(arena, json, rule->affinity, rule->nr_affinity);
    return json;
}
