/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A rule, and all that it says of a host. */
#ifndef TEST_CHECK_RULE_H
#define TEST_CHECK_RULE_H

#include <xtune/check.h>

#include "base/json.h"
#include "host/dom0_file.h"
#include "host_text.h"

/* One that has been looked at all over, with nothing to look at in dom0. */
static inline xtune_host *bare_host(void)
{
    xtune_host *host = recorded_host("2x2");

    host->has_dom0 = true;
    return host;
}

/* text NULL: it cannot be read. */
static inline void add_file(xtune_host *host, const char *path,
                            const char *text)
{
    xtune_dom0 *dom0 = &host->dom0;
    xtune_file *file = xt_file_find(dom0, path);

    if (!file) {
        dom0->files = xtune_arena_widen(host->arena, dom0->files,
                                        dom0->nr_files, sizeof(*dom0->files));
        file = &dom0->files[dom0->nr_files++];
    }
    *file = (xtune_file){ .path = path,
                          .text = text,
                          .problem = text ? NULL : "Permission denied" };
    xt_file_sort(dom0->files, dom0->nr_files);
}

/* The domain gets a disk; nothing else is known of its setup. */
static inline xtune_disk *add_disk(xtune_host *host, size_t domain,
                                   const char *backend, const char *target)
{
    xtune_domain *d = &host->domains[domain];
    xtune_disk *disk;

    d->disks = xtune_arena_widen(host->arena, d->disks, d->nr_disks,
                                 sizeof(*d->disks));
    disk = &d->disks[d->nr_disks++];
    *disk = (xtune_disk){ .device = "xvda",
                          .backend = backend,
                          .target = target,
                          .cluster_bytes = XTUNE_NONE,
                          .nr_overlays = XTUNE_NONE,
                          .virtual_kb = XTUNE_UNKNOWN_KB };
    return disk;
}

static inline void put_disk_on(xtune_host *host, xtune_disk *disk,
                               const char *block)
{
    disk->blocks = xtune_arena_widen(host->arena, disk->blocks,
                                     disk->nr_blocks, sizeof(*disk->blocks));
    disk->blocks[disk->nr_blocks++] = block;
}

static inline const xtune_host_rule *rule_of(const char *name)
{
    const xtune_host_rule *rule;

    assert_int_equal(xtune_host_rule_find(name, &rule, NULL), 0);
    return rule;
}

static inline const char *fix_letter(enum xtune_fix fix)
{
    static const char *const letters[] = { "-", "now", "boot", "person" };

    return letters[fix];
}

/* "WARN sda: cfq (mq-deadline or none), now" a line. */
static inline char *results_text(const xtune_check_report *report)
{
    char *text = xt_xstrdup(""), *more;
    size_t i;

    for (i = 0; i < report->nr_results; i++) {
        const xtune_check_result *r = &report->results[i];
        const bool skip = r->status == XTUNE_CHECK_SKIP;

        assert_true(skip ? r->text && !r->actual && !r->expected
                         : r->actual && r->expected);
        /* What is wrong has a way out, and nothing else has one. */
        assert_true((r->fix != XTUNE_FIX_NONE) == (r->how != NULL));
        more =
            xt_xprintf("%s%s%s %s: %s%s%s%s%s%s", text, i ? "\n" : "",
                       xtune_check_status_name(r->status), r->object,
                       skip ? r->text : r->actual, skip ? "" : " (",
                       skip ? "" : r->expected, skip ? "" : ")",
                       r->how ? ", " : "", r->how ? fix_letter(r->fix) : "");
        free(text);
        text = more;
    }
    return text;
}

/* request NULL: the host alone. */
static inline void expect_results_of(const xtune_check_request *of,
                                     const char *name, const char *wanted)
{
    const xtune_host_rule *rule = rule_of(name);
    xtune_check_request request = *of;
    XT_CLEANUP_FREE char *text = NULL;
    xtune_check_report *report;

    request.rules = &rule;
    request.nr_rules = 1;
    assert_int_equal(xtune_check_host(&request, &report, NULL), 0);
    text = results_text(report);
    assert_string_equal(text, wanted);
    xtune_check_report_free(report);
}

static inline void expect_results(const xtune_host *host, const char *name,
                                  const char *wanted)
{
    expect_results_of(&(xtune_check_request){ .host = host }, name, wanted);
}

/* What mends what a rule finds: "PATH: OLD -> NEW" a line. */
static inline void expect_mended(const xtune_host *host, const char *name,
                                 const char *wanted)
{
    const xtune_host_rule *rule = rule_of(name);
    const xtune_check_request request = { .host = host,
                                          .rules = &rule,
                                          .nr_rules = 1 };
    char *text = xt_xstrdup(""), *more;
    xtune_check_report *report;
    xtune_plan *plan;
    size_t i;

    assert_int_equal(xtune_check_host(&request, &report, NULL), 0);
    assert_int_equal(xtune_check_plan(&request, report, &plan, NULL), 0);
    for (i = 0; i < plan->nr_actions; i++) {
        const xtune_action *a = &plan->actions[i];
        const char *old = xt_json_text(a->old);

        more = xt_xprintf("%s%s%s: %s -> %s", text, i ? "\n" : "", a->object,
                          old ? old : "none", xt_json_text(a->new));
        free(text);
        text = more;
    }
    assert_string_equal(text, wanted);
    free(text);
    xtune_plan_free(plan);
    xtune_check_report_free(report);
}

#endif
