/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the places that know of a device contradict each other. */
#include <xtune/pci.h>

#include "pci_host.h"

#define A "0000:04:00.0"
#define B "0000:05:00.0"
#define HIDE "xen-pciback.hide="

#define NOTE XTUNE_FINDING_NOTE
#define WARNING XTUNE_FINDING_WARNING
#define ERROR XTUNE_FINDING_ERROR

static xtune_host *two_devices(void)
{
    xtune_host *host = host_with_devices((const char *const[]){ A, B }, 2);

    host->boot = (xtune_boot){
        .source = "/etc/default/grub",
        .dom0_running = "quiet",
        .dom0_configured = "quiet",
        .pciback_options = "",
        .pciback = "builtin",
    };
    return host;
}

static xtune_findings *look(const xtune_host *host, const xtune_policy *policy)
{
    xtune_findings *findings = xtune_findings_new();

    xtune_pci_add_contradictions(findings, host, policy);
    return findings;
}

/* One finding and no other, about this; name NULL: none at all. */
static void check(const xtune_host *host, const xtune_policy *policy,
                  const char *name, enum xtune_finding_level level,
                  const char *object, const char *part)
{
    xtune_findings *findings = look(host, policy);

    if (findings->nr != (name ? 1 : 0)) {
        print_findings(findings);
        fail_msg("%zu findings, not %d: %s", findings->nr, name != NULL,
                 part ? part : "");
    }
    if (name) {
        expect_finding(findings, name, level, false, part);
        assert_string_equal(findings->items[0].object, object);
    }
    xtune_findings_free(findings);
}

static void test_nothing(void **state)
{
    xtune_host *host = two_devices();

    (void)state;
    check(host, NULL, NULL, NOTE, NULL, NULL);
    /* Hidden, and pciback has it, or a domain. */
    host->boot.dom0_running = host->boot.dom0_configured =
        HIDE "(04:00.0)(05:00.*)";
    host->pci[0].assignable = true;
    host->pci[0].driver = host->pci[1].driver = "pciback";
    host->pci[1].claimed_by = 1;
    add_domain(host, "web1", XTUNE_TYPE_HVM, B);
    check(host, NULL, NULL, NOTE, NULL, NULL);
    xtune_host_free(host);
}

static void test_hide_list(void **state)
{
    static const struct {
        const char *running, *configured, *name;
        enum xtune_finding_level level;
        const char *object, *part;
    } rows[] = {
        /* Of the next boot. */
        { "", HIDE "(04:00.8)", "hide", ERROR, "/etc/default/grub",
          "item 1 of the hide list, \"(04:00.8)\", has \"8\"" },
        { "", HIDE "(05:00.0)(09:00.0)", "hide", WARNING, "/etc/default/grub",
          "item 2 of the hide list, \"(09:00.0)\", means no device" },
        { "", HIDE "(09:*.*)", "hide", WARNING, "/etc/default/grub",
          "item 1" },
        { "", "pciback.hide=(05:00.0)", "hide", WARNING, "/etc/default/grub",
          "let it be \"xen-pciback.hide\"" },
        { "", "pciback.hide=(09:00.0) " HIDE "(05:00.0)", NULL, NOTE, NULL,
          NULL },
        { "", HIDE "(05:*.*)", NULL, NOTE, NULL, NULL },
        /* Of this one, which nobody can change any more. */
        { HIDE "(04:00.0),(05:00.0)", "", "hide", ERROR, "this boot",
          "item 2" },
        { HIDE "(09:00.0)", "", NULL, NOTE, NULL, NULL },
        /* pciback did not take it. */
        { HIDE "(05:00.0)", HIDE "(05:00.0)", "hidden", WARNING, B,
          "dom0's driver \"e1000\" has it" },
        { HIDE "(05:00.*) quiet", HIDE "(05:00.0)", "hidden", WARNING, B,
          "pci-assignable-add " B },
        /* It was taken out of the list since. */
        { HIDE "(05:00.0)", "", NULL, NOTE, NULL, NULL },
        { HIDE "(05:00.0)", NULL, "hidden", WARNING, B, "" },
        { NULL, HIDE "(05:00.0)", NULL, NOTE, NULL, NULL },
        { NULL, NULL, NULL, NOTE, NULL, NULL },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        xtune_host *host = two_devices();

        host->boot.dom0_running = rows[i].running;
        host->boot.dom0_configured = rows[i].configured;
        check(host, NULL, rows[i].name, rows[i].level, rows[i].object,
              rows[i].part);
        xtune_host_free(host);
    }
}

static void test_no_driver(void **state)
{
    xtune_host *host = two_devices();

    (void)state;
    host->boot.dom0_running = host->boot.dom0_configured = HIDE "(5:0.0)";
    host->pci[1].driver = NULL;
    check(host, NULL, "hidden", WARNING, B, "modprobe xen-pciback");
    host->boot.pciback = "missing";
    check(host, NULL, "hidden", WARNING, B, "CONFIG_XEN_PCIDEV_BACKEND");
    xtune_host_free(host);
}

/* A list that names the wrong device. */
static void test_hidden_in_use(void **state)
{
    xtune_host *host = two_devices();

    (void)state;
    use_device(host, &host->pci[0], "mount", "/");
    check(host, NULL, NULL, NOTE, NULL, NULL);
    host->boot.dom0_configured = HIDE "(04:00.0)";
    check(host, NULL, "hidden", ERROR, A,
          "after the next boot, but \"/\" is mounted from it");
    host->pci[0].uses = NULL;
    host->pci[0].nr_uses = 0;
    check(host, NULL, NULL, NOTE, NULL, NULL);
    xtune_host_free(host);
}

static void test_claims(void **state)
{
    xtune_host *host = two_devices();

    (void)state;
    host->pci[0].claimed_by = 7;
    check(host, NULL, "claim", WARNING, A, "domain 7 has it, which is gone");
    add_domain(host, "web1", XTUNE_TYPE_HVM, NULL)->id = 7;
    check(host, NULL, "claim", WARNING, A,
          "domain \"web1\" has it, which has it not");
    host->domains[0].pci[0] = A;
    host->domains[0].nr_pci = 1;
    host->pci[0].driver = "pciback";
    check(host, NULL, NULL, NOTE, NULL, NULL);
    host->pci[0].claimed_by = 9;
    check(host, NULL, "claim", WARNING, A, "domain 9 has it, which is gone");
    host->pci[0].claimed_by = XTUNE_NONE;
    check(host, NULL, NULL, NOTE, NULL, NULL);
    xtune_host_free(host);
}

static void test_owners(void **state)
{
    xtune_host *host = two_devices();

    (void)state;
    add_domain(host, "web1", XTUNE_TYPE_HVM, A);
    check(host, NULL, "assigned", ERROR, A,
          "\"web1\" is said to have it, and so does dom0's driver \"e1000\"");
    host->pci[0].driver = "pciback";
    check(host, NULL, NULL, NOTE, NULL, NULL);
    add_domain(host, "web2", XTUNE_TYPE_HVM, A);
    check(host, NULL, "assigned", ERROR, A, "\"web1\" and \"web2\" are both");
    xtune_host_free(host);
}

static xtune_wanted_pci wanted_device(const char *address)
{
    return (xtune_wanted_pci){
        .address = address,
        .vendor = "8086",
        .device = "100e",
        .slot = XTUNE_NONE,
        .vfs = XTUNE_NONE,
    };
}

/* A record of web1 that wants A. */
static void test_records(void **state)
{
    xtune_host *host = two_devices();
    xtune_wanted_pci wanted = wanted_device(A), also = wanted_device(A);
    xtune_record records[] = {
        { .uuid = "01234567-89ab-cdef-0123-456789abcdef",
          .name = "web1",
          .pci = &wanted,
          .nr_pci = 1 },
        { .uuid = "01234567-89ab-cdef-0123-456789abcde0",
          .name = "web2",
          .pci = &also,
          .nr_pci = 1 },
    };
    xtune_policy policy = { .records = records, .nr_records = 1 };
    xtune_domain *domain;

    (void)state;
    check(host, &policy, "record", WARNING, "web1",
          A " is to be given to it, and is not assignable");
    host->pci[0].assignable = true;
    host->pci[0].driver = "pciback";
    check(host, &policy, NULL, NOTE, NULL, NULL);
    /* Gone, or another one. */
    wanted.address = "0000:06:00.0";
    check(host, &policy, "record", ERROR, "web1",
          "it is to have 0000:06:00.0: the device that was here is gone");
    wanted.address = A;
    wanted.device = "10d3";
    check(host, &policy, "record", ERROR, "web1", "another device is here");
    wanted.device = "100e";
    /* It has another number now. */
    wanted.path = "pci0000:00/00.0";
    wanted.address = "0000:06:00.0";
    host->pci[1].root = NULL;
    check(host, &policy, "record", NOTE, "web1",
          "the device that was 0000:06:00.0 is " A " now");
    wanted.address = A;
    /* Another domain has it; its own has it. */
    domain = add_domain(host, "web2", XTUNE_TYPE_HVM, A);
    strcpy(domain->uuid, records[1].uuid);
    check(host, &policy, "record", WARNING, "web1",
          "it is to have " A ", which domain \"web2\" has");
    domain->name = "web1";
    strcpy(domain->uuid, records[0].uuid);
    check(host, &policy, NULL, NOTE, NULL, NULL);
    /* Two want it. */
    host->nr_domains = 0;
    policy.nr_records = 2;
    check(host, &policy, "record", ERROR, "web2",
          A " is to be given to it, and to \"web1\"");
    /* Nothing can be said of devices of which nothing is known. */
    host->has_pci_details = false;
    check(host, &policy, NULL, NOTE, NULL, NULL);
    xtune_host_free(host);
}

static void test_devices(void **state)
{
    xtune_host *host = two_devices();
    xtune_wanted_pci wanted = wanted_device(A);
    xtune_policy policy = { .devices = &wanted, .nr_devices = 1 };

    (void)state;
    check(host, &policy, NULL, NOTE, NULL, NULL);
    wanted.assignable = true;
    check(host, &policy, "record", WARNING, "host",
          A " is to be assignable, and is not assignable");
    host->pci[0].assignable = true;
    check(host, &policy, NULL, NOTE, NULL, NULL);
    wanted.vfs = 4;
    check(host, &policy, "record", WARNING, "host",
          "\"xltune sriov-set " A " 4\"");
    host->pci[0].vfs_enabled = 4;
    check(host, &policy, NULL, NOTE, NULL, NULL);
    host->pci[0].vfs_enabled = XTUNE_NONE;
    check(host, &policy, NULL, NOTE, NULL, NULL);
    wanted.address = "0000:09:00.0";
    check(host, &policy, "record", ERROR, "host", "is gone");
    xtune_host_free(host);
}

/* The same host gives the same findings, in one order. */
static void test_order(void **state)
{
    xtune_host *host = two_devices();
    xtune_findings *findings;

    (void)state;
    host->pci[1].claimed_by = 7;
    host->pci[0].claimed_by = 8;
    host->boot.dom0_configured = HIDE "(09:00.0)(08:00.0)";
    findings = look(host, NULL);
    assert_int_equal(findings->nr, 4);
    assert_non_null(strstr(findings->items[0].text, "(09:00.0)"));
    assert_non_null(strstr(findings->items[1].text, "(08:00.0)"));
    assert_string_equal(findings->items[2].object, A);
    assert_string_equal(findings->items[3].object, B);
    xtune_findings_free(findings);
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),   cmocka_unit_test(test_hide_list),
        cmocka_unit_test(test_no_driver), cmocka_unit_test(test_hidden_in_use),
        cmocka_unit_test(test_claims),    cmocka_unit_test(test_owners),
        cmocka_unit_test(test_records),   cmocka_unit_test(test_devices),
        cmocka_unit_test(test_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
