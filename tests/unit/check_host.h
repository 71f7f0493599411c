/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host with 2 nodes of 4 CPUs and 8 GiB, two CPUs a core, for rules. */
#ifndef TEST_CHECK_HOST_H
#define TEST_CHECK_HOST_H

#include <xtune/check.h>

#include "host_text.h"

#define CPU_(id, node, core, more)                                            \
    "{\"id\": " #id ", \"node\": " #node ", \"socket\": " #node               \
    ", \"core\": " #core more "}"
#define CPUS_(more)                                                                                \
    "\"cpus\": [" CPU_(0, 0, 0, more) ", " CPU_(1, 0, 0, more) ", " CPU_(2, 0, 1, more) ", " CPU_( \
        3, 0, 1,                                                                                   \
        more) ", " CPU_(4, 1, 0,                                                                   \
                        more) ", " CPU_(5, 1, 0,                                                   \
                                        more) ", " CPU_(6, 1, 1,                                   \
                                                        more) ", " CPU_(7, 1,                      \
                                                                        1,                         \
                                                                        more) "]"
#define NODE_(id)                                                             \
    "{\"id\": " #id ", \"memory_kb\": 8388608, \"free_kb\": 0, "              \
    "\"distances\": [10, 20]}"

/* members: of the host, each with a comma in front. */
#define CHECK_HOST_OF(cpus, members)                                          \
    "{\"schema\": \"xtune/host/1\", \"nodes\": [" NODE_(0) ", " NODE_(        \
        1) "], " cpus ", \"cpupools\": [{\"id\": 0, \"name\": \"Pool-0\", "   \
           "\"scheduler\": \"credit2\", \"cpus\": \"0-7\"}]" members "}"
#define CHECK_HOST(members) CHECK_HOST_OF(CPUS_(""), members)
#define DOMAINS(list) ", \"domains\": [" list "]"

/* members: of the domain, each with a comma in front. */
#define NAMED(id, name, members)                                              \
    "{\"id\": " #id ", \"name\": \"" name                                     \
    "\", \"cpupool\": \"Pool-0\", \"memory_kb\": 1048576" members "}"
#define VCPU(id, members) "{\"id\": " #id ", \"online\": true" members "}"
#define VCPUS(list) ", \"vcpus\": [" list "]"
#define ONLINE(nr) ", \"online_vcpus\": " #nr

/* What is at fault has a way out; what is skipped has a reason alone. */
static inline void expect_whole(const xtune_check_report *report)
{
    size_t i;

    assert_true(report->nr_results > 0);
    for (i = 0; i < report->nr_results; i++) {
        const xtune_check_result *result = &report->results[i];
        const bool skip = result->status == XTUNE_CHECK_SKIP;

        assert_true(skip == (result->expected == NULL));
        assert_true(skip == (result->actual == NULL));
        if (result->status != XTUNE_CHECK_PASS) assert_non_null(result->text);
        assert_true((result->fix != XTUNE_FIX_NONE) == (result->how != NULL));
        assert_true((result->how != NULL) ==
                    (result->status == XTUNE_CHECK_WARN ||
                     result->status == XTUNE_CHECK_FAIL));
    }
}

/* What a rule says; the caller frees it. */
static inline xtune_check_report *check_with(const char *rule,
                                             xtune_check_request *request)
{
    xtune_check_report *report;
    const xtune_host_rule *one;

    assert_int_equal(xtune_host_rule_find(rule, &one, NULL), 0);
    request->rules = &one;
    request->nr_rules = 1;
    assert_int_equal(xtune_check_host(request, &report, NULL), 0);
    expect_whole(report);
    return report;
}

static inline const char *word_of(enum xtune_check_status status)
{
    return xtune_check_status_name(status);
}

/* All that a result says. */
static inline bool says(const xtune_check_result *result, const char *part)
{
    const char *texts[] = { result->expected, result->actual, result->text,
                            result->how };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(texts); i++)
        if (texts[i] && strstr(texts[i], part)) return true;
    return false;
}

/* One of its results is of this object and status, and says this. */
static inline void expect_result(const xtune_check_report *report,
                                 const char *object,
                                 enum xtune_check_status status,
                                 const char *part)
{
    size_t i;

    for (i = 0; i < report->nr_results; i++) {
        const xtune_check_result *result = &report->results[i];

        if (strcmp(result->object, object) != 0) continue;
        assert_string_equal(word_of(result->status), word_of(status));
        if (!says(result, part))
            fail_msg("%s of %s: \"%s\", \"%s\", \"%s\", \"%s\" say not "
                     "\"%s\"",
                     result->rule->name, object, result->expected,
                     result->actual, result->text, result->how, part);
        return;
    }
    fail_msg("there is nothing of %s", object);
}

/* The same, and it is all that the rule says of this host. */
static inline void expect_only(const char *rule, const char *text,
                               const char *object,
                               enum xtune_check_status status,
                               const char *part)
{
    xtune_host *host = host_of(text);
    xtune_check_request request = { .host = host };
    xtune_check_report *report = check_with(rule, &request);

    expect_result(report, object, status, part);
    assert_int_equal(report->nr_results, 1);
    xtune_check_report_free(report);
    xtune_host_free(host);
}

#endif
