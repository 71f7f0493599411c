/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of Xen's parameters, and Linux', against what reads them at boot. */
#include "util.h"

#include <string.h>

#include <xtune/boot.h>

#include "base/near.h"
#include "base/util.h"
#include "boot/xen_names.h"

/* Asks, and what came of it: "" taken, else what is said; warnings are behind
 * "!". */
static const char *ask(const char *line, const char *key, const char *value,
                       const xtune_host *host)
{
    static char said[1024];
    xtune_findings *findings = xtune_findings_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const int rc = xtune_boot_check(line, key, value, host, findings, &err);

    said[0] = '\0';
    if (rc) {
        assert_int_equal(rc, XTUNE_ERR_INVALID);
        assert_string_equal(err->object, key);
        snprintf(said, sizeof(said), "%s", err->message);
    } else if (findings->nr) {
        assert_string_equal(findings->items[0].object, key);
        snprintf(said, sizeof(said), "!%s", findings->items[0].text);
    }
    xtune_findings_free(findings);
    return said;
}

static void test_taken(void **state)
{
    static const char *const good[][2] = {
        { "dom0_mem", "4G,max:4G" },
        { "dom0_mem", "1G+10%,max:1G+10%" },
        { "dom0_max_vcpus", "4" },
        { "dom0_max_vcpus", "1-16" },
        { "dom0_max_vcpus", "2-" },
        { "dom0_max_vcpus", "-8" },
        { "dom0_max_vcpus", "0x10" },
        { "extra_guest_irqs", "64" },
        { "extra_guest_irqs", "64,1024" },
        { "extra_guest_irqs", ",512" },
        { "iommu", "on" },
        { "iommu", "force,no-intpost,quarantine=scratch-page,sharept=off" },
        { "dom0-iommu", "map-inclusive,strict=no,none" },
        { "sched", "credit2" },
        { "sched-gran", "core" },
        { "cpufreq", "xen:performance" },
        { "cpufreq", "xen:performance,3600000,1200000,verbose" },
        { "cpufreq", "xen,ondemand,up_threshold=80" },
        { "cpufreq", "hwp:hdc" },
        { "cpufreq", "none" },
        { "console", "com1,vga" },
        { "console", "com2H" },
        { "loglvl", "all" },
        { "guest_loglvl", "error/warning" },
        { "watchdog", "" },
        { "watchdog", "force" },
        { "smt", "off" },
        { "smt", "" },
        { "no-smt", "" },
        { "no-real-mode", "" },
        { "conring_size", "1m" },
        { "maxcpus", "0x10" },
        { "dom0_nodes", "0,1,relaxed" },
        { "com1", "115200,8n1,0x3f8,4" },
        { "ucode", "scan" },
        { "crashkernel", "512M,below=4G" },
        { "dom0_vcpus_pin", "" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(good); i++)
        assert_string_equal(ask("xen", good[i][0], good[i][1], NULL), "");
    assert_string_equal(ask("dom0", "console", "hvc0", NULL), "");
    assert_string_equal(ask("dom0", "root", "UUID=1-2", NULL), "");
    assert_string_equal(
        ask("dom0", "xen-pciback.hide", "(0000:04:00.0)(05:00.*)", NULL), "");
}

static void test_refused(void **state)
{
    static const char *const bad[][3] = {
        { "dom0_mem", "4GB", "4GB" },
        { "dom0_mem", "mn:4G", "mn:4G" },
        { "dom0_mem", "100%", "100%" },
        { "dom0_mem", "4096,max:4096", "KiB" },
        { "dom0_max_vcpus", "four", "four" },
        { "dom0_max_vcpus", "8-4", "more to less" },
        { "dom0_max_vcpus", "4-8-16", "4-8-16" },
        { "dom0_max_vcpus", "0", "no number" },
        { "dom0_max_vcpus", "-", "no number" },
        { "dom0_max_vcpus", "", "no number" },
        { "dom0_max_vcpus", "08", "no number" },
        { "extra_guest_irqs", "64:1024", "64:1024" },
        { "extra_guest_irqs", "64,", "64," },
        { "extra_guest_irqs", "", "not take" },
        { "iommu", "on,forse", "\"force\" is near" },
        { "iommu", "no-quarantine=1", "no-quarantine=1" },
        { "iommu", "on,", "\"\" in \"on,\"" },
        { "iommu", "", "not take" },
        { "dom0-iommu", "passthru", "passthru" },
        { "sched", "credit3", "near" },
        { "sched", "cfs", "cfs" },
        { "sched-gran", "cores", "\"core\" is near" },
        { "cpufreq", "xen:performence", "\"performance\" is near" },
        { "cpufreq", "performance", "performance" },
        { "console", "hvc0", "hvc0" },
        { "console", "com3", "near" },
        { "loglvl", "verbose", "verbose" },
        { "watchdog", "maybe", "maybe" },
        { "smt", "aus", "neither yes nor no" },
        { "conring_size", "1 m", "blank" },
        { "conring_size", "big", "no size" },
        { "conring_size", "-1m", "no size" },
        { "conring_size", "1mb", "no size" },
        { "maxcpus", "4x", "no number" },
        { "maxcpus", "", "no number" },
        { "xen-pciback.hide", "(04:00.0)", "Linux'" },
        { "font", "8x16 console=none", "blank" },
    };
    char long_value[1100];
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(bad); i++) {
        const char *said = ask("xen", bad[i][0], bad[i][1], NULL);

        if (*said == '!' || !strstr(said, bad[i][2]))
            fail_msg("%s=%s: \"%s\"", bad[i][0], bad[i][1], said);
    }
    memset(long_value, '1', sizeof(long_value) - 1);
    long_value[sizeof(long_value) - 1] = '\0';
    assert_non_null(strstr(ask("xen", "badpage", long_value, NULL), "cut"));
    assert_non_null(strstr(
        ask("dom0", "xen-pciback.hide", "(0000:04:00)", NULL), "04:00"));
}

static void test_warned(void **state)
{
    static const char *const odd[][4] = {
        { "xen", "dom0_men", "4G", "parameter; \"dom0_mem\" is near" },
        { "xen", "iomu", "on", "\"iommu\"" },
        { "xen", "quiet", "", "!Xen 4.14" },
        { "xen", "dom0_mem", "4G", "!without max" },
        { "xen", "dom0_mem", "300M,max:300M", "leaves dom0" },
        { "xen", "extra_guest_irqs", "0", "!0 " },
        { "dom0", "dom0_mem", "4G", "!it is Xen's" },
        { "dom0", "xen-pciback.hid", "(04:00.0)", "!Linux has no such" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(odd); i++) {
        const char *said = ask(odd[i][0], odd[i][1], odd[i][2], NULL);

        if (*said != '!' || !strstr(said, odd[i][3]))
            fail_msg("%s=%s: \"%s\"", odd[i][1], odd[i][2], said);
    }
}

static xtune_host *small_host(void)
{
    xtune_host *host = xtune_host_new();

    host->xen.total_kb = UINT64_C(8) << 20;
    host->nr_cpus = 4;
    host->cpus = XTUNE_NEW_ARRAY(host->arena, xtune_cpu, 4);
    host->nr_pci = 1;
    host->pci = XTUNE_NEW_ARRAY(host->arena, xtune_pci, 1);
    host->pci[0].address = "0000:04:00.0";
    host->nr_domains = 1;
    host->domains = XTUNE_NEW_ARRAY(host->arena, xtune_domain, 1);
    host->domains[0].id = 3;
    host->domains[0].nr_pci = 1;
    return host;
}

static void test_against_a_host(void **state)
{
    xtune_host *host = small_host();

    (void)state;
    assert_non_null(strstr(ask("xen", "dom0_mem", "16G,max:16G", host),
                           "more than the 8"));
    assert_string_equal(ask("xen", "dom0_mem", "50%,max:50%", host), "");
    assert_non_null(
        strstr(ask("xen", "dom0_max_vcpus", "8", host), "!dom0 gets 8"));
    assert_string_equal(ask("xen", "dom0_max_vcpus", "1-8", host), "");
    assert_non_null(strstr(ask("xen", "iommu", "off", host), "!without it"));
    assert_non_null(strstr(
        ask("dom0", "xen-pciback.hide", "(0000:04:00.0)(0000:05:00.0)", host),
        "!no device here is meant by \"(0000:05:00.0)\""));
    assert_string_equal(
        ask("dom0", "xen-pciback.hide", "(0000:04:00.*)", host), "");
    xtune_host_free(host);
}

static void test_near(void **state)
{
    (void)state;
    assert_true(xt_is_near("iomu", "iommu"));
    assert_true(xt_is_near("ioummu", "iommu"));
    assert_true(xt_is_near("iomnu", "iommu"));
    assert_true(xt_is_near("imomu", "iommu"));
    assert_false(xt_is_near("iommu", "iommu"));
    assert_false(xt_is_near("imuom", "iommu"));
    assert_true(xt_is_near("dom0_maxvcpu", "dom0_max_vcpus"));
    assert_false(xt_is_near("", "a"));
}

/* No two of a name. */
static void test_names_are_sorted(void **state)
{
    size_t i;

    (void)state;
    assert_true(xt_nr_xen_names > 200);
    for (i = 1; i < xt_nr_xen_names; i++)
        assert_true(strcmp(xt_xen_names[i - 1].name, xt_xen_names[i].name) <
                    0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_warned), cmocka_unit_test(test_against_a_host),
        cmocka_unit_test(test_near),   cmocka_unit_test(test_names_are_sorted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
