/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine: rules are run one by one, and what they say is kept. It knows
 * none of them. */
#include "check/check.h"

#include <string.h>

#include "base/util.h"

const char *xtune_check_status_name(enum xtune_check_status status)
{
    switch (status) {
    case XTUNE_CHECK_PASS: return "PASS";
    case XTUNE_CHECK_WARN: return "WARN";
    case XTUNE_CHECK_FAIL: return "FAIL";
    case XTUNE_CHECK_SKIP: return "SKIP";
    }
    return "SKIP";
}

static const char *copy(const xt_check *check, const char *text)
{
    return text ? xtune_arena_strdup(check->arena, text) : NULL;
}

static void add(xt_check *check, const xtune_check_result *result)
{
    xtune_check_report *report = check->report;
    xtune_check_result *kept;

    report->results =
        xtune_arena_grow(report->arena, report->results, report->nr_results,
                         sizeof(*report->results));
    kept = &report->results[report->nr_results++];
    *kept = (xtune_check_result){
        .rule = check->rule,
        .status = result->status,
        .object = copy(check, result->object ? result->object : "host"),
        .expected = copy(check, result->expected),
        .actual = copy(check, result->actual),
        .text = copy(check, result->text),
        .fix = result->fix,
        .how = copy(check, result->how),
    };
    report->nr_by_status[kept->status]++;
}

void xt_pass(xt_check *check, const char *object, const char *expected,
             const char *actual)
{
    add(check, &(xtune_check_result){ .status = XTUNE_CHECK_PASS,
                                      .object = object,
                                      .expected = expected,
                                      .actual = actual });
}

void xt_skip(xt_check *check, const char *object, const char *why)
{
    add(check, &(xtune_check_result){ .status = XTUNE_CHECK_SKIP,
                                      .object = object,
                                      .text = why });
}

void xt_fault_add(xt_check *check, const xt_fault *fault)
{
    const bool may_fail = check->rule->severity == XTUNE_CHECK_FAIL;

    add(check, &(xtune_check_result){
                   .status = fault->status == XTUNE_CHECK_FAIL && may_fail
                                 ? XTUNE_CHECK_FAIL
                                 : XTUNE_CHECK_WARN,
                   .object = fault->object,
                   .expected = fault->expected,
                   .actual = fault->actual,
                   .text = fault->text,
                   .fix = fault->fix,
                   .how = fault->how });
}

const xtune_check_result *xt_check_next_to_mend(const xt_check *check,
                                                size_t *at)
{
    const xtune_check_report *report = check->report;

    while (*at < report->nr_results) {
        const xtune_check_result *result = &report->results[(*at)++];

        if (result->rule == check->rule && result->fix == XTUNE_FIX_NOW)
            return result;
    }
    return NULL;
}

void xt_check_rule(const xtune_check_request *request,
                   const xtune_host_rule *rule, xtune_check_report *report)
{
    xt_check check = {
        .request = request,
        .host = request->host,
        .rule = rule,
        .report = report,
        .arena = report->arena,
    };
    const size_t before = report->nr_results;

    rule->check(&check);
    if (report->nr_results == before)
        xt_skip(&check, NULL, "there is nothing to look at");
}

/* Results are by rule: one that is named again says nothing new. */
static bool is_again(const xtune_check_request *request, size_t i)
{
    size_t k;

    for (k = 0; k < i; k++)
        if (request->rules[k] == request->rules[i]) return true;
    return false;
}

static void check_named(const xtune_check_request *request,
                        xtune_check_report *report)
{
    size_t i;

    for (i = 0; i < request->nr_rules; i++)
        if (!is_again(request, i))
            xt_check_rule(request, request->rules[i], report);
}

int xtune_check_host(const xtune_check_request *request,
                     xtune_check_report **report_r, xtune_error **err)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_check_report *report = XTUNE_NEW(arena, xtune_check_report);
    size_t i, nr;
    const xtune_host_rule *all = xtune_host_rules(&nr);

    (void)err;
    report->arena = arena;
    if (request->rules)
        check_named(request, report);
    else
        for (i = 0; i < nr; i++)
            xt_check_rule(request, &all[i], report);
    *report_r = report;
    return 0;
}

void xtune_check_report_free(xtune_check_report *report)
{
    if (report) xtune_arena_free(report->arena);
}
