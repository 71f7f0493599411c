/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules say of a host, as text: what is wrong first. */
#include <string.h>

#include <xtune/report.h>

#include "base/util.h"
#include "report/host_check.h"
#include "report/table.h"
#include "report/text.h"

size_t xt_check_nr_of_rule(const xtune_check_report *report, size_t first)
{
    size_t i = first;

    while (i < report->nr_results &&
           report->results[i].rule == report->results[first].rule)
        i++;
    return i - first;
}

enum xtune_check_status xt_check_worst(const xtune_check_result *results,
                                       size_t nr)
{
    /* By status: SKIP says least. */
    static const int rank[] = { 1, 2, 3, 0 };
    enum xtune_check_status worst = XTUNE_CHECK_SKIP;
    size_t i;

    for (i = 0; i < nr; i++)
        if (rank[results[i].status] > rank[worst]) worst = results[i].status;
    return worst;
}

size_t xt_check_nr_to_mend(const xtune_check_report *report,
                           enum xtune_fix fix)
{
    size_t i, nr = 0;

    for (i = 0; i < report->nr_results; i++) {
        const xtune_check_result *result = &report->results[i];

        nr += result->fix == fix && (result->status == XTUNE_CHECK_WARN ||
                                     result->status == XTUNE_CHECK_FAIL);
    }
    return nr;
}

/* "WARN dom0-swap: host: none (expected: some)", and why and how below. */
static void put_result(FILE *out, xtune_arena *arena,
                       const xtune_check_result *result)
{
    fprintf(out, "%s %s: %s: ", xtune_check_status_name(result->status),
            result->rule->name, xt_text_safe(arena, result->object));
    if (result->status == XTUNE_CHECK_SKIP) {
        fprintf(out, "%s\n", xt_text_safe(arena, result->text));
        return;
    }
    fprintf(out, "%s (expected: %s)\n", xt_text_safe(arena, result->actual),
            xt_text_safe(arena, result->expected));
    if (result->text)
        fprintf(out, "     %s\n", xt_text_safe(arena, result->text));
    if (result->how)
        fprintf(out, "     to mend it: %s%s\n",
                xt_text_safe(arena, result->how),
                result->fix == XTUNE_FIX_NOW ? "; --fix does it" : "");
}

static void put_status(FILE *out, xtune_arena *arena,
                       const xtune_check_report *report,
                       enum xtune_check_status status)
{
    size_t i;

    for (i = 0; i < report->nr_results; i++)
        if (report->results[i].status == status)
            put_result(out, arena, &report->results[i]);
}

static void put_summary(FILE *out, const xtune_check_report *report, bool all)
{
    const size_t *nr = report->nr_by_status;

    fprintf(out, "%zu FAIL, %zu WARN, %zu PASS, %zu SKIP%s\n",
            nr[XTUNE_CHECK_FAIL], nr[XTUNE_CHECK_WARN], nr[XTUNE_CHECK_PASS],
            nr[XTUNE_CHECK_SKIP],
            !all && nr[XTUNE_CHECK_PASS] + nr[XTUNE_CHECK_SKIP]
                ? " (--verbose shows those that pass or are skipped)"
                : "");
    if (nr[XTUNE_CHECK_FAIL] + nr[XTUNE_CHECK_WARN])
        fprintf(out,
                "%zu can be mended now (--fix), %zu by the next boot, %zu "
                "by a person\n",
                xt_check_nr_to_mend(report, XTUNE_FIX_NOW),
                xt_check_nr_to_mend(report, XTUNE_FIX_BOOT),
                xt_check_nr_to_mend(report, XTUNE_FIX_PERSON));
}

char *xtune_report_host_check(const xtune_check_report *report, bool all,
                              const char *source)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;

    xt_text_open(&text);
    if (source) fprintf(text.out, "host: %s\n", xt_text_safe(arena, source));
    put_status(text.out, arena, report, XTUNE_CHECK_FAIL);
    put_status(text.out, arena, report, XTUNE_CHECK_WARN);
    if (all) {
        put_status(text.out, arena, report, XTUNE_CHECK_PASS);
        put_status(text.out, arena, report, XTUNE_CHECK_SKIP);
    }
    put_summary(text.out, report, all);
    return xt_text_close(&text);
}

/* Those of one way to mend them, the worst first. */
static void put_left(FILE *out, xtune_arena *arena,
                     const xtune_check_report *report, enum xtune_fix fix,
                     const char *title)
{
    static const enum xtune_check_status worse[] = { XTUNE_CHECK_FAIL,
                                                     XTUNE_CHECK_WARN };
    size_t i, k;

    if (!xt_check_nr_to_mend(report, fix)) return;
    fprintf(out, "%s\n", title);
    for (k = 0; k < XT_ARRAY_SIZE(worse); k++)
        for (i = 0; i < report->nr_results; i++)
            if (report->results[i].status == worse[k] &&
                report->results[i].fix == fix)
                put_result(out, arena, &report->results[i]);
}

char *xtune_report_host_check_left(const xtune_check_report *report)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const size_t *nr = report->nr_by_status;
    xt_text text;

    xt_text_open(&text);
    if (!nr[XTUNE_CHECK_FAIL] && !nr[XTUNE_CHECK_WARN])
        fputs("Nothing is left to do.\n", text.out);
    put_left(text.out, arena, report, XTUNE_FIX_NOW, "Left to be mended:");
    put_left(text.out, arena, report, XTUNE_FIX_BOOT,
             "Left for the next boot:");
    put_left(text.out, arena, report, XTUNE_FIX_PERSON, "Left for a person:");
    put_left(text.out, arena, report, XTUNE_FIX_NONE, "Left as it is:");
    return xt_text_close(&text);
}

/* Rules themselves. */

char *xtune_report_host_rules(void)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_table table = { .arena = arena };
    const xtune_host_rule *rules;
    xt_text text;
    size_t i, nr;

    rules = xtune_host_rules(&nr);
    xt_table_column(&table, false, "Rule");
    xt_table_column(&table, false, "At worst");
    xt_table_column(&table, false, "What should be so");
    for (i = 0; i < nr; i++) {
        xt_table_cell(&table, "%s", rules[i].name);
        xt_table_cell(&table, "%s",
                      xtune_check_status_name(rules[i].severity));
        xt_table_cell(&table, "%s", rules[i].title);
    }
    xt_text_open(&text);
    xt_table_print(text.out, &table);
    return xt_text_close(&text);
}

char *xtune_report_host_rule(const xtune_host_rule *rule)
{
    xt_text text;

    xt_text_open(&text);
    fprintf(text.out,
            "%s\n"
            "  should be so: %s\n"
            "  else:         %s\n"
            "  looks at:     %s\n"
            "  says:         %s at worst\n"
            "  source:       %s\n"
            "  to mend it:   %s\n",
            rule->name, rule->title, rule->why, rule->asks,
            xtune_check_status_name(rule->severity), rule->source,
            rule->fix ? "--fix does it, where it is safe"
                      : "what it finds says how; --fix does not");
    return xt_text_close(&text);
}
