/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host as a policy: it is read again, and leaves every mask as it is. */
#include "host_text.h"
#include "policy_text.h"

#include <stdlib.h>

#include <xtune/report.h>

/* Of ten CPUs that there can be five are there; two pools. */
static const char host_format[] =
    "{\"schema\": \"xtune/host/1\", \"xen\": {\"max_cpu_id\": 9}, \"nodes\": ["
    "{\"id\": 0, \"memory_kb\": 4096}, {\"id\": 1, \"memory_kb\": 4096}], "
    "\"cpus\": ["
    "{\"id\": 0, \"node\": 0, \"socket\": 0, \"core\": 0}, "
    "{\"id\": 1, \"node\": 0, \"socket\": 0, \"core\": 1}, "
    "{\"id\": 4, \"node\": 1, \"socket\": 1, \"core\": 0}, "
    "{\"id\": 5, \"node\": 1, \"socket\": 1, \"core\": 1}, "
    "{\"id\": 8, \"node\": 1, \"socket\": 1, \"core\": 2}], "
    "\"cpupools\": [{\"id\": 0, \"name\": \"Pool-0\", \"cpus\": \"0-1,4-5\"}, "
    "{\"id\": 1, \"name\": \"rt\", \"cpus\": \"8\"}], "
    "\"domains\": [{\"id\": %u, \"name\": \"d\", \"memory_kb\": 1000, "
    "\"uuid\": \"00000002-0000-4000-8000-00000000000a\", "
    "\"state\": \"%s\", \"cpupool\": \"Pool-0\", \"vcpus\": ["
    "{\"id\": 0, \"online\": true, \"hard\": \"%s\", \"soft\": \"%s\"}, "
    "{\"id\": 4, \"online\": false, \"hard\": \"%s\", \"soft\": \"%s\"}]}]}";

typedef struct test_masks {
    const char *hard[2], *soft[2];
    const char *rows; /* what stands in the policy */
} test_masks;

static const test_masks cases[] = {
    { { "all", "all" },
      { "all", "all" },
      "<affinity hard=\"all\" soft=\"all\"/>" },
    { { "0-1", "0-1" },
      { "none", "none" },
      "<affinity hard=\"0-1\" soft=\"none\"/>" },
    { { "0", "1" },
      { "4-5,8", "all" },
      "<affinity vcpus=\"0\" hard=\"0\" soft=\"4-5,8\"/>"
      "<affinity vcpus=\"4\" hard=\"1\" soft=\"all\"/>" },
    /* As Xen has it where all but some were asked for. */
    { { "0,2-9", "0,2-9" },
      { "0-3,6-7,9", "0-3,6-7,9" },
      "<affinity hard=\"all,^1\" soft=\"all,^4-5,^8\"/>" },
    /* A part of the CPUs that are off has no name; "rt" is another pool. */
    { { "0,2", "8" },
      { "all", "1,3" },
      "<affinity vcpus=\"0\" soft=\"all\"/>" },
};

static xtune_host *make_host(unsigned int id, const char *state,
                             const test_masks *m)
{
    char text[4096];

    snprintf(text, sizeof(text), host_format, id, state, m->hard[0],
             m->soft[0], m->hard[1], m->soft[1]);
    return host_of(text);
}

/* The affinity elements alone, without what is between them. */
static void check_rows(const char *text, const char *rows)
{
    char found[1024] = "", *to = found;
    const char *from = text, *end;

    while ((from = strstr(from, "<affinity"))) {
        end = strstr(from, "/>") + 2;
        to = mempcpy(to, from, (size_t)(end - from));
        from = end;
    }
    *to = '\0';
    assert_string_equal(found, rows);
}

static void check_masks(const char *text, const xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const xtune_domain *domain = &host->domains[0];
    xtune_policy *policy = must_read(text);
    xtune_set *hard, *soft;
    xtune_source source;
    size_t i;

    if (xtune_policy_masks(policy, host, domain, arena, &hard, &soft, &source,
                           &err))
        fail_msg("%s: %s", err->object, err->message);
    assert_non_null(hard);
    for (i = 0; i < domain->nr_vcpus; i++) {
        assert_true(xtune_set_equal(&hard[i], &domain->vcpus[i].hard));
        assert_true(xtune_set_equal(&soft[i], &domain->vcpus[i].soft));
    }
    assert_string_equal(xtune_policy_match(policy, domain)->cpupool, "Pool-0");
    xtune_policy_free(policy);
}

static void masks_stay(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        xtune_host *host = make_host(3, "running", &cases[i]);
        XT_CLEANUP_FREE char *text = xtune_report_capture(host, "c");

        check_rows(text, cases[i].rows);
        /* What is not written down stays as it is. */
        check_masks(text, host);
        xtune_host_free(host);
    }
}

static void who_is_left_out(void **state)
{
    xtune_host *host = make_host(3, "dying", &cases[1]);
    char *text = xtune_report_capture(host, "c");

    (void)state;
    check_rows(text, "");
    assert_null(strstr(text, "<domains"));
    free(text);
    xtune_host_free(host);
    /* dom0 that runs anywhere, and one that does not. */
    host = make_host(0, "running", &cases[0]);
    text = xtune_report_capture(host, "c");
    assert_null(strstr(text, "<domains"));
    free(text);
    xtune_host_free(host);
    host = make_host(0, "running", &cases[1]);
    text = xtune_report_capture(host, "c");
    assert_non_null(strstr(text, "<domains match=\"name:d\">"));
    check_rows(text, cases[1].rows);
    free(text);
    xtune_host_free(host);
}

static void names_of_policies(void **state)
{
    static const char *const bad[] = { "",    ".",   "-a",       "_a",
                                       "a b", "a/b", "\xc3\xa4", "a\n" };
    char name[66];
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(bad); i++)
        assert_false(xtune_policy_is_name(bad[i]));
    memset(name, 'a', 65);
    name[65] = '\0';
    assert_false(xtune_policy_is_name(name));
    assert_true(xtune_policy_is_name(name + 1));
    assert_true(xtune_policy_is_name("9.a-_"));
}

/* All elements of a kind, without what is between them. */
static const char *elements(xtune_arena *arena, const char *text,
                            const char *tag)
{
    const char *found = "", *end;

    while ((text = strstr(text, tag))) {
        end = strstr(text, "/>") + 2;
        found = xtune_arena_printf(arena, "%s%.*s", found, (int)(end - text),
                                   text);
        text = end;
    }
    return found;
}

static void set_budget(xtune_domain *domain, size_t i, uint32_t budget)
{
    domain->vcpus[i].period_us = 10000;
    domain->vcpus[i].budget_us = budget;
    domain->vcpus[i].extratime = true;
}

static void check_scheduler(const xtune_host *host, const char *expected)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char *text = xtune_report_capture(host, "c");

    xtune_policy_free(must_read(text));
    assert_string_equal(elements(arena, text, "<scheduler"), expected);
}

static void what_schedulers_give(void **state)
{
    xtune_host *host = make_host(3, "running", &cases[0]);
    xtune_domain *domain = &host->domains[0];

    (void)state;
    /* Not known, and what every new domain has. */
    domain->weight = 512;
    check_scheduler(host, "");
    host->cpupools[0].scheduler = "credit2";
    domain->weight = 0;
    check_scheduler(host, "");
    domain->weight = 256;
    check_scheduler(host, "");
    domain->weight = 512;
    check_scheduler(host, "<scheduler weight=\"512\" cap=\"0\"/>");
    domain->weight = 256;
    domain->cap = 50;
    check_scheduler(host, "<scheduler weight=\"256\" cap=\"50\"/>");
    domain->id = 0;
    check_scheduler(host, "<scheduler weight=\"256\" cap=\"50\"/>");
    host->cpupools[0].scheduler = "null";
    check_scheduler(host, "");

    host->cpupools[0].scheduler = "rtds";
    check_scheduler(host, "");
    set_budget(domain, 0, 4000);
    set_budget(domain, 1, 4000);
    check_scheduler(host, "<scheduler period=\"10000\" budget=\"4000\" "
                          "extratime=\"yes\"/>");
    set_budget(domain, 1, 4001);
    check_scheduler(host, "");
    xtune_host_free(host);
}

static void check_pools(const xtune_host *host, const char *expected)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char *text = xtune_report_capture(host, "c");
    xtune_policy *policy = must_read(text);

    xtune_policy_free(policy);
    assert_string_equal(elements(arena, text, "    <cpupool name"), expected);
}

static void pools_of_the_host(void **state)
{
    xtune_host *host = make_host(3, "running", &cases[0]);
    XT_CLEANUP_FREE char *text = NULL;

    (void)state;
    host->cpupools[0].scheduler = "credit2";
    host->cpupools[1].scheduler = "sedf";
    check_pools(host, "    <cpupool name=\"Pool-0\" scheduler=\"credit2\"/>"
                      "    <cpupool name=\"rt\" cpus=\"8\"/>"
                      "    <cpupool name=\"Pool-0\"/>");
    /* CPUs of no pool. */
    xtune_set_remove(&host->cpupools[0].cpus, 5);
    text = xtune_report_capture(host, "c");
    assert_non_null(strstr(text, "CPUs 5. -->"));
    xtune_set_add(&host->cpupools[0].cpus, 5);
    /* One that cannot be named: without it the others would take its CPUs. */
    host->cpupools[1].name = "7";
    check_pools(host, "    <cpupool name=\"Pool-0\"/>");
    /* One pool is what every host has. */
    host->nr_cpupools = 1;
    check_pools(host, "");
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_stay),
        cmocka_unit_test(who_is_left_out),
        cmocka_unit_test(names_of_policies),
        cmocka_unit_test(what_schedulers_give),
        cmocka_unit_test(pools_of_the_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
