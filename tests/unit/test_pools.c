/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pools in the model, and the words for what changes of them. */
#include <xtune/plan.h>
#include <xtune/report.h>

#include "pools_fixture.h"

/* The members that came with pools, as they are printed. */
static const char printed[] = "    {\n"
                              "      \"id\": 0,\n"
                              "      \"name\": \"Pool-0\",\n"
                              "      \"scheduler\": \"credit\",\n"
                              "      \"granularity\": \"core\",\n"
                              "      \"cpus\": \"0-3\",\n"
                              "      \"tslice_ms\": 30,\n"
                              "      \"ratelimit_us\": 0,\n"
                              "      \"migration_delay_us\": 0\n"
                              "    }";

static const char host_text[] =
    "{\"schema\": \"xtune/host/1\", \"nodes\": ["
    "{\"id\": 0, \"memory_kb\": 8}], \"cpus\": ["
    "{\"id\": 0, \"node\": 0, \"socket\": 0, \"core\": 0}, "
    "{\"id\": 1, \"node\": 0, \"socket\": 0, \"core\": 0}, "
    "{\"id\": 2, \"node\": 0, \"socket\": 0, \"core\": 1}, "
    "{\"id\": 3}, {\"id\": 5}], \"cpupools\": [%s], \"domains\": ["
    "{\"id\": 1, \"name\": \"d\", \"memory_kb\": 1, \"vcpus\": ["
    "{\"id\": 0, \"online\": true%s}]%s}]}";

static int read_host(const char *pool, const char *vcpu, const char *domain,
                     xtune_host **host_r, xtune_error **err)
{
    XT_CLEANUP_FREE char *text = NULL;

    if (asprintf(&text, host_text, pool, vcpu, domain) < 0) abort();
    return xtune_host_from_json(text, strlen(text), "h", host_r, err);
}

static void test_there_and_back(void **state)
{
    static const char vcpu[] = ", \"period_us\": 100, \"budget_us\": 0, "
                               "\"extratime\": false";
    XT_CLEANUP_FREE char *once = NULL, *again = NULL;
    xtune_host *host;

    (void)state;
    assert_int_equal(read_host(printed, vcpu, "", &host, NULL), 0);
    once = xtune_host_to_json(host);
    xtune_host_free(host);
    assert_non_null(strstr(once, printed));
    assert_non_null(strstr(once, "\"period_us\": 100,\n"
                                 "          \"budget_us\": 0,\n"
                                 "          \"extratime\": false\n"));
    assert_int_equal(
        xtune_host_from_json(once, strlen(once), "h", &host, NULL), 0);
    again = xtune_host_to_json(host);
    xtune_host_free(host);
    assert_string_equal(once, again);
}

static void test_absent(void **state)
{
    XT_CLEANUP_FREE char *text = NULL;
    xtune_host *host;

    (void)state;
    assert_int_equal(
        read_host("{\"id\": 0, \"name\": \"Pool-0\"}", "", "", &host, NULL),
        0);
    assert_null(host->cpupools[0].granularity);
    assert_int_equal(host->cpupools[0].scheduling.tslice_ms, XTUNE_NONE);
    assert_int_equal(host->cpupools[0].scheduling.ratelimit_us, XTUNE_NONE);
    text = xtune_host_to_json(host);
    assert_null(strstr(text, "granularity"));
    assert_null(strstr(text, "tslice_ms"));
    assert_null(strstr(text, "period_us"));
    assert_null(strstr(text, "extratime"));
    xtune_host_free(host);
}

static void test_refused(void **state)
{
    static const struct {
        const char *pool, *vcpu, *domain, *part;
    } rows[] = {
        { "{\"id\": 0, \"name\": \"p\", \"granularity\": \"node\"}", "", "",
          "granularity" },
        { "{\"id\": 0, \"name\": \"p\", \"granularity\": 1}", "", "",
          "granularity" },
        { "{\"id\": 0, \"name\": \"p\", \"tslice_ms\": -1}", "", "",
          "tslice_ms" },
        { "{\"id\": 0, \"name\": \"p\", \"ratelimit_us\": \"1\"}", "", "",
          "ratelimit_us" },
        { "{\"id\": 0, \"name\": \"p\", \"cpus\": \"0\"}, {\"id\": 0, "
          "\"name\": \"q\", \"cpus\": \"1\"}",
          "", "", "cpupool 0 is there twice" },
        { "", ", \"budget_us\": 5", "", "budget_us" },
        { "", ", \"period_us\": 5, \"budget_us\": 6", "", "budget_us" },
        { "", ", \"extratime\": true", "", "extratime" },
        { "", ", \"period_us\": 5, \"extratime\": 1", "", "extratime" },
        { "", "", ", \"configured\": {\"cpupool\": 1}", "configured" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        xtune_error *err = NULL;
        xtune_host *host;

        check_error(
            read_host(rows[i].pool, rows[i].vcpu, rows[i].domain, &host, &err),
            &err, XTUNE_ERR_INVALID, rows[i].part);
    }
}

static void test_find(void **state)
{
    static const struct {
        const char *qualifier;
        int rc;
        unsigned int id;
    } rows[] = {
        { "Pool-0", 0, 0 },
        { "0", 0, 0 },
        { "7", 0, 7 },
        { "rt", 0, 7 },
        { "", XTUNE_ERR_INVALID, 0 },
        { "nope", XTUNE_ERR_NOT_FOUND, 0 },
        { "3", XTUNE_ERR_NOT_FOUND, 0 },
        { "99999999999999999999", XTUNE_ERR_NOT_FOUND, 0 },
        { "Pool", XTUNE_ERR_NOT_FOUND, 0 },
    };
    const xtune_cpupool *pool;
    xtune_error *err = NULL;
    xtune_host *host;
    size_t i;

    (void)state;
    assert_int_equal(read_host("{\"id\": 0, \"name\": \"Pool-0\", \"cpus\": "
                               "\"0\"}, {\"id\": 7, \"name\": \"rt\", "
                               "\"cpus\": \"1\"}",
                               "", "", &host, NULL),
                     0);
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        if (xtune_host_find_cpupool(host, rows[i].qualifier, &pool, NULL) !=
            rows[i].rc)
            fail_msg("%s", rows[i].qualifier);
        if (!rows[i].rc) assert_int_equal(pool->id, rows[i].id);
    }
    host->cpupools[1].name = "Pool-0";
    check_error(xtune_host_find_cpupool(host, "Pool-0", &pool, &err), &err,
                XTUNE_ERR_INVALID, "both have this name");
    xtune_host_free(host);
}

static void test_units(void **state)
{
    static const struct {
        const char *cpus, *granularity, *expected;
    } rows[] = {
        { "0", NULL, "0" },         { "0", "cpu", "0" },
        { "0", "core", "0-1" },     { "2", "core", "2" },
        { "0", "socket", "0-2" },   { "3", "socket", "3" },
        { "1,5", "core", "0-1,5" },
    };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host;
    xtune_set set;
    size_t i;

    (void)state;
    assert_int_equal(read_host("{\"id\": 0, \"name\": \"Pool-0\", \"cpus\": "
                               "\"0,3\"}",
                               "", "", &host, NULL),
                     0);
    set = xtune_host_free_cpus(arena, host);
    assert_string_equal(xtune_set_format_ids(arena, &set), "1-2,5");
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        const xtune_set_names names = xtune_host_cpu_names(host);
        xtune_set cpus;

        assert_int_equal(
            xtune_set_parse(arena, &names, "", rows[i].cpus, &cpus, NULL), 0);
        set = xtune_host_units(arena, host, &cpus, rows[i].granularity);
        assert_string_equal(xtune_set_format_ids(arena, &set),
                            rows[i].expected);
    }
    xtune_host_free(host);
}

static void test_words(void **state)
{
    static const struct {
        const char *kind, *object, *old, *new, *expected;
    } rows[] = {
        { "cpupool", "rt", "null", "{\"scheduler\": \"credit2\"}",
          "cpupool rt: made, scheduler credit2" },
        { "cpupool", "rt", "{\"scheduler\": \"credit2\"}", "null",
          "cpupool rt: removed" },
        { "cpupool", "a/1", "{\"scheduler\": \"credit2\"}", "null",
          "cpupool a/1: removed" },
        { "cpupool-name", "Pool-0", "\"Pool-0\"", "\"Pool-node0\"",
          "cpupool Pool-0: renamed to Pool-node0" },
        { "cpupool-name", "a", "\"b\"", "\"a\"", "cpupool b: renamed to a" },
        { "cpupool-name", "a", "\"a\"", "\"b\\u001b[1m\"",
          "cpupool a: renamed to b\\x1b[1m" },
        { "cpupool-cpus", "CPUs 4-7", "\"Pool-0\"", "\"Pool-1\"",
          "CPUs 4-7: cpupool Pool-0 -> Pool-1" },
        { "cpupool-cpus", "CPU 4", "null", "\"rt\"",
          "CPU 4: cpupool free -> rt" },
        { "cpupool-cpus", "CPUs 4-7",
          "[[\"Pool-0\", \"4-5\"], [null, \"6-7\"]]", "null",
          "CPUs 4-7: cpupool Pool-0 (4-5), free (6-7) -> free" },
        { "domain-cpupool", "web1",
          "{\"cpupool\": \"Pool-0\", \"scheduling\": {\"weight\": 256, "
          "\"cap\": 0}, \"vcpus\": [{\"hard\": \"0-3\", \"soft\": \"all\"}]}",
          "{\"cpupool\": \"rt\", \"scheduling\": {\"weight\": 256, \"cap\": "
          "0}, \"vcpus\": [{\"hard\": \"4-7\", \"soft\": \"all\"}]}",
          "web1: cpupool Pool-0 -> rt, hard 0-3 -> 4-7" },
        { "domain-cpupool", "web1",
          "{\"cpupool\": \"Pool-0\", \"scheduling\": {\"weight\": 256, "
          "\"cap\": 0}, \"vcpus\": []}",
          "{\"cpupool\": \"rt\", \"scheduling\": null, \"vcpus\": []}",
          "web1: cpupool Pool-0 -> rt" },
        { "scheduling", "web1", "{\"weight\": 256, \"cap\": 0}",
          "{\"weight\": 512, \"cap\": 0}", "web1: weight 256 -> 512" },
        { "scheduling", "web1", "null", "{\"weight\": 512, \"cap\": 50}",
          "web1: weight - -> 512, cap - -> 50" },
        { "scheduling", "web1",
          "{\"vcpus\": [{\"period_us\": 10000, \"budget_us\": 4000, "
          "\"extratime\": true}]}",
          "{\"vcpus\": [{\"period_us\": 20000, \"budget_us\": 4000, "
          "\"extratime\": false}]}",
          "web1: period 10000 us -> 20000 us, extratime yes -> no" },
        { "cpupool-scheduling", "Pool-0", "{\"ratelimit_us\": 1000}",
          "{\"ratelimit_us\": 500}",
          "cpupool Pool-0: ratelimit 1000 us -> 500 us" },
        { "stored-affinity", "web1", "{\"placement\": false}",
          "{\"placement\": false, \"cpupool\": \"rt\"}",
          "web1: stored: cpupool - -> rt" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        const xtune_action action = {
            .kind = rows[i].kind,
            .object = rows[i].object,
            .old = pools_json(arena, rows[i].old),
            .new = pools_json(arena, rows[i].new),
        };
        XT_CLEANUP_FREE char *text = xtune_report_action(&action);

        assert_string_equal(text, rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_absent),
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_find),
        cmocka_unit_test(test_units),          cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
