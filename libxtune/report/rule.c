/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/rule.h"

#include "base/util.h"
#include "policy/read.h"
#include "report/text.h"

#define MAX_ELEMENTS 4
#define MAX_ATTRS 4

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

/* The elements that are there. */
static size_t find_elements(const xtune_rule *rule,
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

void xt_put_record(FILE *out, xtune_arena *arena, const xtune_record *record)
{
    fprintf(out, "%s: written for \"%s\"\n",
            xt_text_safe(arena, xtune_source_text(arena, record->source)),
            xt_text_safe(arena, record->name));
    put_affinity(out, arena, record->affinity, record->nr_affinity);
}

void xt_put_rule(FILE *out, xtune_arena *arena, const xtune_rule *rule)
{
    element elements[MAX_ELEMENTS];
    const size_t nr = find_elements(rule, elements);
    size_t i, j;

    fprintf(out, "%s: match=\"%s\" enforce=\"%s\"\n",
            xt_text_safe(arena, xtune_source_text(arena, rule->source)),
            xt_text_safe(arena, rule->match),
            xt_value_enforce.words[rule->enforce]);
    for (i = 0; i < nr; i++) {
        fprintf(out, "  line %u: %s", elements[i].source.line,
                elements[i].name);
        for (j = 0; j < elements[i].nr_attrs; j++)
            fprintf(out, " %s=\"%s\"", elements[i].attrs[j].name,
                    xt_text_safe(arena, elements[i].attrs[j].value));
        putc('\n', out);
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
    nr = find_elements(rule, elements);
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
