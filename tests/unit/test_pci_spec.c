/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses and specifications of PCI devices. */
#include <xtune/pci.h>

#include "pci_host.h"

static void test_addresses(void **state)
{
    static const struct {
        const char *text, *address, *why;
    } rows[] = {
        { "0000:04:00.0", "0000:04:00.0", NULL },
        { "04:00.0", "0000:04:00.0", NULL },
        { "4:0.7", "0000:04:00.7", NULL },
        { "FFFF:Ab:1F.7", "ffff:ab:1f.7", NULL },
        { "10000:e1:00.0", "10000:e1:00.0", NULL },
        { "", NULL, "no PCI address" },
        { "04", NULL, "no PCI address" },
        { "0:0:4:0.0", NULL, "no PCI address" },
        { "00:1f", NULL, "has no function" },
        { "00:1f.", NULL, "has no function" },
        { ":00.0", NULL, "has no bus" },
        { "04:.0", NULL, "has no device" },
        { ":04:00.0", NULL, "has no domain" },
        { "04:00.8", NULL, "function \"8\" is more than 7" },
        { "04:00.00", NULL, "function \"00\"" },
        { "04:00.0junk", NULL, "function \"0junk\"" },
        { "04:00.0 ", NULL, "function \"0 \"" },
        { " 04:00.0", NULL, "bus \" 04\"" },
        { "04:20.0", NULL, "device \"20\" is more than 1f" },
        { "104:00.0", NULL, "bus \"104\"" },
        { "-4:00.0", NULL, "bus \"-4\"" },
        { "0x4:00.0", NULL, "bus \"0x4\"" },
        { "123456789:04:00.0", NULL, "domain \"123456789\"" },
        { "04:00.*", NULL, "function \"*\"" },
        { "04:g0.0", NULL, "device \"g0\"" },
    };
    xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    xtune_pci_address address;
    size_t i;
    int rc;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rc = xtune_pci_address_parse(rows[i].text, &address, &err);
        if (rows[i].why) {
            check_error(rc, &err, XTUNE_ERR_INVALID, rows[i].why);
            continue;
        }
        assert_int_equal(rc, 0);
        assert_string_equal(xtune_pci_address_text(arena, &address),
                            rows[i].address);
    }
    xtune_arena_free(arena);
}

/* The canonical text, which means the same; or a part of the error. */
static const struct {
    const char *text, *canonical, *why;
} specs[] = {
    { "04:00.0", "0000:04:00.0", NULL },
    { "4:0.7", "0000:04:00.7", NULL },
    { "0000:04:1f.*", "0000:04:1f.*", NULL },
    { "Ab:00.0", "0000:ab:00.0", NULL },
    { "ffff:ff:1f.7@1f", "ffff:ff:1f.7@1f", NULL },
    { "04:00.0@5", "0000:04:00.0@5", NULL },
    { "04:00.0@0A", "0000:04:00.0@a", NULL },
    { "04:00.0@1F,seize=1", "0000:04:00.0@1f,seize=1", NULL },
    { "04:00.0,vslot=8,seize=0", "0000:04:00.0@8,seize=0", NULL },
    { "bdf=04:00.0,vslot=10,seize=1", "0000:04:00.0@10,seize=1", NULL },
    { "seize=1,bdf=04:00.0,vslot=8", "0000:04:00.0@8,seize=1", NULL },
    { "bdf=04:00.*", "0000:04:00.*", NULL },
    { "04:00.0,", "0000:04:00.0", NULL },
    { "04:00.0@5,permissive=1,", "0000:04:00.0@5,permissive=1", NULL },
    { "04:00.0,permissive=1,power_mgmt=1,msitranslate=0",
      "0000:04:00.0,msitranslate=0,power_mgmt=1,permissive=1", NULL },
    { "04:00.0,rdm_policy=strict", "0000:04:00.0,rdm_policy=strict", NULL },
    { "04:00.0,rdm_policy=relaxed", "0000:04:00.0,rdm_policy=relaxed", NULL },
    { "04:00.0,rdm_policy=Relaxed", "0000:04:00.0,rdm_policy=relaxed", NULL },
    { "name=nic", "name=nic", NULL },
    { "name=nic,permissive=1", "name=nic,permissive=1", NULL },
    { "vslot=3,name=nic", "name=nic,vslot=3", NULL },
    { "name=a=b", "name=a=b", NULL },
    { "", NULL, "names no device" },
    { ",", NULL, "no PCI address" },
    { "nic", NULL, "no PCI address" },
    { "04:00", NULL, "has no function" },
    { "04:00.", NULL, "has no function" },
    { "04:00.8", NULL, "more than 7" },
    { "04:20.0", NULL, "more than 1f" },
    { "104:00.0", NULL, "bus \"104\"" },
    { "10000:04:00.0", NULL, "domain is more than ffff" },
    { "0:0:04:00.0", NULL, "no PCI address" },
    { "04:00.00", NULL, "function \"00\"" },
    { "04:00.**", NULL, "function \"**\"" },
    { "04:00.*x", NULL, "function \"*x\"" },
    { "04:00.0junk", NULL, "function \"0junk\"" },
    { "04:00.0 ", NULL, "function \"0 \"" },
    { " 04:00.0", NULL, "bus \" 04\"" },
    { "-4:00.0", NULL, "bus \"-4\"" },
    { "0x4:00.0", NULL, "bus \"0x4\"" },
    { "04:00.0x,seize=1", NULL, "function \"0x\"" },
    { "04:00.0@", NULL, "slot \"\"" },
    { "04:00.0@0", NULL, "slot \"0\" is not one of 1 to 1f" },
    { "04:00.0@20", NULL, "slot \"20\" is not one of 1 to 1f" },
    { "04:00.0@20,seize=1", NULL, "slot \"20\"" },
    { "04:00.0@0x5", NULL, "slot \"0x5\"" },
    { "04:00.0@5@6", NULL, "slot \"5@6\"" },
    { "04:00.0@g", NULL, "slot \"g\"" },
    { "04:00.0@-1", NULL, "slot \"-1\"" },
    { "04:00.0@005", NULL, "slot \"005\"" },
    { "04:00.0@5,vslot=5", NULL, "vslot is given twice" },
    { "04:00.0,vslot=5,vslot=6", NULL, "vslot is given twice" },
    { "04:00.0,bdf=04:00.0", NULL, "bdf is given twice" },
    { "bdf=04:00.0@1", NULL, "function \"0@1\"" },
    { "bdf=", NULL, "no PCI address" },
    { "vslot=", NULL, "slot \"\"" },
    { "seize=1", NULL, "names no device" },
    { "04:00.0,seize=1,seize=1", NULL, "seize is given twice" },
    { "04:00.0,seize=yes", NULL, "seize \"yes\" is neither 0 nor 1" },
    { "04:00.0,seize=2", NULL, "seize \"2\"" },
    { "04:00.0,seize=", NULL, "seize \"\"" },
    { "04:00.0,seize=1x", NULL, "seize \"1x\"" },
    { "04:00.0,permissive=true", NULL, "permissive \"true\"" },
    { "04:00.0,power_mgmt=-1", NULL, "power_mgmt \"-1\"" },
    { "04:00.0,msitranslate=01", NULL, "msitranslate \"01\"" },
    { "04:00.0,rdm_policy=", NULL, "rdm_policy \"\"" },
    { "04:00.0,rdm_policy=lax", NULL, "rdm_policy \"lax\"" },
    { "04:00.0,rdm_policy=strict,rdm_policy=strict", NULL, "twice" },
    { "04:00.0,permisive=1", NULL, "no key \"permisive\"" },
    { "04:00.0,Seize=1", NULL, "no key \"Seize\"" },
    { "04:00.0, seize=1", NULL, "no key \" seize\"" },
    { "04:00.0,seize", NULL, "\"seize\" is not KEY=VALUE" },
    { "04:00.0,5", NULL, "\"5\" is not KEY=VALUE" },
    { "seize=1,04:00.0", NULL, "\"04:00.0\" is not KEY=VALUE" },
    { "04:00.0,,seize=1", NULL, "\"\" is not KEY=VALUE" },
    { "04:00.0,,", NULL, "\"\" is not KEY=VALUE" },
    { "04:00.0,=1", NULL, "no key \"\"" },
    { "04:00.0,name=nic", NULL, "an address and a name" },
    { "name=nic,bdf=04:00.0", NULL, "an address and a name" },
    { "name=", NULL, "name \"\"" },
    { "name=a b", NULL, "name \"a b\"" },
    { "name=a,name=b", NULL, "name is given twice" },
};

static void test_specs(void **state)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_error *err = NULL;
    xtune_pci_spec spec;
    const char *text;
    size_t i;
    int rc;

    (void)state;
    for (i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
        rc = xtune_pci_spec_parse(arena, specs[i].text, &spec, &err);
        if (specs[i].why) {
            if (!rc) fail_msg("\"%s\" is taken", specs[i].text);
            assert_string_equal(err->object, specs[i].text);
            check_error(rc, &err, XTUNE_ERR_INVALID, specs[i].why);
            continue;
        }
        if (rc) fail_msg("\"%s\": %s", specs[i].text, err->message);
        text = xtune_pci_spec_text(arena, &spec);
        assert_string_equal(text, specs[i].canonical);
        assert_int_equal(xtune_pci_spec_parse(arena, text, &spec, NULL), 0);
        assert_string_equal(xtune_pci_spec_text(arena, &spec), text);
    }
    xtune_arena_free(arena);
}

static void test_values(void **state)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_pci_spec spec;

    (void)state;
    assert_int_equal(xtune_pci_spec_parse(arena,
                                          "1:2:3.4@1f,seize=0,msitranslate=1",
                                          &spec, NULL),
                     0);
    assert_true(spec.has_address);
    assert_false(spec.all_functions);
    assert_int_equal(spec.address.domain, 1);
    assert_int_equal(spec.address.bus, 2);
    assert_int_equal(spec.address.device, 3);
    assert_int_equal(spec.address.function, 4);
    assert_int_equal(spec.slot, 0x1f);
    assert_int_equal(spec.seize, 0);
    assert_int_equal(spec.msitranslate, 1);
    assert_int_equal(spec.permissive, -1);
    assert_int_equal(spec.power_mgmt, -1);
    assert_int_equal(spec.rdm_policy, XTUNE_PCI_RDM_DEFAULT);
    assert_int_equal(xtune_pci_spec_parse(arena, "name=x", &spec, NULL), 0);
    assert_false(spec.has_address);
    assert_string_equal(spec.name, "x");
    assert_int_equal(spec.slot, XTUNE_NONE);
    xtune_arena_free(arena);
}

/* A card of two functions, the first one with a virtual function beside it;
 * and two devices with names. */
static xtune_host *small_host(void)
{
    xtune_host *host = host_with_devices(
        (const char *const[]){ "0000:04:00.0", "0000:04:00.1", "0000:04:00.2",
                               "0000:04:10.0", "0000:05:00.0" },
        5);

    host->pci[2].physfn = "0000:04:00.0";
    host->pci[3].physfn = "0000:04:00.0";
    host->pci[1].assignable_name = "second";
    host->pci[3].assignable_name = "twin";
    host->pci[4].assignable_name = "twin";
    return host;
}

static void test_devices(void **state)
{
    static const struct {
        const char *text, *devices;
        int rc;
    } rows[] = {
        { "04:00.1", "0000:04:00.1 ", 0 },
        { "04:00.*", "0000:04:00.0 0000:04:00.1 ", 0 },
        { "04:10.*", "0000:04:10.0 ", 0 },
        { "name=second", "0000:04:00.1 ", 0 },
        { "04:00.5", "", XTUNE_ERR_NOT_FOUND },
        { "06:00.*", "", XTUNE_ERR_NOT_FOUND },
        { "name=third", "", XTUNE_ERR_NOT_FOUND },
        { "name=twin", "", XTUNE_ERR_INVALID },
    };
    xtune_host *host = small_host();
    xtune_pci_spec spec;
    const xtune_pci **devices;
    const char *text;
    size_t i, j, nr;
    int rc;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(
            xtune_pci_spec_parse(host->arena, rows[i].text, &spec, NULL), 0);
        nr = 0;
        rc = xtune_pci_spec_devices(host->arena, host, &spec, &devices, &nr,
                                    NULL);
        assert_int_equal(rc, rows[i].rc);
        for (text = "", j = 0; j < nr; j++)
            text = xtune_arena_printf(host->arena, "%s%s ", text,
                                      devices[j]->address);
        assert_string_equal(text, rows[i].devices);
    }
    xtune_host_free(host);
}

static void test_find(void **state)
{
    xtune_host *host = small_host();
    xtune_error *err = NULL;
    const xtune_pci *pci;

    (void)state;
    assert_int_equal(xtune_pci_find(host, "4:0.1", &pci, NULL), 0);
    assert_ptr_equal(pci, &host->pci[1]);
    assert_int_equal(xtune_pci_find(host, "second", &pci, NULL), 0);
    assert_ptr_equal(pci, &host->pci[1]);
    check_error(xtune_pci_find(host, "06:00.0", &pci, &err), &err,
                XTUNE_ERR_NOT_FOUND, "no such PCI device");
    check_error(xtune_pci_find(host, "third", &pci, &err), &err,
                XTUNE_ERR_NOT_FOUND, "this name");
    check_error(xtune_pci_find(host, "04:00.8", &pci, &err), &err,
                XTUNE_ERR_INVALID, "more than 7");
    check_error(xtune_pci_find(host, "", &pci, &err), &err, XTUNE_ERR_INVALID,
                "no PCI address");
    check_error(xtune_pci_find(host, "twin", &pci, &err), &err,
                XTUNE_ERR_INVALID, "two devices");
    assert_null(xtune_host_pci(host, "0000:06:00.0"));
    assert_ptr_equal(xtune_host_pci(host, "0000:05:00.0"), &host->pci[4]);
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_specs),
        cmocka_unit_test(test_values),    cmocka_unit_test(test_devices),
        cmocka_unit_test(test_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
