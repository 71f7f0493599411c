/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guards: what dom0 cannot do without is not taken away from it. */
#include <xtune/pci.h>

#include "pci_host.h"

#define A "0000:04:00.0"
#define A1 "0000:04:00.1"
#define B "0000:05:00.0"

static const char *bus_reset[] = { "bus" };

static xtune_host *three_devices(void)
{
    return host_with_devices((const char *const[]){ A, A1, B }, 3);
}

/* The guards of the first device; all of taken go along. */
static xtune_findings *guards_with(const xtune_host *host,
                                   const xtune_pci *const *taken, size_t nr)
{
    xtune_findings *findings = xtune_findings_new();

    xtune_pci_add_guards(findings, host, &host->pci[0], taken, nr);
    return findings;
}

static xtune_findings *guards(const xtune_host *host)
{
    return guards_with(host, NULL, 0);
}

/* One guard, and nothing else; NULL: none. */
static void check(xtune_host *host, const char *name, const char *part)
{
    xtune_findings *findings = guards(host);

    if (findings->nr != (name ? 1 : 0)) {
        print_findings(findings);
        fail_msg("%zu findings instead of %d", findings->nr, name != NULL);
    }
    if (name) {
        expect_finding(findings, name, XTUNE_FINDING_ERROR, true, part);
        assert_string_equal(findings->items[0].object, A);
    }
    xtune_findings_free(findings);
    xtune_host_free(host);
}

static void test_uses(void **state)
{
    static const struct {
        const char *kind, *what, *guard, *part;
    } rows[] = {
        { "mount", "/boot", "disk", "\"/boot\" is mounted from it" },
        { "swap", "/dev/dm-1", "disk", "\"/dev/dm-1\", on it, is swapped" },
        { "domain", "web1", "disk", "a disk of domain \"web1\" is on it" },
        { "held", "sda3", "disk", "\"sda3\", on it, is held" },
        { "route", "eth0", "network", "default route goes over its \"eth0\"" },
        { "login", "xenbr0", "network", "logged in over its \"xenbr0\"" },
        { "storage", "bond0", "network", "are reached over its \"bond0\"" },
        { "display", "fb0", "display", "the console is on its \"fb0\"" },
        { "console", "ttyS1", "display", "kernel's console is its \"ttyS1\"" },
        { "keyboard", "kbd", "keyboard", "only keyboard, \"kbd\", is at it" },
        { "link", "eth0", NULL, NULL },
        { "pointer", "mouse", NULL, NULL },
        { "something", "new", NULL, NULL },
    };
    xtune_host *host;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        host = three_devices();
        use_device(host, &host->pci[0], rows[i].kind, rows[i].what);
        check(host, rows[i].guard, rows[i].part);
        /* It is another device that has it. */
        host = three_devices();
        use_device(host, &host->pci[2], rows[i].kind, rows[i].what);
        check(host, NULL, NULL);
        /* dom0 does not have the device. */
        host = three_devices();
        use_device(host, &host->pci[0], rows[i].kind, rows[i].what);
        host->pci[0].assignable = true;
        check(host, NULL, NULL);
        host = three_devices();
        use_device(host, &host->pci[0], rows[i].kind, rows[i].what);
        add_domain(host, "a", XTUNE_TYPE_HVM, A);
        check(host, NULL, NULL);
    }
}

static void test_many_uses(void **state)
{
    static const char *through[] = { "nvme0n1p2", "dm-0" };
    static const char *what[] = { "/", "/a", "/b", "/c", "/d", "/e" };
    xtune_host *host = three_devices();
    size_t i;

    (void)state;
    for (i = 0; i < 6; i++)
        use_device(host, &host->pci[0], "mount", what[i]);
    host->pci[0].uses[0].through = through;
    host->pci[0].uses[0].nr_through = 2;
    check(host, "disk",
          "\"/\" is mounted from it (nvme0n1p2, dm-0), \"/a\" is mounted from "
          "it, \"/b\" is mounted from it, \"/c\" is mounted from it, and 2 "
          "more");
}

static void test_keyboards(void **state)
{
    xtune_host *host = three_devices();
    const xtune_pci *both[] = { &host->pci[0], &host->pci[2] };
    xtune_findings *findings;

    (void)state;
    use_device(host, &host->pci[0], "keyboard", "one");
    use_device(host, &host->pci[2], "keyboard", "other");
    findings = guards(host);
    assert_int_equal(findings->nr, 0);
    xtune_findings_free(findings);
    /* Both are taken, so that none is left. */
    findings = guards_with(host, both, 2);
    expect_finding(findings, "keyboard", XTUNE_FINDING_ERROR, true, "\"one\"");
    xtune_findings_free(findings);
    /* The other one is a guest's already. */
    host->pci[2].assignable = true;
    check(host, "keyboard", "\"one\"");
}

static void test_bridges(void **state)
{
    static const struct {
        const char *class_code;
        bool header, guarded;
    } rows[] = {
        { "060400", true, true },   { "060400", false, true },
        { "060000", false, true },  { "060100", false, true },
        { "060900", true, true },   { "068000", false, false },
        { "020000", false, false },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        xtune_host *host = three_devices();

        host->pci[0].class_code = rows[i].class_code;
        host->pci[0].is_bridge = rows[i].header;
        check(host, rows[i].guarded ? "bridge" : NULL, "it is a bridge");
    }
}

static void test_unknown(void **state)
{
    xtune_host *host = three_devices();

    (void)state;
    host->pci[0].uses = NULL;
    check(host, "unknown", "not known what dom0 does with it");
}

static void test_siblings(void **state)
{
    xtune_host *host = three_devices();
    const xtune_pci *along[] = { &host->pci[1] };
    xtune_findings *findings;

    (void)state;
    /* It can be reset alone. */
    use_device(host, &host->pci[1], "link", "eth1");
    check(host, NULL, NULL);
    /* It cannot, and the other one is in use, or is not. */
    host = three_devices();
    host->pci[0].reset = bus_reset;
    check(host, NULL, NULL);
    host = three_devices();
    host->pci[0].reset = bus_reset;
    use_device(host, &host->pci[1], "link", "eth1");
    check(host, "siblings", A1 " (its link \"eth1\" is up)");
    host = three_devices();
    host->pci[0].nr_reset = 0;
    add_domain(host, "web1", XTUNE_TYPE_HVM, A1);
    check(host, "siblings", A1 " (domain \"web1\" has it)");
    /* Another card's do not count, nor does one that goes along, or that is
     * free. */
    host = three_devices();
    host->pci[0].reset = bus_reset;
    use_device(host, &host->pci[2], "link", "eth1");
    check(host, NULL, NULL);
    host = three_devices();
    along[0] = &host->pci[1];
    host->pci[0].reset = bus_reset;
    use_device(host, &host->pci[1], "link", "eth1");
    findings = guards_with(host, along, 1);
    assert_int_equal(findings->nr, 0);
    xtune_findings_free(findings);
    host->pci[1].assignable = true;
    check(host, NULL, NULL);
}

/* A and B in two slots of one conventional bus. */
static xtune_host *one_bus(void)
{
    static const char *bridges[] = { "0000:00:1e.0" };
    xtune_host *host =
        host_with_devices((const char *const[]){ A, "0000:04:01.0" }, 2);
    size_t i;

    for (i = 0; i < 2; i++) {
        host->pci[i].bridges = bridges;
        host->pci[i].nr_bridges = 1;
    }
    use_device(host, &host->pci[1], "link", "eth1");
    return host;
}

/* However they can be reset. */
static void test_conventional_bus(void **state)
{
    xtune_host *host = one_bus();
    const xtune_pci *along[] = { &host->pci[1] };
    xtune_findings *findings = guards_with(host, along, 1);

    (void)state;
    assert_int_equal(findings->nr, 0);
    xtune_findings_free(findings);
    check(host, "siblings", "IOMMU cannot tell it from");
    /* Ports of a switch are bridges; a root bus is not one bus. */
    host = one_bus();
    host->pci[1].is_bridge = true;
    check(host, NULL, NULL);
    host = one_bus();
    host->pci[0].nr_bridges = host->pci[1].nr_bridges = 0;
    check(host, NULL, NULL);
    host = one_bus();
    host->pci[1].address = B;
    check(host, NULL, NULL);
    host = one_bus();
    host->pci[1].physfn = A;
    host->pci[1].nr_uses = 0;
    check(host, "siblings", "virtual functions");
}

static void test_virtual_functions(void **state)
{
    xtune_host *host = three_devices();
    size_t nr;

    (void)state;
    /* They go with their physical one, reset or not. */
    host->pci[2].physfn = A;
    check(host, "siblings", "its virtual functions go with its driver: " B);
    host = three_devices();
    host->pci[2].physfn = A;
    add_domain(host, "web1", XTUNE_TYPE_HVM, B);
    check(host, "siblings", B " of \"web1\"");
    host = three_devices();
    host->pci[0].vfs_enabled = 4;
    check(host, "siblings", "go with its driver: 4");
    host = three_devices();
    host->pci[0].vfs_enabled = XTUNE_NONE;
    check(host, NULL, NULL);
    /* They are no siblings, neither way. */
    host = three_devices();
    host->pci[1].physfn = B;
    host->pci[0].reset = bus_reset;
    use_device(host, &host->pci[1], "link", "eth1");
    check(host, NULL, NULL);
    host = three_devices();
    host->pci[0].physfn = B;
    assert_null(xtune_pci_siblings(host->arena, host, &host->pci[0], &nr));
    assert_int_equal(nr, 0);
    host->pci[0].physfn = NULL;
    assert_ptr_equal(
        xtune_pci_siblings(host->arena, host, &host->pci[0], &nr)[0],
        &host->pci[1]);
    assert_int_equal(nr, 1);
    xtune_host_free(host);
}

static void test_heed(void **state)
{
    static const char *const disk[] = { "disk" };
    static const char *const both[] = { "disk", "network" };
    static const char *const all[] = { "all" };
    xtune_host *host = three_devices();
    xtune_findings *findings = xtune_findings_new(), *checks;
    const xtune_pci *link = &host->pci[1];
    xtune_error *err = NULL;
    int rc;

    (void)state;
    assert_int_equal(xtune_findings_heed(findings, NULL, 0, &err), 0);
    use_device(host, &host->pci[0], "mount", "/");
    use_device(host, &host->pci[0], "route", "eth0");
    use_device(host, &host->pci[2], "mount", "/srv");
    use_device(host, &host->pci[1], "link", "eth1");
    xtune_pci_add_guards(findings, host, &host->pci[0], NULL, 0);
    xtune_pci_add_guards(findings, host, &host->pci[2], NULL, 0);
    /* What is no guard stands in nobody's way. */
    checks = xtune_findings_new();
    xtune_pci_add_checks(checks, host, &link, 1, NULL);
    expect_finding(checks, "link", XTUNE_FINDING_WARNING, false, "eth1");
    assert_int_equal(xtune_findings_heed(checks, NULL, 0, &err), 0);
    xtune_findings_free(checks);
    rc = xtune_findings_heed(findings, NULL, 0, &err);
    assert_string_equal(err->object, A);
    assert_non_null(strstr(err->hint, "--force=disk,network"));
    check_error(rc, &err, XTUNE_ERR_REFUSED,
                "\"/\" is mounted from it; the default route goes over its "
                "\"eth0\"; " B ": \"/srv\" is mounted from it");
    rc = xtune_findings_heed(findings, disk, 1, &err);
    assert_non_null(strstr(err->hint, "--force=network"));
    check_error(rc, &err, XTUNE_ERR_REFUSED, "the default route");
    assert_int_equal(xtune_findings_heed(findings, both, 2, &err), 0);
    assert_int_equal(xtune_findings_heed(findings, all, 1, &err), 0);
    assert_null(err);
    xtune_findings_free(findings);
    xtune_host_free(host);
}

/* The names are those that guards have. */
static void test_names(void **state)
{
    static const char *const names[] = { "disk",   "network",  "display",
                                         "bridge", "keyboard", "siblings",
                                         "unknown" };
    size_t i, j;

    (void)state;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (j = 0; xtune_pci_guards[j]; j++)
            if (!strcmp(xtune_pci_guards[j], names[i])) break;
        assert_non_null(xtune_pci_guards[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uses),
        cmocka_unit_test(test_many_uses),
        cmocka_unit_test(test_keyboards),
        cmocka_unit_test(test_bridges),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_siblings),
        cmocka_unit_test(test_heed),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_conventional_bus),
        cmocka_unit_test(test_virtual_functions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
