/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules say of a host, as JSON: xtune/check/1. */
#include <xtune/report.h>

#include "base/util.h"
#include "report/host_check.h"

const char *xt_check_status_word(enum xtune_check_status status)
{
    switch (status) {
    case XTUNE_CHECK_PASS: return "pass";
    case XTUNE_CHECK_WARN: return "warn";
    case XTUNE_CHECK_FAIL: return "fail";
    case XTUNE_CHECK_SKIP: break;
    }
    return "skip";
}

const char *xt_check_fix_word(enum xtune_fix fix)
{
    switch (fix) {
    case XTUNE_FIX_NOW: return "now";
    case XTUNE_FIX_BOOT: return "boot";
    case XTUNE_FIX_PERSON: return "person";
    case XTUNE_FIX_NONE: break;
    }
    return "none";
}

xt_json *xt_check_rule_json(xtune_arena *arena, const xtune_host_rule *rule)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "name", rule->name);
    xt_json_add_string(arena, json, "severity",
                       xt_check_status_word(rule->severity));
    xt_json_add_string(arena, json, "source", rule->source);
    xt_json_add_string(arena, json, "asks", rule->asks);
    xt_json_add_string(arena, json, "title", rule->title);
    xt_json_add_string(arena, json, "why", rule->why);
    xt_json_add_bool(arena, json, "can_fix", rule->fix != NULL);
    return json;
}

static xt_json *result_json(xtune_arena *arena,
                            const xtune_check_result *result)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "object", result->object);
    xt_json_add_string(arena, json, "status",
                       xt_check_status_word(result->status));
    xt_json_add_string(arena, json, "expected", result->expected);
    xt_json_add_string(arena, json, "actual", result->actual);
    xt_json_add_string(arena, json, "text", result->text);
    xt_json_add_string(arena, json, "fix", xt_check_fix_word(result->fix));
    xt_json_add_string(arena, json, "how", result->how);
    return json;
}

static xt_json *summary_json(xtune_arena *arena,
                             const xtune_check_report *report)
{
    static const enum xtune_check_status statuses[] = {
        XTUNE_CHECK_PASS, XTUNE_CHECK_WARN, XTUNE_CHECK_FAIL, XTUNE_CHECK_SKIP
    };
    static const enum xtune_fix fixes[] = { XTUNE_FIX_NOW, XTUNE_FIX_BOOT,
                                            XTUNE_FIX_PERSON };
    xt_json *json = xt_json_object(arena), *fix = xt_json_object(arena);
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(statuses); i++)
        xt_json_add_u64(arena, json, xt_check_status_word(statuses[i]),
                        report->nr_by_status[statuses[i]]);
    for (i = 0; i < XT_ARRAY_SIZE(fixes); i++)
        xt_json_add_u64(arena, fix, xt_check_fix_word(fixes[i]),
                        xt_check_nr_to_mend(report, fixes[i]));
    xt_json_add(arena, json, "to_mend", fix);
    return json;
}

static xt_json *rules_json(xtune_arena *arena,
                           const xtune_check_report *report)
{
    xt_json *json = xt_json_array(arena), *rule, *results;
    size_t i, k, nr;

    for (i = 0; i < report->nr_results; i += nr) {
        nr = xt_check_nr_of_rule(report, i);
        rule = xt_check_rule_json(arena, report->results[i].rule);
        results = xt_json_array(arena);
        for (k = i; k < i + nr; k++)
            xt_json_append(arena, results,
                           result_json(arena, &report->results[k]));
        xt_json_add_string(
            arena, rule, "status",
            xt_check_status_word(xt_check_worst(&report->results[i], nr)));
        xt_json_add(arena, rule, "results", results);
        xt_json_append(arena, json, rule);
    }
    return json;
}

char *xtune_report_host_check_json(const xtune_check_report *report)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "schema", XTUNE_CHECK_SCHEMA);
    xt_json_add(arena, json, "rules", rules_json(arena, report));
    xt_json_add(arena, json, "summary", summary_json(arena, report));
    return xt_json_print(json);
}

char *xtune_report_host_rules_json(const xtune_host_rule *rule)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *rules = xt_json_array(arena);
    const xtune_host_rule *all;
    size_t i, nr;

    all = xtune_host_rules(&nr);
    for (i = 0; i < nr; i++)
        if (!rule || rule == &all[i])
            xt_json_append(arena, rules, xt_check_rule_json(arena, &all[i]));
    xt_json_add_string(arena, json, "schema", "xtune/host-rules/1");
    xt_json_add(arena, json, "rules", rules);
    return xt_json_print(json);
}
