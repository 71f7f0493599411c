/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices and command lines as JSON. */
#include <xtune/host.h>

#include "base/util.h"
#include "host/pci_device.h"
#include "host_text.h"

#define HEAD "{\"schema\": \"xtune/host/1\", \"pci\": ["
#define ONE "{\"address\": \"0000:04:00.0\""
#define TWO "{\"address\": \"0000:05:00.0\""

static void test_unknown(void **state)
{
    xtune_host *host = host_of(HEAD ONE "}]}");
    XT_CLEANUP_FREE char *text = xtune_host_to_json(host);
    const xtune_pci *pci = &host->pci[0];
    const xtune_pci unknown = xt_pci_unknown("0000:04:00.0");

    (void)state;
    assert_false(host->has_pci_details);
    assert_memory_equal(pci->address, unknown.address, 13);
    assert_int_equal(pci->msi, XTUNE_NONE);
    assert_int_equal(pci->msix, XTUNE_NONE);
    assert_int_equal(pci->vfs_total, XTUNE_NONE);
    assert_int_equal(pci->vfs_enabled, XTUNE_NONE);
    assert_int_equal(pci->claimed_by, XTUNE_NONE);
    assert_null(pci->uses);
    assert_null(pci->bridges);
    assert_null(pci->names);
    assert_null(pci->reserved);
    assert_null(host->boot.dom0_running);
    /* As it was before there were such members. */
    assert_null(strstr(text, "boot"));
    assert_null(strstr(text, "is_bridge"));
    assert_null(strstr(text, "msi"));
    expect_canonical(host);
    xtune_host_free(host);
}

static void test_all(void **state)
{
    xtune_host *host = host_of(
        HEAD ONE
        ", \"is_bridge\": true, \"bridges\": [\"0000:00:01.0\"], "
        "\"reset\": [], \"msi\": 0, \"msix\": 33, \"vfs_total\": 8, "
        "\"vfs_enabled\": 2, \"bars\": [{\"index\": 6, \"kind\": \"memory\", "
        "\"start\": 18446744073709547520, \"bytes\": 4096, \"wide\": true, "
        "\"later\": 1}], \"uses\": [{\"kind\": \"mount\", \"what\": \"/\", "
        "\"through\": [\"sda1\", \"dm-0\"]}, {\"kind\": \"new\", \"what\": "
        "\"x\"}], \"reserved\": [\"1000-1fff\"], \"serial\": \"S\", "
        "\"claimed_by\": 0}, " TWO
        ", \"physfn\": \"0000:04:00.0\"}], \"boot\": {\"source\": \"/f\", "
        "\"pciback_options\": \"\", \"later\": [1]}}");
    const xtune_pci *pci = &host->pci[0];

    (void)state;
    assert_true(host->has_pci_details);
    assert_true(pci->is_bridge);
    assert_string_equal(pci->bridges[0], "0000:00:01.0");
    assert_non_null(pci->reset);
    assert_int_equal(pci->nr_reset, 0);
    assert_int_equal(pci->msi, 0);
    assert_int_equal(pci->nr_bars, 1);
    assert_true(pci->bars[0].wide && !pci->bars[0].prefetchable);
    assert_true(pci->bars[0].start == UINT64_C(0xfffffffffffff000));
    assert_int_equal(pci->nr_uses, 2);
    assert_string_equal(pci->uses[0].through[1], "dm-0");
    assert_null(pci->uses[1].through);
    assert_int_equal(pci->claimed_by, 0);
    assert_string_equal(host->pci[1].physfn, "0000:04:00.0");
    assert_string_equal(host->boot.source, "/f");
    assert_string_equal(host->boot.pciback_options, "");
    assert_null(host->boot.xen_configured);
    expect_canonical(host);
    xtune_host_free(host);
}

/* Each of these members tells that there was a closer look. */
static void test_details(void **state)
{
    static const char *const texts[] = {
        HEAD ONE ", \"bridges\": []}]}",
        HEAD ONE ", \"reset\": []}]}",
        HEAD ONE "}, " TWO ", \"uses\": []}]}",
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(texts); i++) {
        xtune_host *host = host_of(texts[i]);

        assert_true(host->has_pci_details);
        expect_canonical(host);
        xtune_host_free(host);
    }
}

#define BAR(index, start, bytes)                                              \
    "{\"index\": " index ", \"kind\": \"io\", \"start\": " start              \
    ", \"bytes\": " bytes "}"

static void test_refused(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        { ONE "}, " ONE "}", "there twice" },
        { ONE ", \"physfn\": \"0000:04:00.0\"}", "of itself" },
        { ONE ", \"physfn\": \"0000:05:00.0\"}", "which is not there" },
        { ONE ", \"bridges\": [\"0000:04:00.0\"]}", "behind itself" },
        { ONE ", \"bridges\": [\"04:00.0\"]}", "no PCI address" },
        { ONE ", \"bridges\": \"0000:00:01.0\"}", "bridges" },
        { ONE ", \"vfs_total\": 1, \"vfs_enabled\": 2}", "2 of 1" },
        { ONE ", \"msix\": 2049}", "2048" },
        { ONE ", \"bars\": [" BAR("7", "0", "1") "]}", "0 to 6" },
        { ONE ", \"bars\": [" BAR("1", "0", "8") "," BAR("1", "8", "8") "]}",
          "BAR 1 twice" },
        { ONE ", \"bars\": [" BAR("1", "0", "0") "]}", "no end" },
        { ONE ", \"bars\": [" BAR("1", "18446744073709551614", "3") "]}",
          "no end" },
        { ONE ", \"bars\": [{\"index\": 0, \"kind\": \"x\", \"start\": 0, "
              "\"bytes\": 1}]}",
          "kind \"x\"" },
        { ONE ", \"uses\": [{\"kind\": \"mount\"}]}", "what" },
        { ONE ", \"uses\": [{\"kind\": \"mount\", \"what\": \"/\", "
              "\"through\": [1]}]}",
          "through[0]" },
        { ONE "}], \"boot\": [", "boot" },
    };
    xtune_host *host;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(cases); i++) {
        XT_CLEANUP_FREE char *text = xt_xprintf(HEAD "%s]}", cases[i].text);
        xtune_error *err = NULL;

        check_error(xtune_host_from_json(text, strlen(text), "h", &host, &err),
                    &err, XTUNE_ERR_INVALID, cases[i].part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_details),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
