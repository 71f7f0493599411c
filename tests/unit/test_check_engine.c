/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine of host-check, the table of rules, and the forms of the report.
 */
#include <xtune/report.h>

#include "base/xml.h"
#include "check/check.h"
#include "check_rule.h"

/* The engine. */

static void check_none(xt_check *check)
{
    (void)check;
}

static void check_badly(xt_check *check)
{
    const char *how = "mend it";

    xt_pass(check, "a", "1", "1");
    xt_fault_add(check, &(xt_fault){ .status = XTUNE_CHECK_FAIL,
                                     .object = "b\n<&\"\\>\x01\xff",
                                     .expected = "1",
                                     .actual = "2 & \"3\"",
                                     .text = "<text>",
                                     .fix = XTUNE_FIX_PERSON,
                                     .how = how });
    xt_fault_add(check, &(xt_fault){ .status = XTUNE_CHECK_WARN,
                                     .object = "c",
                                     .expected = "1",
                                     .actual = "2",
                                     .fix = XTUNE_FIX_BOOT,
                                     .how = how });
    xt_fault_add(check, &(xt_fault){ .status = XTUNE_CHECK_FAIL,
                                     .object = "c",
                                     .expected = "1",
                                     .actual = "3",
                                     .fix = XTUNE_FIX_BOOT,
                                     .how = how });
    xt_skip(check, NULL, "not known");
}

static const xtune_host_rule none = {
    .name = "none",
    .severity = XTUNE_CHECK_FAIL,
    .source = "s",
    .asks = "a",
    .title = "t",
    .why = "w",
    .check = check_none,
};
static const xtune_host_rule mild = {
    .name = "mild",
    .severity = XTUNE_CHECK_WARN,
    .source = "s",
    .asks = "a",
    .title = "t",
    .why = "w",
    .check = check_badly,
};
static const xtune_host_rule hard = {
    .name = "hard",
    .severity = XTUNE_CHECK_FAIL,
    .source = "s",
    .asks = "a",
    .title = "t",
    .why = "w",
    .check = check_badly,
};

static xtune_check_report *report_of(const xtune_host *host,
                                     const xtune_host_rule *const *rules,
                                     size_t nr)
{
    const xtune_check_request request = { .host = host,
                                          .rules = rules,
                                          .nr_rules = nr };
    xtune_check_report *report;

    assert_int_equal(xtune_check_host(&request, &report, NULL), 0);
    return report;
}

static void engine(void **state)
{
    const xtune_host_rule *rules[] = { &none, &mild, &hard, &mild };
    xtune_host *host = bare_host();
    xtune_check_report *report = report_of(host, rules, 4);
    const size_t *nr = report->nr_by_status;

    (void)state;
    /* One that says nothing is skipped; one named twice is run once. */
    assert_int_equal(report->nr_results, 11);
    assert_int_equal(report->results[0].status, XTUNE_CHECK_SKIP);
    assert_string_equal(report->results[0].object, "host");
    /* Never worse than its severity. */
    assert_int_equal(report->results[2].status, XTUNE_CHECK_WARN);
    assert_int_equal(report->results[7].status, XTUNE_CHECK_FAIL);
    assert_int_equal(nr[XTUNE_CHECK_PASS], 2);
    assert_int_equal(nr[XTUNE_CHECK_WARN], 4);
    assert_int_equal(nr[XTUNE_CHECK_FAIL], 2);
    assert_int_equal(nr[XTUNE_CHECK_SKIP], 3);
    xtune_check_report_free(report);
    xtune_host_free(host);
}

/* Every row is whole, and no two have one name. */
static void table(void **state)
{
    const xtune_host_rule *rules;
    size_t i, k, nr;

    (void)state;
    rules = xtune_host_rules(&nr);
    assert_true(nr > 40);
    for (i = 0; i < nr; i++) {
        const xtune_host_rule *rule = &rules[i];

        assert_true(rule->name && rule->source && rule->asks && rule->title &&
                    rule->why && rule->check);
        assert_true(rule->severity == XTUNE_CHECK_WARN ||
                    rule->severity == XTUNE_CHECK_FAIL);
        assert_int_equal(strspn(rule->name, "abcdefghijklmnopqrstuvwxyz"
                                            "0123456789-"),
                         strlen(rule->name));
        assert_ptr_equal(rule_of(rule->name), rule);
        for (k = 0; k < i; k++)
            assert_string_not_equal(rules[k].name, rule->name);
    }
}

/* What is asked of KVM's hosts is skipped on a host of which all is known,
 * with a reason; and what that reason names is there. */
static void kvm(void **state)
{
    xtune_host *host = recorded_host("faults");
    xtune_check_report *report = report_of(host, NULL, 0);
    size_t i, nr = 0;

    (void)state;
    for (i = 0; i < report->nr_results; i++) {
        const xtune_check_result *r = &report->results[i];
        const char *see = r->text ? strstr(r->text, ": see ") : NULL;

        if (strcmp(r->rule->source, "KVM") != 0) continue;
        nr++;
        assert_int_equal(r->status, XTUNE_CHECK_SKIP);
        if (see && see[6] != '"') rule_of(see + 6);
    }
    assert_true(nr >= 15);
    xtune_check_report_free(report);
    xtune_host_free(host);
}

static void names(void **state)
{
    const xtune_host_rule *rule = NULL;
    xtune_error *err = NULL;
    int rc;

    (void)state;
    rc = xtune_host_rule_find("dom0-swpa", &rule, &err);
    check_error(rc, &err, XTUNE_ERR_NOT_FOUND, "is it dom0-swap?");
    rc = xtune_host_rule_find("swap", &rule, &err);
    check_error(rc, &err, XTUNE_ERR_NOT_FOUND,
                "is it dom0-swap, dom0-swappiness?");
    rc = xtune_host_rule_find("nothing-like-it", &rule, &err);
    check_error(rc, &err, XTUNE_ERR_NOT_FOUND, "--list");
    rc = xtune_host_rule_find("", &rule, &err);
    check_error(rc, &err, XTUNE_ERR_NOT_FOUND, "--list");
    assert_null(rule);
}

/* A host of which nothing is known has nothing wrong with it, and passes
 * nothing: every rule skips. */
static void unknown_host(void **state)
{
    xtune_host *host = xtune_host_new();
    xtune_check_report *report;
    xtune_plan *plan;
    size_t i;

    (void)state;
    xtune_host_index(host);
    report = report_of(host, NULL, 0);
    for (i = 0; i < report->nr_results; i++)
        if (report->results[i].status != XTUNE_CHECK_SKIP)
            fail_msg("%s: %s: %s", report->results[i].rule->name,
                     report->results[i].object, report->results[i].actual);
    assert_int_equal(xtune_check_plan(&(xtune_check_request){ .host = host },
                                      report, &plan, NULL),
                     0);
    assert_int_equal(plan->nr_actions, 0);
    xtune_plan_free(plan);
    xtune_check_report_free(report);
    xtune_host_free(host);
}

/* Several rules that write one file make one change of it. */
static void one_change_of_a_file(void **state)
{
    const xtune_host_rule *rules[] = { rule_of("dom0-swappiness"),
                                       rule_of("aio-max-nr") };
    const char *wanted = "# Written by xltune host-check --fix.\n"
                         "vm.swappiness = 35\nfs.aio-max-nr = 1048576\n";
    xtune_host *host = bare_host();
    xtune_check_request request = { .host = host,
                                    .rules = rules,
                                    .nr_rules = 2 };
    xtune_check_report *report;
    xtune_plan *plan;
    size_t i, nr = 0;

    (void)state;
    add_file(host, "/proc/swaps", "F\n/dev/sda partition 1 0 0\n");
    add_file(host, "/proc/sys/vm/swappiness", "60\n");
    add_file(host, "/proc/sys/fs/aio-nr", "60000\n");
    add_file(host, "/proc/sys/fs/aio-max-nr", "65536\n");
    report = report_of(host, rules, 2);
    assert_int_equal(xtune_check_plan(&request, report, &plan, NULL), 0);
    assert_int_equal(plan->nr_actions, 3);
    for (i = 0; i < plan->nr_actions; i++)
        if (!strcmp(plan->actions[i].object, "/etc/sysctl.d/90-xltune.conf")) {
            nr++;
            assert_string_equal(xt_json_text(plan->actions[i].new), wanted);
        }
    assert_int_equal(nr, 1);
    xtune_plan_free(plan);
    xtune_check_report_free(report);
    xtune_host_free(host);
}

/* The report. */

static void junit(void **state)
{
    const xtune_host_rule *rules[] = { &hard };
    xtune_host *host = bare_host();
    xtune_check_report *report = report_of(host, rules, 1);
    xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char *text = NULL;

    (void)state;
    assert_int_equal(xtune_report_host_check_junit(report, &text, NULL), 0);
    assert_non_null(
        strstr(text, "<testsuite name=\"xltune host-check\" tests=\"5\" "
                     "failures=\"3\" errors=\"0\" skipped=\"1\" time=\"0\">"));
    assert_non_null(strstr(text, "<testcase classname=\"host-check.hard\" "
                                 "name=\"a\" time=\"0\"/>"));
    assert_non_null(strstr(text, "name=\"b\\x0a&lt;&amp;&quot;\\&gt;\\x01"
                                 "\\xff\""));
    assert_non_null(strstr(text, "&lt;text&gt;\nto mend it: mend it\n"));
    assert_non_null(strstr(text, "<skipped message=\"not known\"/>"));
    xtune_arena_free(arena);
    xtune_check_report_free(report);
    xtune_host_free(host);
}

static void openmetrics(void **state)
{
    const xtune_host_rule *rules[] = { &hard };
    xtune_host *host = bare_host();
    xtune_check_report *report = report_of(host, rules, 1);
    XT_CLEANUP_FREE char *text = xtune_report_host_check_metrics(report);

    (void)state;
    /* The worst of an object, once; those that are skipped not at all. */
    assert_string_equal(
        text,
        "# HELP xltune_check_status What a rule says of an object: 0 pass, 1 "
        "warn, 2 fail; those that it skips are left out.\n"
        "# TYPE xltune_check_status gauge\n"
        "xltune_check_status{rule=\"hard\",object=\"a\"} 0\n"
        "xltune_check_status{rule=\"hard\",object=\"b\\\\x0a<&\\\"\\\\>\\\\x01"
        "\\\\xff\"} 2\n"
        "xltune_check_status{rule=\"hard\",object=\"c\"} 2\n"
        "# HELP xltune_check_results How many results have this status.\n"
        "# TYPE xltune_check_results gauge\n"
        "xltune_check_results{status=\"pass\"} 1\n"
        "xltune_check_results{status=\"warn\"} 1\n"
        "xltune_check_results{status=\"fail\"} 2\n"
        "xltune_check_results{status=\"skip\"} 1\n"
        "# HELP xltune_check_to_mend How many results are mended now, by the "
        "next boot, or by a person.\n"
        "# TYPE xltune_check_to_mend gauge\n"
        "xltune_check_to_mend{by=\"now\"} 0\n"
        "xltune_check_to_mend{by=\"boot\"} 2\n"
        "xltune_check_to_mend{by=\"person\"} 1\n"
        "# EOF\n");
    xtune_check_report_free(report);
    xtune_host_free(host);
}

/* What XML cannot hold is not in it. */
static void xml(void **state)
{
    xt_xml_attr attr = { "a", "\x01\xef\xbf\xbe\xff<\xc3\xa9" };
    const xt_xml root = {
        .name = "r", .attrs = &attr, .nr_attrs = 1, .text = "a < b & c"
    };
    XT_CLEANUP_FREE char *text = NULL;

    (void)state;
    assert_int_equal(xt_xml_print(&root, &text, NULL), 0);
    assert_string_equal(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<r a=\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd&lt;"
                              "\xc3\xa9\">a &lt; b &amp; c</r>\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engine),       cmocka_unit_test(table),
        cmocka_unit_test(kvm),          cmocka_unit_test(names),
        cmocka_unit_test(unknown_host), cmocka_unit_test(one_change_of_a_file),
        cmocka_unit_test(junit),        cmocka_unit_test(openmetrics),
        cmocka_unit_test(xml),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
