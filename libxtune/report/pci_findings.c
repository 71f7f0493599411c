/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Findings as lines, and as JSON. */
#include <string.h>

#include <xtune/report.h>

#include "base/util.h"
#include "report/pci.h"
#include "report/text.h"

static const struct {
    enum xtune_finding_level level;
    const char *word, *json;
} levels[] = {
    { XTUNE_FINDING_ERROR, "FAIL", "error" },
    { XTUNE_FINDING_WARNING, "WARN", "warning" },
    { XTUNE_FINDING_NOTE, "NOTE", "note" },
};

static bool is_about(const xtune_finding *finding, const char *object)
{
    return !object || !strcmp(finding->object, object);
}

static void put_finding(FILE *out, xtune_arena *arena, const char *word,
                        const xtune_finding *finding)
{
    fprintf(out, "%s %s: %s: %s%s%s\n", word, finding->name,
            xt_text_safe(arena, finding->object),
            xt_text_safe(arena, finding->text), finding->hint ? ": " : "",
            finding->hint ? xt_text_safe(arena, finding->hint) : "");
}

void xt_pci_put_findings(FILE *out, xtune_arena *arena,
                         const xtune_findings *findings, const char *object)
{
    size_t i, k;

    for (i = 0; i < XT_ARRAY_SIZE(levels); i++)
        for (k = 0; k < findings->nr; k++)
            if (findings->items[k].level == levels[i].level &&
                is_about(&findings->items[k], object))
                put_finding(out, arena, levels[i].word, &findings->items[k]);
}

static xt_json *finding_json(xtune_arena *arena, const char *level,
                             const xtune_finding *finding)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "name", finding->name);
    xt_json_add_string(arena, json, "level", level);
    xt_json_add_bool(arena, json, "guard", finding->is_guard);
    xt_json_add_string(arena, json, "object", finding->object);
    xt_json_add_string(arena, json, "text", finding->text);
    xt_json_add_string(arena, json, "hint", finding->hint);
    return json;
}

xt_json *xt_pci_findings_json(xtune_arena *arena,
                              const xtune_findings *findings,
                              const char *object)
{
    xt_json *json = xt_json_array(arena);
    size_t i, k;

    for (i = 0; i < XT_ARRAY_SIZE(levels); i++)
        for (k = 0; k < findings->nr; k++)
            if (findings->items[k].level == levels[i].level &&
                is_about(&findings->items[k], object))
                xt_json_append(
                    arena, json,
                    finding_json(arena, levels[i].json, &findings->items[k]));
    return json;
}

char *xtune_report_pci_check(const xtune_pci_checked *checked)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;

    xt_text_open(&text);
    xt_pci_put_findings(text.out, arena, checked->findings, NULL);
    if (!checked->findings->nr)
        fprintf(text.out, "%s: nothing stands against it\n",
                checked->devices[0]->address);
    return xt_text_close(&text);
}

char *xtune_report_pci_check_json(const xtune_pci_checked *checked)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *devices = xt_json_array(arena);
    size_t i;

    for (i = 0; i < checked->nr; i++)
        xt_json_append(arena, devices,
                       xt_json_string(arena, checked->devices[i]->address));
    xt_json_add_string(arena, json, "schema", "xtune/pci-check/1");
    xt_json_add(arena, json, "devices", devices);
    xt_json_add_string(arena, json, "domain",
                       checked->domain ? checked->domain->name : NULL);
    xt_json_add(arena, json, "findings",
                xt_pci_findings_json(arena, checked->findings, NULL));
    return xt_json_print(json);
}
