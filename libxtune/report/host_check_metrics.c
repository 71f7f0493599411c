/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules say of a host, in OpenMetrics' text form. */
#include <stdlib.h>
#include <string.h>

#include <xtune/report.h>

#include "base/util.h"
#include "report/host_check.h"
#include "report/text.h"

/* One of an object. */
typedef struct sample {
    const char *object; /* what cannot stand in a terminal is as \xNN */
    int level;
} sample;

static void put_label(FILE *out, const char *value)
{
    for (; *value; value++) {
        if (*value == '\\' || *value == '"') putc('\\', out);
        putc(*value, out);
    }
}

/* Of one object the worst comes last. */
static int compare(const void *a, const void *b)
{
    const sample *x = a, *y = b;
    const int order = strcmp(x->object, y->object);

    return order ? order : x->level - y->level;
}

static int level_of(enum xtune_check_status status)
{
    return status == XTUNE_CHECK_FAIL ? 2 : status == XTUNE_CHECK_WARN;
}

static void put_sample(FILE *out, const xtune_host_rule *rule,
                       const sample *one)
{
    fprintf(out, "xltune_check_status{rule=\"%s\",object=\"", rule->name);
    put_label(out, one->object);
    fprintf(out, "\"} %d\n", one->level);
}

/* One sample an object: there may be no two with the same labels. */
static void put_rule(FILE *out, xtune_arena *arena,
                     const xtune_check_result *results, size_t nr)
{
    sample *sorted = XTUNE_NEW_ARRAY(arena, sample, nr + 1);
    size_t i, nr_sorted = 0;

    for (i = 0; i < nr; i++)
        if (results[i].status != XTUNE_CHECK_SKIP)
            sorted[nr_sorted++] =
                (sample){ xt_text_safe(arena, results[i].object),
                          level_of(results[i].status) };
    qsort(sorted, nr_sorted, sizeof(*sorted), compare);
    for (i = 0; i < nr_sorted; i++)
        if (i + 1 == nr_sorted ||
            strcmp(sorted[i].object, sorted[i + 1].object) != 0)
            put_sample(out, results->rule, &sorted[i]);
}

static void put_results(FILE *out, const xtune_check_report *report)
{
    static const enum xtune_check_status statuses[] = {
        XTUNE_CHECK_PASS, XTUNE_CHECK_WARN, XTUNE_CHECK_FAIL, XTUNE_CHECK_SKIP
    };
    size_t i;

    fputs("# HELP xltune_check_results How many results have this status.\n"
          "# TYPE xltune_check_results gauge\n",
          out);
    for (i = 0; i < XT_ARRAY_SIZE(statuses); i++)
        fprintf(out, "xltune_check_results{status=\"%s\"} %zu\n",
                xt_check_status_word(statuses[i]),
                report->nr_by_status[statuses[i]]);
}

static void put_to_mend(FILE *out, const xtune_check_report *report)
{
    static const enum xtune_fix fixes[] = { XTUNE_FIX_NOW, XTUNE_FIX_BOOT,
                                            XTUNE_FIX_PERSON };
    size_t i;

    fputs("# HELP xltune_check_to_mend How many results are mended now, by "
          "the next boot, or by a person.\n"
          "# TYPE xltune_check_to_mend gauge\n",
          out);
    for (i = 0; i < XT_ARRAY_SIZE(fixes); i++)
        fprintf(out, "xltune_check_to_mend{by=\"%s\"} %zu\n",
                xt_check_fix_word(fixes[i]),
                xt_check_nr_to_mend(report, fixes[i]));
}

char *xtune_report_host_check_metrics(const xtune_check_report *report)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;
    size_t i, nr;

    xt_text_open(&text);
    fputs("# HELP xltune_check_status What a rule says of an object: 0 pass, "
          "1 warn, 2 fail; those that it skips are left out.\n"
          "# TYPE xltune_check_status gauge\n",
          text.out);
    for (i = 0; i < report->nr_results; i += nr) {
        nr = xt_check_nr_of_rule(report, i);
        put_rule(text.out, arena, &report->results[i], nr);
    }
    put_results(text.out, report);
    put_to_mend(text.out, report);
    fputs("# EOF\n", text.out);
    return xt_text_close(&text);
}
