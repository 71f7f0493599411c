/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a USB device is called, who has it, and what it needs. */
#include "usb_host.h"

#include "usb/parts.h"

/* Names. */

static void is_called(const char *name, const char *description,
                      const xtune_usb *usb)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    assert_string_equal(xtune_usb_name(arena, usb), name);
    assert_string_equal(xtune_usb_description(arena, usb), description);
}

static void test_names(void **state)
{
    xtune_usb usb = { .vendor = "0951", .product = "1666" };

    (void)state;
    is_called("0951:1666", "", &usb);
    usb.serial = "S";
    is_called("0951:1666", "_S", &usb);
    usb.manufacturer = "KINGSTON";
    is_called("KINGSTON 0951:1666", "_S", &usb);
    usb.model = "DT";
    is_called("KINGSTON DT", "_S", &usb);
    usb.manufacturer = "";
    is_called("DT", "_S", &usb);
    usb.vendor_desc = "Kingston";
    is_called("Kingston DT", "Kingston_S", &usb);
    usb.product_desc = "DataTraveler";
    is_called("Kingston DataTraveler", "Kingston_DataTraveler_S", &usb);
    usb.serial = "";
    is_called("Kingston DataTraveler", "Kingston_DataTraveler", &usb);
}

/* Guests. */

static const char *const two_guests[] = {
    DOMAIN("1", "web1", "hvm",
           CONTROLLER("0", "devicemodel", "1", "null, null") ", " CONTROLLER(
               "3", "devicemodel", "3", "null, '1-2'")),
    DOMAIN("2", "old1", "pv", CONTROLLER("0", "pv", "2", "'1-3', '1-9'")),
    NULL,
};

static void test_owner(void **state)
{
    xtune_host *host = usb_host(NONE, two_guests, "");
    const xtune_usb_controller *controller;
    uint32_t port;

    (void)state;
    assert_null(xtune_usb_owner(host, "1-1", &controller, &port));
    assert_string_equal(xtune_usb_owner(host, "1-2", &controller, &port)->name,
                        "web1");
    assert_int_equal(controller->id, 3);
    assert_int_equal(port, 2);
    assert_string_equal(xtune_usb_owner(host, "1-9", NULL, NULL)->name,
                        "old1");
    xtune_host_free(host);
}

static bool stale(const char *device, const char *path)
{
    xtune_host *host = usb_host(device ? LIST(device) : NONE, two_guests, "");
    const xtune_usb_controller *controller;
    uint32_t port;
    bool is;

    assert_non_null(xtune_usb_owner(host, path, &controller, &port));
    is = xtune_usb_is_stale(host, controller, port);
    assert_false(xtune_usb_is_stale(host, &host->domains[1].usb[0], 1));
    assert_false(xtune_usb_is_stale(host, &host->domains[1].usb[0], 0));
    assert_false(xtune_usb_is_stale(host, &host->domains[1].usb[0], 3));
    xtune_host_free(host);
    return is;
}

#define WITH(path, driver)                                                    \
    USB(path, "4", "0951", "1666",                                            \
        INTERFACES(INTERFACE("0", "ff", "00", "00", "null") ", " INTERFACE(   \
            "1", "08", "06", "50", driver)))

static void test_stale(void **state)
{
    (void)state;
    assert_true(stale(NULL, "1-2"));
    assert_false(stale(WITH("1-2", "null"), "1-2"));
    assert_false(stale(WITH("1-2", "'usbfs'"), "1-2"));
    assert_true(stale(WITH("1-2", "'usb-storage'"), "1-2"));
    assert_true(stale(WITH("1-2", "'usbback'"), "1-2"));
    assert_false(stale(WITH("1-3", "'usbback'"), "1-3"));
    assert_true(stale(WITH("1-3", "'usbfs'"), "1-3"));
}

static uint32_t version(const char *speed, const char *text)
{
    return xtune_usb_version_of(
        &(xtune_usb){ .speed = speed, .version = text });
}

static void test_version(void **state)
{
    (void)state;
    assert_int_equal(version("1.5", "2.00"), 1);
    assert_int_equal(version("12", "2.00"), 1);
    assert_int_equal(version("480", "3.20"), 2);
    assert_int_equal(version("5000", "3.00"), 3);
    assert_int_equal(version("20000", NULL), 3);
    assert_int_equal(version(NULL, "1.10"), 1);
    assert_int_equal(version(NULL, "2.10"), 2);
    assert_int_equal(version(NULL, "3.20"), 3);
    assert_int_equal(version(NULL, NULL), 2);
    /* Not known, as Linux says it, and nothing that it says. */
    assert_int_equal(version("unknown", "1.10"), 1);
    assert_int_equal(version("", "x"), 2);
    assert_int_equal(version("0", "3.00"), 3);
    assert_int_equal(version("480 ", "1.00"), 1);
    assert_int_equal(version("4800000000000", "1.00"), 1);
}

static bool takes(const char *type, uint32_t of, const char *speed)
{
    return xt_usb_takes(&(xtune_usb_controller){ .type = type, .version = of },
                        &(xtune_usb){ .speed = speed });
}

static void test_takes(void **state)
{
    static const struct row {
        const char *type;
        uint32_t version;
        bool slow, fast, super; /* 12, 480, 5000 */
    } rows[] = {
        { "devicemodel", 1, true, false, false },
        { "devicemodel", 2, false, true, true },
        { "devicemodel", 3, true, true, true },
        { "qusb", 1, true, false, false },
        { "qusb", 2, true, true, true },
        { "pv", 2, true, true, true },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];

        assert_int_equal(takes(row->type, row->version, "12"), row->slow);
        assert_int_equal(takes(row->type, row->version, "480"), row->fast);
        assert_int_equal(takes(row->type, row->version, "5000"), row->super);
    }
}

static void test_hub(void **state)
{
    xtune_usb_interface interfaces[] = { { .class_code = 0xff },
                                         { .class_code = 9 } };
    xtune_usb usb = { .class_code = 0, .interfaces = interfaces };

    (void)state;
    usb.nr_interfaces = 1;
    assert_false(xtune_usb_is_hub(&usb));
    usb.nr_interfaces = 2;
    assert_true(xtune_usb_is_hub(&usb));
    usb.nr_interfaces = 0;
    usb.class_code = 9;
    assert_true(xtune_usb_is_hub(&usb));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names), cmocka_unit_test(test_owner),
        cmocka_unit_test(test_stale), cmocka_unit_test(test_version),
        cmocka_unit_test(test_takes), cmocka_unit_test(test_hub),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
