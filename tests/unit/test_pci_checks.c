/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks: each finds what it is for, and nothing where all is well. */
#include <xtune/pci.h>

#include "pci_host.h"

#define A "0000:04:00.0"
#define A1 "0000:04:00.1"
#define B "0000:05:00.0"

static const char *bus_reset[] = { "bus" };

typedef struct world {
    xtune_host *host;
    xtune_domain *domain;
    const xtune_pci *devices[3];
    size_t nr;
    bool any_domain;
    xtune_findings *findings;
} world;

/* An HVM guest, which is to have the first of three devices. */
static world new_world(void)
{
    world w = { .nr = 1 };
    size_t i;

    w.host = host_with_devices((const char *const[]){ A, A1, B }, 3);
    w.host->pci[1].address = "0000:06:00.0";
    w.domain = add_domain(w.host, "web1", XTUNE_TYPE_HVM, B);
    w.host->boot.dom0_configured = "xen-pciback.hide=(04:00.0)(06:00.0)";
    for (i = 0; i < 3; i++)
        w.devices[i] = &w.host->pci[i];
    w.host->pci[0].assignable = true;
    w.host->pci[0].driver = "pciback";
    return w;
}

static void look(world *w)
{
    if (w->findings) xtune_findings_free(w->findings);
    w->findings = xtune_findings_new();
    xtune_pci_add_checks(w->findings, w->host, w->devices, w->nr,
                         w->any_domain ? NULL : w->domain);
}

static void end(world *w)
{
    xtune_findings_free(w->findings);
    xtune_host_free(w->host);
}

#define NOTE XTUNE_FINDING_NOTE
#define WARNING XTUNE_FINDING_WARNING
#define ERROR XTUNE_FINDING_ERROR

static void expect(world *w, const char *name, enum xtune_finding_level level,
                   const char *part)
{
    look(w);
    expect_finding(w->findings, name, level, false, part);
}

static void expect_not(world *w, const char *name)
{
    look(w);
    expect_none(w->findings, name);
}

static void test_nothing(void **state)
{
    world w = new_world();

    (void)state;
    look(&w);
    /* What is always to be known. */
    expect_finding(w.findings, "migration", NOTE, false, "no live migration");
    expect_finding(w.findings, "msix", NOTE, false, "2 of the 32 vectors");
    if (w.findings->nr != 2) {
        print_findings(w.findings);
        fail();
    }
    w.nr = 0;
    look(&w);
    assert_int_equal(w.findings->nr, 0);
    end(&w);
}

static void test_iommu(void **state)
{
    static const char *pv_only[] = { "pv", "pv_directio" };
    world w = new_world();

    (void)state;
    w.host->xen.nr_capabilities = 1;
    expect(&w, "iommu", ERROR, "no HVM guest can have a device");
    expect_none(w.findings, "pv");
    w.domain->type = XTUNE_TYPE_PV;
    expect(&w, "pv", WARNING, "all of the host's memory");
    expect_none(w.findings, "iommu");
    w.domain->type = XTUNE_TYPE_UNKNOWN;
    expect(&w, "iommu", ERROR, "VT-d or AMD-Vi");
    expect_finding(w.findings, "pv", WARNING, false, "");
    expect_finding(w.findings, "type", NOTE, false, "not known whether");
    w.any_domain = true;
    expect(&w, "iommu", ERROR, "");
    w.any_domain = false;
    /* With an IOMMU. */
    w.domain->type = XTUNE_TYPE_PV;
    w.host->xen.nr_capabilities = 2;
    expect_not(&w, "pv");
    w.host->xen.capabilities = pv_only;
    expect_not(&w, "pv");
    w.domain->type = XTUNE_TYPE_HVM;
    expect(&w, "iommu", ERROR, "");
    w.host->xen.capabilities = NULL;
    w.host->xen.nr_capabilities = 0;
    expect(&w, "iommu", NOTE, "not known whether Xen has an IOMMU");
    expect_none(w.findings, "pv");
    end(&w);
}

static void test_type(void **state)
{
    world w = new_world();

    (void)state;
    w.domain->type = XTUNE_TYPE_PVH;
    expect(&w, "type", ERROR, "PVH guest");
    expect_none(w.findings, "iommu");
    w.domain->type = XTUNE_TYPE_PV;
    expect_not(&w, "type");
    w.domain->id = 0;
    expect(&w, "type", ERROR, "it is dom0");
    end(&w);
}

static void test_reserved(void **state)
{
    static const char *range[] = { "bdf83000-bdf84fff" };
    static const char *other[] = { "bdf90000-bdf90fff" };
    world w = new_world();

    (void)state;
    w.host->pci[0].reserved = range;
    w.host->pci[0].nr_reserved = 1;
    expect(&w, "rmrr", NOTE, "keeps memory for it, \"bdf83000-bdf84fff\"");
    w.host->pci[2].reserved = other;
    w.host->pci[2].nr_reserved = 1;
    expect(&w, "rmrr", NOTE, "");
    w.host->pci[2].reserved = range;
    expect(&w, "rmrr", ERROR, "is that of " B " as well");
    assert_non_null(find_finding(w.findings, "rmrr", "rdm_policy=relaxed"));
    end(&w);
}

static void test_reset(void **state)
{
    world w = new_world();

    (void)state;
    w.host->pci[0].nr_reset = 0;
    expect(&w, "reset", WARNING, "cannot be reset");
    /* Nothing is said where nothing was looked at. */
    w.host->has_pci_details = false;
    expect_not(&w, "reset");
    end(&w);
}

static void test_siblings(void **state)
{
    world w = new_world();

    (void)state;
    w.host->pci[1].address = A1;
    expect(&w, "siblings", WARNING, "stay behind, which it may reach past");
    assert_non_null(find_finding(w.findings, "siblings", A1 " (e1000)"));
    assert_non_null(find_finding(w.findings, "siblings", "\"0000:04:00.*\""));
    /* Nobody has the other one. */
    w.host->pci[1].driver = NULL;
    expect_not(&w, "siblings");
    /* But it cannot be left out of a reset. */
    w.host->pci[0].reset = bus_reset;
    expect(&w, "siblings", WARNING, "have to go along: " A1);
    w.nr = 2;
    expect_not(&w, "siblings");
    /* The domain has it already, or another one has. */
    w.nr = 1;
    w.domain->pci[0] = A1;
    expect_not(&w, "siblings");
    add_domain(w.host, "web2", XTUNE_TYPE_HVM, A1);
    w.domain = &w.host->domains[0];
    w.domain->nr_pci = 0;
    expect(&w, "siblings", WARNING, A1 " (web2)");
    /* One that dom0 uses is a guard, where dom0 has both. */
    w.host->domains[1].nr_pci = 0;
    w.host->pci[0].assignable = false;
    use_device(w.host, &w.host->pci[1], "route", "eth1");
    look(&w);
    assert_true(find_finding(w.findings, "siblings", "\"eth1\"")->is_guard);
    end(&w);
}

static void test_guards_with_domain(void **state)
{
    world w = new_world();

    (void)state;
    w.host->pci[0].assignable = false;
    use_device(w.host, &w.host->pci[0], "mount", "/");
    look(&w);
    expect_finding(w.findings, "disk", ERROR, true, "\"/\" is mounted");
    /* What the domain has already is not in its own way. */
    w.host->pci[0].nr_uses = 0;
    w.host->pci[1].address = A1;
    w.host->pci[0].reset = bus_reset;
    w.domain->pci[0] = A1;
    expect_not(&w, "siblings");
    w.any_domain = true;
    look(&w);
    expect_finding(w.findings, "siblings", ERROR, true, "\"web1\" has it");
    end(&w);
}

static void test_uses(void **state)
{
    world w = new_world();

    (void)state;
    use_device(w.host, &w.host->pci[0], "link", "eth0");
    use_device(w.host, &w.host->pci[0], "pointer", "mouse");
    expect_not(&w, "link");
    expect_not(&w, "input");
    w.host->pci[0].assignable = false;
    expect(&w, "link", WARNING, "its link \"eth0\" is up");
    expect(&w, "input", WARNING, "the pointer \"mouse\" is at it");
    /* The only keyboard is a guard; another one is worth a word. */
    use_device(w.host, &w.host->pci[0], "keyboard", "one");
    look(&w);
    expect_finding(w.findings, "keyboard", ERROR, true, "\"one\"");
    assert_null(find_finding(w.findings, "input", "\"one\""));
    use_device(w.host, &w.host->pci[1], "keyboard", "two");
    expect(&w, "input", WARNING, "the keyboard \"one\" is at it");
    expect_none(w.findings, "keyboard");
    end(&w);
}

static void test_owner(void **state)
{
    world w = new_world();

    (void)state;
    w.domain->pci[0] = A;
    expect_not(&w, "assigned");
    w.any_domain = true;
    expect(&w, "assigned", ERROR, "\"web1\" has it");
    w.any_domain = false;
    add_domain(w.host, "web2", XTUNE_TYPE_HVM, A);
    w.domain = &w.host->domains[0];
    w.domain->nr_pci = 0;
    expect(&w, "assigned", ERROR, "\"xltune pci-detach web2 " A "\"");
    expect_none(w.findings, "segment");
    expect_none(w.findings, "claim");
    w.host->pci[0].claimed_by = 99;
    expect(&w, "claim", WARNING, "domain 99 has it, which is gone");
    w.host->pci[0].address = "10000:e1:00.0";
    expect(&w, "segment", ERROR, "above ffff");
    end(&w);
}

static void test_virtual(void **state)
{
    world w = new_world();

    (void)state;
    expect_not(&w, "vf");
    w.host->pci[0].physfn = "0000:06:00.0";
    expect(&w, "vf", NOTE, "0000:06:00.0, whose it is, has to stay");
    w.nr = 2;
    expect(&w, "vf", ERROR, "gone when that goes");
    w.nr = 1;
    w.host->pci[1].assignable = true;
    expect(&w, "vf", ERROR, "");
    end(&w);
}

static void test_interrupts(void **state)
{
    world w = new_world();

    (void)state;
    expect_not(&w, "intx");
    w.host->pci[0].msi = 0;
    expect(&w, "intx", NOTE, "neither MSI nor MSI-X");
    w.host->pci[0].msix = 33;
    expect(&w, "msix", ERROR,
           "34 vectors (" B " 1 and " A " 33), and Xen lets a guest have 32");
    assert_non_null(find_finding(w.findings, "msix",
                                 "boot Xen with \"extra_guest_irqs=34\""));
    w.host->xen.command_line = "extra_guest_irqs=,1024";
    expect(&w, "msix", ERROR, "\"extra_guest_irqs=34,1024\"");
    w.host->xen.command_line = "extra_guest_irqs=34";
    expect(&w, "msix", NOTE, "34 of the 34");
    w.any_domain = true;
    expect(&w, "msix", NOTE, "33 of the 34");
    w.any_domain = false;
    /* What it has already is not counted twice. */
    w.domain->pci[0] = A;
    expect(&w, "msix", NOTE, "33 of the 34");
    /* Nothing is known, or there is nothing. */
    w.host->pci[0].msix = w.host->pci[0].msi = XTUNE_NONE;
    expect_not(&w, "msix");
    expect_none(w.findings, "intx");
    end(&w);
}

static void test_count(void **state)
{
    static const char *eight[] = { "0000:07:00.0", "0000:07:00.1",
                                   "0000:07:00.2", "0000:07:00.3",
                                   "0000:07:00.4", "0000:07:00.5",
                                   "0000:07:00.6", "0000:07:00.7" };
    world w = { .nr = 2 };
    size_t i;

    (void)state;
    w.host = host_with_devices(eight, 8);
    w.host->pci =
        xtune_arena_grow(w.host->arena, w.host->pci, 8, sizeof(*w.host->pci));
    w.host->pci[8] = plain_device(w.host, A);
    w.host->nr_pci = 9;
    w.domain = add_domain(w.host, "web1", XTUNE_TYPE_HVM, NULL);
    w.domain->pci = eight;
    w.domain->nr_pci = 8;
    for (i = 0; i < 2; i++)
        w.devices[i] = &w.host->pci[i];
    expect_not(&w, "count");
    w.devices[1] = &w.host->pci[8];
    expect(&w, "count", WARNING, "9 devices in one guest");
    end(&w);
}

static void test_bars(void **state)
{
    xtune_pci_bar bars[] = {
        { .kind = "memory", .bytes = UINT64_C(1) << 31 },
        { .kind = "io", .bytes = 256 },
        { .kind = "memory", .bytes = 4096 },
    };
    world w = new_world();

    (void)state;
    w.host->pci[0].bars = bars;
    w.host->pci[0].nr_bars = 2;
    expect_not(&w, "bar");
    w.host->pci[0].nr_bars = 3;
    expect(&w, "bar", NOTE, "2048 MiB");
    assert_non_null(find_finding(w.findings, "bar", "mmio_hole=3072"));
    w.domain->type = XTUNE_TYPE_PV;
    expect_not(&w, "bar");
    /* A size that makes no sense does not wrap around. */
    w.domain->type = XTUNE_TYPE_HVM;
    bars[0].bytes = UINT64_MAX;
    expect(&w, "bar", NOTE, "");
    end(&w);
}

static void test_boot(void **state)
{
    world w = new_world();

    (void)state;
    expect_not(&w, "boot");
    expect_none(w.findings, "pciback");
    w.host->boot.dom0_configured = "quiet";
    expect(&w, "boot", NOTE, "\"xltune pci-hide --boot " A "\"");
    w.host->boot.dom0_configured = NULL;
    expect_not(&w, "boot");
    w.host->boot.pciback = "missing";
    expect(&w, "pciback", ERROR, "no xen-pciback");
    w.host->boot.pciback = "module";
    expect_not(&w, "pciback");
    end(&w);
}

static void test_passthrough(void **state)
{
    world w = new_world();

    (void)state;
    expect_not(&w, "passthrough");
    w.domain->nr_pci = 0;
    expect(&w, "passthrough", NOTE, "passthrough=\"enabled\"");
    w.domain->pci = NULL;
    expect_not(&w, "passthrough");
    end(&w);
}

/* A guest on the first node of two; devices on either. */
static void test_node(void **state)
{
    static const char text[] =
        "{ \"schema\": \"xtune/host/1\", \"xen\": {}, \"nodes\": ["
        " { \"id\": 0, \"memory_kb\": 4096, \"free_kb\": 0 },"
        " { \"id\": 1, \"memory_kb\": 4096, \"free_kb\": 0 } ],"
        " \"cpus\": [ { \"id\": 0, \"node\": 0 }, { \"id\": 1, \"node\": 1 } ],"
        " \"cpupools\": [ { \"id\": 0, \"name\": \"Pool-0\","
        " \"scheduler\": \"credit2\", \"cpus\": \"all\" } ],"
        " \"domains\": [ { \"id\": 1, \"name\": \"web1\", \"type\": \"hvm\","
        " \"uuid\": \"01234567-89ab-cdef-0123-456789abcdef\","
        " \"cpupool\": \"Pool-0\", \"memory_kb\": 4096,"
        " \"memory_by_node_kb\": [4096, 0],"
        " \"vcpus\": [ { \"id\": 0, \"online\": true, \"cpu\": 0,"
        " \"hard\": \"0\", \"soft\": \"all\" } ] } ],"
        " \"pci\": [ { \"address\": \"" A "\", \"node\": 1 } ] }";
    world w = { .host = host_of(text), .nr = 1 };

    (void)state;
    w.domain = &w.host->domains[0];
    w.devices[0] = &w.host->pci[0];
    expect(&w, "node", WARNING,
           "on node 1; domain \"web1\" runs on 0, and its memory is on 0");
    assert_non_null(
        find_finding(w.findings, "node", "\"xltune rehome web1 1\""));
    /* Its vCPUs may go there, but its memory is not there. */
    xtune_set_add(&w.domain->vcpus[0].hard, 1);
    expect(&w, "node", WARNING, "runs on 0-1, and its memory is on 0");
    w.domain->memory_by_node_kb[1] = 1;
    expect_not(&w, "node");
    w.domain->memory_by_node_kb = NULL;
    expect_not(&w, "node");
    xtune_set_remove(&w.domain->vcpus[0].hard, 1);
    w.host->pci[0].node = 0;
    expect_not(&w, "node");
    w.host->pci[0].node = XTUNE_NONE;
    expect_not(&w, "node");
    end(&w);
}

static void test_vectors(void **state)
{
    static const struct {
        const char *line;
        unsigned int irqs;
    } rows[] = {
        { NULL, 32 },
        { "", 32 },
        { "console=vga extra_guest_irqs=64", 64 },
        { "extra_guest_irqs=64,512 loglvl=all", 64 },
        { "extra_guest_irqs=,512", 32 },
        { "extra_guest_irqs=64 extra_guest_irqs=,512", 64 },
        { "extra_guest_irqs=64 extra_guest_irqs=128", 128 },
        { "extra_guest_irqs=128 extra_guest_irqs=64", 64 },
        { "extra_guest_irqs=0", 0 },
        { "extra_guest_irqs=0x40", 64 },
        { "extra_guest_irqs=010", 8 },
        { "extra_guest_irqs=64x", 32 },
        { "extra_guest_irqs=64,x", 32 },
        { "extra_guest_irqs=-1", 32 },
        { "extra_guest_irqs=", 32 },
        { "extra_guest_irqs=0x", 32 },
        { "extra_guest_irqs=99999999999999999999", 32 },
        { "xextra_guest_irqs=64 extra_guest_irqsx=64", 32 },
    };
    world w = new_world();
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        w.host->xen.command_line = rows[i].line;
        if (xtune_pci_extra_irqs(w.host) != rows[i].irqs)
            fail_msg("\"%s\" is %u", rows[i].line,
                     xtune_pci_extra_irqs(w.host));
    }
    w.host->pci[1].msi = 8;
    w.host->pci[1].msix = 65;
    w.host->pci[2].msi = XTUNE_NONE;
    assert_int_equal(xtune_pci_vectors(w.devices, 3), 66);
    assert_int_equal(xtune_pci_vectors(w.devices, 0), 0);
    look(&w);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_iommu),
        cmocka_unit_test(test_type),
        cmocka_unit_test(test_reserved),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_siblings),
        cmocka_unit_test(test_uses),
        cmocka_unit_test(test_owner),
        cmocka_unit_test(test_virtual),
        cmocka_unit_test(test_interrupts),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_bars),
        cmocka_unit_test(test_boot),
        cmocka_unit_test(test_passthrough),
        cmocka_unit_test(test_node),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_guards_with_domain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
