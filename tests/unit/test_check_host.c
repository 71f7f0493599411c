/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine, the table, rules of toolstacks, command lines and devices, and
 * the forms of the report. */
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

/* Toolstacks. */

static void use_words(xtune_host *host, const char ***words, size_t *nr,
                      const char *a, const char *b)
{
    *words = XTUNE_NEW_ARRAY(host->arena, const char *, 2);
    (*words)[0] = a;
    (*words)[1] = b;
    *nr = a ? b ? 2 : 1 : 0;
}

static void toolstacks(void **state)
{
    xtune_host *host = bare_host();
    xtune_dom0 *dom0 = &host->dom0;

    (void)state;
    expect_results(host, "toolstack-conflict",
                   "SKIP host: which programs run in dom0 is not known");
    use_words(host, &dom0->services, &dom0->nr_services, NULL, NULL);
    expect_results(host, "toolstack-conflict",
                   "PASS host: none (one toolstack)");
    use_words(host, &dom0->services, &dom0->nr_services, "libvirtd",
              "virtxend");
    expect_results(host, "toolstack-conflict",
                   "PASS host: libvirt (one toolstack)");
    use_words(host, &dom0->services, &dom0->nr_services, "libvirtd", "xl");
    expect_results(host, "toolstack-conflict",
                   "WARN host: xl and libvirt (one toolstack), person");

    expect_results(host, "toolstack-versions",
                   "SKIP host: which libxl is installed is not known");
    use_words(host, &dom0->toolstacks, &dom0->nr_toolstacks, "4.17", NULL);
    expect_results(host, "toolstack-versions", "PASS host: 4.17 (4.17)");
    use_words(host, &dom0->toolstacks, &dom0->nr_toolstacks, "4.14", "4.17");
    expect_results(host, "toolstack-versions",
                   "WARN host: 4.14 and 4.17 (4.17), person");
    use_words(host, &dom0->toolstacks, &dom0->nr_toolstacks, "4.1", NULL);
    expect_results(host, "toolstack-versions", "FAIL host: 4.1 (4.17), boot");
    xtune_host_free(host);
}

static void cpumasks(void **state)
{
    static const char conf[] = "/etc/xen/xl.conf";
    xtune_host *host = bare_host();

    (void)state;
    expect_results(host, "xl-cpumasks",
                   "PASS /etc/xen/xl.conf: none (no mask)");
    add_file(host, conf,
             "vm.cpumask=\"0-3\"\nvm.hvm.cpumask=\"1-3\"\n"
             "vm.pv.cpumask=\"0-9\"\n");
    expect_results(
        host, "xl-cpumasks",
        "PASS vm.cpumask: 0-3 (not there, or all CPUs)\n"
        "WARN vm.hvm.cpumask: \"1-3\", 3 of 4 CPUs (not there, or all CPUs), "
        "person\n"
        "WARN vm.pv.cpumask: CPU list \"0-9\": the host has no CPU 4 (not "
        "there, or all CPUs), person");
    add_file(host, conf, "vm.cpumask=0-3\n");
    expect_results(host, "xl-cpumasks",
                   "SKIP /etc/xen/xl.conf: xl does not take it: see "
                   "dom0-autoballoon");
    xtune_host_free(host);
}

/* Command lines. */

static void pending(void **state)
{
    xtune_host *host = bare_host();

    (void)state;
    host->boot.xen_configured = "dom0_mem=900M conring_size=1m console=com1";
    host->boot.dom0_running = "root=/dev/sda1 ro quiet";
    host->boot.dom0_configured = "root=/dev/sda1 ro quiet";
    expect_results(host, "pending-reboot",
                   "PASS host: they are those (the command lines that are "
                   "configured)");
    host->boot.xen_configured = "dom0_mem=4G console=com1 console=vga iommu";
    expect_results(
        host, "pending-reboot",
        "WARN xen dom0_mem: dom0_mem=900M (dom0_mem=4G), boot\n"
        "WARN xen console: console=com1 (console=com1 console=vga), boot\n"
        "WARN xen iommu: not there (iommu), boot\n"
        "WARN xen conring_size: conring_size=1m (not there), boot");
    xtune_host_free(host);
}

static void values(void **state)
{
    static const char wanted[] = "what it takes as it is meant";
    xtune_host *host = bare_host();
    XT_CLEANUP_FREE char *said = xt_xprintf(
        "FAIL xen dom0_mem: dom0_mem=4GB (%s), boot\n"
        "WARN xen ucode_: ucode_=scan (%s), boot\n"
        "PASS dom0: 2 parameters (values that it takes as they are meant)",
        wanted, wanted);

    (void)state;
    host->xen.command_line = NULL;
    expect_results(host, "command-line-values",
                   "SKIP host: the command lines are not known");
    host->xen.total_kb = UINT64_C(32) << 20;
    host->xen.command_line = "dom0_mem=4G";
    expect_results(host, "command-line-values",
                   "PASS xen: 1 parameters (values that it takes as they are "
                   "meant)");
    host->boot.xen_configured = "dom0_mem=4GB ucode_=scan";
    host->boot.dom0_running = "xen-pciback.hide=(nonsense)";
    host->boot.dom0_configured = "root=/dev/sda1 ro";
    expect_results(host, "command-line-values", said);
    xtune_host_free(host);
}

static void parameters(void **state)
{
    static const struct {
        const char *line, *said;
    } rows[] = {
        { "console=com1", "PASS hap_1gb: on (on)\nPASS hap_2mb: on (on)" },
        { "hap_1gb=1 hap_2mb=true",
          "PASS hap_1gb: on (on)\nPASS hap_2mb: on (on)" },
        { "hap_1gb=0 no-hap_2mb",
          "WARN hap_1gb: off (on, as it is where it is not given), boot\n"
          "WARN hap_2mb: off (on, as it is where it is not given), boot" },
    };
    xtune_host *host = bare_host();
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        host->xen.command_line = rows[i].line;
        expect_results(host, "hap-superpages", rows[i].said);
    }
    expect_results(host, "isolcpus",
                   "SKIP host: dom0's command line is not known");
    host->boot.dom0_running = "ro isolcpus=0-3";
    expect_results(host, "isolcpus",
                   "WARN host: isolcpus=0-3 (not there), boot");
    host->boot.dom0_configured = "ro quiet";
    expect_results(host, "isolcpus", "PASS host: not there (not there)");
    xtune_host_free(host);
}

/* Devices. */

static void devices(void **state)
{
    xtune_host *host = recorded_host("usb");

    (void)state;
    host->usb_rules.file = "/etc/usb-policy.conf";
    host->usb_rules.text = "ALLOW:\n";
    expect_results(host, "usb-policy",
                   "PASS /etc/usb-policy.conf: 1 rules (every rule can "
                   "match)");
    host->usb_rules.text = "ALLOW:\nDENY: class=03\n";
    expect_results(host, "usb-policy",
                   "WARN /etc/usb-policy.conf:2: \"DENY: class=03\" can never "
                   "match: line 1, \"ALLOW:\", takes all that it would (every "
                   "rule can match), person");
    host->usb_rules.text = "ALLOW: psid=1\n";
    expect_results(host, "usb-policy",
                   "FAIL /etc/usb-policy.conf:1:8: \"psid\" is no key (a "
                   "policy that can be read), person");
    host->has_usb = false;
    expect_results(host, "usb-policy",
                   "SKIP host: dom0's USB devices are not known");
    xtune_host_free(host);
}

static void hide_list(void **state)
{
    xtune_host *host = recorded_host("pci");
    size_t i;

    (void)state;
    /* What the toolstack's store says of them is not meant here. */
    for (i = 0; i < host->nr_pci; i++)
        host->pci[i].claimed_by = XTUNE_NONE;
    host->boot.dom0_running = host->boot.dom0_configured = "ro quiet";
    expect_results(host, "hide-list",
                   "PASS host: nothing is hidden (no contradiction)");
    host->boot.dom0_configured = "ro xen-pciback.hide=(0000:99:00.0)";
    host->boot.source = "/etc/default/grub";
    expect_results(host, "hide-list",
                   "WARN /etc/default/grub: item 1 of the hide list, "
                   "\"(0000:99:00.0)\", means no device that is there (no "
                   "contradiction), person");
    host->has_pci_details = false;
    expect_results(host, "hide-list",
                   "SKIP host: dom0's PCI devices are not known");
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
        cmocka_unit_test(engine),
        cmocka_unit_test(table),
        cmocka_unit_test(names),
        cmocka_unit_test(unknown_host),
        cmocka_unit_test(one_change_of_a_file),
        cmocka_unit_test(toolstacks),
        cmocka_unit_test(cpumasks),
        cmocka_unit_test(pending),
        cmocka_unit_test(values),
        cmocka_unit_test(parameters),
        cmocka_unit_test(devices),
        cmocka_unit_test(hide_list),
        cmocka_unit_test(junit),
        cmocka_unit_test(openmetrics),
        cmocka_unit_test(xml),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
