/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hide lists, and the states of devices that follow from them. */
#include <xtune/pci.h>

#include "pci_host.h"

#define ANY XTUNE_NONE

/* Lists that pciback takes: how many items, and the first one. */
static const struct {
    const char *text;
    size_t nr;
    uint32_t domain, bus, device, function;
} good[] = {
    { "", 0, 0, 0, 0, 0 },
    { "(0000:04:00.0)", 1, 0, 4, 0, 0 },
    { "(04:00.0)", 1, 0, 4, 0, 0 },
    { "(4:0.7)", 1, 0, 4, 0, 7 },
    { "(ffff:ff:1f.7)", 1, 0xffff, 0xff, 0x1f, 7 },
    { "(FFFF:Ab:1F.7)", 1, 0xffff, 0xab, 0x1f, 7 },
    { "(000000000000000000004:00.0)", 1, 0, 4, 0, 0 },
    { "(04:00.*)", 1, 0, 4, 0, ANY },
    { "(0001:04:1f.*)", 1, 1, 4, 0x1f, ANY },
    { "(04:*.*)", 1, 0, 4, ANY, ANY },
    { "(0001:04:*.*)", 1, 1, 4, ANY, ANY },
    { "(04:00.0)(05:00.0)", 2, 0, 4, 0, 0 },
    { "(04:00.0) (05:00.0)", 2, 0, 4, 0, 0 },
    { " (04:00.0)\t (05:00.0) ", 2, 0, 4, 0, 0 },
    { "( 04: 00. 0)", 1, 0, 4, 0, 0 },
    { "(04:00.0)(04:00.0)", 2, 0, 4, 0, 0 },
    { "(04:00.*)(0002:05:*.*)(06:01.1)", 3, 0, 4, 0, ANY },
};

/* Lists that it does not take, and what is wrong with them. */
static const struct {
    const char *text, *why;
} bad[] = {
    { " ", "item 1 of the hide list, \"\", does not begin" },
    { "04:00.0", "item 1 of the hide list, \"04:00.0\", does not begin" },
    { "(04:00.0", "item 1 of the hide list, \"(04:00.0\", does not end" },
    { "(04:00.0)x", "item 2 of the hide list, \"x\"" },
    { "(04:00.0),(05:00.0)", "item 2 of the hide list, \",(05:00.0)\"" },
    { "(04:00.0)(05:00.8)", "\"(05:00.8)\", has \"8\" for its function, "
                            "which is more than 7" },
    { "(04:20.0)", "has \"20\" for its device, which is more than 1f" },
    { "(100:00.0)", "has \"100\" for its bus, which is more than ff" },
    { "(10000:04:00.0)", "\"10000\" for its domain, which is more than ffff" },
    { "(100000004:00.0)", "more than ff" },
    { "(fffffffffffffffffffffffff:00.0)", "more than ff" },
    { "()", "has no bus" },
    { "(04)", "has no bus" },
    { "(04:00)", "has no function" },
    { "(0000:04:00)", "has no function" },
    { "(04:00.)", "has no function" },
    { "(04:.0)", "has no device" },
    { "(:00.0)", "has no bus" },
    { "(:04:00.0)", "has no domain" },
    { "(0:0:04:00.0)", "for its bus, which is no hexadecimal" },
    { "(04.00.0)", "has no bus" },
    { "(04:00:0)", "has no function" },
    { "(*:00.0)", "\"*\" for its bus" },
    { "(04:*.0)", "means all devices, and then not all functions" },
    { "(04:*)", "has no function" },
    { "(*)", "has no bus" },
    { "(04:00.*x)", "\"*x\" for its function" },
    { "(04:00.0 )", "\"0 \" for its function" },
    { "(04 :00.0)", "\"04 \" for its bus" },
    { "(0x04:00.0)", "\"0x04\" for its bus, which is no hexadecimal" },
    { "(-4:00.0)", "\"-4\" for its bus" },
    { "(+4:00.0)", "\"+4\" for its bus" },
    { "(04:00.g)", "\"g\" for its function" },
    { "(O4:00.0)", "\"O4\" for its bus" },
    { "((04:00.0))", "\"(04\" for its bus" },
    { "04:00.0)(05:00.0)", "item 1 of the hide list, \"04:00.0)\"" },
    { "(04:00.0)\n(05:00.0)\n(06:00.0", "item 3 of the hide list" },
    { "\xa0(04:00.0)", "does not begin" },
};

static void test_lists(void **state)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    xtune_pci_hidden *hidden;
    size_t i, nr;
    int rc;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (xtune_pci_hide_parse(arena, good[i].text, "f", &hidden, &nr, &err))
            fail_msg("\"%s\": %s", good[i].text, err->message);
        assert_int_equal(nr, good[i].nr);
        if (!nr) continue;
        assert_int_equal(hidden[0].domain, good[i].domain);
        assert_int_equal(hidden[0].bus, good[i].bus);
        assert_int_equal(hidden[0].device, good[i].device);
        assert_int_equal(hidden[0].function, good[i].function);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        rc = xtune_pci_hide_parse(arena, bad[i].text, "file:3", &hidden, &nr,
                                  &err);
        if (!rc) fail_msg("\"%s\" is taken", bad[i].text);
        assert_string_equal(err->object, "file:3");
        check_error(rc, &err, XTUNE_ERR_INVALID, bad[i].why);
    }
    xtune_arena_free(arena);
}

static void test_has(void **state)
{
    static const struct {
        const char *list, *address;
        bool has;
    } rows[] = {
        { "(04:00.0)", "0000:04:00.0", true },
        { "(04:00.0)", "0001:04:00.0", false },
        { "(04:00.0)", "0000:04:00.1", false },
        { "(04:00.*)", "0000:04:00.1", true },
        { "(04:00.*)", "0000:04:01.1", false },
        { "(04:*.*)", "0000:04:1f.7", true },
        { "(04:*.*)", "0000:05:1f.7", false },
        { "(05:00.0)(04:00.0)", "0000:04:00.0", true },
        { "", "0000:04:00.0", false },
        { "(04:00.0)", "10000:04:00.0", false },
        { "(04:00.0)", "nonsense", false },
    };
    xtune_arena *arena = xtune_arena_new();
    xtune_pci_hidden *hidden;
    size_t i, nr;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(
            xtune_pci_hide_parse(arena, rows[i].list, "", &hidden, &nr, NULL),
            0);
        assert_int_equal(xtune_pci_hide_has(hidden, nr, rows[i].address),
                         rows[i].has);
    }
    xtune_arena_free(arena);
}

static void test_changes(void **state)
{
    static const struct {
        const char *list, *address, *added, *removed;
    } rows[] = {
        { "", "0000:04:00.0", "(0000:04:00.0)", "" },
        { "(04:00.0)", "0000:04:00.0", "(04:00.0)", "" },
        { "(5:0.0)", "0000:04:00.0", "(5:0.0)(0000:04:00.0)", "(5:0.0)" },
        { "(04:00.0) (05:00.0)(0000:04:00.0)", "0000:04:00.0",
          "(04:00.0)(05:00.0)(0000:04:00.0)", "(05:00.0)" },
        /* One function of a card less. */
        { "(04:00.*)", "0000:04:00.0", "(04:00.*)", "(0000:04:00.1)" },
        { "(05:00.*)(06:00.0)", "0000:05:00.0", "(05:00.*)(06:00.0)",
          "(06:00.0)" },
        { "(04:*.*)", "0000:04:00.1", "(04:*.*)",
          "(0000:04:00.0)(0000:04:02.0)" },
        /* What others name already is not named again. */
        { "(04:*.*)(04:02.0)", "0000:04:00.1", "(04:*.*)(04:02.0)",
          "(0000:04:00.0)(04:02.0)" },
        { "(04:00.*)(04:*.*)", "0000:04:00.1", "(04:00.*)(04:*.*)",
          "(0000:04:00.0)(0000:04:02.0)" },
        /* What the host does not have. */
        { "(09:00.0)", "0000:09:00.0", "(09:00.0)", "" },
    };
    xtune_host *host = host_with_devices(
        (const char *const[]){ "0000:04:00.0", "0000:04:00.1", "0000:04:02.0",
                               "0000:05:00.0" },
        4);
    xtune_pci_hidden *hidden;
    size_t i, nr;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(xtune_pci_hide_parse(host->arena, rows[i].list, "",
                                              &hidden, &nr, NULL),
                         0);
        assert_string_equal(
            xtune_pci_hide_add(host->arena, hidden, nr, rows[i].address),
            rows[i].added);
        assert_string_equal(xtune_pci_hide_remove(host->arena, host, hidden,
                                                  nr, rows[i].address),
                            rows[i].removed);
    }
    xtune_host_free(host);
}

static void test_places(void **state)
{
    static const struct {
        const char *line, *options, *list;
    } rows[] = {
        { "quiet", "", NULL },
        { NULL, NULL, NULL },
        { "quiet xen-pciback.hide=(04:00.0) ro", "", "(04:00.0)" },
        { "xen_pciback.hide=(04:00.0)", NULL, "(04:00.0)" },
        { "pciback.hide=(04:00.0)", NULL, "(04:00.0)" },
        { "xen-pciback.hide=(1:0.0) xen_pciback.hide=(2:0.0)", NULL,
          "(2:0.0)" },
        { "xen-pciback.hide=(1:0.0) pciback.hide=(2:0.0)", NULL, "(1:0.0)" },
        { "xen-pciback.hide=\"(1:0.0) (2:0.0)\" ro", NULL, "(1:0.0) (2:0.0)" },
        { "\"xen-pciback.hide=(1:0.0) (2:0.0)\" ro", NULL, "(1:0.0) (2:0.0)" },
        { "xen-pciback.hide=", NULL, "" },
        { "xxen-pciback.hide=(1:0.0) xen-pciback.hidex=(1:0.0)", NULL, NULL },
        { "ro -- xen-pciback.hide=(1:0.0)", NULL, NULL },
        { "quiet", "hide=(3:0.0)", "(3:0.0)" },
        { "quiet", "passthrough=1 hide=\"(3:0.0)\"", "(3:0.0)" },
        { "quiet", "hide=(3:0.0) hide=(4:0.0)", "(4:0.0)" },
        { NULL, "hide=(3:0.0)", "(3:0.0)" },
        { "xen-pciback.hide=(1:0.0)", "hide=(3:0.0)", "(1:0.0)" },
    };
    xtune_arena *arena = xtune_arena_new();
    const char *list;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        list = xtune_pci_hide_of(arena, rows[i].line, rows[i].options);
        if (!rows[i].list)
            assert_null(list);
        else
            assert_string_equal(list ? list : "nothing", rows[i].list);
    }
    xtune_arena_free(arena);
}

/* One device at 04:00.0. */
static const struct {
    bool owned, assignable;
    const char *running, *configured, *options, *pciback;
    enum xtune_pci_state state;
} states[] = {
#define HIDE "xen-pciback.hide=(04:00.0)"
    { false, false, "", "", "", "builtin", XTUNE_PCI_DOM0 },
    { false, false, "", HIDE, "", "builtin", XTUNE_PCI_HIDDEN_NEXT },
    { false, false, HIDE, "", "", "builtin", XTUNE_PCI_DOM0 },
    { false, false, HIDE, HIDE, "", "builtin", XTUNE_PCI_HIDDEN_NEXT },
    { false, true, "", "", "", "builtin", XTUNE_PCI_ASSIGNABLE_ONCE },
    { false, true, "", HIDE, "", "builtin", XTUNE_PCI_ASSIGNABLE },
    { false, true, HIDE, "", "", "builtin", XTUNE_PCI_ASSIGNABLE_ONCE },
    { false, true, HIDE, HIDE, "", "builtin", XTUNE_PCI_ASSIGNABLE },
    { true, true, "", "", "", "builtin", XTUNE_PCI_ASSIGNED },
    { true, true, HIDE, HIDE, "", "builtin", XTUNE_PCI_ASSIGNED },
    { true, false, "", HIDE, "", "builtin", XTUNE_PCI_ASSIGNED },
    /* The next boot is not known: as this one. */
    { false, false, HIDE, NULL, "", "builtin", XTUNE_PCI_HIDDEN_NEXT },
    { false, true, HIDE, NULL, "", "builtin", XTUNE_PCI_ASSIGNABLE },
    { false, true, "", NULL, "", "builtin", XTUNE_PCI_ASSIGNABLE_ONCE },
    /* Nor is this one. */
    { false, true, NULL, NULL, NULL, NULL, XTUNE_PCI_ASSIGNABLE },
    { false, false, NULL, NULL, NULL, NULL, XTUNE_PCI_DOM0 },
    /* modprobe.d counts for a module. */
    { false, true, "", "", "hide=(04:00.*)", "module", XTUNE_PCI_ASSIGNABLE },
    { false, true, "", "", "hide=(04:00.*)", NULL, XTUNE_PCI_ASSIGNABLE },
    { false, true, "", "", "hide=(04:00.*)", "builtin",
      XTUNE_PCI_ASSIGNABLE_ONCE },
    { false, false, "", HIDE, "", "missing", XTUNE_PCI_DOM0 },
    /* One wrong item, and none counts. */
    { false, true, "", HIDE "(05:00.8)", "", "builtin",
      XTUNE_PCI_ASSIGNABLE_ONCE },
    { false, false, "", HIDE ",(05:00.0)", "", "builtin", XTUNE_PCI_DOM0 },
    { false, false, "", HIDE " xen-pciback.hide=(5:0.0)", "", "builtin",
      XTUNE_PCI_DOM0 },
};

static void test_states(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        xtune_host *host =
            host_with_devices((const char *const[]){ "0000:04:00.0" }, 1);

        host->pci[0].assignable = states[i].assignable;
        if (states[i].owned)
            add_domain(host, "a", XTUNE_TYPE_HVM, "0000:04:00.0");
        host->boot = (xtune_boot){
            .dom0_running = states[i].running,
            .dom0_configured = states[i].configured,
            .pciback_options = states[i].options,
            .pciback = states[i].pciback,
        };
        if (xtune_pci_state_of(host, host->pci) != states[i].state)
            fail_msg(
                "row %zu is \"%s\"", i,
                xtune_pci_state_name(xtune_pci_state_of(host, host->pci)));
        xtune_host_free(host);
    }
    assert_string_equal(xtune_pci_state_name(XTUNE_PCI_ASSIGNABLE_ONCE),
                        "assignable until reboot");
    assert_string_equal(xtune_pci_state_name(XTUNE_PCI_HIDDEN_NEXT),
                        "hidden at next boot");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),   cmocka_unit_test(test_has),
        cmocka_unit_test(test_changes), cmocka_unit_test(test_places),
        cmocka_unit_test(test_states),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
