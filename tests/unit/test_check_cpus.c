/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of CPUs: what they can do, how many vCPUs there are, load. */
#include <xtune/plan.h>

#include "base/json.h"
#include "check_host.h"

#define XEN(capabilities) ", \"xen\": {\"capabilities\": [" capabilities "]}"
#define PCI(members)                                                          \
    ", \"pci\": [{\"address\": \"0000:04:00.0\", \"class\": \"020000\", "     \
    "\"vendor\": \"8086\", \"device\": \"100e\"" members "}]"

static void test_virtualization(void **state)
{
    static const char rule[] = "virtualization";

    (void)state;
    expect_only(rule, CHECK_HOST(""), "host", XTUNE_CHECK_SKIP, "not known");
    expect_only(rule, CHECK_HOST(XEN("\"pv\", \"hvm\", \"hap\"")), "host",
                XTUNE_CHECK_PASS, "pv, hvm and hap");
    expect_only(rule, CHECK_HOST(XEN("\"pv\", \"hvm\", \"shadow\"")), "host",
                XTUNE_CHECK_WARN, "hap=0");
    expect_only(rule, CHECK_HOST(XEN("\"pv\"")), "host", XTUNE_CHECK_WARN,
                "VT-x");
    expect_only(rule, CHECK_HOST(XEN("")), "host", XTUNE_CHECK_WARN, "none");
}

static void test_iommu(void **state)
{
    static const char rule[] = "iommu";

    (void)state;
    expect_only(rule, CHECK_HOST(""), "host", XTUNE_CHECK_SKIP, "not known");
    expect_only(rule, CHECK_HOST(XEN("\"hvm\", \"hvm_directio\"")), "host",
                XTUNE_CHECK_PASS, "hvm_directio");
    expect_only(rule, CHECK_HOST(XEN("\"pv_directio\"")), "host",
                XTUNE_CHECK_PASS, "pv_directio");
    expect_only(rule, CHECK_HOST(XEN("\"hvm\"") PCI("")), "host",
                XTUNE_CHECK_WARN, "VT-d");
    expect_only(rule, CHECK_HOST(XEN("\"hvm\"") PCI(", \"assignable\": true")),
                "host", XTUNE_CHECK_FAIL, "1 device:");
    expect_only(rule,
                CHECK_HOST(XEN("\"hvm\"") PCI("") DOMAINS(
                    NAMED(1, "a", ", \"pci\": [\"0000:04:00.0\"]"))),
                "host", XTUNE_CHECK_FAIL, "1 device:");
}

/* 8 CPUs are 4 cores. */
static void test_overcommit(void **state)
{
    static const char rule[] = "vcpu-overcommit";

    (void)state;
    expect_only(rule,
                CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", ONLINE(2)) ", " NAMED(
                    1, "a", ONLINE(4)))),
                "Pool-0", XTUNE_CHECK_PASS,
                "6 vCPUs on 4 cores: 1.5 for each");
    expect_only(rule,
                CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", ONLINE(1)) ", " NAMED(
                    1, "a", ONLINE(7)))),
                "Pool-0", XTUNE_CHECK_PASS, "2.0 for each");
    expect_only(rule,
                CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", ONLINE(2)) ", " NAMED(
                    1, "a", ONLINE(7)))),
                "Pool-0", XTUNE_CHECK_WARN, "2.2 for each");
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ONLINE(32)))), "Pool-0",
                XTUNE_CHECK_WARN, "8.0 for each");
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ONLINE(33)))), "Pool-0",
                XTUNE_CHECK_FAIL, "unstable");
    /* Of whom nothing is known may have any number. */
    expect_only(rule,
                CHECK_HOST(DOMAINS(
                    NAMED(0, "Domain-0", "") ", " NAMED(1, "a", ONLINE(4)))),
                "Pool-0", XTUNE_CHECK_SKIP, "not known of 1 domain");
    expect_only(rule,
                CHECK_HOST(DOMAINS(
                    NAMED(0, "Domain-0", "") ", " NAMED(1, "a", ONLINE(33)))),
                "Pool-0", XTUNE_CHECK_FAIL, "33 vCPUs");
    expect_only(rule,
                CHECK_HOST(DOMAINS("{\"id\": 1, \"name\": \"a\", "
                                   "\"memory_kb\": 1" ONLINE(2) "}")),
                "Pool-0", XTUNE_CHECK_SKIP, "not known of 1 domain");
    /* One that is gone runs nothing. */
    expect_only(rule,
                CHECK_HOST(DOMAINS(
                    NAMED(1, "a", ONLINE(33) ", \"state\": \"shutdown\""))),
                "Pool-0", XTUNE_CHECK_PASS, "0 vCPUs");
    expect_only(rule,
                "{\"schema\": \"xtune/host/1\", \"nodes\": [], \"cpus\": []}",
                "host", XTUNE_CHECK_SKIP, "");
}

static void test_pools_are_apart(void **state)
{
    xtune_host *host = host_of(
        "{\"schema\": \"xtune/host/1\", \"nodes\": [" NODE_(0) ", " NODE_(
            1) "], " CPUS_("") ", \"cpupools\": [{\"id\": 0, \"name\": "
                               "\"Pool-0\", \"scheduler\": \"credit2\", "
                               "\"cpus\": \"0-5\"}, {\"id\": 1, \"name\": "
                               "\"rt\", \"scheduler\": \"null\", \"cpus\": "
                               "\"6-7\"}]" DOMAINS(
                                   NAMED(0, "Domain-0",
                                         ONLINE(4)) ", "
                                                    "{\"id\": 1, \"name\": "
                                                    "\"a\", \"cpupool\": "
                                                    "\"rt\", \"memory_kb\": "
                                                    "1" ONLINE(3) "}") "}");
    xtune_check_request request = { .host = host };
    xtune_check_report *report = check_with("vcpu-overcommit", &request);

    (void)state;
    assert_int_equal(report->nr_results, 2);
    expect_result(report, "Pool-0", XTUNE_CHECK_PASS, "4 vCPUs on 3 cores");
    expect_result(report, "rt", XTUNE_CHECK_WARN, "3 vCPUs on 1 core");
    xtune_check_report_free(report);
    report = check_with("domain-vcpus", &request);
    expect_result(report, "a", XTUNE_CHECK_FAIL, "CPUs in rt, 2");
    expect_result(report, "a", XTUNE_CHECK_FAIL, "xl vcpu-set a 2");
    expect_result(report, "host", XTUNE_CHECK_PASS, "1 domain");
    xtune_check_report_free(report);
    xtune_host_free(host);
}

/* What is told to be typed is one word to a shell, whatever the name is. */
static void test_names_are_quoted(void **state)
{
    static const struct {
        const char *name, *typed;
    } cases[] = {
        { "web-1.example", "vcpu-set web-1.example 8" },
        { "my guest", "vcpu-set 'my guest' 8" },
        { "it's", "vcpu-set 'it'\\''s' 8" },
        { "$(reboot)", "vcpu-set '$(reboot)' 8" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        XT_CLEANUP_FREE char *text = xt_xprintf(
            CHECK_HOST(DOMAINS(NAMED(1, "%s", ONLINE(9)))), cases[i].name);

        expect_only("domain-vcpus", text, cases[i].name, XTUNE_CHECK_FAIL,
                    cases[i].typed);
    }
}

static void test_domain_vcpus(void **state)
{
    static const char rule[] = "domain-vcpus";

    (void)state;
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ONLINE(8)))), "host",
                XTUNE_CHECK_PASS, "1 domain");
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ONLINE(9)))), "a",
                XTUNE_CHECK_FAIL, "9 vCPUs");
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(1, "a",
                                 VCPUS(VCPU(0, ", \"hard\": \"2\"") ", " VCPU(
                                     1, ", \"hard\": \"2\""))))),
        "a", XTUNE_CHECK_WARN, "2 vCPUs on CPU 2");
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(1, "a",
                                 VCPUS(VCPU(0, ", \"hard\": \"2\"") ", " VCPU(
                                     1, ", \"hard\": \"3\""))))),
        "host", XTUNE_CHECK_PASS, "1 domain");
    expect_only(rule, CHECK_HOST(""), "host", XTUNE_CHECK_SKIP, "no domain");
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ""))), "host",
                XTUNE_CHECK_SKIP, "not known");
}

static void test_governor(void **state)
{
    static const char rule[] = "governor";

    (void)state;
    expect_only(rule, CHECK_HOST(""), "host", XTUNE_CHECK_SKIP, "not known");
    expect_only(rule, CHECK_HOST_OF(CPUS_(", \"governor\": \"none\""), ""),
                "host", XTUNE_CHECK_SKIP, "does not set");
    expect_only(rule, CHECK_HOST_OF(CPUS_(", \"governor\": \"hwp\""), ""),
                "host", XTUNE_CHECK_SKIP, "do themselves");
    expect_only(rule,
                CHECK_HOST_OF(CPUS_(", \"governor\": \"amd-cppc-epp\""), ""),
                "host", XTUNE_CHECK_SKIP, "do themselves");
    expect_only(rule,
                CHECK_HOST_OF(CPUS_(", \"governor\": \"performance\""), ""),
                "host", XTUNE_CHECK_PASS, "performance");
}

static void test_governor_is_mended(void **state)
{
    xtune_host *host =
        host_of(CHECK_HOST_OF(CPUS_(", \"governor\": \"ondemand\""), ""));
    xtune_check_request request = { .host = host };
    xtune_check_report *report;
    xtune_plan *plan;

    (void)state;
    host->cpus[0].governor = "performance";
    host->cpus[7].governor = "powersave";
    host->cpus[6].governor = "none";
    host->cpus[5].governor = "hwp";
    report = check_with("governor", &request);
    assert_int_equal(report->nr_results, 1);
    expect_result(report, "host", XTUNE_CHECK_WARN,
                  "ondemand (CPUs 1-4), powersave (CPU 7)");
    assert_int_equal(report->results[0].fix, XTUNE_FIX_NOW);
    assert_int_equal(xtune_check_plan(&request, report, &plan, NULL), 0);
    assert_int_equal(plan->nr_actions, 5);
    assert_string_equal(plan->actions[4].kind, "cpufreq-governor");
    assert_string_equal(plan->actions[4].object, "CPU 7");
    assert_string_equal(xt_json_text(plan->actions[4].old), "powersave");
    assert_string_equal(xt_json_text(plan->actions[4].new), "performance");
    xtune_plan_free(plan);
    xtune_check_report_free(report);
    xtune_host_free(host);
}

/* Load: two looks, ten seconds from each other. */

#define SAMPLED_MS 10000

static xtune_check_report *check_load(const char *rule, const char *before,
                                      const char *after,
                                      const xtune_policy *policy)
{
    xtune_host *earlier = host_of(before), *host = host_of(after);
    xtune_check_request request = { .host = host,
                                    .earlier = earlier,
                                    .policy = policy,
                                    .sampled_ms = SAMPLED_MS };
    xtune_check_report *report = check_with(rule, &request);

    xtune_host_free(earlier);
    xtune_host_free(host);
    return report;
}

#define USED(ns) ", \"cpu_time_ns\": " #ns

static void test_load(void **state)
{
    xtune_check_report *report;

    (void)state;
    expect_only("vcpu-load", CHECK_HOST(DOMAINS(NAMED(1, "a", ONLINE(2)))),
                "host", XTUNE_CHECK_SKIP, "--sample");
    report = check_load(
        "vcpu-load",
        CHECK_HOST(DOMAINS(
            NAMED(0, "Domain-0", ONLINE(1)) ", " NAMED(1, "busy", ONLINE(2) USED(5000000000)) ", " NAMED(
                2, "idle",
                ONLINE(
                    4)) ", " NAMED(3, "small",
                                   ONLINE(
                                       1)) ", " NAMED(4, "good",
                                                      ONLINE(
                                                          1)) ", " NAMED(5,
                                                                         "paused",
                                                                         ONLINE(
                                                                             4)))),
        CHECK_HOST(DOMAINS(
            NAMED(0, "Domain-0", ONLINE(1) USED(10000000000)) ", " NAMED(1, "busy", ONLINE(2) USED(24000000000)) ", " NAMED(
                2, "idle",
                ONLINE(4) USED(
                    2000000000)) ", " NAMED(3, "small",
                                            ONLINE(1) USED(
                                                100000000)) ", " NAMED(4,
                                                                       "good",
                                                                       ONLINE(1) USED(
                                                                           9000000000)) ", " NAMED(5,
                                                                                                   "paused",
                                                                                                   ONLINE(
                                                                                                       4) ", \"state\": \"paused\"") ", " NAMED(6,
                                                                                                                                                "new",
                                                                                                                                                ONLINE(1) USED(
                                                                                                                                                    9900000000)))),
        NULL);
    expect_result(report, "busy", XTUNE_CHECK_WARN, "95 % of 2 vCPUs");
    expect_result(report, "busy", XTUNE_CHECK_WARN, "give it 3");
    expect_result(report, "idle", XTUNE_CHECK_PASS,
                  "5 % of 4 vCPUs: 1 would do");
    expect_result(report, "host", XTUNE_CHECK_PASS, "2 domains");
    assert_int_equal(report->nr_results, 3);
    xtune_check_report_free(report);
}

/* The same id, but another domain; and one that has another number of vCPUs
 * now. */
static void test_load_of_others(void **state)
{
    xtune_check_report *report = check_load(
        "vcpu-load",
        CHECK_HOST(
            DOMAINS(NAMED(1, "a", ONLINE(1)) ", " NAMED(2, "b", ONLINE(1)))),
        CHECK_HOST(DOMAINS(NAMED(
            1, "a",
            ONLINE(1) USED(
                10000000000) ", \"uuid\": "
                             "\"00000000-0000-0000-0000-"
                             "000000000001\"") ", " NAMED(2, "b",
                                                          ONLINE(2) USED(
                                                              10000000000)))),
        NULL);

    (void)state;
    assert_int_equal(report->nr_results, 1);
    expect_result(report, "host", XTUNE_CHECK_SKIP, "");
    xtune_check_report_free(report);
}

static void test_headroom(void **state)
{
    xtune_policy policy = { .has_headroom = true, .headroom_pct = 40 };
    xtune_check_report *report;

    (void)state;
    expect_only("cpu-headroom", CHECK_HOST(""), "host", XTUNE_CHECK_SKIP,
                "--sample");
    /* 80 s are all of 8 CPUs: 64 of them leave 20 %. */
    report = check_load(
        "cpu-headroom", CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", ""))),
        CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", USED(64000000000)))), NULL);
    expect_result(report, "host", XTUNE_CHECK_PASS, "20 % of 8 CPUs");
    xtune_check_report_free(report);
    report = check_load(
        "cpu-headroom", CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", ""))),
        CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", USED(65000000000)))), NULL);
    expect_result(report, "host", XTUNE_CHECK_WARN, "19 % of 8 CPUs");
    xtune_check_report_free(report);
    report = check_load(
        "cpu-headroom", CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", ""))),
        CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", USED(56000000000)))), &policy);
    expect_result(report, "host", XTUNE_CHECK_WARN, "40 % or more");
    xtune_check_report_free(report);
}

#define ALONE(time)                                                           \
    VCPUS(VCPU(0, ", \"hard\": \"6\", \"time_ns\": " #time) ", " VCPU(        \
        1, ", \"hard\": \"7\", \"time_ns\": " #time))

/* CPUs 6 and 7 are used up, though idle; the rest is used by 32 of 60 s. */
static void test_dedicated_headroom(void **state)
{
    xtune_check_report *report = check_load(
        "cpu-headroom",
        CHECK_HOST(DOMAINS(NAMED(
            0, "Domain-0",
            VCPUS(VCPU(0, ", \"hard\": \"0-5\""))) ", " NAMED(1, "a",
                                                              ALONE(0)))),
        CHECK_HOST(DOMAINS(
            NAMED(0, "Domain-0",
                  VCPUS(VCPU(0, ", \"hard\": \"0-5\""))
                      USED(32000000000)) ", " NAMED(1, "a",
                                                    ALONE(9000000000)
                                                        USED(18000000000)))),
        NULL);

    (void)state;
    expect_result(report, "host", XTUNE_CHECK_PASS, "35 % of 8 CPUs; 2 are");
    xtune_check_report_free(report);
    /* Where dom0 may run there as well they are nobody's. */
    report = check_load(
        "cpu-headroom",
        CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", VCPUS(VCPU(0, ""))) ", " NAMED(
            1, "a", ALONE(0)))),
        CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", VCPUS(VCPU(0, ""))) ", " NAMED(
            1, "a", ALONE(9000000000) USED(18000000000)))),
        NULL);
    expect_result(report, "host", XTUNE_CHECK_PASS, "78 % of 8 CPUs");
    assert_null(strstr(report->results[0].actual, "dedicated"));
    xtune_check_report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_virtualization),
        cmocka_unit_test(test_iommu),
        cmocka_unit_test(test_overcommit),
        cmocka_unit_test(test_pools_are_apart),
        cmocka_unit_test(test_domain_vcpus),
        cmocka_unit_test(test_names_are_quoted),
        cmocka_unit_test(test_governor),
        cmocka_unit_test(test_governor_is_mended),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_load_of_others),
        cmocka_unit_test(test_headroom),
        cmocka_unit_test(test_dedicated_headroom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
