/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of where domains are, of how they are set up, of their disks and
 * devices. */
#include <xtune/pci.h>
#include <xtune/policy.h>

#include "check_host.h"
#include "policy_text.h"

#define CHECK_ONE_NODE                                                        \
    "{\"schema\": \"xtune/host/1\", \"nodes\": [{\"id\": 0, "                 \
    "\"memory_kb\": 1, \"free_kb\": 0, \"distances\": [10]}], "               \
    "\"cpus\": []}"

static void test_local_memory(void **state)
{
    static const char rule[] = "local-memory";

    (void)state;
    expect_only(rule, CHECK_ONE_NODE, "host", XTUNE_CHECK_SKIP, "one node");
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ""))), "host",
                XTUNE_CHECK_SKIP, "not known");
    /* It may run anywhere: all of its memory is as near as it can be. */
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(
            1, "a", ", \"memory_by_node_kb\": [0, 1000]" VCPUS(VCPU(0, ""))))),
        "host", XTUNE_CHECK_PASS, "1 domain");
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(1, "a",
                                 ", \"memory_by_node_kb\": [899, 101]" VCPUS(
                                     VCPU(0, ", \"soft\": \"0-3\""))))),
        "a", XTUNE_CHECK_WARN, "89 %, by its vCPUs on node 0");
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(1, "a",
                                 ", \"memory_by_node_kb\": [900, 100]" VCPUS(
                                     VCPU(0, ", \"soft\": \"0-3\""))))),
        "host", XTUNE_CHECK_PASS, "1 domain");
    expect_only(rule,
                CHECK_HOST(DOMAINS(
                    NAMED(1, "a",
                          ", \"memory_by_node_kb\": [0, 1], \"residency\": "
                          "\"inferred\", \"immovable\": \"it has 1 PCI "
                          "device\"" VCPUS(VCPU(0, ", \"hard\": \"0-3\""))))),
                "a", XTUNE_CHECK_WARN, "0 % (inferred)");
    /* dom0's is where Xen put it. */
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(0, "Domain-0",
                                 ", \"memory_by_node_kb\": [0, 1]" VCPUS(
                                     VCPU(0, ", \"hard\": \"0-3\""))))),
        "host", XTUNE_CHECK_SKIP, "not known");
}

static void test_floating(void **state)
{
    static const char rule[] = "floating-vcpus";

    (void)state;
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", VCPUS(VCPU(0, ""))))),
                "a", XTUNE_CHECK_WARN, "any node");
    expect_only(rule,
                CHECK_HOST(DOMAINS(
                    NAMED(1, "a", VCPUS(VCPU(0, ", \"soft\": \"4-7\""))))),
                "host", XTUNE_CHECK_PASS, "1 domain");
    expect_only(rule,
                CHECK_HOST(DOMAINS(
                    NAMED(1, "a", VCPUS(VCPU(0, ", \"hard\": \"4\""))))),
                "host", XTUNE_CHECK_PASS, "1 domain");
    /* A mask with all CPUs of the pool is none. */
    expect_only(rule,
                CHECK_HOST(DOMAINS(
                    NAMED(1, "a", VCPUS(VCPU(0, ", \"hard\": \"0-7\""))))),
                "a", XTUNE_CHECK_WARN, "any node");
    /* One that fits into no node has nowhere to stay. */
    expect_only(rule,
                CHECK_HOST(DOMAINS("{\"id\": 1, \"name\": \"a\", "
                                   "\"cpupool\": \"Pool-0\", \"memory_kb\": "
                                   "8388609" VCPUS(VCPU(0, "")) "}")),
                "host", XTUNE_CHECK_SKIP, "fits");
}

#define LARGE(members)                                                        \
    "{\"id\": 1, \"name\": \"a\", \"cpupool\": \"Pool-0\", \"memory_kb\": "   \
    "8388609" members "}"
#define SETUP(text) ", \"setup\": {\"nested_hvm\": " text "}"

static void test_vnuma(void **state)
{
    static const char rule[] = "vnuma";

    (void)state;
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ONLINE(4)))), "host",
                XTUNE_CHECK_PASS, "1 domain");
    expect_only(rule, CHECK_HOST(DOMAINS(LARGE(""))), "a", XTUNE_CHECK_SKIP,
                "not known");
    expect_only(rule, CHECK_HOST(DOMAINS(LARGE(SETUP("false")))), "a",
                XTUNE_CHECK_WARN, "8 GiB, 4 CPUs");
    expect_only(rule,
                CHECK_HOST(DOMAINS(LARGE(SETUP("false, \"vnodes\": 2")))),
                "host", XTUNE_CHECK_PASS, "1 domain");
    expect_only(rule,
                CHECK_HOST(DOMAINS(NAMED(1, "a", ONLINE(5) SETUP("false")))),
                "a", XTUNE_CHECK_WARN, "5 vCPUs, no virtual nodes");
}

#define CONFIGURED(text) ", \"configured\": {\"placement\": true" text "}"

static void test_pins(void **state)
{
    static const char rule[] = "pins-persistent";

    (void)state;
    expect_only(rule,
                CHECK_HOST(DOMAINS(
                    NAMED(1, "a", VCPUS(VCPU(0, ", \"hard\": \"1\""))))),
                "host", XTUNE_CHECK_SKIP, "stored");
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(
            1, "a", VCPUS(VCPU(0, ", \"hard\": \"1\"")) CONFIGURED("")))),
        "a", XTUNE_CHECK_WARN, "vCPU 0 runs on 1, and is configured for all");
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(1, "a",
                                 VCPUS(VCPU(0, ", \"hard\": \"1\""))
                                     CONFIGURED(", \"hard\": [\"1\"]")))),
        "host", XTUNE_CHECK_PASS, "1 domain");
    /* It is no pin. */
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(
            1, "a", VCPUS(VCPU(0, ", \"soft\": \"1\"")) CONFIGURED("")))),
        "host", XTUNE_CHECK_PASS, "1 domain");
}

/* The results of a rule of a host that is wanted to be so. */
static xtune_check_report *with_policy(const char *rule, const char *text,
                                       const char *rules)
{
    XT_CLEANUP_FREE char *xml =
        xt_xprintf("<policy name=\"p\">%s</policy>", rules);
    xtune_host *host = host_of(text);
    xtune_policy *policy = must_read(xml);
    xtune_check_request request = { .host = host, .policy = policy };
    xtune_check_report *report = check_with(rule, &request);

    xtune_policy_free(policy);
    xtune_host_free(host);
    return report;
}

static void test_pins_of_policy(void **state)
{
    xtune_check_report *report = with_policy(
        "pins-persistent",
        CHECK_HOST(DOMAINS(NAMED(
            1, "a", VCPUS(VCPU(0, ", \"hard\": \"1\"")) CONFIGURED("")))),
        "<domains match=\"*\"><numa placement=\"auto\" mode=\"hard\"/></domains>");

    (void)state;
    expect_result(report, "host", XTUNE_CHECK_PASS, "1 domain");
    xtune_check_report_free(report);
}

static void test_dedicated(void **state)
{
    static const char rule[] = "dedicated-cpus";
    static const char policy[] =
        "<domains match=\"name:rt\"><numa placement=\"auto\" mode=\"hard\"/>"
        "<vcpus pin=\"one-to-one\"/></domains>";
    xtune_check_report *report;

    (void)state;
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "rt", VCPUS(VCPU(0, ""))))),
                "host", XTUNE_CHECK_SKIP, "no policy");
    report = with_policy(
        rule,
        CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", VCPUS(VCPU(0, ""))) ", " NAMED(
            1, "rt", VCPUS(VCPU(0, ", \"hard\": \"7\""))))),
        policy);
    expect_result(report, "rt", XTUNE_CHECK_WARN, "so may Domain-0");
    xtune_check_report_free(report);
    report = with_policy(
        rule,
        CHECK_HOST(DOMAINS(NAMED(
            0, "Domain-0",
            VCPUS(VCPU(
                0,
                ", \"hard\": \"0-6\""))) ", " NAMED(1, "rt",
                                                    VCPUS(VCPU(
                                                        0,
                                                        ", \"hard\": \"7\""))))),
        policy);
    expect_result(report, "host", XTUNE_CHECK_PASS, "1 domain");
    xtune_check_report_free(report);
}

/* Disks. */

#define DISK(members)                                                         \
    ", \"setup\": {\"disks\": [{\"device\": \"xvda\", \"backend\": "          \
    "\"qdisk\"" members "}]}"
#define QCOW2 ", \"format\": \"qcow2\""
#define WITH_DISK(members) CHECK_HOST(DOMAINS(NAMED(1, "a", DISK(members))))

static void test_format(void **state)
{
    static const char rule[] = "image-format";

    (void)state;
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ""))), "host",
                XTUNE_CHECK_SKIP, "not known");
    expect_only(rule, WITH_DISK(""), "host", XTUNE_CHECK_SKIP, "format");
    expect_only(rule, WITH_DISK(QCOW2), "a/xvda", XTUNE_CHECK_WARN, "qcow2");
    expect_only(rule, WITH_DISK(", \"format\": \"qed\""), "a/xvda",
                XTUNE_CHECK_WARN, "qed");
    expect_only(rule, WITH_DISK(", \"format\": \"raw\""), "host",
                XTUNE_CHECK_PASS, "1 disk");
    expect_only(rule, WITH_DISK(", \"format\": \"vhd\""), "host",
                XTUNE_CHECK_PASS, "1 disk");
    /* It needs what is below it. */
    expect_only(rule, WITH_DISK(QCOW2 ", \"overlays\": 1"), "host",
                XTUNE_CHECK_SKIP, "format");
    expect_only(rule, WITH_DISK(QCOW2 ", \"cdrom\": true"), "host",
                XTUNE_CHECK_SKIP, "format");
}

/* What is known of some disks says nothing of others. */
static void test_unknown_disks(void **state)
{
    static const char known[] = CHECK_HOST(DOMAINS(
        NAMED(1, "a", DISK(", \"format\": \"raw\"")) ", " NAMED(2, "b", "")));
    static const char raw_and_not[] = CHECK_HOST(DOMAINS(NAMED(
        1, "a", DISK(", \"format\": \"raw\"")) ", " NAMED(2, "b", DISK(""))));
    xtune_host *host = host_of(known);
    xtune_check_request request = { .host = host };
    xtune_check_report *report = check_with("image-format", &request);

    (void)state;
    assert_int_equal(report->nr_results, 2);
    expect_result(report, "host", XTUNE_CHECK_PASS, "1 disk");
    assert_string_equal(report->results[1].text,
                        "what disks there are is not known of 1 domain");
    xtune_check_report_free(report);
    xtune_host_free(host);
    host = host_of(raw_and_not);
    request.host = host;
    report = check_with("image-format", &request);
    assert_int_equal(report->nr_results, 2);
    expect_result(report, "host", XTUNE_CHECK_PASS, "1 disk");
    assert_string_equal(report->results[1].text,
                        "the format is not known of 1 disk");
    xtune_check_report_free(report);
    xtune_host_free(host);
}

#define SIZE(kb, cluster)                                                     \
    ", \"virtual_kb\": " #kb ", \"cluster_bytes\": " #cluster

static void test_cache(void **state)
{
    static const char rule[] = "qcow2-cache";

    (void)state;
    expect_only(rule, WITH_DISK(QCOW2), "host", XTUNE_CHECK_SKIP, "qcow2");
    expect_only(rule, WITH_DISK(QCOW2 SIZE(8388608, 65536)), "host",
                XTUNE_CHECK_PASS, "1 disk");
    /* 64 GiB: 8 MiB. */
    expect_only(rule, WITH_DISK(QCOW2 SIZE(67108864, 65536)), "a/xvda",
                XTUNE_CHECK_WARN, "8 MiB: 64 GiB in clusters of 65536 bytes");
    expect_only(rule, WITH_DISK(QCOW2 SIZE(67108864, 2097152)), "host",
                XTUNE_CHECK_PASS, "1 disk");
    expect_only(rule, WITH_DISK(QCOW2 SIZE(65536, 512)), "host",
                XTUNE_CHECK_PASS, "1 disk");
    expect_only(rule, WITH_DISK(QCOW2 SIZE(131072, 512)), "a/xvda",
                XTUNE_CHECK_WARN, "2 MiB");
    /* Larger than all disks. */
    expect_only(rule, WITH_DISK(QCOW2 SIZE(9007199254740991, 65536)), "a/xvda",
                XTUNE_CHECK_WARN, "TiB");
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(
            NAMED(1, "a",
                  ", \"setup\": {\"disks\": [{\"device\": \"xvda\", "
                  "\"backend\": \"tap\"" QCOW2 SIZE(67108864, 65536) "}]}"))),
        "host", XTUNE_CHECK_SKIP, "qcow2");
}

static void test_overlays(void **state)
{
    static const char rule[] = "overlay-chain";

    (void)state;
    expect_only(rule, WITH_DISK(QCOW2), "host", XTUNE_CHECK_SKIP, "stand on");
    expect_only(rule, WITH_DISK(QCOW2 ", \"overlays\": 3"), "host",
                XTUNE_CHECK_PASS, "1 disk");
    expect_only(rule, WITH_DISK(QCOW2 ", \"overlays\": 4"), "a/xvda",
                XTUNE_CHECK_WARN, "4 files");
}

#define FILE_OF(blocks) ", \"target\": \"/a\", \"blocks\": [" blocks "]"

static void test_disk_cache(void **state)
{
    static const char rule[] = "disk-cache";

    (void)state;
    expect_only(rule, WITH_DISK(FILE_OF("")), "host", XTUNE_CHECK_PASS,
                "1 go through dom0's page cache, 0 past it");
    expect_only(rule, WITH_DISK(FILE_OF("") ", \"direct_io_safe\": true"),
                "a/xvda", XTUNE_CHECK_WARN, "\"/a\" is on a server");
    expect_only(
        rule, WITH_DISK(FILE_OF("\"sda\"") ", \"direct_io_safe\": true"),
        "host", XTUNE_CHECK_PASS, "0 go through dom0's page cache, 1 past it");
    /* It is not known where that is. */
    expect_only(rule,
                WITH_DISK(", \"target\": \"/a\", \"direct_io_safe\": true"),
                "host", XTUNE_CHECK_SKIP, "where it is is not known");
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ""))), "host",
                XTUNE_CHECK_SKIP, "not known");
}

/* Setup. */

static void test_nested(void **state)
{
    static const char rule[] = "nested-hvm";

    (void)state;
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ""))), "host",
                XTUNE_CHECK_SKIP, "stored");
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", SETUP("false")))),
                "host", XTUNE_CHECK_PASS, "1 domain");
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", SETUP("true")))), "a",
                XTUNE_CHECK_FAIL, "nestedhvm=1");
}

/* What is known of one domain is not known of another. */
static void test_in_part(void **state)
{
    static const char *const rules[] = { "nested-hvm", "device-model",
                                         "pins-persistent", "pci-count" };
    xtune_host *host = host_of(CHECK_HOST(DOMAINS(
        NAMED(1, "a",
              SETUP("false")
                  CONFIGURED("") ", \"pci\": []") ", " NAMED(2, "b", ""))));
    xtune_check_request request = { .host = host };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rules); i++) {
        xtune_check_report *report = check_with(rules[i], &request);

        assert_int_equal(report->nr_results, 2);
        assert_int_equal(report->results[0].status, XTUNE_CHECK_PASS);
        assert_int_equal(report->results[1].status, XTUNE_CHECK_SKIP);
        assert_string_equal(report->results[1].text,
                            "it is not known of 1 domain");
        xtune_check_report_free(report);
    }
    xtune_host_free(host);
}

static void test_device_model(void **state)
{
    static const char rule[] = "device-model";

    (void)state;
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ""))), "host",
                XTUNE_CHECK_SKIP, "stored");
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", SETUP("false")))),
                "host", XTUNE_CHECK_PASS, "1 domain");
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(1, "a",
                                 SETUP("false, \"device_model\": "
                                       "\"/usr/bin/qemu-system-i386\"")))),
        "a", XTUNE_CHECK_PASS, "/usr/bin/qemu-system-i386");
    expect_only(rule,
                CHECK_HOST(DOMAINS(NAMED(1, "a",
                                         SETUP("false, \"device_model\": "
                                               "\"qemu-xen-traditional\"")))),
                "a", XTUNE_CHECK_WARN, "device_model_version");
}

static void test_migration(void **state)
{
    static const char rule[] = "migration";
    static const char host[] = CHECK_HOST(
        DOMAINS(NAMED(1, "a", ", \"immovable\": \"it has 1 PCI device\"")));
    xtune_check_report *report;

    (void)state;
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(0, "Domain-0", ""))), "host",
                XTUNE_CHECK_SKIP, "no domain");
    expect_only(rule, WITH_DISK(FILE_OF("")), "host", XTUNE_CHECK_PASS,
                "1 domain");
    expect_only(rule, WITH_DISK(FILE_OF("\"sda\", \"sdb\"")), "a",
                XTUNE_CHECK_PASS, "it stays: xvda is on this host's sda");
    expect_only(rule,
                CHECK_HOST(DOMAINS(
                    NAMED(1, "a", VCPUS(VCPU(0, ", \"hard\": \"0-3\""))))),
                "a", XTUNE_CHECK_PASS, "pinned");
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(1, "a", ", \"pci\": [\"0000:04:00.0\"]"))),
        "a", XTUNE_CHECK_PASS, "1 PCI device");
    expect_only(rule, host, "a", XTUNE_CHECK_PASS, "1 PCI device");
    report = with_policy(
        rule, host,
        "<domains match=\"*\"><numa placement=\"auto\" memory=\"follow\"/></domains>");
    expect_result(report, "a", XTUNE_CHECK_WARN, "1 PCI device");
    xtune_check_report_free(report);
    report = with_policy(
        rule, host,
        "<domains match=\"*\"><numa placement=\"auto\" memory=\"stay\"/></domains>");
    expect_result(report, "a", XTUNE_CHECK_PASS, "1 PCI device");
    xtune_check_report_free(report);
}

/* Devices. */

#define A "\"0000:04:00.0\""

static void test_count(void **state)
{
    static const char rule[] = "pci-count";

    (void)state;
    expect_only(rule, CHECK_HOST(DOMAINS(NAMED(1, "a", ""))), "host",
                XTUNE_CHECK_SKIP, "not known");
    expect_only(rule,
                CHECK_HOST(DOMAINS(NAMED(1, "a",
                                         ", \"pci\": [" A ", " A ", " A ", " A
                                         ", " A ", " A ", " A ", " A "]"))),
                "host", XTUNE_CHECK_PASS, "1 domain");
    expect_only(
        rule,
        CHECK_HOST(DOMAINS(NAMED(1, "a",
                                 ", \"pci\": [" A ", " A ", " A ", " A ", " A
                                 ", " A ", " A ", " A ", " A "]"))),
        "a", XTUNE_CHECK_WARN, "9");
}

/* A host with one device in detail, which a domain has. */
static xtune_check_report *check_device(const char *rule, uint32_t msix,
                                        const char *line, size_t nr_reserved)
{
    static const char *reserved[] = { "bdf83000-bdf84fff" };
    xtune_host *host = host_of(CHECK_HOST(
        ", \"pci\": [{\"address\": " A ", \"class\": \"010802\", \"vendor\": "
        "\"8086\", \"device\": \"100e\"}, {\"address\": \"0000:05:00.0\", "
        "\"class\": \"010802\", \"vendor\": \"8086\", \"device\": "
        "\"100e\"}]" DOMAINS(NAMED(1, "a", ", \"pci\": [" A "]"))));
    xtune_check_request request = { .host = host };
    xtune_check_report *report;
    size_t i;

    host->has_pci_details = true;
    host->xen.command_line = line;
    host->pci[0].msix = msix;
    for (i = 0; i < nr_reserved; i++) {
        host->pci[i].reserved = reserved;
        host->pci[i].nr_reserved = 1;
    }
    report = check_with(rule, &request);
    xtune_host_free(host);
    return report;
}

static void expect_device(const char *rule, uint32_t msix, const char *line,
                          size_t nr_reserved, const char *object,
                          enum xtune_check_status status, const char *part)
{
    xtune_check_report *report = check_device(rule, msix, line, nr_reserved);

    assert_int_equal(report->nr_results, 1);
    expect_result(report, object, status, part);
    xtune_check_report_free(report);
}

static void test_irqs(void **state)
{
    static const char rule[] = "guest-irqs";

    (void)state;
    expect_only(rule, CHECK_HOST(""), "host", XTUNE_CHECK_SKIP, "in detail");
    expect_device(rule, 33, NULL, 0, "host", XTUNE_CHECK_SKIP, "command line");
    expect_device(rule, 32, "", 0, "host", XTUNE_CHECK_PASS, "1 domain");
    expect_device(rule, 33, "", 0, "a", XTUNE_CHECK_WARN, "33 or more");
    expect_device(rule, 65, "extra_guest_irqs=64,512", 0, "a",
                  XTUNE_CHECK_WARN, "extra_guest_irqs=65,512");
    expect_device(rule, 65, "extra_guest_irqs=128", 0, "host",
                  XTUNE_CHECK_PASS, "128 vectors");
}

static void test_rmrr(void **state)
{
    static const char rule[] = "shared-rmrr";

    (void)state;
    expect_only(rule, CHECK_HOST(""), "host", XTUNE_CHECK_SKIP, "in detail");
    expect_device(rule, 0, "", 0, "host", XTUNE_CHECK_PASS, "1 device");
    expect_device(rule, 0, "", 1, "host", XTUNE_CHECK_PASS, "1 device");
    expect_device(rule, 0, "", 2, "0000:04:00.0", XTUNE_CHECK_WARN,
                  "0000:05:00.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_local_memory),
        cmocka_unit_test(test_floating),
        cmocka_unit_test(test_vnuma),
        cmocka_unit_test(test_pins),
        cmocka_unit_test(test_pins_of_policy),
        cmocka_unit_test(test_dedicated),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_unknown_disks),
        cmocka_unit_test(test_cache),
        cmocka_unit_test(test_overlays),
        cmocka_unit_test(test_disk_cache),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_in_part),
        cmocka_unit_test(test_device_model),
        cmocka_unit_test(test_migration),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_irqs),
        cmocka_unit_test(test_rmrr),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
